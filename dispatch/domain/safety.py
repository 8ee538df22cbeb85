"""What a crew is reminded of before it starts, by what was reported. Reminders, not a substitute for the
office's own rules of work; the words stand in `dispatch.work_order_words`."""

from collections.abc import Mapping
from typing import Any

TRAFFIC = "traffic"  # work on or beside a road
WATER = "water"  # unseen holes, current
ELECTRICITY = "electricity"
HEIGHT = "height"
HOLLOW = "hollow"  # the ground may give way
TREE = "tree"
MANHOLE = "manhole"  # gas and lack of air below
ANIMAL = "animal"
EMERGENCY = "emergency"
NIGHT = "night"
NOTES = (EMERGENCY, ELECTRICITY, WATER, HOLLOW, MANHOLE, TREE, HEIGHT, ANIMAL, TRAFFIC, NIGHT)

_BY_KIND: dict[str, frozenset[str]] = {
    "jalan-ambles": frozenset({HOLLOW}),
    "jalan-galian": frozenset({HOLLOW}),
    "jalan-jembatan": frozenset({HOLLOW}),
    "jalan-manhole": frozenset({MANHOLE}),
    "banjir-saluran": frozenset({MANHOLE}),
    "banjir-pompa": frozenset({ELECTRICITY}),
    "banjir-tanggul": frozenset({HOLLOW}),
    "lain-pju": frozenset({ELECTRICITY, HEIGHT, TRAFFIC}),
    "lain-lalin": frozenset({ELECTRICITY, HEIGHT, TRAFFIC}),
    "lain-kabel": frozenset({ELECTRICITY, HEIGHT, TRAFFIC}),
    "lain-pohon": frozenset({TREE, HEIGHT, TRAFFIC}),
    "lain-hewan": frozenset({ANIMAL}),
}
_BY_GROUP: dict[str, frozenset[str]] = {"jalan": frozenset({TRAFFIC}), "banjir": frozenset({WATER})}
YES = "yes"
# Answers that say more than the kind: question → value → notes.
_BY_ANSWER: dict[str, dict[str, frozenset[str]]] = {
    "live_electricity": {YES: frozenset({ELECTRICITY})},
    "night_under_water": {YES: frozenset({WATER, NIGHT})},
    "growing": {YES: frozenset({HOLLOW})},
    "attacked": {YES: frozenset({ANIMAL})},
}
_DANGER_TO_LIFE = 5


def notes(kind: str, group: str, severity: int, answers: Mapping[str, Any]) -> list[str]:
    """The reminders for a report, in the order in which they matter; a kind nobody thought of has its
    group's.
    """
    found = set(_BY_KIND.get(kind, frozenset()) | _BY_GROUP.get(group, frozenset()))
    for question, by_value in _BY_ANSWER.items():
        value = answers.get(question)
        value = YES if value is True else value
        if isinstance(value, str):
            found |= by_value.get(value, frozenset())
    if severity >= _DANGER_TO_LIFE:
        found.add(EMERGENCY)
    return [note for note in NOTES if note in found]
