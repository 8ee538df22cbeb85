"""Files with many reports, made by a worker for one person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def export_path(export: "Export", filename: str) -> str:
    """A name nobody guesses; the page gives the file to its owner only."""
    return f"exports/{filename}"


class Export(models.Model):
    """One export: who, of what, and its file while it is kept. The row stays as the record."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("could not be made")
        EXPIRED = "expired", _("deleted")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("when"))
    language = models.CharField(max_length=7, default="id")
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    columns = models.JSONField(_("columns"), default=list)
    query = models.TextField(_("filter"), blank=True)  # as it stood in the address
    ids = models.BinaryField(editable=False, default=bytes)  # which reports, in order; gone with the work
    total = models.PositiveIntegerField(_("reports"))
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to=export_path, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "created_at"], name="export_due"),
            models.Index(fields=["by", "-id"], name="export_by"),
            models.Index(fields=["expires_at"], name="export_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.format} #{self.pk}"
