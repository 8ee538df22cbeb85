"""Reports counted beforehand, so that maps never count rows."""

from django.db import models
from django.db.models import Q

from city.models import Category


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
