"""Steps of staff that were taken back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.report import Report
from complaints.models.timeline import Event


class TakenBack(models.Model):
    """One step of the timeline that was taken back: when, by whom, and until when it could be.

    A step is taken back once. The row is written before the report's: the trigger that keeps the workflow
    table lets a status return by it (`version` is the report's with the change). Append-only, by a trigger.
    """

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.PROTECT, related_name="taken_back")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    until = models.DateTimeField(_("possible until"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step taken back")
        verbose_name_plural = _("steps taken back")
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_at__lte=F("until")), name="complaints_taken_back_in_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.event_id}"
