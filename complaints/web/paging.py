"""Pages by key, never by OFFSET: page 10,000 costs what page 1 costs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from complaints.models import Report

PAGE_SIZE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """`older` and `newer` are the cursors for the links, empty at the ends."""

    reports: list[Report] = field(default_factory=list)
    older: str = ""
    newer: str = ""


def cursor_of(report: Report) -> str:
    """`<microseconds since 1970>.<id>`: readable, and nothing to decode."""
    return f"{(report.created_at - _EPOCH) // timedelta(microseconds=1)}.{report.pk}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The place a cursor names, or None if it is not one."""
    at, dot, pk = text.partition(".")
    if not (dot and at.isascii() and pk.isascii() and at.isdigit() and pk.isdigit()):
        return None
    if len(at) > 17 or len(pk) > 18:
        return None
    return _EPOCH + timedelta(microseconds=int(at)), int(pk)


def page_of(
    reports: QuerySet[Report], older_than: str = "", newer_than: str = "", *, oldest_first: bool = False
) -> Page:
    """One page, newest first unless told. A broken cursor gives the first page.

    `older_than` and `older` mean "further on", whichever way the pages run.
    """
    after, before = parse_cursor(older_than), parse_cursor(newer_than)
    if after is None and before is not None:
        found = list(_beyond(reports, before, is_rising=not oldest_first)[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE][::-1]
        return Page(
            shown,
            older=cursor_of(shown[-1]) if shown else "",
            newer=cursor_of(shown[0]) if len(found) > PAGE_SIZE else "",
        )
    found = list(_beyond(reports, after, is_rising=oldest_first)[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return Page(
        shown,
        older=cursor_of(shown[-1]) if len(found) > PAGE_SIZE else "",
        newer=cursor_of(shown[0]) if after is not None and shown else "",
    )


def _beyond(reports: QuerySet[Report], place: tuple[datetime, int] | None, *, is_rising: bool):
    """The reports after a place, in rising or falling order of time."""
    rows = reports.order_by("created_at", "id") if is_rising else reports.order_by("-created_at", "-id")
    if place is None:
        return rows
    at, pk = place
    # The second condition lets the database start in the index where the page begins.
    if is_rising:
        return rows.filter(Q(created_at__gt=at) | Q(created_at=at, id__gt=pk), created_at__gte=at)
    return rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=pk), created_at__lte=at)
