"""Photos sent with the public forms: kept before anything else is looked at, within what an address may."""

import uuid

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.services import photos, uploads
from complaints.web import limits
from complaints.web.form_context import Fault

TOO_MUCH = _(
    "Too many photos came from your connection. Please send the report without them now "
    "and add them later with your private link."
)


def key_of(request) -> uuid.UUID:
    """The key a form keeps its photos under; a new one if it sent none."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def stage(request, key: uuid.UUID) -> list[Fault]:
    """Keep the form's photos; a fault for each that was refused, by its file's name.

    No more files are read than a report can have, and none from an address that sends without end.
    """
    try:
        files = uploads.received(request)
    except errors.PhotoRefused as refused:
        return [Fault("photos", refused.message)]
    if files and limits.too_many(request, "upload"):
        return [Fault("photos", limits.TOO_MANY, limits.WINDOW_S)]
    faults = []
    for file in files[: photos.MAX_PHOTOS]:
        if limits.too_many_bytes(request, min(file.size, photos.MAX_BYTES)):
            return [*faults, Fault("photos", TOO_MUCH, limits.BYTES_WINDOW_S)]
        try:
            photos.stage_photo(uploads.read(file), key, now=timezone.now())
        except errors.PhotoRefused as refused:
            faults.append(Fault("photos", f"{_short_name(file.name)}: {refused}"))
    if len(files) > photos.MAX_PHOTOS:
        faults.append(Fault("photos", photos.refusal("too_many").message))
    return faults


def _short_name(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:30]}…{name[-8:]}"
