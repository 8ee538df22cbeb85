"""What is held back because it can still be taken back: nobody is told of a step that is undone."""

from datetime import datetime

from complaints.models import Event
from dispatch.models import BulkItem


def of(event: Event) -> tuple[bool, datetime | None]:
    """Whether people hear of an event, and not before when. Call it with the event's report locked, so that
    it is not taken back between the look and the writing. One query."""
    rows = BulkItem.objects.filter(
        report_id=event.report_id, first_event_id__lte=event.pk, last_event_id__gte=event.pk
    )
    found = rows.values_list("state", "held_until").first()
    if found is None:
        return True, None
    state, held_until = found
    return state != BulkItem.State.UNDONE, held_until
