"""What was blacked out, and the originals that only few may open."""

import secrets

from django.conf import settings
from django.db import models

from complaints.models.photo import Photo
from complaints.models.report import Report


def kept_path(redaction: "PhotoRedaction", filename: str) -> str:
    """Where an unredacted picture is kept: a folder of its own, under a name that tells and repeats
    nothing.
    """
    token = secrets.token_hex(16)
    return f"kept/{token[:2]}/{token}.webp"


class PhotoRedaction(models.Model):
    """Areas of a photo that are blacked out in everything that is served; `kept` is the picture without them.

    `kept` is the large re-encoded copy: what the citizen sent is gone since it was prepared. `areas` are
    [left, top, width, height] in percent of the picture. No row: nothing is blacked out.
    """

    photo = models.OneToOneField(Photo, primary_key=True, on_delete=models.CASCADE, related_name="redaction")
    kept = models.FileField(upload_to=kept_path, blank=True)  # empty: destroyed at the reporter's wish
    areas = models.JSONField()
    at = models.DateTimeField()  # of the last change
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.photo_id}"


class HiddenWords(models.Model):
    """Words that nobody reads any more in a report's texts and in its timeline, now and later.

    The report's own fields are rewritten, their `originals` stand here by the field's name; the append-only
    timeline keeps what was said and is covered when it is read (`complaints.models.timeline`).
    """

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE, related_name="hidden")
    words = models.JSONField()  # passages, as typed
    originals = models.JSONField(default=dict)
    at = models.DateTimeField()  # of the last change
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.report_id}"
