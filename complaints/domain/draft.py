"""What a citizen, an app or an operator hands in, before it is a report."""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """All optional; e-mail and phone already in the form they are stored in (phone: E.164).

    `phone_channel` says what the phone is for: `whatsapp`, `sms`, `none` (calls only), or nothing: the
    portal's first choice.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    phone_channel: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """`category` is a code, `answers` maps question codes to values, `photos` are StagedPhoto uuids.

    `latitude`/`longitude` may be None when `area` (a kelurahan code) is given: a place without a map.
    `is_private` None means "as the category says". `observed_at` is when the problem was seen, None for now;
    a text that is no time stays a text, and the service says so.
    """

    category: str
    latitude: float | None = None
    longitude: float | None = None
    area: str = ""
    description: str = ""
    observed_at: datetime | str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    place_source: str = "map"
    accuracy_m: float | None = None
    street: str = ""
    is_anonymous: bool = True
    is_private: bool | None = None
    contact: Contact = Contact()
    photos: tuple[uuid.UUID, ...] = ()
    channel: str = "web"
    language: str = "id"
    idempotency_key: uuid.UUID = field(default_factory=uuid.uuid4)
    api_client_id: int | None = None

    def body_hash(self, photo_hashes: tuple[str, ...] = ()) -> str:
        """SHA-256 over all that was said, to tell a repeated sending from another one with the same key.

        Photos count by their bytes, not by their upload: sending again uploads again.
        """
        said = asdict(self)
        for key in ("idempotency_key", "photos", "language", "channel", "api_client_id"):
            del said[key]
        if not self.contact.phone_channel:  # as it was before there was a choice
            del said["contact"]["phone_channel"]
        said["photos"] = sorted(photo_hashes)
        if said["observed_at"] is None:  # reports from before it was asked keep their hash
            del said["observed_at"]
        elif isinstance(said["observed_at"], datetime):
            said["observed_at"] = _moment(said["observed_at"])
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _moment(at: datetime) -> str:
    """The same text for the same moment in any zone; the first day of the calendar has no UTC."""
    try:
        return at.astimezone(UTC).isoformat()
    except OverflowError:
        return at.isoformat()
