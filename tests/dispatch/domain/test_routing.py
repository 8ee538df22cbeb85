"""The routing rules as rules: specificity, ties, failures, ambiguity. No database."""

from dataclasses import replace

import pytest

from dispatch.domain import routing
from dispatch.domain.facts import Facts, Line, Party
from dispatch.domain.routing import Rule, decide

DPU = Party("DPU", "Dinas Pekerjaan Umum", "Public Works")
DISHUB = Party("DISHUB", "Dinas Perhubungan", "Transport")
BBPJN = Party("BBPJN", "BBPJN Jateng–DIY", "National Roads Agency", is_external=True)
KEC = Party("KEC-33.74.01", "Kecamatan Semarang Tengah")


def line(owner=BBPJN, distance_m=12.0, name="Jalan Kaligawe", line_class="trunk"):
    return Line("road", f"r-{name}", name, line_class, owner, distance_m, 30.0)


FACTS = Facts(
    category="jalan-lubang",
    ancestors=("jalan",),
    severity=3,
    area="33.74.01.1001",
    kecamatan="33.74.01",
    area_name="Sekayu",
    kecamatan_name="Semarang Tengah",
    answers={"ukuran": "ember"},
    labels={"ukuran": ("Ukurannya? ember", "Size? bucket")},
    network="road",
    subdistrict=KEC,
)


def rule(code, department=DPU, **changes):
    return Rule(**{"code": code, "outcome": "department", "department": department, "reason": code} | changes)


GROUP = rule("group", categories=["jalan"])


@pytest.mark.parametrize(
    ("finer", "facts"),
    [
        ({"categories": ["jalan-lubang"]}, FACTS),
        ({"categories": ["jalan"], "areas": ["33.74.01"]}, FACTS),
        ({"categories": ["jalan"], "areas": ["33.74.01.1001"]}, FACTS),
        ({"categories": ["jalan"], "answers": {"ukuran": ["ember", "drum"]}}, FACTS),
        ({"categories": ["jalan"], "line_owners": ["BBPJN"]}, replace(FACTS, candidates=(line(),))),
        ({"categories": ["jalan"], "line_classes": ["trunk"]}, replace(FACTS, candidates=(line(),))),
        ({"categories": ["jalan"], "line_owners": ["none"]}, FACTS),
        ({"categories": ["jalan"], "min_severity": 3}, FACTS),
    ],
)
def test_a_finer_rule_beats_its_group_whatever_their_order(finer, facts):
    winner = rule("finer", DISHUB, order=900, **finer)
    decision = decide(facts, [GROUP, winner])
    assert (decision.rule_code, decision.department) == ("finer", DISHUB)
    assert [loser["rule"] for loser in decision.runners_up] == ["group"]


@pytest.mark.parametrize(
    "conditions",
    [
        {"categories": ["banjir"]},
        {"areas": ["33.74.02"]},
        {"answers": {"ukuran": ["piring"]}},
        {"answers": {"lain": ["x"]}},
        {"line_owners": ["BBPJN"]},
        {"line_classes": ["trunk"]},
        {"min_severity": 4},
        {"outcome": "line_owner", "department": None},
    ],
)
def test_one_condition_that_fails_rules_a_rule_out(conditions):
    decision = decide(FACTS, [rule("r", **conditions)])
    assert (decision.outcome, decision.triage_reason) == ("triage", "no_rule")


def test_kelurahan_outweighs_kecamatan():
    coarse = rule("coarse", areas=["33.74.01"], order=1)
    assert decide(FACTS, [coarse, rule("fine", DISHUB, areas=["33.74.01.1001"])]).rule_code == "fine"


def test_order_settles_equal_specificity():
    decision = decide(FACTS, [rule("later", DISHUB, order=20), rule("first", DPU, order=10)])
    assert decision.rule_code == "first"
    assert decision.runners_up[0]["why"] == "Sama khusus (0 angka), tetapi urutannya 20, pemenang 10."


def test_a_tie_goes_to_triage_and_names_both_rules():
    decision = decide(FACTS, [rule("b", DISHUB), rule("a", DPU)])
    assert (decision.outcome, decision.triage_reason, decision.rule_code) == ("triage", "tie", "")
    assert decision.reasons[-1] == "Dua aturan sama kuat: a, b. Petugas akan memutuskan."
    assert {runner["rule"] for runner in decision.runners_up} == {"a", "b"}


def test_a_tie_that_makes_no_difference_is_no_tie():
    assert decide(FACTS, [rule("b"), rule("a")]).rule_code == "a"


@pytest.mark.parametrize(
    "broken",
    [
        {"categories": "jalan"},
        {"areas": [33]},
        {"answers": ["ukuran"]},
        {"answers": {"ukuran": "ember"}},
        {"answers": {"ukuran": None}, "line_owners": 7},
        {"min_severity": "3"},
        {"outcome": "somewhere"},
        {"department": None},
    ],
)
def test_a_broken_rule_is_named_and_the_report_goes_to_triage(broken):
    decision = decide(FACTS, [GROUP, rule("broken", **broken)])
    assert (decision.outcome, decision.triage_reason) == ("triage", "rule_failed")
    assert decision.failed_rules == ("broken",)
    assert "broken" in decision.reasons[-1]


def test_a_broken_rule_about_other_kinds_hurts_nobody():
    decision = decide(FACTS, [GROUP, rule("broken", categories=["lain"], answers=[])])
    assert decision.rule_code == "group"


def test_the_line_owner_gets_it_and_an_outside_owner_means_referred():
    owner = rule("owner", None, outcome="line_owner", categories=["jalan"])
    decision = decide(replace(FACTS, candidates=(line(),)), [owner])
    assert (decision.outcome, decision.department) == ("referred", BBPJN)
    assert decision.reasons == (
        "Titik ini berada di Kelurahan Sekayu, Kecamatan Semarang Tengah.",
        "Titik ini 12 m dari Jalan Kaligawe; pemiliknya BBPJN Jateng–DIY.",
        "owner",
        "Karena itu laporan ini dirujuk ke BBPJN Jateng–DIY, di luar kewenangan kota, dan tetap terbuka "
        "sampai tuntas.",
    )
    assert decision.reasons_en[1] == (
        "This place is 12 m from Jalan Kaligawe; it belongs to National Roads Agency."
    )


@pytest.mark.parametrize(
    ("where", "sentence", "sentence_en"),
    [
        (
            line(distance_m=1.2),
            "Titik ini berada di Jalan Kaligawe; pemiliknya BBPJN Jateng–DIY.",
            "This place lies on Jalan Kaligawe; it belongs to National Roads Agency.",
        ),
        (
            line(distance_m=None),
            "Pelapor menyebut Jalan Kaligawe; pemiliknya BBPJN Jateng–DIY.",
            "The reporter named Jalan Kaligawe; it belongs to National Roads Agency.",
        ),
        (
            line(owner=None, name="", distance_m=29.6),
            "Titik ini 30 m dari jalan tanpa nama; pemiliknya belum diketahui.",
            "This place is 30 m from a road without a name; its owner is not known yet.",
        ),
        (
            None,
            "Tidak ada jalan besar yang pemiliknya tercatat di dekat titik ini.",
            "No main road with a recorded owner lies near this place.",
        ),
    ],
)
def test_where_it_lies_is_said_so_that_a_citizen_understands(where, sentence, sentence_en):
    decision = decide(replace(FACTS, candidates=(where,)), [GROUP])
    assert decision.reasons[1] == sentence
    assert decision.reasons_en[1] == sentence_en


def test_an_unknown_owner_is_a_value_rules_can_name():
    unknown = replace(FACTS, candidates=(line(owner=None),))
    owner = rule("owner", None, outcome="line_owner", categories=["jalan"])
    assert decide(unknown, [owner]).triage_reason == "unknown_owner"
    named = rule("unknown", DPU, categories=["jalan"], line_owners=["unknown"])
    assert decide(unknown, [owner, named]).rule_code == "unknown"


def test_subdistrict_outcome():
    small = rule("small", None, outcome="subdistrict")
    assert decide(FACTS, [small]).department == KEC
    assert decide(replace(FACTS, subdistrict=None), [small]).triage_reason == "no_subdistrict"


def test_a_rule_may_ask_for_a_person():
    decision = decide(FACTS, [rule("ask", None, outcome="triage", reason="Perlu dilihat orang.")])
    assert (decision.outcome, decision.triage_reason, decision.rule_code) == ("triage", "by_rule", "ask")
    assert "Perlu dilihat orang." in decision.reasons


OWNER = rule("owner", None, outcome="line_owner", categories=["jalan"])
BOTH = (line(), line(DPU, 20, "Jalan Sawah Besar", "tertiary"))


def test_two_possible_lines_that_lead_apart_go_to_triage_with_both_named():
    decision = decide(replace(FACTS, candidates=BOTH), [OWNER])
    assert (decision.outcome, decision.triage_reason) == ("triage", "ambiguous_line")
    assert decision.reasons[-1] == (
        "Peta tidak dapat memastikan letaknya: Jalan Kaligawe (BBPJN Jateng–DIY) atau "
        "Jalan Sawah Besar (Dinas Pekerjaan Umum). Petugas akan memutuskan."
    )
    assert [runner["department"] for runner in decision.runners_up] == ["BBPJN", "DPU"]


def test_two_possible_lines_that_lead_to_the_same_place_are_no_problem():
    decision = decide(
        replace(FACTS, candidates=BOTH), [OWNER, rule("pkl", DISHUB, categories=["jalan-lubang"])]
    )
    assert (decision.outcome, decision.rule_code) == ("assigned", "pkl")


def test_a_deciding_answer_is_told_as_it_reads():
    decision = decide(FACTS, [rule("size", answers={"ukuran": ["ember"]})])
    assert "Jawaban pelapor: Ukurannya? ember." in decision.reasons
    assert "The reporter's answer: Size? bucket." in decision.reasons_en


def test_same_facts_same_decision_in_any_order_of_rules():
    rules = [GROUP, OWNER, rule("x", DISHUB, answers={"ukuran": ["ember"]}, categories=["jalan"])]
    facts = replace(FACTS, candidates=(line(),))
    assert decide(facts, rules) == decide(facts, rules[::-1])


def test_specificity_is_the_sum_the_manual_promises():
    full = rule(
        "full",
        categories=["jalan-lubang"],
        areas=["33.74.01.1001"],
        line_owners=["BBPJN"],
        line_classes=["trunk"],
        answers={"ukuran": ["ember"]},
        min_severity=1,
    )
    assert routing.weigh(full, FACTS, line()) == 20 + 8 + 5 + 4 + 6 + 2
