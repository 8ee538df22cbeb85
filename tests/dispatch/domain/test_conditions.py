"""Conditions on words, times, names and channels, and what rules adjust. No database."""

from dataclasses import replace
from datetime import datetime

import pytest

from dispatch.domain import phrases, times
from dispatch.domain.facts import When
from dispatch.domain.routing import ADJUST, decide
from tests.conftest import WIB
from tests.dispatch.domain.test_routing import DISHUB, DPU, FACTS, GROUP, line, rule

TUESDAY = When(datetime(2026, 9, 15, 9, 0, tzinfo=WIB), {"kantor": True}, False, ())
EVENING = When(datetime(2026, 9, 15, 18, 0, tzinfo=WIB), {"kantor": False}, False, ())


def at(*when, **changes) -> When:
    return When(datetime(*when, tzinfo=WIB), **({"offices": {"kantor": False}} | changes))


@pytest.mark.parametrize(
    ("text", "phrase", "is_found"),
    [
        ("Trotoar dipakai PARKIR!", "parkir", True),
        ("Got-nya  MAMPÉT", "got nya mampet", True),
        ("perparkiran", "parkir", False),
        ("dipakai buat parkir", "dipakai parkir", False),
        ("kaki lima", "pedagang kaki lima", False),
        ("pedagang\nkaki-lima", "pedagang kaki lima", True),
        ("apa saja", "!!!", False),
        ("", "parkir", False),
    ],
)
def test_phrases_are_found_as_whole_words(text, phrase, is_found):
    assert phrases.contains(text, phrase) is is_found


@pytest.mark.parametrize(
    ("window", "when", "holds"),
    [
        ({"hours": ["18:00-05:30"]}, at(2026, 9, 15, 18, 0), True),
        ({"hours": ["18:00-05:30"]}, at(2026, 9, 15, 17, 59), False),
        ({"hours": ["18:00-05:30"]}, at(2026, 9, 16, 5, 29), True),
        ({"hours": ["18:00-05:30"]}, at(2026, 9, 16, 5, 30), False),
        ({"hours": ["06:00-07:00", "16:00-18:00"]}, at(2026, 9, 15, 17, 0), True),
        ({"hours": ["00:00-24:00"]}, at(2026, 9, 15, 23, 59), True),
        ({"weekdays": ["tuesday"]}, TUESDAY, True),
        ({"weekdays": ["saturday", "sunday"]}, TUESDAY, False),
        ({"months": [11, 12, 1, 2, 3]}, at(2027, 1, 1, 0, 0), True),
        ({"months": [11, 12, 1, 2, 3]}, TUESDAY, False),
        ({"from": "2026-09-15"}, TUESDAY, True),
        ({"from": "2026-09-16"}, TUESDAY, False),
        ({"until": "2026-09-15"}, at(2026, 9, 15, 23, 59), True),
        ({"until": "2026-09-14"}, TUESDAY, False),
        ({"open": "kantor"}, TUESDAY, True),
        ({"closed": "kantor"}, TUESDAY, False),
        ({"closed": "kantor"}, EVENING, True),
        ({"holiday": True}, replace(TUESDAY, is_holiday=True), True),
        ({"holiday": False}, replace(TUESDAY, is_holiday=True), False),
        ({"period": "ramadan"}, replace(TUESDAY, periods=("Ramadan 1447 H",)), True),
        ({"period": "Ramadan"}, TUESDAY, False),
        ({"weekdays": ["tuesday"], "hours": ["20:00-21:00"]}, TUESDAY, False),
    ],
)
def test_a_window_holds_if_all_its_parts_do(window, when, holds):
    assert times.holds(window, when) is holds
    night = rule("night", DISHUB, times=window)
    assert decide(replace(FACTS, when=when), [GROUP, night]).rule_code == "group"
    night = replace(night, categories=["jalan"])
    assert decide(replace(FACTS, when=when), [GROUP, night]).rule_code == ("night" if holds else "group")


@pytest.mark.parametrize(
    ("window", "fault"),
    [
        ([], "not_mapping"),
        ({"jam": ["18:00-19:00"]}, "unknown_key"),
        ({"hours": "18:00-19:00"}, "hours"),
        ({"hours": ["18-19"]}, "hours"),
        ({"hours": ["18:00-18:00"]}, "hours"),
        ({"weekdays": ["selasa"]}, "weekdays"),
        ({"weekdays": []}, "weekdays"),
        ({"months": [0]}, "months"),
        ({"months": [True]}, "months"),
        ({"from": "1 Sept"}, "date"),
        ({"from": "2026-09-02", "until": "2026-09-01"}, "order"),
        ({"holiday": "yes"}, "flag"),
        ({"period": " "}, "text"),
    ],
)
def test_what_cannot_be_read_is_named_and_fails_the_rule(window, fault):
    assert [found.fault for found in times.faults(window)] == [fault]
    broken = rule("broken", times=window or [1], categories=["jalan"])
    assert decide(replace(FACTS, when=TUESDAY), [GROUP, broken]).failed_rules == ("broken",)


def test_a_calendar_that_is_gone_fails_the_rule():
    gone = rule("gone", times={"open": "lama"})
    assert decide(replace(FACTS, when=TUESDAY), [GROUP, gone]).failed_rules == ("gone",)


def test_without_a_time_no_window_holds():
    assert decide(FACTS, [GROUP, rule("night", DISHUB, times={"months": [9]})]).rule_code == "group"


@pytest.mark.parametrize(
    ("finer", "facts"),
    [
        ({"text_words": ["parkir", "jualan"]}, replace(FACTS, text="dipakai jualan")),
        ({"text_words": ["parkir"]}, replace(FACTS, said=frozenset({"parkir"}))),
        ({"times": {"weekdays": ["tuesday"]}}, replace(FACTS, when=TUESDAY)),
        ({"channels": ["call"]}, replace(FACTS, channel="call")),
        ({"line_names": ["Jl. Kaligawe"]}, replace(FACTS, candidates=(line(),))),
    ],
)
def test_the_new_conditions_weigh_too(finer, facts):
    winner = rule("finer", DISHUB, order=900, categories=["jalan"], **finer)
    assert decide(facts, [GROUP, winner]).rule_code == "finer"


@pytest.mark.parametrize(
    "conditions",
    [
        {"text_words": ["parkir"]},
        {"channels": ["call"]},
        {"line_names": ["Jalan Lain"]},
    ],
)
def test_the_new_conditions_rule_out(conditions):
    facts = replace(FACTS, text="lubang", channel="web", candidates=(line(),))
    assert decide(facts, [rule("r", **conditions)]).triage_reason == "no_rule"


def test_an_answer_outweighs_a_word():
    word = rule("word", DISHUB, categories=["jalan"], text_words=["parkir"])
    answer = rule("answer", DPU, categories=["jalan"], answers={"ukuran": ["ember"]})
    assert decide(replace(FACTS, text="parkir"), [word, answer]).rule_code == "answer"


def test_the_words_that_decided_are_told_and_only_they_are_kept():
    word = rule("word", DISHUB, categories=["jalan"], text_words=["dipakai parkir", "parkir liar"])
    decision = decide(replace(FACTS, text="Budi bilang: dipakai parkir"), [GROUP, word])
    assert "Laporan menyebut “dipakai parkir”." in decision.reasons
    assert "The report says “dipakai parkir”." in decision.reasons_en
    assert decision.facts["phrases"] == ["dipakai parkir"]
    assert "Budi" not in str(decision.facts)


# --- What rules adjust ----------------------------------------------------------------------------------


def adjuster(code, **changes):
    return rule(code, None, outcome=ADJUST, **changes)


def test_a_rule_that_adjusts_never_says_who_is_responsible():
    only = adjuster("only", categories=["jalan-lubang"], severity_change="raise", severity_to=5, tags=["a"])
    decision = decide(FACTS, [only])
    assert (decision.triage_reason, decision.severity, decision.tags) == ("no_rule", 5, ("a",))
    decision = decide(FACTS, [GROUP, only])
    assert (decision.rule_code, decision.department, decision.adjusted_by) == ("group", DPU, ("only",))
    assert [runner["rule"] for runner in decision.runners_up] == []


def test_the_winner_and_all_adjusting_rules_have_a_say_and_losers_have_none():
    winner = rule("winner", categories=["jalan-lubang"], tags=["w"], asks_check=True)
    loser = rule("loser", DISHUB, categories=["jalan"], severity_change="raise", severity_to=5, tags=["l"])
    a, b = adjuster("a", tags=["t", "a"]), adjuster("b", tags=["t"])
    decision = decide(FACTS, [loser, winner, b, a])
    assert (decision.severity, decision.tags, decision.needs_check) == (3, ("a", "t", "w"), True)
    assert "Petugas diminta memeriksa dahulu sebelum menangani." in decision.reasons


def test_the_most_specific_sets_the_severity_and_what_raises_lifts_it():
    coarse = adjuster("coarse", severity_change="set", severity_to=2)
    fine = adjuster("fine", categories=["jalan"], severity_change="set", severity_to=1)
    lift = adjuster("lift", severity_change="raise", severity_to=4)
    assert decide(FACTS, [GROUP, coarse, fine]).severity == 1
    assert decide(FACTS, [GROUP, coarse, fine, lift]).severity == 4
    first = replace(coarse, code="first", order=1, severity_to=5)
    assert decide(FACTS, [GROUP, coarse, first]).severity == 5


def test_a_change_of_severity_is_told():
    lift = adjuster("lift", severity_change="raise", severity_to=5, reason="Ada bahaya.", reason_en="Danger.")
    decision = decide(FACTS, [GROUP, lift])
    assert decision.reasons[-3:-1] == ("Ada bahaya.", "Tingkat bahaya dinaikkan dari sedang menjadi darurat.")
    assert "The severity is raised from moderate to danger to life." in decision.reasons_en


def test_raising_to_less_than_it_is_changes_nothing():
    lift = adjuster("lift", severity_change="raise", severity_to=2)
    decision = decide(FACTS, [GROUP, lift])
    assert decision.severity == 3
    assert not any("Tingkat bahaya" in reason for reason in decision.reasons)


def test_between_two_lines_only_what_holds_for_both_adjusts():
    both = replace(FACTS, candidates=(line(), line(DPU, 20, "Jalan Lain", "tertiary")))
    owner = rule("owner", None, outcome="line_owner")
    one = adjuster("one", line_classes=["trunk"], tags=["one"])
    all_lines = adjuster("all", tags=["all"])
    decision = decide(both, [owner, one, all_lines])
    assert (decision.triage_reason, decision.tags) == ("ambiguous_line", ("all",))


@pytest.mark.parametrize(
    "broken",
    [
        {"severity_change": "raise"},
        {"severity_change": "raise", "severity_to": 6},
        {"severity_change": "up", "severity_to": 4},
        {"severity_change": "set", "severity_to": True},
        {"tags": "a"},
        {"tags": [1]},
        {"asks_check": "yes"},
        {"text_words": "parkir"},
        {"channels": [7]},
        {"line_names": {"a": 1}},
    ],
)
def test_a_broken_outcome_or_condition_fails_the_rule_by_name(broken):
    facts = replace(FACTS, text="parkir", candidates=(line(),))
    assert decide(facts, [GROUP, adjuster("broken", **broken)]).failed_rules == ("broken",)
