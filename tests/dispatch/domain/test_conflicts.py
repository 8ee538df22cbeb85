"""What a routing table tells before any report comes: ties, rules that never win."""

import pytest

from dispatch.domain import conflicts

EMPTY = {
    **dict.fromkeys(("areas", "line_owners", "line_classes", "line_names", "text_words", "channels"), ()),
    "answers": {},
    "times": {},
    "min_severity": None,
    "order": 100,
    "outcome": "department",
    "department": "DPU",
    "categories": ["k"],
}


def rule(code, **changes):
    return EMPTY | {"code": code} | changes


@pytest.mark.parametrize(
    ("narrow", "wide", "is_shadowed"),
    [
        # the same conditions, a lower order
        ({}, {"order": 1}, True),
        ({}, {"order": 100}, False),
        # a kind's own rule against its group's
        ({"categories": ["g"]}, {}, True),
        ({"categories": ["g"], "min_severity": 4, "line_owners": ["A"]}, {}, True),
        ({"categories": ["g"], "answers": {"q": ["a"], "r": ["b"]}}, {}, False),
        # a list that contains the other
        ({"line_owners": ["A"]}, {"line_owners": ["A", "B"], "order": 1}, True),
        ({"line_owners": ["A", "C"]}, {"line_owners": ["A", "B"], "order": 1}, False),
        ({"areas": ["33.74.01"]}, {"areas": ["33.74.01", "33.74.02"], "order": 1}, True),
        ({"areas": ["33.74.01.1001"]}, {"areas": ["33.74.01"], "order": 1}, False),
        ({"answers": {"q": ["a"]}}, {"answers": {"q": ["a", "b"]}, "order": 1}, True),
        ({"answers": {"q": ["a", "c"]}}, {"answers": {"q": ["a", "b"]}, "order": 1}, False),
        ({"text_words": ["parkir liar"]}, {"text_words": ["parkir"], "order": 1}, True),
        ({"text_words": ["parkir"]}, {"text_words": ["parkir liar"], "order": 1}, False),
        ({"line_names": ["Jl. Kaligawe"]}, {"line_names": ["Jalan Kaligawe"], "order": 1}, True),
        ({"times": {"months": [1]}}, {"times": {"months": [1]}, "order": 1}, True),
        ({"times": {"months": [1]}}, {"times": {"months": [2]}, "order": 1}, False),
        ({"min_severity": 4}, {"min_severity": 3, "order": 1}, True),
        ({"min_severity": 3}, {"min_severity": 4, "order": 1}, False),
        # a rule that needs a line implies one only where the other needs it too
        ({}, {"outcome": "line_owner", "order": 1}, False),
        ({"line_classes": ["x"]}, {"outcome": "line_owner", "line_classes": ["x"], "order": 1}, True),
        ({"line_owners": ["none"]}, {"outcome": "line_owner", "line_owners": ["none"], "order": 1}, False),
        # what only adjusts competes with nobody
        ({}, {"outcome": "adjust", "order": 1}, False),
    ],
)
def test_a_rule_that_never_wins(narrow, wide, is_shadowed):
    found = conflicts.shadowed_by(rule("n", **narrow), [rule("n", **narrow), rule("w", **wide)], "k", "g")
    assert found == ("w" if is_shadowed else None)


@pytest.mark.parametrize(
    ("a", "b", "can_tie"),
    [
        ({}, {}, True),
        ({}, {"order": 99}, False),
        ({}, {"department": "DPU"}, False),
        ({"text_words": ["x"]}, {"text_words": ["y"]}, True),
        ({"text_words": ["x"]}, {"times": {"months": [1]}}, True),
        ({"channels": ["web"]}, {"channels": ["call"]}, False),
        ({"line_names": ["Jalan A"]}, {"line_names": ["Jalan B"]}, False),
        ({"times": {"months": [1]}}, {"times": {"months": [2]}}, False),
        ({"times": {"weekdays": ["monday"]}}, {"times": {"weekdays": ["monday", "friday"]}}, True),
        ({"times": {"hours": ["18:00-05:00"]}}, {"times": {"hours": ["05:00-18:00"]}}, False),
        ({"times": {"hours": ["18:00-05:01"]}}, {"times": {"hours": ["05:00-18:00"]}}, True),
        ({"times": {"open": "o"}}, {"times": {"closed": "o"}}, False),
        ({"times": {"holiday": True}}, {"times": {"holiday": False}}, False),
        ({"times": {"until": "2026-01-31"}}, {"times": {"from": "2026-02-01"}}, False),
        ({"outcome": "adjust"}, {}, False),
    ],
)
def test_rules_that_can_tie(a, b, can_tie):
    b = {"department": "DISHUB"} | b
    assert bool(list(conflicts.possible_ties([rule("a", **a), rule("b", **b)], "k", "g"))) is can_tie


@pytest.mark.parametrize(
    ("changes", "always"),
    [
        ({}, True),
        ({"categories": []}, True),
        ({"categories": ["other"]}, False),
        ({"text_words": ["x"]}, False),
        ({"times": {"months": [1]}}, False),
        ({"channels": ["web"]}, False),
        ({"outcome": "line_owner"}, False),
        ({"outcome": "adjust"}, False),
        ({"outcome": "triage", "department": None}, True),
    ],
)
def test_what_always_holds(changes, always):
    assert conflicts.always_holds(rule("r", **changes), "k", "g") is always
