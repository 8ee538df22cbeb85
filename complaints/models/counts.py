"""Reports counted beforehand, so that maps and pages about places never count rows."""

from django.db import models
from django.db.models import Q

from city.models import Category


class CellCount(models.Model):
    """Public reports counted by H3 cell, category, department and map state.

    The finest cells (resolution 9) are counted by area as well, since a boundary may cut them; in coarser
    ones `area_id` is 0, or a city's view would read every kelurahan's rows. `department_id` is 0 while
    nobody has the report. Both are plain numbers: a count outlives neither, and needs no check of its own.
    """

    resolution = models.PositiveSmallIntegerField()  # 5 … 9
    cell = models.BigIntegerField()
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    department_id = models.BigIntegerField(default=0)
    area_id = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)  # one of workflow.MAP_STATES
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "cell", "category", "department_id", "area_id", "state"],
                name="complaints_cell_once",
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="complaints_cell_count"),
        ]
        indexes = [
            # One kelurahan, one office: their cells without walking through everybody's.
            models.Index(fields=["area_id", "state", "cell"], name="complaints_cell_area"),
            models.Index(fields=["resolution", "department_id", "cell"], name="complaints_cell_office"),
        ]


class PlaceFigures(models.Model):
    """What a kelurahan's, kecamatan's or department's page says in numbers, counted every few minutes.

    `numbers` holds what services.place_figures wrote: whole numbers, medians in hours, and months. A row per
    place; all rows of one pass have the same `as_of`.
    """

    class Kind(models.TextChoices):
        AREA = "area", "area"
        DEPARTMENT = "department", "department"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    place_id = models.BigIntegerField()  # of the Area or Department
    as_of = models.DateTimeField()
    numbers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "place_id"], name="complaints_place_figures_once"),
        ]
