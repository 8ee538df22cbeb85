"""One step for many reports: who, what, when, and what became of each. A record that stays."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.models import Report


class BulkOperation(models.Model):
    """A step that somebody took for many reports at once, after a preview.

    queued → running → done; until `undo_until` it can be taken back: undoing → undone. Workers take it with
    a lease that runs out; what keeps a report from being done twice is the lock on its own row.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waits")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    # Made with the preview: the same form sent twice is one operation.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    step = models.CharField(_("step"), max_length=12)  # of dispatch.domain.bulk
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(  # of who did it
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    language = models.CharField(max_length=7, default="id")  # of the sentences that say why not
    details = models.JSONField(_("details"), default=dict)
    total = models.PositiveIntegerField(_("reports"))
    not_theirs = models.PositiveIntegerField(default=0)  # asked for and not theirs to see: never touched
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("when"))
    due_at = models.DateTimeField(_("not before"))
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    undo_until = models.DateTimeField(_("can be taken back until"), null=True, blank=True)
    undo_asked_at = models.DateTimeField(_("taking back was asked for"), null=True, blank=True)
    undo_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("step for many")
        verbose_name_plural = _("steps for many")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="bulk_due"),
            models.Index(fields=["by", "-id"], name="bulk_by"),
            models.Index(fields=["department", "-id"], name="bulk_department"),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.pk}"


class BulkItem(models.Model):
    """What became of one report of an operation."""

    class State(models.TextChoices):
        PENDING = "pending", _("still to come")
        DONE = "done", _("changed")
        FAILED = "failed", _("not changed")
        CANCELLED = "stopped", _("stopped before its turn")
        UNDONE = "undone", _("taken back")
        KEPT = "kept", _("not taken back")

    operation = models.ForeignKey(BulkOperation, on_delete=models.CASCADE, related_name="items")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("outcome"), max_length=8, choices=State.choices, default=State.PENDING)
    seen_version = models.PositiveIntegerField()  # of the report, in the preview
    after_version = models.PositiveIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict)  # the report's own work as it stood
    # What the step wrote into the report's timeline.
    first_event_id = models.BigIntegerField(null=True, blank=True)
    last_event_id = models.BigIntegerField(null=True, blank=True)
    why_code = models.CharField(max_length=40, blank=True)
    why = models.TextField(_("why"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)  # nobody is told before

    class Meta:
        verbose_name = _("report of a step for many")
        verbose_name_plural = _("reports of steps for many")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "report"], name="dispatch_bulk_item_once")
        ]
        indexes = [
            models.Index(fields=["operation", "state", "id"], name="bulk_item_state"),
            models.Index(fields=["report", "first_event_id"], name="bulk_item_event"),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.report_id}"
