"""The append-only timeline."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.domain.redaction import hide, hide_in
from complaints.models.redaction import HiddenWords
from complaints.models.report import Report


class _Covered(models.query.ModelIterable):
    """Events as they may be read: hidden words are covered in the text and in the data's texts."""

    def __iter__(self):
        for event in super().__iter__():
            words = event.__dict__.pop("_hidden_words", None)
            if words:
                loaded = event.__dict__
                if "text" in loaded:
                    event.text = hide(event.text, words)
                if "data" in loaded:
                    event.data = hide_in(event.data, words)
            yield event


class EventQuerySet(models.QuerySet):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._iterable_class = _Covered


class EventManager(models.Manager.from_queryset(EventQuerySet)):
    """Everything that reads the timeline passes here, relations too (`Meta.base_manager_name`).

    Rows are never changed, so what was hidden is covered on the way out. Not covered: `values("text")`,
    conditions on the text, and events that another model's `select_related` brings; nobody uses them, and a
    test keeps it so.
    """

    def get_queryset(self):
        words = HiddenWords.objects.filter(pk=models.OuterRef("report_id")).values("words")
        return super().get_queryset().annotate(_hidden_words=models.Subquery(words))

    def as_said(self) -> models.QuerySet:
        """Without the cover: for those who may read originals, after their look is on record."""
        return models.QuerySet(self.model, using=self._db)


class Event(models.Model):
    """One line of a report's timeline: who, what, when, why. Append-only, in code and by a trigger.

    The trigger knows the columns (migration 0008): a new one needs a migration that makes it again.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Report received")
        ROUTED = "routed", _("Sent to the responsible department")
        TRIAGED = "triaged", _("Sent to the triage desk")
        ACKNOWLEDGED = "acknowledged", _("Accepted by the department")
        REFERRAL = "referral", _("Passed on to its owner")
        MADE_SAFE = "made_safe", _("Made safe")
        ESCALATED = "escalated", _("Brought to the head's attention")
        STATUS = "status", _("Status changed")
        HANDED_OVER = "handed_over", _("Handed over")
        PROMISE = "promise", _("Promise changed")
        SEVERITY = "severity", _("Severity changed")
        CATEGORY = "category", _("Kind corrected")
        PLACE = "place", _("Place corrected")
        ASSIGNED = "assignee", _("Handler named")
        COMMENT = "comment", _("Comment")
        NOTE = "note", _("Internal note")
        PHOTO = "photo", _("Photo added")
        SUPPORTED = "supported", _("Somebody else is affected too")
        CHECKED = "checked", _("Repair checked by a second person")
        CONFIRMED = "confirmed", _("Confirmed as fixed")
        REOPENED = "reopened", _("Not fixed, says the reporter")
        EDITED = "edited", _("Changed by the reporter")
        WITHDRAWN = "withdrawn", _("Withdrawn by the reporter")
        ERASED = "erased", _("Personal data erased")
        REMINDED = "reminded", _("The reporter was reminded to answer")
        MERGED = "merged", _("Joined to another report")
        UNMERGED = "unmerged", _("Taken apart again")
        BURST = "burst", _("Many reports of the same thing")
        REDACTED = "redacted", _("Personal data covered")
        UNDONE = "undone", _("Taken back by the office")
        TAGGED = "tagged", _("Tags changed")

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

    objects = EventManager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("timeline event")
        verbose_name_plural = _("timeline")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"
