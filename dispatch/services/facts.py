"""Collecting a report's facts from the city's snapshot, for the pure routing rules."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.domain import lines
from dispatch.domain.facts import Facts, Line, Party, When

# No line's drawing is off by more than this, so nothing farther away can be meant.
LOOK_WITHIN_M = 200.0
# The nearest line of the network that the kind does not look at is only for the record.
OTHER_WITHIN_M = 60.0
# How yes-or-no questions read in a reason.
_YES_NO = {"yes": ("ya", "yes"), "no": ("tidak", "no")}


def gather(report: Any, snap: Any) -> Facts:
    """The facts of a report (complaints.models.Report, or anything with its fields) on today's map.

    Owners are those of the day on which it was reported. A place named without a map is vague: its point is
    the kelurahan's centre, which says nothing about the nearest road; only a road that the reporter named
    counts.
    """
    category = snap.categories_by_id[report.category_id]
    area = snap.areas_by_id[report.area_id]
    kecamatan = snap.areas.get(area.parent_code) or area
    when = when_of(report.created_at, snap)
    day = when.at.date()
    around = _around(report, snap, category.network, day)
    near = _nearby(report, around.get(category.network, ()))
    group = snap.categories.get(category.parent_code)
    return Facts(
        category=category.code,
        category_name=category.name,
        category_name_en=category.name_en,
        ancestors=(group.code,) if group else (),
        severity=report.severity,
        answers=dict(report.answers),
        labels=_labels(category, report.answers),
        area=area.code,
        area_name=area.name,
        kecamatan=kecamatan.code,
        kecamatan_name=kecamatan.name,
        network=category.network,
        candidates=_candidates(report, snap, category.network, kecamatan.code, near, day),
        nearby=near,
        nearest=tuple(found[0] for found in around.values() if found),
        subdistrict=_subdistrict(snap, kecamatan.code),
        is_vague=report.place_source == "area",
        when=when,
        channel=report.channel,
        text=report.description,
    )


def when_of(at: datetime, snap: Any) -> When:
    """A moment by the city's clock, and what its calendars say of it."""
    local = at.astimezone(_zone(snap.city.time_zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    default = snap.calendar()
    return When(
        at=local,
        offices={
            code: any(start <= minute < end for start, end in calendar.spans(day))
            for code, calendar in snap.calendars.items()
        },
        is_holiday=default.is_holiday(day),
        periods=default.period_names(day),
    )


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def party_of(snap: Any):
    """How a replay names departments: as they are called now, or by their code if they are gone."""
    by_code = {department.code: department for department in snap.departments_by_id.values()}

    def name(code: str, is_external: bool | None) -> Party:
        known = by_code.get(code)
        if known is None:
            return Party(code, code, "", bool(is_external))
        external = known.is_external if is_external is None else is_external
        return Party(code, known.name, known.name_en, external)

    return name


def party(department: Any) -> Party:
    """A department, as a row or as the snapshot knows it."""
    return Party(department.code, department.name, department.name_en, department.is_external)


def _around(report: Any, snap: Any, wanted: str, day: date) -> dict[str, list[Line]]:
    """By network, nearest first, as owned on that day: all lines around a point of the network that the
    category looks at, and the nearest one of the other."""
    if report.place_source == "area":
        return {}
    found = {}
    for network in ("road", "water"):
        radius_m = LOOK_WITHIN_M if network == wanted else OTHER_WITHIN_M
        hits = snap.lines_near(network, report.latitude, report.longitude, radius_m, on=day)
        taken = hits if network == wanted else hits[:1]
        found[network] = [_line(network, hit, snap, hit.distance_m) for hit in taken]
    return found


def _nearby(report: Any, around: Any) -> tuple[Line, ...]:
    if not around:
        return ()
    device_error_m = report.accuracy_m if report.place_source == "device" else None
    return lines.within_tolerance(around, device_error_m)


def _candidates(report: Any, snap: Any, network: str, kecamatan: str, near: tuple[Line, ...], day: date):
    if near:
        return lines.candidates(near, report.street)
    if network != "road" or not report.street:
        return (None,)
    roads = snap.roads_named(report.street, kecamatan, on=day)
    named = [_line(network, road, snap, None) for road in roads]
    owners: dict[str, Line] = {}
    for line in named:
        owners.setdefault(line.owner_code, line)
    return tuple(owners.values()) or (None,)


def _line(kind: str, hit: Any, snap: Any, distance_m: float | None) -> Line:
    """A line on the map, or (without distance) a road that is known by its name alone."""
    owner = snap.departments.get(hit.owner_code) if hit.owner_code else None
    return Line(
        kind=kind,
        code=hit.code,
        name=hit.name,
        line_class=getattr(hit, "line_class", "street"),
        owner=party(owner) if owner else None,
        distance_m=distance_m,
        accuracy_m=getattr(hit, "accuracy_m", 0.0),
        basis=hit.owner_basis,
    )


_known: tuple[Any, dict[str, Party]] = (None, {})


def _subdistrict(snap: Any, kecamatan: str) -> Party | None:
    """The sub-district office of a kecamatan; looked up once per picture of the city."""
    global _known
    if _known[0] is not snap:
        offices = (
            item for item in snap.departments.values() if item.kind == "subdistrict" and item.area_code
        )
        _known = snap, {item.area_code: party(item) for item in offices}
    return _known[1].get(kecamatan)


def _labels(category: Any, answers: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """How each answer reads: "question: answer" in Indonesian and English."""
    labels = {}
    for question in category.questions:
        if question.code not in answers:
            continue
        value = answers[question.code]
        choice = next((choice for choice in question.choices if choice.value == value), None)
        if choice:
            label, label_en = choice.label, choice.label_en or choice.label
        else:
            label, label_en = _YES_NO.get(str(value), (str(value), str(value)))
        labels[question.code] = (f"{question.text} {label}", f"{question.text_en} {label_en}")
    return labels
