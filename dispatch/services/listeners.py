"""Who hears of an event: those who follow the report, and those who follow what is merged into it."""

from django.db.models import Q, QuerySet

from complaints.models import Event, Subscription
from complaints.services import subscriptions
from dispatch.domain import audience

_REPORTER, _SUPPORTER = Subscription.Role.REPORTER, Subscription.Role.SUPPORTER


def of_event(event: Event, roles: frozenset[str]) -> list[tuple[int, int, str, str]]:
    """(subscription, report, channel, address hash) of everybody to be told, each address once.

    The report's own reporter first, then who follows it, then the reports of its incident in their order:
    somebody who told the same thing twice hears of it by the report that comes first. What one reporter of
    an incident says is news to all the others. One query.
    """
    if not roles:
        return []
    found = (
        _listening(event, roles)
        .order_by("report__merged_into_id", "report_id", "role", "id")
        .values_list("pk", "report_id", "channel", "address_hash")
    )
    rows = sorted(found, key=lambda row: row[1] != event.report_id)  # stable: PostgreSQL puts NULL last
    once: dict[tuple[str, str], tuple[int, int, str, str]] = {}
    for row in rows:
        once.setdefault((row[2], row[3]), row)
    return list(once.values())


def _listening(event: Event, roles: frozenset[str]) -> QuerySet[Subscription]:
    speaker_id = event.data.get("from_report_id")
    own = Q(report_id=event.report_id, role__in=roles | {_REPORTER} if speaker_id else roles)
    # Whatever is told to anybody is told to the reporters of the incident's other reports.
    theirs = Q(report__merged_into_id=event.report_id, role=_REPORTER)
    if audience.SUPPORTER in roles:
        theirs |= Q(report__merged_into_id=event.report_id, role=_SUPPORTER)
    listening = Subscription.objects.filter(
        own | theirs,
        channel__in=subscriptions.channels_offered(),
        confirmed_at__isnull=False,
        stopped_at=None,
    ).exclude(role=_SUPPORTER, report__is_private=True)
    return listening.exclude(role=_REPORTER, report_id=speaker_id) if speaker_id else listening
