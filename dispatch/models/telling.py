"""Every attempt to reach somebody."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DeliveryAttempt(models.Model):
    """One attempt at one delivery. Written before the channel is asked and finished once, when it has
    answered: an attempt without an end is one whose worker was lost, and nobody knows whether the message
    went out. A trigger lets nothing else change (dispatch.triggers)."""

    class Outcome(models.TextChoices):
        UNKNOWN = "", _("no end recorded")
        SENT = "sent", _("sent")
        TEMPORARY = "temporary", _("did not work, is tried again")
        PERMANENT = "permanent", _("refused for good")
        SKIPPED = "skipped", _("not sent")
        POSTPONED = "postponed", _("waits for the end of quiet hours")

    delivery = models.ForeignKey("dispatch.Delivery", on_delete=models.CASCADE, related_name="attempt_rows")
    number = models.PositiveSmallIntegerField(_("number"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, default="", blank=True)
    error = models.TextField(_("error"), blank=True)  # without addresses
    answer = models.CharField(_("answer"), max_length=200, blank=True)  # the channel's own id for it

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="dispatch_attempt_once"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, outcome="")
                | Q(finished_at__isnull=False) & ~Q(outcome=""),
                name="dispatch_attempt_finished",
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="attempt_when")]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}"
