"""Photos, before and after their report."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.report import Report


def original_path(photo: "Photo", filename: str) -> str:
    """Where the bytes a citizen sent wait to be re-encoded; never served, the sent name is not used."""
    return f"originals/{photo.uuid.hex[:2]}/{photo.uuid.hex}.bin"


def served_path(photo: "Photo", filename: str) -> str:
    return f"photos/{photo.uuid.hex[:2]}/{filename}"


class Photo(models.Model):
    """A picture of the problem or of its repair. Only the re-encoded copies are ever served (invariant 8)."""

    class Kind(models.TextChoices):
        REPORT = "report", _("of the problem")
        COMMENT = "comment", _("added later")
        REPAIR = "repair", _("after the repair")

    class State(models.TextChoices):
        PENDING = "pending", _("being prepared")
        READY = "ready", _("ready")
        REFUSED = "refused", _("could not be read")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.REPORT)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    original = models.FileField(upload_to=original_path, blank=True)
    large = models.FileField(upload_to=served_path, blank=True)  # WebP, at most 1600 px
    small = models.FileField(upload_to=served_path, blank=True)  # WebP, at most 480 px
    width = models.PositiveIntegerField(null=True, blank=True)  # of `large`, pixels
    height = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)  # of the bytes that were sent
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)  # from EXIF, never shown in public
    gps_latitude = models.FloatField(null=True, blank=True)
    gps_longitude = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField()
    by_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["id"]
        indexes = [models.Index(fields=["sha256"], name="photo_same_bytes")]

    def __str__(self) -> str:
        return self.uuid.hex


class PhotoTrace(models.Model):
    """What a photo's bytes told when they came, for checking proofs of repair; seen by staff only.

    `bits` is its print (complaints.domain.picture_print) as a signed number, the bands are its parts, by
    which near copies are found among all photos; null for a picture that shows nothing.
    """

    photo = models.OneToOneField(Photo, primary_key=True, on_delete=models.CASCADE, related_name="trace")
    bits = models.BigIntegerField(null=True, blank=True)
    band_a = models.PositiveIntegerField(null=True, blank=True)
    band_b = models.PositiveIntegerField(null=True, blank=True)
    band_c = models.PositiveIntegerField(null=True, blank=True)
    band_d = models.PositiveIntegerField(null=True, blank=True)
    marks = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            # All that a search reads stands in the index: no row of the table is touched.
            models.Index(fields=[f"band_{letter}", "bits", "photo"], name=f"photo_band_{letter}")
            for letter in "abcd"
        ]

    def __str__(self) -> str:
        return f"{self.photo_id}"


class StagedPhoto(models.Model):
    """A photo sent before its report: it waits through previews and corrected errors, then becomes a Photo.

    `draft_key` is the idempotency key the form was opened with. Swept after seven days.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    draft_key = models.UUIDField(db_index=True)
    original = models.FileField(upload_to=original_path)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True, blank=True)
    gps_latitude = models.FloatField(null=True, blank=True)
    gps_longitude = models.FloatField(null=True, blank=True)
    trace = models.JSONField(null=True, blank=True)  # becomes the photo's PhotoTrace
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The same photo sent twice, also at the same moment, is kept once.
            models.UniqueConstraint(fields=["draft_key", "sha256"], name="complaints_staged_once"),
        ]
