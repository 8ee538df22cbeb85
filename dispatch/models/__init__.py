"""Who must act, by when, why we think so, and what is still to be told to whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Category, Department
from complaints.models import Report, Subscription
from dispatch.models.bulk import BulkItem, BulkOperation
from dispatch.models.calendars import CalendarSeen
from dispatch.models.colleagues import Mention, Presence
from dispatch.models.escalation import ClockWatch, Escalation, LadderRung, StaffDigest
from dispatch.models.exports import Export
from dispatch.models.field import FieldAction
from dispatch.models.figures import OfficeWeek
from dispatch.models.incident import IncidentAlarm, IncidentRule
from dispatch.models.learning import TextModel
from dispatch.models.owners import Forward, OwnerEndpoint, OwnerUpdate
from dispatch.models.queue import QueueSetting, SavedFilter
from dispatch.models.referral import Referral
from dispatch.models.repair import RepairCheck, ReviewShare
from dispatch.models.replies import ReplyTemplate
from dispatch.models.tags import ReportTag, Tag
from dispatch.models.telling import DeliveryAttempt, MessageText, MessageTextVersion
from dispatch.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookSubscriber

__all__ = [
    "BulkItem",
    "BulkOperation",
    "CalendarSeen",
    "ClockWatch",
    "Delivery",
    "DeliveryAttempt",
    "Escalation",
    "Export",
    "FieldAction",
    "Forward",
    "IncidentAlarm",
    "IncidentRule",
    "LadderRung",
    "Mention",
    "MessageText",
    "MessageTextVersion",
    "OfficeWeek",
    "Outbox",
    "OwnerEndpoint",
    "OwnerUpdate",
    "Presence",
    "QueueSetting",
    "Referral",
    "RepairCheck",
    "ReplyTemplate",
    "ReportTag",
    "ReviewShare",
    "RoutingDecision",
    "RoutingRule",
    "RulesVersion",
    "SavedFilter",
    "ServiceLevel",
    "StaffDigest",
    "Tag",
    "TextModel",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookSubscriber",
]


class RoutingRule(models.Model):
    """A row of the routing table: when all its conditions hold, its outcome applies.

    An empty condition holds always. Of the rules that hold the most specific wins; `order` decides where
    that ties (lower first), and an equal order is a tie for a human to settle.
    """

    class Outcome(models.TextChoices):
        DEPARTMENT = "department", _("this department")
        LINE_OWNER = "line_owner", _("the owner of the nearest road or waterway")
        SUBDISTRICT = "subdistrict", _("the sub-district the place lies in")
        TRIAGE = "triage", _("the triage desk")
        ADJUST = "adjust", _("wherever the other rules say: this one only adjusts")

    class SeverityChange(models.TextChoices):
        NONE = "", _("stays")
        RAISE = "raise", _("at least")
        SET = "set", _("exactly")

    code = models.SlugField(_("code"), max_length=80, unique=True)
    # Conditions: lists of codes; a category code also covers the kinds under it, an area code its parts.
    categories = models.JSONField(_("categories"), default=list, blank=True)
    areas = models.JSONField(_("areas"), default=list, blank=True)
    line_owners = models.JSONField(_("owners of the nearest line"), default=list, blank=True)  # or "unknown"
    line_classes = models.JSONField(_("classes of the nearest line"), default=list, blank=True)
    line_names = models.JSONField(_("names of the nearest line"), default=list, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)  # question code → list of values
    text_words = models.JSONField(_("words in the text"), default=list, blank=True)  # any of these phrases
    times = models.JSONField(_("time window"), default=dict, blank=True)  # see dispatch.domain.times
    channels = models.JSONField(_("channels"), default=list, blank=True)
    min_severity = models.PositiveSmallIntegerField(_("severity at least"), null=True, blank=True)
    outcome = models.CharField(_("goes to"), max_length=12, choices=Outcome.choices)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    # What else the rule does, when it wins or only adjusts.
    severity_change = models.CharField(
        _("severity becomes"), max_length=5, choices=SeverityChange.choices, default="", blank=True
    )
    severity_to = models.PositiveSmallIntegerField(_("severity level"), null=True, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)  # short codes, for staff
    asks_check = models.BooleanField(_("ask for a check first"), default=False)
    reason = models.CharField(_("reason"), max_length=300)
    reason_en = models.CharField(_("reason in English"), max_length=300)
    basis = models.CharField(_("basis"), max_length=300, blank=True)  # law, decree, agreement
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="department") | Q(department__isnull=False),
                name="dispatch_rule_department",
            ),
            models.CheckConstraint(
                condition=Q(severity_change="", severity_to__isnull=True)
                | Q(severity_change__in=["raise", "set"], severity_to__range=(1, 5)),
                name="dispatch_rule_severity",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RoutingRuleVersion(models.Model):
    """A rule as it stood from one version of the table on; append-only, by a trigger. With these rows the
    table of any version is rebuilt: of each code the last row up to it, unless that says it was deleted."""

    code = models.CharField(_("code"), max_length=80)
    version = models.PositiveIntegerField(_("version"))
    table_version = models.PositiveBigIntegerField(_("version of the table"))
    recorded_at = models.DateTimeField(_("recorded"))
    is_active = models.BooleanField(_("active"))
    is_deleted = models.BooleanField(_("deleted"), default=False)
    values = models.JSONField(_("values"))  # the rule, with its department as it was called then

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ["table_version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "table_version"], name="dispatch_rule_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class RulesVersion(models.Model):
    """One row: rises with every change of a rule or service level, and stands in every decision."""

    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="dispatch_rules_version_single_row")]


class RoutingDecision(models.Model):
    """Why a report went where it went: enough to explain it to a citizen and to replay it (invariant 3)."""

    report = models.ForeignKey(
        Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="decisions"
    )
    decided_at = models.DateTimeField(_("decided"))
    outcome = models.CharField(_("outcome"), max_length=12)  # assigned | referred | triage
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rule_code = models.CharField(_("rule"), max_length=80, blank=True)
    rule_version = models.PositiveIntegerField(_("version of the rule"), null=True, blank=True)
    triage_reason = models.CharField(
        _("why the desk decides"), max_length=40, blank=True
    )  # no_rule | tie | rule_failed | unknown_owner …
    facts = models.JSONField(_("facts"))
    runners_up = models.JSONField(_("runners-up"), default=list)
    severity = models.PositiveSmallIntegerField(_("severity"), null=True, blank=True)  # as decided
    tags = models.JSONField(_("tags"), default=list, blank=True)
    needs_check = models.BooleanField(_("to be checked first"), default=False)
    reasons = models.JSONField(_("reasons"))  # sentences in Indonesian
    reasons_en = models.JSONField(_("reasons in English"))
    rules_version = models.PositiveBigIntegerField(_("version of the rules"))
    boundaries_version = models.PositiveBigIntegerField(_("version of the boundaries"))

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["decided_at"], name="decision_when"),
            models.Index(fields=["report"], condition=Q(needs_check=True), name="decision_asks_check"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.rule_code or self.triage_reason}"


class ServiceLevel(models.Model):
    """How fast we promise to be, by severity and (optionally) category. Durations in minutes."""

    class Clock(models.TextChoices):
        WORKING = "working", _("working time")
        CLOCK = "clock", _("clock time")

    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.CASCADE
    )
    severity = models.PositiveSmallIntegerField(_("severity"))
    clock = models.CharField(_("counted in"), max_length=8, choices=Clock.choices)
    acknowledge_minutes = models.PositiveIntegerField(_("acknowledge within, minutes"), null=True, blank=True)
    make_safe_minutes = models.PositiveIntegerField(_("make safe within, minutes"), null=True, blank=True)
    resolve_minutes = models.PositiveIntegerField(_("resolve within, minutes"), null=True, blank=True)
    resolve_working_days = models.PositiveSmallIntegerField(
        _("resolve within, working days"), null=True, blank=True
    )
    basis = models.CharField(_("basis"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ["-severity", "category"]
        constraints = [
            models.UniqueConstraint(fields=["category", "severity"], name="dispatch_service_level_once"),
            models.UniqueConstraint(
                fields=["severity"],
                condition=Q(category__isnull=True),
                name="dispatch_service_level_city_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or '*'} / {self.severity}"


class Outbox(models.Model):
    """Work that must happen because something happened. The row is the queue; Celery is only a nudge.

    pending → leased (for LEASE_S, then pending again) → done | dead. Handlers are idempotent: a row may be
    worked on more than once, never not at all.
    """

    class Queue(models.TextChoices):
        ROUTING = "routing", _("routing")
        MEDIA = "media", _("media")
        NOTIFY = "notify", _("notifications")

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        LEASED = "leased", _("being worked on")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")

    queue = models.CharField(_("queue"), max_length=8, choices=Queue.choices)
    topic = models.CharField(_("topic"), max_length=40)
    report = models.ForeignKey(
        Report, verbose_name=_("report"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    payload = models.JSONField(_("content"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField(_("due"))  # not before; a lease's end while leased
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_token = models.UUIDField(
        _("lease token"), null=True, blank=True
    )  # whoever finishes must still hold it
    last_error = models.TextField(_("last error"), blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox")
        indexes = [
            models.Index(fields=["state", "queue", "due_at", "id"], name="outbox_due"),
            models.Index(fields=["finished_at"], name="outbox_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"


class Delivery(models.Model):
    """One message to one recipient by one channel about one event, with its outcome."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        JOINED = "joined", _("told in a later message")
        UNDONE = "undone", _("not sent: taken back")

    report = models.ForeignKey(
        Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="deliveries"
    )
    event_id = models.BigIntegerField(_("event"))  # complaints.Event
    channel = models.CharField(_("channel"), max_length=12)  # of complaints.Subscription
    recipient_hash = models.CharField(
        _("recipient’s mark"), max_length=64
    )  # HMAC; the address itself stays with the subscription
    subscription = models.ForeignKey(
        Subscription,
        verbose_name=_("subscription"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="deliveries",
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    postponed_until = models.DateTimeField(_("waits until"), null=True, blank=True)  # quiet hours
    told_in = models.ForeignKey(  # the later message that tells this one's news as well
        "self",
        verbose_name=_("told in another message"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tells_also",
    )

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["created_at"], name="delivery_when"),
            models.Index(fields=["channel", "-id"], name="delivery_channel"),
            # What needs a look is rare among millions that went out.
            models.Index(fields=["state", "-id"], name="delivery_state", condition=~Q(state="sent")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "channel", "recipient_hash"], name="dispatch_delivery_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"
