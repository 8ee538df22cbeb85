"""What must hold for any rules and any report: invented by hypothesis, not by us."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.conditions import OUTCOMES, weigh
from dispatch.domain.facts import Facts, When
from dispatch.domain.routing import ADJUST, Rule, decide
from tests.conftest import WIB
from tests.dispatch.domain.test_routing import BBPJN, DISHUB, DPU, FACTS, KEC, line

PARTIES = {party.code: party for party in (DPU, DISHUB, BBPJN, KEC)}
LINES = (line(), line(DPU, 20.0, "Jalan Pemuda", "tertiary"), line(None, 14.0, "Jalan Merak", "primary"))

facts = st.builds(
    replace,
    st.just(FACTS),
    severity=st.integers(1, 5),
    answers=st.dictionaries(st.sampled_from(["ukuran", "lajur"]), st.sampled_from(["ember", "kiri"])),
    candidates=st.lists(st.sampled_from([*LINES, None]), min_size=1, max_size=3, unique=True).map(tuple),
    channel=st.sampled_from(["web", "call"]),
    text=st.sampled_from(["", "dipakai parkir", "Gelap, banyak yang jatuh"]),
    when=st.one_of(
        st.none(),
        st.builds(
            When,
            st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=WIB)),
            st.just({"kantor": True}),
            st.booleans(),
        ),
    ),
    subdistrict=st.sampled_from([KEC, None]),
)


def some(*values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


CONDITIONS = {
    "categories": some("jalan", "jalan-lubang", "banjir"),
    "areas": some("33.74.01", "33.74.01.1001", "33.74.02"),
    "line_owners": some("BBPJN", "DPU", "unknown", "none"),
    "line_classes": some("trunk", "tertiary"),
    "line_names": some("Jl. Kaligawe", "Jalan Pemuda"),
    "answers": st.dictionaries(
        st.sampled_from(["ukuran", "lajur"]), st.lists(st.sampled_from(["ember", "kiri"]), min_size=1)
    ),
    "text_words": some("parkir", "gelap", "banjir"),
    "times": st.sampled_from([{}, {"hours": ["18:00-05:30"]}, {"months": [11, 12, 1]}, {"open": "kantor"}]),
    "channels": some("web", "call"),
    "min_severity": st.sampled_from([None, 1, 3, 5]),
}
rules = st.builds(
    Rule,
    code=st.just(""),
    outcome=st.sampled_from(sorted(OUTCOMES)),
    department=st.sampled_from(list(PARTIES.values())),
    order=st.integers(1, 3),
    severity_change=st.just(""),
    tags=some("a", "b"),
    asks_check=st.booleans(),
    reason=st.just("karena"),
    **CONDITIONS,
)


def tables(strategy=rules, most=6):
    """Lists of rules with codes of their own."""
    named = st.lists(strategy, max_size=most)
    return named.map(lambda items: [replace(rule, code=f"r{n}") for n, rule in enumerate(items)])


@given(facts, tables(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_the_order_of_rules_does_not_matter(found, table, random):
    shuffled = list(table)
    random.shuffle(shuffled)
    assert decide(found, shuffled) == decide(found, table)


@given(facts, rules, st.sampled_from(sorted(CONDITIONS)), st.data())
@settings(max_examples=300, deadline=None)
def test_one_more_condition_that_holds_never_makes_a_rule_lose_to_itself(found, rule, name, data):
    empty = {} if name in ("answers", "times") else None if name == "min_severity" else []
    wide = replace(rule, code="wide", outcome="department", department=DPU, **{name: empty})
    narrow = replace(wide, code="narrow", department=DISHUB, order=900, **{name: data.draw(CONDITIONS[name])})
    for line_ in found.candidates:
        with_it, without_it = weigh(narrow, found, line_), weigh(wide, found, line_)
        if with_it is None or getattr(narrow, name) == empty:
            continue
        assert without_it is not None
        assert with_it > without_it
        one = replace(found, candidates=(line_,))
        assert decide(one, [wide, narrow]).rule_code == "narrow"


@given(facts, tables())
@settings(max_examples=200, deadline=None)
def test_a_replay_of_the_recorded_facts_gives_the_same_answer(found, table):
    first = decide(found, table)
    again = decide(Facts.from_json(first.facts, lambda code, _external: PARTIES[code]), table)
    for name in ("outcome", "department", "rule_code", "triage_reason", "severity", "tags", "needs_check"):
        assert getattr(again, name) == getattr(first, name)
    assert [item["rule"] for item in again.runners_up] == [item["rule"] for item in first.runners_up]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FREE = (*CONDITIONS, "severity_change", "severity_to", "tags", "asks_check")


@given(facts, st.dictionaries(st.sampled_from(FREE), anything, max_size=4))
@settings(max_examples=400, deadline=None)
def test_no_json_in_a_rule_ever_raises(found, broken):
    rule = replace(Rule("broken", "department", DPU), **broken)
    decision = decide(found, [rule, Rule("sound", "department", DISHUB)])
    assert decision.outcome in ("assigned", "triage")
    assert decision.triage_reason in ("", "rule_failed", "tie", "ambiguous_line")
    if decision.triage_reason == "rule_failed":
        assert decision.failed_rules == ("broken",)


@given(
    facts,
    tables(rules.map(lambda rule: replace(rule, outcome=ADJUST, severity_change="raise", severity_to=4))),
)
@settings(max_examples=100, deadline=None)
def test_raising_never_lowers(found, table):
    assert decide(found, table).severity >= found.severity


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_facts_survive_json(outcome):
    found = replace(FACTS, candidates=(*LINES, None), when=When(datetime(2026, 9, 15, 9, tzinfo=WIB)))
    said = decide(found, [Rule("r", outcome, DPU)]).facts
    again = Facts.from_json(said, lambda code, _external: PARTIES[code])
    assert again.as_json() == {**found.as_json(), "nearby": [], "nearest": []}
