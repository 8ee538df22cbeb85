"""What crews did on the spot, as their phones sent it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models import Report


class FieldAction(models.Model):
    """One step that a phone sent and that was taken. The key was made on the phone and is unique: however
    often it is sent, the step is taken once. What was refused leaves no row, so it can be sent again."""

    key = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(_("step"), max_length=12)
    body_hash = models.CharField(max_length=64, editable=False)  # SHA-256 of what was sent with the key
    said_at = models.DateTimeField(_("done, says the phone"), null=True, blank=True)
    at = models.DateTimeField(_("arrived"))
    answer = models.JSONField(default=dict)  # what the phone was told, for when the answer was lost

    class Meta:
        verbose_name = _("step from the field")
        verbose_name_plural = _("steps from the field")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.step} #{self.report_id}"
