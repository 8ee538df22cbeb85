"""The parts of a report's story that are worked out: its clock, pairs of photos, a timeline that folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from city import snapshot as city
from complaints import selectors_nearby
from complaints.domain import workflow
from complaints.models import Event, Photo, Report
from complaints.web import clock_view, share, words

# A long timeline shows how it began and where it stands; all between is one tap away.
FOLD_OVER, _FIRST, _LAST = 14, 3, 8
RECURS_WITHIN_DAYS = 365
RECURS_WITHIN_M = 40
_RECURRENCES = 5


@dataclass(frozen=True, slots=True)
class Photos:
    """`pairs` of before and after stand over one another; the rest stands by itself."""

    pairs: list[tuple[Photo, Photo]]
    before: list[Photo]
    after: list[Photo]
    added: list[Photo]


@dataclass(frozen=True, slots=True)
class Timeline:
    first: Sequence[Event]
    folded: Sequence[Event]
    last: Sequence[Event]


def parts(report: Report, events: list[Event], pictures: list[Photo], now: datetime) -> dict:
    """Context of the report page. At most two queries (earlier reports here)."""
    clock = clock_view.view(report, events, now)
    return {
        "clock": clock,
        "pictures": paired(pictures),
        "timeline": folded(events),
        "share": share.of(report, now),
        "is_late": clock["is_late"] or words.is_late(report, now),
        "earlier": earlier_here(report, now),
    }


def paired(pictures: list[Photo]) -> Photos:
    """Photos of the problem beside those of the latest repair, in the order they were sent.

    An earlier repair that did not last pairs with nothing: its photos stand by themselves.
    """
    before = [photo for photo in pictures if photo.kind == Photo.Kind.REPORT]
    after = [photo for photo in pictures if photo.kind == Photo.Kind.REPAIR]
    latest = [photo for photo in after if photo.created_at == after[-1].created_at]
    ready = Photo.State.READY
    pairs = list(
        zip([p for p in before if p.state == ready], [p for p in latest if p.state == ready], strict=False)
    )
    used = {photo.pk for pair in pairs for photo in pair}
    return Photos(
        pairs=pairs,
        before=[photo for photo in before if photo.pk not in used],
        after=[photo for photo in after if photo.pk not in used],
        added=[photo for photo in pictures if photo.kind == Photo.Kind.COMMENT],
    )


def folded(events: list[Event]) -> Timeline:
    """Nothing is left out: what is folded is on the page."""
    if len(events) <= FOLD_OVER:
        return Timeline(events, (), ())
    return Timeline(events[:_FIRST], events[_FIRST:-_LAST], events[-_LAST:])


def earlier_here(report: Report, now: datetime) -> list[Report]:
    """Public reports of the same kind at this spot that ended before this one was told: it came back."""
    category = city.current().categories_by_id.get(report.category_id)
    if category is None:
        return []
    near = selectors_nearby.nearby(
        (category.code,),
        report.latitude,
        report.longitude,
        RECURS_WITHIN_M,
        report.created_at - timedelta(days=RECURS_WITHIN_DAYS),
    )
    done = (workflow.RESOLVED, workflow.CLOSED)
    found = [
        item.report
        for item in near
        if item.report.pk != report.pk
        and item.report.status in done
        and item.report.status_since < report.created_at
    ]
    return sorted(found, key=lambda item: item.created_at, reverse=True)[:_RECURRENCES]
