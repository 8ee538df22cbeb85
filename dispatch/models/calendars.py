"""What was last known of the offices' hours."""

from django.db import models


class CalendarSeen(models.Model):
    """A calendar's working hours when the promises were last computed by them; empty code: the city's."""

    code = models.CharField(max_length=40, unique=True, blank=True)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()
