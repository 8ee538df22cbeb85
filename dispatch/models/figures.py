"""What the heads of departments read about their office, counted beforehand."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from city.models import Department


class OfficeWeek(models.Model):
    """One department's week, Monday to Sunday in the city's time; counted anew every hour.

    `numbers` holds what services.office_figures wrote: whole numbers, and hours. All rows of one pass have
    the same `as_of`.
    """

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    monday = models.DateField(_("week from"))
    as_of = models.DateTimeField(_("counted"))
    numbers = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("week of a department")
        verbose_name_plural = _("weeks of departments")
        ordering = ["monday"]
        constraints = [
            models.UniqueConstraint(fields=["department", "monday"], name="dispatch_office_week_once")
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.monday}"
