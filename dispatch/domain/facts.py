"""What the routing looks at, as plain values: the same facts always lead to the same decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "unknown"  # a line is there, and nobody has yet said whose it is
NO_LINE = "none"  # nothing on the map within tolerance


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who can be responsible."""

    code: str
    name: str
    name_en: str = ""
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of road or water near the place. `distance_m` is None when only its name was given."""

    kind: str  # road | water
    code: str
    name: str
    line_class: str
    owner: Party | None
    distance_m: float | None
    accuracy_m: float
    basis: str = ""

    @property
    def owner_code(self) -> str:
        return self.owner.code if self.owner else UNKNOWN

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "code": self.code,
            "name": self.name,
            "class": self.line_class,
            "owner": self.owner_code,
            "basis": self.basis,
            "distance_m": None if self.distance_m is None else round(self.distance_m, 1),
            "accuracy_m": self.accuracy_m,
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """One report's facts.

    `candidates` are the lines the place may belong to: one in the clear case, several when the map cannot
    tell them apart, with None among them when it may be none of those we know. Empty never: no line is
    `(None,)`. `labels` maps an answered question to how question and answer read in both languages.
    """

    category: str
    severity: int
    area: str
    kecamatan: str
    ancestors: tuple[str, ...] = ()
    category_name: str = ""
    category_name_en: str = ""
    area_name: str = ""
    kecamatan_name: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    network: str = ""  # road | water: what the category looks at
    candidates: tuple[Line | None, ...] = (None,)
    nearby: tuple[Line, ...] = ()  # everything within tolerance, for the record
    subdistrict: Party | None = None
    is_vague: bool = False  # a kelurahan without a point on the map

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "category_groups": list(self.ancestors),
            "severity": self.severity,
            "answers": dict(self.answers),
            "area": self.area,
            "kecamatan": self.kecamatan,
            "network": self.network,
            "is_vague": self.is_vague,
            "candidates": [line.as_json() if line else None for line in self.candidates],
            "nearby": [line.as_json() for line in self.nearby],
            "subdistrict": self.subdistrict.code if self.subdistrict else None,
        }
