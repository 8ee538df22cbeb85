"""What the routing looks at, as plain values: the same facts always lead to the same decision.

`as_json` keeps all that a replay needs, and `from_json` reads it back. The reporter's own text is not among
it: only the phrases of the rules that were found in it, so that a text can still be erased.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dispatch.domain import phrases

UNKNOWN = "unknown"  # a line is there, and nobody has yet said whose it is
NO_LINE = "none"  # nothing on the map within tolerance


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who can be responsible."""

    code: str
    name: str
    name_en: str = ""
    is_external: bool = False


# From a department's code, and whether it was outside the city, to what it is called.
PartyOf = Callable[[str, bool | None], Party]


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
            "external": bool(self.owner and self.owner.is_external),
            "basis": self.basis,
            "distance_m": None if self.distance_m is None else round(self.distance_m, 1),
            "accuracy_m": self.accuracy_m,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], party_of: PartyOf) -> "Line":
        owner = data["owner"]
        return cls(
            kind=data["kind"],
            code=data["code"],
            name=data["name"],
            line_class=data["class"],
            owner=None if owner == UNKNOWN else party_of(owner, data.get("external")),
            distance_m=data["distance_m"],
            accuracy_m=data["accuracy_m"],
            basis=data.get("basis", ""),
        )


@dataclass(frozen=True, slots=True)
class When:
    """When the report came, by the city's clock (`at` is local and aware).

    `offices`: calendar code → whether that office was at work. `periods`: what the city's calendar calls
    the days then, like "Ramadan 1447 H".
    """

    at: datetime
    offices: Mapping[str, bool] = field(default_factory=dict)
    is_holiday: bool = False
    periods: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(timespec="minutes"),
            "offices": dict(self.offices),
            "holiday": self.is_holiday,
            "periods": list(self.periods),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "When":
        at = datetime.fromisoformat(data["at"])
        return cls(at, dict(data["offices"]), data["holiday"], tuple(data["periods"]))


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
    nearest: tuple[Line, ...] = ()  # the nearest road and the nearest waterway, whatever the category
    subdistrict: Party | None = None
    is_vague: bool = False  # a kelurahan without a point on the map
    when: When | None = None  # None: from before the time counted
    channel: str = ""
    text: str = ""  # what the reporter wrote
    said: frozenset[str] = frozenset()  # phrases known to be in a text that is no longer at hand

    def says(self, phrase: str) -> bool:
        """Whether the reporter wrote this."""
        return phrase in self.said or (bool(self.text) and phrases.contains(self.text, phrase))

    def as_json(self) -> dict[str, Any]:
        """Everything but the text; `decide` adds the phrases that it looked for and found."""
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
            "nearest": [line.as_json() for line in self.nearest],
            "subdistrict": self.subdistrict.code if self.subdistrict else None,
            "when": self.when.as_json() if self.when else None,
            "channel": self.channel,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], party_of: PartyOf, text: str = "") -> "Facts":
        """The facts of a decision. Raises KeyError, TypeError or ValueError for what is no such record."""
        subdistrict = data["subdistrict"]
        return cls(
            category=data["category"],
            severity=data["severity"],
            area=data["area"],
            kecamatan=data["kecamatan"],
            ancestors=tuple(data["category_groups"]),
            answers=data["answers"],
            network=data["network"],
            candidates=tuple(Line.from_json(item, party_of) if item else None for item in data["candidates"]),
            nearby=(),  # for the record only, as is `nearest`: no rule looks at them
            subdistrict=party_of(subdistrict, False) if subdistrict else None,
            is_vague=data["is_vague"],
            when=When.from_json(data["when"]) if data.get("when") else None,
            channel=data.get("channel", ""),
            text=text,
            said=frozenset(data.get("phrases", ())),
        )
