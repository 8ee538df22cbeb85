"""Other systems that are told of public events as they happen."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.models import Report


class WebhookSubscriber(models.Model):
    """A receiver of events and the secret they are signed with (sealed, see dispatch.services.vault)."""

    class Disabled(models.TextChoices):
        NO = "", _("no")
        BY_HAND = "by_hand", _("by hand")
        FAILING = "failing", _("failed for too long")
        GONE = "gone", _("it answered that it is gone (410)")

    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500)
    secret_sealed = models.TextField(editable=False)
    old_secret_sealed = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    kinds = models.JSONField(_("events"), default=list)  # of complaints.Event.Kind
    department = models.ForeignKey(
        Department,
        verbose_name=_("only reports of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), default=True)
    disabled_why = models.CharField(
        _("switched off"), max_length=8, choices=Disabled.choices, default="", blank=True, editable=False
    )
    disabled_at = models.DateTimeField(_("switched off on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    last_failure_at = models.DateTimeField(_("last failure"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    failed_count = models.PositiveIntegerField(default=0, editable=False)  # in a row
    paused_until = models.DateTimeField(_("left alone until"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one receiver. The body is made when it is sent, so that nothing leaves that has become
    private meanwhile."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    uuid = models.UUIDField(_("identifier"), unique=True, default=uuid.uuid4, editable=False)
    subscriber = models.ForeignKey(
        WebhookSubscriber,
        verbose_name=_("receiver"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    report = models.ForeignKey(Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="+")
    event_id = models.BigIntegerField(_("event"))  # complaints.Event
    kind = models.CharField(_("what"), max_length=12)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    replays = models.PositiveSmallIntegerField(_("sent again"), default=0)
    last_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)  # HTTP
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "event_id"], name="dispatch_webhook_once")
        ]
        indexes = [
            models.Index(
                fields=["subscriber", "report", "id"], condition=Q(state="pending"), name="webhook_pending"
            ),
            models.Index(fields=["created_at"], name="webhook_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.event_id}"


class WebhookAttempt(models.Model):
    """One try to deliver: written before it leaves, so that one without an end is one whose worker died."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("when"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)  # HTTP
    duration_ms = models.PositiveIntegerField(_("took, ms"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}"
