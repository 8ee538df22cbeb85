"""The report itself: what a citizen says and what becomes of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from city.models import Area, Category, Crew, Department
from complaints.domain import codes, workflow


class Report(models.Model):
    """One problem at one place, from the day it was told to the day its reporter believes it is fixed."""

    class Status(models.TextChoices):
        RECEIVED = workflow.RECEIVED, _("Received")
        TRIAGE = workflow.TRIAGE, _("At the triage desk")
        ASSIGNED = workflow.ASSIGNED, _("With the department")
        IN_PROGRESS = workflow.IN_PROGRESS, _("In progress")
        WAITING = workflow.WAITING, _("Waiting")
        SCHEDULED = workflow.SCHEDULED, _("Scheduled")
        REFERRED = workflow.REFERRED, _("Referred to its owner")
        RESOLVED = workflow.RESOLVED, _("Resolved")
        CLOSED = workflow.CLOSED, _("Closed")
        REJECTED = workflow.REJECTED, _("Rejected")
        REOPENED = workflow.REOPENED, _("Reopened")

    class Channel(models.TextChoices):
        WEB = "web", _("Web form")
        API = "api", _("Mobile app or API")
        CALL = "call", _("Call centre")
        STAFF = "staff", _("Staff")
        OPEN311 = "open311", _("Open311")
        DEMO = "demo", _("Demonstration")
        SEED = "seed", _("Load test")

    class PlaceSource(models.TextChoices):
        DEVICE = "device", _("the device's position")
        MAP = "map", _("chosen on the map")
        AREA = "area", _("kelurahan and street, without a map")
        PHOTO = "photo", _("a photo's position")

    class WaitingOn(models.TextChoices):
        REPORTER = "reporter", _("the reporter")
        OTHER = "other", _("somebody else")

    class Closure(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed by the reporter")
        UNCONFIRMED = "unconfirmed", _("unconfirmed: no answer for ten days")

    code = models.CharField(_("code"), max_length=8, unique=True, default=codes.new_code, editable=False)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    # Made by the client before it sends: sending twice files once (invariant 1).
    idempotency_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    body_hash = models.CharField(max_length=64, editable=False)  # SHA-256 of what was sent with the key
    api_client = models.ForeignKey(
        "ApiClient", null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.WEB)

    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    observed_at = models.DateTimeField(_("seen"), null=True, blank=True)  # by the reporter or their photo
    answers = models.JSONField(_("answers"), default=dict, blank=True)  # question code → value
    severity = models.PositiveSmallIntegerField(_("severity"))  # 1 planned … 5 danger to life

    latitude = models.FloatField(_("latitude"))  # WGS84 degrees
    longitude = models.FloatField(_("longitude"))
    place_source = models.CharField(
        _("place from"), max_length=8, choices=PlaceSource.choices, default=PlaceSource.MAP
    )
    accuracy_m = models.FloatField(_("accuracy, metres"), null=True, blank=True)
    area = models.ForeignKey(Area, verbose_name=_("kelurahan"), on_delete=models.PROTECT)
    street = models.CharField(_("street or landmark"), max_length=200, blank=True)
    h3_r9 = models.BigIntegerField(editable=False)  # H3 cell at resolution 9 as a signed 64-bit number

    is_anonymous = models.BooleanField(_("anonymous"), default=True)  # the name is hidden
    is_private = models.BooleanField(_("private"), default=False)  # the whole report is hidden

    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.RECEIVED)
    # Status in workflow.OPEN and not merged: work of its own is still owed. For indexes.
    is_open = models.BooleanField(default=True, editable=False)
    status_since = models.DateTimeField(_("since"))
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handler"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Who goes out, beside the handler, who answers for the case. Found by report_crew.
    crew = models.ForeignKey(
        Crew,
        verbose_name=_("crew"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # The promise: what the public is told. Set by dispatch, moved by pauses and severity changes.
    promised_at = models.DateTimeField(_("promised on"), null=True, blank=True)
    acknowledge_due_at = models.DateTimeField(_("acknowledge by"), null=True, blank=True)
    make_safe_due_at = models.DateTimeField(_("make safe by"), null=True, blank=True)
    due_at = models.DateTimeField(_("resolve by"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    made_safe_at = models.DateTimeField(_("made safe"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    # A second person looks at the proof of the repair, since then; silence closes nothing meanwhile.
    checking_since = models.DateTimeField(_("being checked since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # How a closed report came to be closed, else empty. Silence is no consent: it counts apart.
    closure = models.CharField(_("closed as"), max_length=12, blank=True, choices=Closure.choices)
    edited_at = models.DateTimeField(_("edited by the reporter"), null=True, blank=True)
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True)  # UU PDP 27/2022
    waiting_on = models.CharField(_("waiting on"), max_length=8, blank=True, choices=WaitingOn.choices)
    waiting_reason = models.CharField(_("waiting for"), max_length=300, blank=True)
    scheduled_for = models.DateField(_("scheduled for"), null=True, blank=True)
    # Of planned work: the line of the budget that pays for it, or why there is none yet.
    budget_line = models.CharField(_("budget line or reason"), max_length=200, blank=True)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    handover_count = models.PositiveSmallIntegerField(_("times handed over"), default=0)
    supporter_count = models.PositiveIntegerField(_("also affected"), default=0)
    # Since when the reporter's words wait for somebody of the staff to answer or act (services.timeline).
    unanswered_since = models.DateTimeField(_("reporter waits since"), null=True, blank=True, editable=False)
    # The primary report of its incident, which carries the work; its own state stands still meanwhile.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="members", editable=False
    )

    version = models.PositiveIntegerField(default=1, editable=False)  # +1 with every change; If-Match
    created_at = models.DateTimeField(_("reported"))
    updated_at = models.DateTimeField(_("last change"))
    counted_as = models.CharField(max_length=60, blank=True, default="", editable=False)  # see services.cells

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=workflow.STATUSES), name="complaints_report_status"
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, status__in=sorted(workflow.OPEN), merged_into__isnull=True)
                | Q(is_open=False, status__in=sorted(set(workflow.STATUSES) - workflow.OPEN))
                | Q(is_open=False, merged_into__isnull=False),
                name="complaints_report_is_open",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="complaints_report_not_itself"),
            models.CheckConstraint(condition=Q(severity__range=(1, 5)), name="complaints_report_severity"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="complaints_report_place",
            ),
            models.CheckConstraint(
                condition=(Q(status=workflow.CLOSED) & ~Q(closure=""))
                | (~Q(status=workflow.CLOSED) & Q(closure="")),
                name="complaints_report_closure",
            ),
            models.CheckConstraint(
                condition=Q(checking_since__isnull=True) | Q(status=workflow.RESOLVED),
                name="complaints_report_checking",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "is_open", "due_at", "id"], name="report_queue"),
            # The same of all states, for lists and searches that look at ended ones too; and of the city.
            models.Index(fields=["department", "due_at", "id"], name="report_office_due"),
            models.Index(fields=["due_at", "id"], name="report_due"),
            # The cards of an office: how many are new, in progress, waiting, resolved.
            models.Index(
                fields=["department", "status", "is_open", "acknowledged_at"], name="report_office_state"
            ),
            # Partial, not led by a boolean: SQLite without statistics takes a boolean for selective.
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="report_open_due"),
            # Danger that nobody has ended: few, and first in every queue.
            models.Index(
                fields=["make_safe_due_at", "id"],
                condition=Q(is_open=True, due_at__isnull=True, made_safe_at__isnull=True),
                name="report_unsafe",
            ),
            models.Index(fields=["status", "status_since"], name="report_status"),
            models.Index(fields=["h3_r9", "category", "created_at"], name="report_nearby"),
            models.Index(fields=["created_at", "id"], name="report_newest"),
            models.Index(fields=["area", "created_at"], name="report_area"),
            models.Index(fields=["category", "created_at"], name="report_category"),
            models.Index(fields=["department", "created_at"], name="report_department"),
            # What is open and longest so, in the city, a kelurahan, an office.
            # The columns after the id let the map count these without reading the reports themselves.
            models.Index(
                fields=["created_at", "id", "h3_r9", "status", "due_at", "is_private", "merged_into"],
                condition=Q(is_open=True),
                name="report_open_since",
            ),
            models.Index(fields=["area", "created_at"], condition=Q(is_open=True), name="report_open_area"),
            models.Index(
                fields=["department", "created_at"], condition=Q(is_open=True), name="report_open_office"
            ),
            models.Index(
                fields=["created_at", "id", "h3_r9", "status", "is_private", "merged_into"],
                condition=Q(reopen_count__gt=0),
                name="report_was_reopened",
            ),
            models.Index(
                fields=["checking_since", "id"],
                condition=Q(checking_since__isnull=False),
                name="report_checking",
            ),
            models.Index(
                fields=["unanswered_since", "id"],
                condition=Q(unanswered_since__isnull=False),
                name="report_unanswered",
            ),
            # The work of a crew; few reports have one.
            models.Index(fields=["crew", "is_open"], condition=Q(crew__isnull=False), name="report_crew"),
            # The public debt register: scheduled works by their date, counted without being read.
            models.Index(
                fields=["scheduled_for", "id", "is_private", "department", "area", "merged_into"],
                condition=Q(status=workflow.SCHEDULED),
                name="report_debts",
            ),
        ]

    def __str__(self) -> str:
        return codes.spoken(self.code)

    @property
    def spoken_code(self) -> str:
        return codes.spoken(self.code)
