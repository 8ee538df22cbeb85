"""Crews: the people of one department who go out together."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Crew(models.Model):
    """Some people of one department, who get work as one. Reports point at crews, so none is deleted: one
    that is no longer sent out is switched off."""

    name = models.CharField(_("name"), max_length=80)
    department = models.ForeignKey(
        "city.Department", verbose_name=_("department"), on_delete=models.PROTECT, related_name="crews"
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), blank=True, related_name="crews"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("crew")
        verbose_name_plural = _("crews")
        ordering = ["department", "name"]
        constraints = [
            models.UniqueConstraint(
                "department",
                Lower("name"),
                name="city_crew_name_once",
                violation_error_message=_("This department has a crew of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
