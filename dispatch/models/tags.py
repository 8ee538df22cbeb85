"""Tags: short marks that staff put on reports; nobody else ever sees them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.models import Report


class Tag(models.Model):
    """A mark with a name and a colour; of one department, or of the whole city. The tags that routing rules
    name (by code) are city-wide ones."""

    class Colour(models.TextChoices):
        GREY = "grey", _("grey")
        GREEN = "green", _("green")
        BLUE = "blue", _("blue")
        PURPLE = "purple", _("purple")
        AMBER = "amber", _("amber")
        RED = "red", _("red")

    code = models.SlugField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=40)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour.choices, default=Colour.GREY)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    is_active = models.BooleanField(_("can be given"), default=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name", "code"]
        constraints = [
            models.UniqueConstraint(fields=["department", "code"], name="dispatch_tag_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(department__isnull=True), name="dispatch_tag_city_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReportTag(models.Model):
    """A tag on a report: since when, by whom (nobody: the routing rules)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="report_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="report_tags")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("tag of a report")
        verbose_name_plural = _("tags of reports")
        constraints = [models.UniqueConstraint(fields=["report", "tag"], name="dispatch_report_tag_once")]
        indexes = [models.Index(fields=["tag", "report"], name="report_tag_of")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.tag_id}"
