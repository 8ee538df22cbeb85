"""Every attempt to reach somebody, and the texts that staff have put in place of the standard ones."""

from django.conf import settings
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


class MessageText(models.Model):
    """Texts of one message to citizens in one language, where staff have put others in place of the standard
    ones; `parts` holds the edited parts alone. No row: all is standard (services.message_standards)."""

    key = models.CharField(_("message"), max_length=40)
    language = models.CharField(_("language"), max_length=8)
    parts = models.JSONField(_("parts"), default=dict)
    version = models.PositiveIntegerField(_("version"))
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("changed by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="dispatch_message_text_once")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"


class MessageTextVersion(models.Model):
    """What a message's texts were from one change to the next, and who changed them; append-only, by a
    trigger. Without parts: back to the standard texts."""

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    version = models.PositiveIntegerField()
    parts = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "language", "version"], name="dispatch_message_text_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}) v{self.version}"
