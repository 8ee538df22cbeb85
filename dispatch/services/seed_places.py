"""Places for load-test reports: where people live and along the city's roads and waters, routed for real."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from city.models import Road, Waterway
from city.snapshot import Located
from dispatch.domain import promise as promises
from dispatch.domain import routing
from dispatch.services import facts
from dispatch.services.bulk_rows import as_json
from dispatch.services.rules import RuleBook

# How often the groups are reported; within a group the kinds listed first are the common ones.
_GROUP_WEIGHTS = {"jalan": 45, "banjir": 20, "lain": 35}
_OTHER_WEIGHT = 10
_MAX_TRIES = 200


@dataclass(frozen=True, slots=True)
class Site:
    """A place with a problem, and what the routing says about it. Many reports share one."""

    category: Any
    answers: str  # JSON
    severity: int
    latitude: float
    longitude: float
    area_id: int
    street: str
    decision: routing.Decision
    department: Any  # DepartmentInfo | None
    level: promises.Level | None
    decision_row: dict[str, Any]  # what all its decisions have in common, JSON already written out
    event_data: str  # JSON


@dataclass(frozen=True, slots=True)
class _Said:
    """What the routing wants to know of a report."""

    category_id: int
    area_id: int
    severity: int
    answers: dict[str, str]
    latitude: float
    longitude: float
    street: str = ""
    place_source: str = "map"
    accuracy_m: float | None = None
    channel: str = "seed"
    description: str = ""
    created_at: datetime = datetime(2026, 9, 15, 2, tzinfo=UTC)  # routed once for many reports: a fixed hour


def make_sites(count: int, rng: Random, snap: Any, book: RuleBook) -> list[Site]:
    """`count` routed places, the same for the same random numbers and the same city."""
    points = _Points(rng, snap)
    kinds = [item for item in snap.categories.values() if item.parent_code]
    kinds.sort(key=lambda item: (item.parent_code, item.order, item.code))
    weights = _weights(kinds)
    return [_site(kind, rng, points, snap, book) for kind in rng.choices(kinds, weights, k=count)]


def _weights(kinds: list[Any]) -> list[float]:
    ranks: dict[str, int] = {}
    weights = []
    for kind in kinds:
        rank = ranks[kind.parent_code] = ranks.get(kind.parent_code, 0) + 1
        weights.append(_GROUP_WEIGHTS.get(kind.parent_code, _OTHER_WEIGHT) / rank)
    return weights


def _site(kind: Any, rng: Random, points: "_Points", snap: Any, book: RuleBook) -> Site:
    latitude, longitude, area_code = points.take(kind.network)
    answers, severity = _answers(kind, rng)
    area_id = snap.areas[area_code].id
    said = _Said(kind.id, area_id, severity, answers, latitude, longitude)
    decision = routing.decide(facts.gather(said, snap), book.rules)
    department = snap.departments[decision.department.code] if decision.department else None
    level = promises.level_for(book.levels, kind.code, (kind.parent_code,), decision.severity)
    return Site(
        kind,
        as_json(answers),
        decision.severity,
        latitude,
        longitude,
        area_id,
        points.street_at(latitude, longitude),
        decision,
        department,
        level,
        _decision_row(decision, department),
        as_json(
            {
                "to_department_id": department.id if department else None,
                "triage_reason": decision.triage_reason,
                "reasons": list(decision.reasons),
                "reasons_en": list(decision.reasons_en),
            }
        ),
    )


def _decision_row(decision: routing.Decision, department: Any) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "department_id": department.id if department else None,
        "rule_code": decision.rule_code,
        "rule_version": decision.rule_version,
        "triage_reason": decision.triage_reason,
        "facts": as_json(decision.facts),
        "runners_up": as_json(list(decision.runners_up)),
        "reasons": as_json(list(decision.reasons)),
        "reasons_en": as_json(list(decision.reasons_en)),
        "severity": decision.severity,
        "tags": as_json(list(decision.tags)),
        "needs_check": decision.needs_check,
    }


def _answers(kind: Any, rng: Random) -> tuple[dict[str, str], int]:
    """Answers to some of the questions; the first choices are the harmless ones and so the common ones."""
    answers, severity = {}, kind.severity
    for question in kind.questions:
        if not question.choices or not (question.is_required or rng.random() < 0.6):
            continue
        choice = question.choices[min(int(rng.expovariate(0.9)), len(question.choices) - 1)]
        answers[question.code] = choice.value
        severity = max(severity, choice.severity or 0)
    return answers, severity


class _Points:
    """Random points: for kinds that look at roads or waters beside one, else where people live."""

    def __init__(self, rng: Random, snap: Any):
        self._rng, self._snap = rng, snap
        self._kelurahan = [area for area in snap.areas.values() if area.level == "kelurahan"]
        self._kelurahan.sort(key=lambda area: area.code)
        self._people = [_population(area, snap, self._kelurahan) for area in self._kelurahan]
        self._lines = {"road": _vertices(Road), "water": _vertices(Waterway)}
        self._streets = list(Road.objects.exclude(name="").order_by("code").values_list("name", flat=True))

    def take(self, network: str) -> tuple[float, float, str]:
        """Latitude, longitude and kelurahan of a point in the city."""
        for _try in range(_MAX_TRIES):
            latitude, longitude = self._beside(network) if self._wants_line(network) else self._at_home()
            located = self._snap.locate(latitude, longitude)
            if isinstance(located, Located):
                return round(latitude, 6), round(longitude, 6), located.area_code
        area = self._kelurahan[0]
        return area.centre_latitude, area.centre_longitude, area.code

    def street_at(self, latitude: float, longitude: float) -> str:
        """Some street of the city, always the same for a place: for the search, not for the map."""
        if not self._streets:
            return ""
        return self._streets[round(abs(latitude + longitude) * 1_000_000) % len(self._streets)]

    def _wants_line(self, network: str) -> bool:
        return bool(self._lines.get(network)) and self._rng.random() < 0.5

    def _beside(self, network: str) -> tuple[float, float]:
        longitude, latitude = self._rng.choice(self._lines[network])
        return latitude + self._rng.gauss(0, 0.00015), longitude + self._rng.gauss(0, 0.00015)

    def _at_home(self) -> tuple[float, float]:
        west, south, east, north = self._rng.choices(self._kelurahan, self._people)[0].bbox
        return self._rng.uniform(south, north), self._rng.uniform(west, east)


def _population(area: Any, snap: Any, kelurahan: list[Any]) -> float:
    """Its own, or an equal part of its kecamatan's, or one."""
    if area.population:
        return area.population
    parent = snap.areas.get(area.parent_code)
    if parent is None or not parent.population:
        return 1.0
    return parent.population / sum(item.parent_code == parent.code for item in kelurahan)


def _vertices(model: Any) -> list[tuple[float, float]]:
    """All corners of the lines (longitude, latitude): long, winding lines count more."""
    corners = []
    for geometry in model.objects.exclude(geometry=None).order_by("code").values_list("geometry", flat=True):
        if geometry["type"] == "LineString":
            corners += [tuple(corner[:2]) for corner in geometry["coordinates"]]
        else:
            corners += [tuple(corner[:2]) for line in geometry["coordinates"] for corner in line]
    return corners
