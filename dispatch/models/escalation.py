"""What happens when a promise is (nearly) broken."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.models import Report


class LadderRung(models.Model):
    """A rung of the ladder that a late report climbs. A department without its own rungs has the city's."""

    class Target(models.TextChoices):
        HANDLER = "handler", _("the handler")
        SECTION_HEAD = "section_head", _("the section's head")
        DEPARTMENT_HEAD = "department_head", _("the department's head")
        P3M = "p3m", _("the complaints desk and the situation room")

    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.CASCADE
    )
    level = models.PositiveSmallIntegerField(_("rung"))
    minutes_after_due = models.IntegerField(_("minutes after the promise"))  # negative: before
    target = models.CharField(_("tells"), max_length=16, choices=Target.choices)
    repeat_hours = models.PositiveSmallIntegerField(_("again every, hours"), null=True, blank=True)

    class Meta:
        verbose_name = _("rung of the ladder")
        verbose_name_plural = _("escalation ladder")
        ordering = ["department", "level"]
        constraints = [
            models.UniqueConstraint(fields=["department", "level"], name="dispatch_rung_once"),
            models.UniqueConstraint(
                fields=["level"], condition=Q(department__isnull=True), name="dispatch_rung_city_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department or '*'} / {self.level}"


class ClockWatch(models.Model):
    """When a report's ladder must be looked at next; null while no rung lies ahead. Kept with every change of
    the report, so that the sweep reads what is due and nothing else."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="clockwatch_of")
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="watch_next")]


class Escalation(models.Model):
    """A rung that was climbed: once per report, clock, promise and rung."""

    class Clock(models.TextChoices):
        ACKNOWLEDGE = "acknowledge", _("first answer")
        MAKE_SAFE = "make_safe", _("make safe")
        RESOLVE = "resolve", _("resolve")

    report = models.ForeignKey(
        Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="escalations"
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    clock = models.CharField(_("clock"), max_length=12, choices=Clock.choices)
    due_at = models.DateTimeField(_("promised for"))
    level = models.PositiveSmallIntegerField(_("rung"))
    target = models.CharField(_("tells"), max_length=16, choices=LadderRung.Target.choices)
    repeat_hours = models.PositiveSmallIntegerField(_("repeated every … hours"), null=True, blank=True)
    raised_at = models.DateTimeField(_("raised"))
    told_at = models.DateTimeField(_("last told"))
    told_count = models.PositiveSmallIntegerField(_("times told"), default=1)
    acknowledged_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("acknowledged by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("over"), null=True, blank=True)  # the clock no longer runs

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "clock", "due_at", "level"], name="dispatch_escalation_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["target", "department"],
                condition=Q(acknowledged_at__isnull=True, ended_at__isnull=True),
                name="escalation_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.clock} {self.level}"


class StaffDigest(models.Model):
    """One message a day to one member of staff, instead of one for every event."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="dispatch_digest_once")]
