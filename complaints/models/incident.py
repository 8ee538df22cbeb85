"""Incidents: reports of the same thing, merged into the one that carries the work."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.report import Report


class Merge(models.Model):
    """One report joined to another, from when to when, by whom, why, and what it was before.

    Rows are never deleted, and of an existing one only the end is written (a trigger says so): the record
    of who joined what stands for ever, and tells the portal which pairs a person has taken apart again.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="merges")
    primary = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="joined")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_automatic = models.BooleanField(_("by the portal"), default=False)
    why = models.TextField(_("why"), blank=True)
    before = models.JSONField(default=dict)  # the report's own work as it stood: domain.incident.STATE
    # The primaries it came along with into this incident, the first one first: taken out, they take it back.
    path = models.JSONField(default=list)
    # Events that would have moved its promise meanwhile, by id: followed when it is taken out.
    deferred = models.JSONField(default=list)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_why = models.TextField(blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(undone_at__isnull=True), name="complaints_merged_once"
            ),
            models.CheckConstraint(condition=~Q(report=F("primary")), name="complaints_merge_other"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} → {self.primary_id}"
