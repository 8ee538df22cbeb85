"""What a citizen says and what becomes of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Area, Category, Department
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
    is_open = models.BooleanField(default=True, editable=False)  # status in workflow.OPEN; for indexes
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
    # The promise: what the public is told. Set by dispatch, moved by pauses and severity changes.
    promised_at = models.DateTimeField(_("promised on"), null=True, blank=True)
    acknowledge_due_at = models.DateTimeField(_("acknowledge by"), null=True, blank=True)
    make_safe_due_at = models.DateTimeField(_("make safe by"), null=True, blank=True)
    due_at = models.DateTimeField(_("resolve by"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    waiting_on = models.CharField(_("waiting on"), max_length=8, blank=True, choices=WaitingOn.choices)
    waiting_reason = models.CharField(_("waiting for"), max_length=300, blank=True)
    scheduled_for = models.DateField(_("scheduled for"), null=True, blank=True)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    handover_count = models.PositiveSmallIntegerField(_("times handed over"), default=0)
    supporter_count = models.PositiveIntegerField(_("also affected"), default=0)

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
                condition=Q(is_open=True, status__in=sorted(workflow.OPEN))
                | Q(is_open=False, status__in=sorted(set(workflow.STATUSES) - workflow.OPEN)),
                name="complaints_report_is_open",
            ),
            models.CheckConstraint(condition=Q(severity__range=(1, 5)), name="complaints_report_severity"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="complaints_report_place",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "is_open", "due_at", "id"], name="report_queue"),
            # Partial, not led by a boolean: SQLite without statistics takes a boolean for selective.
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="report_open_due"),
            models.Index(fields=["status", "status_since"], name="report_status"),
            models.Index(fields=["h3_r9", "category", "created_at"], name="report_nearby"),
            models.Index(fields=["created_at", "id"], name="report_newest"),
            models.Index(fields=["area", "created_at"], name="report_area"),
            models.Index(fields=["category", "created_at"], name="report_category"),
        ]

    def __str__(self) -> str:
        return codes.spoken(self.code)

    @property
    def spoken_code(self) -> str:
        return codes.spoken(self.code)


class Reporter(models.Model):
    """Who told us, if they wished to say. Kept apart so that handlers' queries never touch it."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="reporter")
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)  # E.164
    language = models.CharField(_("language"), max_length=8, default="id")

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        indexes = [models.Index(fields=["phone"], name="reporter_phone")]

    def __str__(self) -> str:
        return self.name or str(self.pk)


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

    def __str__(self) -> str:
        return self.uuid.hex


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
    created_at = models.DateTimeField()


class Event(models.Model):
    """One line of a report's timeline: who, what, when, why. Append-only, in code and by a trigger."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Report received")
        ROUTED = "routed", _("Sent to the responsible department")
        TRIAGED = "triaged", _("Sent to the triage desk")
        ACKNOWLEDGED = "acknowledged", _("Accepted by the department")
        STATUS = "status", _("Status changed")
        HANDED_OVER = "handed_over", _("Handed over")
        PROMISE = "promise", _("Promise changed")
        SEVERITY = "severity", _("Severity changed")
        ASSIGNED = "assignee", _("Handler named")
        COMMENT = "comment", _("Comment")
        NOTE = "note", _("Internal note")
        PHOTO = "photo", _("Photo added")
        SUPPORTED = "supported", _("Somebody else is affected too")
        CONFIRMED = "confirmed", _("Confirmed as fixed")
        REOPENED = "reopened", _("Not fixed, says the reporter")

    class ActorKind(models.TextChoices):
        REPORTER = "reporter", _("Reporter")
        CITIZEN = "citizen", _("Citizen")
        STAFF = "staff", _("Staff")
        SYSTEM = "system", _("Portal")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("who"), max_length=8, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)
    text = models.TextField(_("text"), blank=True)  # as a person wrote it
    data = models.JSONField(default=dict, blank=True)  # codes and times the screens put into words
    is_public = models.BooleanField(_("public"), default=True)

    class Meta:
        verbose_name = _("timeline event")
        verbose_name_plural = _("timeline")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class Supporter(models.Model):
    """Somebody else who has the same problem. One per report and browser (or contact)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="supporters")
    token_hash = models.CharField(max_length=64)  # SHA-256 of a random cookie or of the device's token
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "token_hash"], name="complaints_support_once")
        ]


class Feedback(models.Model):
    """The reporter's verdict on a resolution."""

    class Verdict(models.TextChoices):
        FIXED = "fixed", _("Yes, it is fixed")
        NOT_FIXED = "not_fixed", _("No, it is not fixed")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="feedback")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)  # 1 … 5
    text = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="complaints_feedback_rating"
            )
        ]


class CellCount(models.Model):
    """Public reports counted by H3 cell, category and map state, so that the city map never counts rows."""

    resolution = models.PositiveSmallIntegerField()  # 5 … 9
    cell = models.BigIntegerField()
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    state = models.CharField(max_length=10)  # one of workflow.MAP_STATES
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "cell", "category", "state"], name="complaints_cell_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="complaints_cell_count"),
        ]


class ApiClient(models.Model):
    """A programme that may use the API. The key is shown once and kept only as a hash."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    key_prefix = models.CharField(_("key begins with"), max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256; keys are random, so no salt is needed
    scopes = models.JSONField(_("scopes"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def __str__(self) -> str:
        return self.name
