"""What a citizen, an app or an operator hands in, before it is a report."""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, field


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
    `is_private` None means "as the category says".
    """

    category: str
    latitude: float | None = None
    longitude: float | None = None
    area: str = ""
    description: str = ""
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
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
