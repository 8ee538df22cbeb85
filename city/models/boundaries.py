"""What boundaries were."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaBoundary(models.Model):
    """An area's boundary from one version of the boundaries on. Append-only (`city.triggers`); written by
    `city.services.boundary_log`. By code, so that it outlives the area."""

    code = models.CharField(_("code"), max_length=24)
    boundaries_version = models.PositiveBigIntegerField(_("version"))
    recorded_at = models.DateTimeField(_("time"))
    geometry = models.JSONField(_("boundary"))
    area_km2 = models.FloatField(_("area, km²"), null=True)
    mark = models.CharField(max_length=24)  # of the geometry, to see whether it changed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "boundaries_version"], name="city_boundary_once")
        ]
