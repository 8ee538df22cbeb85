"""Bodies into schemas: JSON or a multipart form, every fault named with its field."""

import re
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import msgspec
from django.utils.translation import gettext_lazy as _

from complaints.api.problems import Problem
from complaints.services import photos

Schema = TypeVar("Schema", bound=msgspec.Struct)
JSON, FORM = "application/json", "multipart/form-data"
PHOTO_FIELDS = ("photos", "photo", "photos[]")
_BOM = b"\xef\xbb\xbf"
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_SENTENCES = {
    "wrong_type": _("This value has the wrong type; the documentation says which one it should have."),
    "out_of_range": _("This number is too large."),
    "unknown_choice": _("Please use one of the values in the documentation."),
    "unknown_field": _("This field is not known; is it misspelled?"),
    "missing": _("This is needed."),
    "too_many_answers": _(
        "No kind of problem asks that many questions. Please send the answers it asks for."
    ),
}
_OBJECTS = ("answers", "contact")
# A body of junk is not sent back whole: so many unknown fields are named, so many answers are looked at, so
# much of a name is kept (a question's code has at most 40 characters).
_MAX_UNKNOWN, _MAX_ANSWERS, _NAME_MAX_CHARS = 10, 50, 60


@dataclass(frozen=True, slots=True)
class Body(Generic[Schema]):
    """`value` holds what could be read; `errors` names what could not. `photos` are the files' bytes."""

    value: Schema
    errors: dict[str, tuple[str, Any]] = field(default_factory=dict)
    photos: tuple[bytes, ...] = ()


def error(code: str) -> tuple[str, Any]:
    return code, _SENTENCES[code]


def read(request, schema: type[Schema], *, with_photos: bool = False) -> Body[Schema]:
    """The request's body. Raises Problem("malformed") and Problem("media_type")."""
    if request.content_type == JSON:
        return _bounded(_read_json(request.body.removeprefix(_BOM), schema))
    if request.content_type == FORM:
        return _bounded(_read_form(request, schema, with_photos))
    raise Problem("media_type", headers={"Accept": f"{JSON}, {FORM}"})


def _bounded(body: Body[Schema]) -> Body[Schema]:
    """The body with no more answers than a report can have, under names no longer than they can be."""
    answers = getattr(body.value, "answers", None)
    if not answers:
        return body
    if len(answers) > _MAX_ANSWERS:
        body.value.answers = None
        return replace(body, errors={**body.errors, "answers": error("too_many_answers")})
    body.value.answers = {name[:_NAME_MAX_CHARS]: value for name, value in answers.items()}
    return body


def idempotency_key(request) -> uuid.UUID:
    """The client's key for this report; a new one if it sent none."""
    text = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip().strip('"')
    if not text:
        return uuid.uuid4()
    if not _UUID.fullmatch(text):
        raise Problem("idempotency_key_invalid")
    return uuid.UUID(text)


def _read_json(content: bytes, schema: type[Schema]) -> Body[Schema]:
    try:
        return Body(msgspec.json.decode(content, type=schema))
    except msgspec.ValidationError:
        pass  # readable, but not this shape: find out all that is wrong with it
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise Problem("malformed") from exc
    try:
        values = msgspec.json.decode(content)
    except (ValueError, RecursionError) as exc:  # msgspec's and Unicode's errors are ValueErrors
        raise Problem("malformed") from exc
    if not isinstance(values, dict):
        raise Problem("malformed")
    return _by_field(values, schema, strict=True)


def _by_field(values: dict[str, Any], schema: type[Schema], *, strict: bool) -> Body[Schema]:
    """Convert field by field, so that every fault gets a name; good fields are kept."""
    known = {item.encode_name: item for item in msgspec.structs.fields(schema)}
    good, errors = {}, {}
    for name, value in values.items():
        if name not in known:
            if len(errors) < _MAX_UNKNOWN:
                errors[name[:_NAME_MAX_CHARS]] = error("unknown_field")
            continue
        try:
            good[known[name].name] = msgspec.convert(value, known[name].type, strict=strict)
        except msgspec.ValidationError as exc:
            errors[_path(name, str(exc))] = error(_fault(str(exc)))
        except (OverflowError, RecursionError):
            errors[name] = error("wrong_type")
    return Body(schema(**good), errors)


def _path(name: str, message: str) -> str:
    """`contact.email` for a fault inside `contact`; map keys are not told by msgspec."""
    unknown = re.search(r"unknown field `(\w{1,60})`", message)
    if unknown:
        return f"{name}.{unknown[1]}"
    inner = re.search(r"at `\$\.(\w{1,60})`", message)
    return f"{name}.{inner[1]}" if inner else name


def _fault(message: str) -> str:
    if "unknown field" in message:
        return "unknown_field"
    if "Invalid enum value" in message:
        return "unknown_choice"
    return "out_of_range" if "out of range" in message else "wrong_type"


def _read_form(request, schema: type[Schema], with_photos: bool) -> Body[Schema]:
    """A multipart form: all values are texts, `answers.size` and `contact.email` reach into objects."""
    values: dict[str, Any] = {}
    errors = {}
    for name, text in request.POST.items():
        if text == "":
            continue  # an empty field of a form says nothing
        outer, dot, inner = name.partition(".")
        if dot and isinstance(values.setdefault(outer, {}), dict):
            values[outer][inner[:_NAME_MAX_CHARS]] = text
        else:
            values[name] = _object_in(text) if name in _OBJECTS else text
    for name in request.FILES:
        if not (with_photos and name in PHOTO_FIELDS):
            errors[name[:_NAME_MAX_CHARS]] = error("unknown_field")
    body = _by_field(values, schema, strict=False)
    files = _photos(request) if with_photos else ()
    return Body(body.value, {**body.errors, **errors}, files)


def _object_in(text: str) -> Any:
    """`answers` and `contact` may also come as JSON objects in one field."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return text


def _photos(request) -> tuple[bytes, ...]:
    """The files' bytes, the files closed. One file and one byte more than allowed are read, to say so."""
    uploads = [upload for name in PHOTO_FIELDS for upload in request.FILES.getlist(name)]
    contents = []
    for upload in uploads:
        with upload:
            if len(contents) <= photos.MAX_PHOTOS:
                contents.append(upload.read(photos.MAX_BYTES + 1))
    return tuple(contents)
