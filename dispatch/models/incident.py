"""When the portal joins reports by itself, and what it raised an alarm for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Report


class IncidentRule(models.Model):
    """Reports of these kinds that come close together in place and time are one incident. From the city's
    pack (incidents.yaml), editable by staff."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    categories = models.JSONField(_("categories"), default=list)  # kinds, or groups for all of theirs
    radius_m = models.PositiveIntegerField(_("radius, metres"))  # from the incident's first report
    hours = models.PositiveSmallIntegerField(_("hours"))  # since the incident's first report
    # So many within so many minutes, around one report or in one kelurahan, are a burst: all of the
    # kelurahan's become one incident, and the people on duty are told.
    burst_reports = models.PositiveSmallIntegerField(_("reports that make a burst"))
    burst_minutes = models.PositiveSmallIntegerField(_("within minutes"))
    # Told again when it has grown so many times, and not before so many minutes have passed.
    grows_by = models.PositiveSmallIntegerField(_("told again when grown, times"))
    again_minutes = models.PositiveSmallIntegerField(_("not again before, minutes"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("incident rule")
        verbose_name_plural = _("incident rules")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(radius_m__range=(1, 1000), hours__gte=1, burst_reports__gte=2, grows_by__gte=2),
                name="dispatch_incident_rule_sensible",
            )
        ]

    def __str__(self) -> str:
        return self.code


class IncidentAlarm(models.Model):
    """The people on duty were told of a burst: the first time, and again each time it had grown enough."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="alarms")  # the primary then
    rule_code = models.CharField(_("rule"), max_length=40)
    number = models.PositiveSmallIntegerField(_("alarm number"))
    size = models.PositiveIntegerField(_("reports"))
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="dispatch_incident_alarm_once")
        ]
        indexes = [models.Index(fields=["raised_at"], name="alarm_when")]

    def __str__(self) -> str:
        return f"{self.report_id} × {self.size}"
