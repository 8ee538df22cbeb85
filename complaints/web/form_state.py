"""What stands in the report form: read from the request, written back as it was typed."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils import timezone
from django.utils.translation import get_language

from complaints.domain import observed, place, text
from complaints.domain.draft import Contact, ReportDraft
from complaints.models import StagedPhoto
from complaints.web import limits

_ANSWER = "answers."
_TEXT_FIELDS = (
    "category",
    "cari",
    "bukan",
    "latitude",
    "longitude",
    "place_mode",
    "place_source",
    "accuracy_m",
    "area",
    "place_query",
    "place_choice",
    "street",
    "description",
    "observed_at",
    "contact_name",
    "contact_email",
    "contact_phone",
    "contact_phone_channel",
    "photo_place",
    limits.OPENED,
)
_RAW_MAX_CHARS = 20_000  # what a form field keeps of what was typed; the limits of a report are stricter
KEEP_PIN = "keep"


@dataclass(frozen=True)
class FarPhoto:
    """A photo that was taken far from the chosen place; the person says which of the two is right."""

    photo: StagedPhoto
    distance_m: int


@dataclass(frozen=True)
class FormState:
    """`values` are raw strings; `photos` the uuids the form says it holds; `key` is the idempotency key."""

    key: uuid.UUID
    values: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    photos: tuple[uuid.UUID, ...] = ()
    is_anonymous: bool = True
    is_private: bool = False

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def with_values(self, **values: str) -> "FormState":
        return replace(self, values={**self.values, **values})

    def hidden_fields(self) -> list[tuple[str, str]]:
        """Every value as a hidden field, for pages between the form and the sending."""
        fields = [("key", str(self.key))]
        fields += [(name, value) for name, value in self.values.items() if value]
        fields += [(_ANSWER + code, value) for code, value in self.answers.items() if value]
        fields += [("photo", str(photo)) for photo in self.photos]
        if self.is_anonymous:
            fields.append(("is_anonymous", "on"))
        if self.is_private:
            fields.append(("is_private", "on"))
        return fields

    @property
    def uses_area(self) -> bool:
        """Whether the place is a kelurahan and a street rather than a point."""
        return self.get("place_mode") == "area" or not (self.get("latitude") or self.get("longitude"))


def fresh(category: str = "", is_private: bool = False) -> FormState:
    """An empty form with a new key."""
    return FormState(
        key=uuid.uuid4(), values={"category": category, limits.OPENED: limits.opened()}, is_private=is_private
    )


def read(post) -> FormState:
    """The form as it was sent. A missing or broken key gets a new one."""
    values = {name: post.get(name, "")[:_RAW_MAX_CHARS] for name in _TEXT_FIELDS if post.get(name)}
    answers = {
        name.removeprefix(_ANSWER)[:40]: value[:500]
        for name, value in list(post.items())[:200]
        if name.startswith(_ANSWER)
    }
    photos = tuple(dict.fromkeys(filter(None, map(_uuid, post.getlist("photo")[:20]))))
    return FormState(
        key=_uuid(post.get("key", "")) or uuid.uuid4(),
        values=values,
        answers=answers,
        photos=photos,
        is_anonymous="is_anonymous" in post,
        is_private="is_private" in post,
    )


def _uuid(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None


def number(typed: str) -> float | None:
    """A number, NaN for anything else (the service then says that it is not one), None for nothing."""
    if not typed.strip():
        return None
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return float("nan")


def to_draft(state: FormState, question_codes: frozenset[str]) -> ReportDraft:
    """The draft for the services. Answers to questions of a category chosen before are left out."""
    by_area = state.uses_area
    accuracy = number(state.get("accuracy_m"))
    return ReportDraft(
        category=state.get("category"),
        latitude=None if by_area else number(state.get("latitude")),
        longitude=None if by_area else number(state.get("longitude")),
        area=state.get("area") if by_area else "",
        description=state.get("description"),
        observed_at=observed.read(state.get("observed_at"), timezone.get_default_timezone()),
        answers={
            code: text.clean_line(value)
            for code, value in state.answers.items()
            if value and code in question_codes
        },
        place_source="area" if by_area else state.get("place_source") or "map",
        accuracy_m=None if by_area or accuracy != accuracy else accuracy,
        street=state.get("street"),
        is_anonymous=state.is_anonymous,
        is_private=state.is_private,
        contact=contact(state),
        photos=state.photos,
        channel="web",
        language=(get_language() or "id")[:2],
        idempotency_key=state.key,
    )


def contact(state: FormState) -> Contact:
    """How to reach the reporter, as typed."""
    return Contact(
        state.get("contact_name"),
        state.get("contact_email"),
        state.get("contact_phone"),
        state.get("contact_phone_channel")[:10],
    )


def farthest_photo(staged: list[StagedPhoto], away_m: Callable[[float, float], float]) -> FarPhoto | None:
    """The photo taken farthest from the place, if farther than PHOTO_FAR_FROM_PIN_M.

    `away_m` says how many metres a point (latitude, longitude) is from the place.
    """
    far = [
        FarPhoto(photo, round(away_m(photo.gps_latitude, photo.gps_longitude)))
        for photo in staged
        if photo.gps_latitude is not None and photo.gps_longitude is not None
    ]
    worst = max(far, key=lambda item: item.distance_m, default=None)
    return worst if worst and worst.distance_m > place.PHOTO_FAR_FROM_PIN_M else None


def use_photo_place(state: FormState, staged: list[StagedPhoto]) -> FormState:
    """Put the pin where the named photo was taken, if the person said so."""
    wanted = state.get("photo_place")
    for photo in staged:
        if str(photo.uuid) == wanted and photo.gps_latitude is not None:
            return state.with_values(
                latitude=f"{photo.gps_latitude:.6f}",
                longitude=f"{photo.gps_longitude:.6f}",
                place_mode="map",
                place_source="photo",
                accuracy_m="",
                photo_place=KEEP_PIN,
            )
    return state
