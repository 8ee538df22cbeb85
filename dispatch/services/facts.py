"""Collecting a report's facts from the city's snapshot, for the pure routing rules."""

from typing import Any

from dispatch.domain import lines
from dispatch.domain.facts import Facts, Line, Party

# No line's drawing is off by more than this, so nothing farther away can be meant.
LOOK_WITHIN_M = 200.0
# How yes-or-no questions read in a reason.
_YES_NO = {"yes": ("ya", "yes"), "no": ("tidak", "no")}


def gather(report: Any, snap: Any) -> Facts:
    """The facts of a report (complaints.models.Report, or anything with its fields) on today's map.

    A place named without a map is vague: its point is the kelurahan's centre, which says nothing about
    the nearest road; only a road that the reporter named counts.
    """
    category = snap.categories_by_id[report.category_id]
    area = snap.areas_by_id[report.area_id]
    kecamatan = snap.areas.get(area.parent_code) or area
    near = _nearby(report, snap, category.network)
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
        candidates=_candidates(report, snap, category.network, kecamatan.code, near),
        nearby=near,
        subdistrict=_subdistrict(snap, kecamatan.code),
        is_vague=report.place_source == "area",
    )


def party(department: Any) -> Party:
    """A department, as a row or as the snapshot knows it."""
    return Party(department.code, department.name, department.name_en, department.is_external)


def _nearby(report: Any, snap: Any, network: str) -> tuple[Line, ...]:
    if not network or report.place_source == "area":
        return ()
    hits = snap.lines_near(network, report.latitude, report.longitude, LOOK_WITHIN_M)
    found = [_line(network, hit, snap, hit.distance_m) for hit in hits]
    return lines.within_tolerance(found, report.accuracy_m if report.place_source == "device" else None)


def _candidates(report: Any, snap: Any, network: str, kecamatan: str, near: tuple[Line, ...]):
    if near:
        return lines.candidates(near, report.street)
    if network != "road" or not report.street:
        return (None,)
    named = [_line(network, road, snap, None) for road in snap.roads_named(report.street, kecamatan)]
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


def _subdistrict(snap: Any, kecamatan: str) -> Party | None:
    for department in snap.departments.values():
        if department.kind == "subdistrict" and department.area_code == kecamatan:
            return party(department)
    return None


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
