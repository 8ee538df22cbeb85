"""The Open311 GeoReport v2 protocol as we speak it to others: what a request says, what answers mean.

Sources: wiki.open311.org/GeoReport_v2; for statuses and updates mySociety's extension ("Open311 FMS").
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from complaints.domain import codes
from dispatch.domain import safe_xml

XML = "xml"
JSON = "json"
FORMATS = (XML, JSON)
DESCRIPTION_MAX_CHARS = 4000  # the specification's limit for `description`
MAX_ITEMS = 5000

OPEN = "open"
DONE = "done"  # they say that it is repaired
DECLINED = "declined"  # they say that they will not do it
_BY_STATUS = {
    "closed": DONE,
    "fixed": DONE,
    "fixed_council": DONE,
    "duplicate": DECLINED,
    "no_further_action": DECLINED,
    "unable_to_fix": DECLINED,
    "not_councils_responsibility": DECLINED,
    "not_responsible": DECLINED,
    "rejected": DECLINED,
    "cancelled": DECLINED,
}


class UnreadableError(ValueError):
    """The answer is not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Request:
    """One report as an owner outside the city gets it: nothing that says who told it."""

    service_code: str
    latitude: float  # WGS84 degrees
    longitude: float
    description: str
    address: str = ""
    media_url: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def form(request: Request, *, jurisdiction_id: str = "", api_key: str = "") -> list[tuple[str, str]]:
    """The fields of POST requests, without empty ones."""
    pairs = [
        ("jurisdiction_id", jurisdiction_id),
        ("api_key", api_key),
        ("service_code", request.service_code),
        ("lat", f"{request.latitude:.6f}"),
        ("long", f"{request.longitude:.6f}"),
        ("address_string", request.address),
        ("description", request.description),
        ("media_url", request.media_url),
        *((f"attribute[{code}]", value) for code, value in request.attributes.items()),
    ]
    return [(name, value) for name, value in pairs if value]


def description(text: str, reference: str) -> str:
    """The words with our reference below them; too long a text is cut, the reference never is."""
    room = DESCRIPTION_MAX_CHARS - len(reference) - 2
    text = text if len(text) <= room else text[: room - 1].rstrip() + "…"
    return f"{text}\n\n{reference}".strip()


def has_reference(text: str, code: str) -> bool:
    """Whether a description names our report's code, as we write it or as people do."""
    return code in text or codes.spoken(code) in text


def items(body: bytes, format: str) -> list[dict[str, str]]:
    """The entries of an answer as flat texts. Raises UnreadableError."""
    found = _from_xml(body) if format == XML else _from_json(body)
    if len(found) > MAX_ITEMS:
        raise UnreadableError("too many entries")
    return found


def _from_xml(body: bytes) -> list[dict[str, str]]:
    try:
        root = safe_xml.parse(body)
    except safe_xml.UnsafeXmlError as exc:
        raise UnreadableError(f"unreadable XML: {exc}") from None
    return [{child.tag: child.text.strip() for child in entry.children} for entry in root.children]


def _from_json(body: bytes) -> list[dict[str, str]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise UnreadableError(f"unreadable JSON: {exc.__class__.__name__}") from None
    if isinstance(found, dict):  # some servers name the list
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else [found]
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise UnreadableError("not a list of entries")
    return [{str(key): _text(value) for key, value in entry.items()} for entry in found]


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).strip()


def fault(body: bytes, format: str) -> str:
    """Why they refused, in their own words; empty if they said nothing readable."""
    for wanted in (format, *(other for other in FORMATS if other != format)):
        try:
            found = items(body, wanted)
        except UnreadableError:
            continue
        return "; ".join(filter(None, (entry.get("description", "") for entry in found)))[:300]
    return ""


def meaning(status: str) -> str:
    """OPEN, DONE or DECLINED. Words that nobody agreed on mean that it is still open."""
    return _BY_STATUS.get(status.strip().lower().replace(" ", "_").replace("-", "_"), OPEN)


def moment(text: str) -> datetime | None:
    """Their time, if it can be read and says its zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else None


def w3c(at: datetime) -> str:
    """A time as the protocol writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(entries: Iterable[Mapping[str, str]], code: str) -> str:
    """The id of the entry that carries our reference, or nothing."""
    for entry in entries:
        if has_reference(entry.get("description", ""), code):
            return entry.get("service_request_id", "")
    return ""


def service_code(codes_by_category: Mapping[str, str], category: str, group: str, default: str) -> str:
    """Their service for a kind of ours: the kind's own, else its group's, else the one for all else."""
    return codes_by_category.get(category) or codes_by_category.get(group) or default


ATTRIBUTE_SOURCES = ("code", "link", "category", "severity", "street", "kelurahan", "kecamatan")


def is_attribute_source(source: str) -> bool:
    """Whether an attribute may be filled from this: a name, `answer.QUESTION`, or `=TEXT` as it stands."""
    written = source.startswith("=") and len(source) > 1
    return source in ATTRIBUTE_SOURCES or written or (source.startswith("answer.") and len(source) > 7)


def attribute_values(sources: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    """Their attributes with our values; what we do not know is left out. `facts` by source."""
    values = {
        code: source[1:] if source.startswith("=") else facts.get(source, "")
        for code, source in sources.items()
    }
    return {code: value for code, value in values.items() if value}
