"""The reports around a point, nearest first: rings of H3 cells outwards until a page is full."""

import h3.api.basic_int as h3
from django.db.models import QuerySet

from complaints.domain.place import distance_m
from complaints.models import Report
from complaints.web.paging import PAGE_SIZE, Page

_RESOLUTION = 9
# From anywhere inside a cell, the disk of k rings reaches at least FIRST + STEP * (k - 1) metres.
_FIRST_RING_M, _RING_STEP_M = 150.0, 240.0
_STEPS = (1, 2, 4, 7, 12, 22)  # the last reaches the largest radius of the list


def page_near(reports: QuerySet[Report], near: tuple[float, float], radius_m: float, cursor: str) -> Page:
    """One page of `reports` within `radius_m` of `near`, each with its `distance_m`.

    A cursor is `<millimetres>.<id>` of the last report shown. Queries: one a ring step, one for the page.
    """
    after = _parse(cursor)
    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    for rings in _STEPS:
        disk = set(h3.grid_disk(h3.latlng_to_cell(*near, _RESOLUTION), rings))
        rows = reports.filter(h3_r9__in=sorted(disk - seen)).order_by()
        for pk, latitude, longitude in rows.values_list("id", "latitude", "longitude"):
            found.append((round(distance_m(*near, latitude, longitude) * 1000), pk))
        seen = disk
        sure_m = min(radius_m, _FIRST_RING_M + _RING_STEP_M * (rings - 1))
        within = [item for item in found if item[0] <= sure_m * 1000 and (after is None or item > after)]
        if len(within) > PAGE_SIZE or sure_m >= radius_m:
            break
    return _page(reports, sorted(within))


def _page(reports: QuerySet[Report], within: list[tuple[int, int]]) -> Page:
    shown = within[:PAGE_SIZE]
    by_pk = reports.in_bulk([pk for _mm, pk in shown]) if shown else {}
    rows = []
    for millimetres, pk in shown:
        if pk in by_pk:
            by_pk[pk].distance_m = millimetres / 1000
            rows.append(by_pk[pk])
    return Page(rows, older="{}.{}".format(*shown[-1]) if len(within) > PAGE_SIZE else "")


def _parse(text: str) -> tuple[int, int] | None:
    first, dot, second = text.partition(".")
    if not (dot and first.isascii() and second.isascii() and first.isdigit() and second.isdigit()):
        return None
    return (int(first), int(second)) if len(first) <= 12 and len(second) <= 18 else None
