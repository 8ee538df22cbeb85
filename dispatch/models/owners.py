"""Owners outside the city whose own systems take our referrals (Open311), and what they answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department
from dispatch.models.referral import Referral


class OwnerEndpoint(models.Model):
    """Where and how an owner's Open311 server is spoken to."""

    class Format(models.TextChoices):
        XML = "xml", "XML"
        JSON = "json", "JSON"

    class Reads(models.TextChoices):
        REQUESTS = "requests", _("each request by its number (GeoReport v2)")
        UPDATES = "updates", _("the list of updates (mySociety’s extension)")

    class WhenClosed(models.TextChoices):
        DESK = "desk", _("the complaints desk checks it first")
        CITIZEN = "citizen", _("the reporter is asked at once")

    department = models.OneToOneField(
        Department,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Department.Kind.EXTERNAL},
    )
    base_url = models.URLField(_("base address"), max_length=300)  # without services.xml and the like
    jurisdiction_id = models.CharField(_("jurisdiction_id"), max_length=120, blank=True)
    api_key_sealed = models.TextField(blank=True, editable=False)  # see dispatch.services.vault
    format = models.CharField(_("format"), max_length=4, choices=Format.choices, default=Format.XML)
    default_service_code = models.CharField(_("service code for all else"), max_length=120, blank=True)
    service_codes = models.JSONField(_("service codes"), default=dict, blank=True)  # category code → theirs
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)  # their code → our source
    reads = models.CharField(
        _("news are read from"), max_length=8, choices=Reads.choices, default=Reads.REQUESTS
    )
    when_closed = models.CharField(
        _("when they say it is done"), max_length=8, choices=WhenClosed.choices, default=WhenClosed.DESK
    )
    poll_minutes = models.PositiveIntegerField(_("ask every, minutes"), default=60)
    is_active = models.BooleanField(_("active"), default=True)
    # How it goes.
    last_ok_at = models.DateTimeField(_("last answer"), null=True, blank=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    failed_count = models.PositiveIntegerField(default=0, editable=False)  # in a row, of asking for news
    paused_until = models.DateTimeField(_("not asked before"), null=True, blank=True, editable=False)
    polling_until = models.DateTimeField(null=True, blank=True, editable=False)  # an outbox row is at it
    updates_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("owner’s Open311 server")
        verbose_name_plural = _("owners’ Open311 servers")
        ordering = ["department"]
        constraints = [
            models.CheckConstraint(condition=Q(poll_minutes__gte=5), name="dispatch_owner_poll_minutes")
        ]

    def __str__(self) -> str:
        return f"{self.department.short_name or self.department.code}: {self.base_url}"


class Forward(models.Model):
    """A referral in an owner's own system: how it got there and what is known of it since."""

    class State(models.TextChoices):
        PENDING = "pending", _("to be sent")
        TOKEN = "token", _("taken, number to follow")
        OPEN = "open", _("with them")
        CLOSED = "closed", _("ended by them")
        FAILED = "failed", _("could not be sent")

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="forward")
    endpoint = models.ForeignKey(OwnerEndpoint, on_delete=models.PROTECT, related_name="forwards")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(_("created"))
    # Set before a request leaves and cleared when it certainly was not taken: if it is set and no number is
    # known, they may have it already.
    begun_at = models.DateTimeField(null=True, blank=True)
    unsure_count = models.PositiveSmallIntegerField(default=0)  # sent again without knowing of the first
    service_code = models.CharField(max_length=120, blank=True)  # as sent
    service_request_id = models.CharField(_("their number"), max_length=80, blank=True)
    token = models.CharField(max_length=200, blank=True)
    failed_why = models.CharField(max_length=12, blank=True)  # refused | unreached | unsure | private | …
    last_error = models.TextField(_("last error"), blank=True)
    their_status = models.CharField(_("their status"), max_length=60, blank=True)
    their_text = models.TextField(blank=True)
    state_key = models.CharField(max_length=64, blank=True)  # of the last change seen, see owner_news
    missed_count = models.PositiveSmallIntegerField(default=0)  # times in a row they did not know it
    last_asked_at = models.DateTimeField(_("last asked"), null=True, blank=True)
    last_heard_at = models.DateTimeField(_("last heard"), null=True, blank=True)
    next_poll_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("forwarded referral")
        verbose_name_plural = _("forwarded referrals")
        indexes = [
            models.Index(
                fields=["endpoint", "next_poll_at"],
                condition=Q(state__in=["token", "open"]),
                name="dispatch_forward_poll",
            ),
            models.Index(fields=["endpoint", "service_request_id"], name="dispatch_forward_number"),
        ]

    def __str__(self) -> str:
        return self.service_request_id or self.token or f"#{self.pk}"


class OwnerUpdate(models.Model):
    """One thing an owner's system told of a forwarded referral; each once."""

    forward = models.ForeignKey(Forward, on_delete=models.PROTECT, related_name="updates")
    key = models.CharField(max_length=64)
    status = models.CharField(_("their status"), max_length=60, blank=True)
    text = models.TextField(_("text"), blank=True)
    their_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(_("heard"))
    event_id = models.BigIntegerField(null=True)  # complaints.Event, if it was news to the citizen

    class Meta:
        verbose_name = _("owner’s update")
        verbose_name_plural = _("owners’ updates")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["forward", "key"], name="dispatch_owner_update_once")]

    def __str__(self) -> str:
        return f"{self.forward_id}: {self.status}"
