import pytest

from city.domain.answers import check
from city.domain.info import CategoryInfo, ChoiceInfo, QuestionInfo

DEPTH = QuestionInfo(
    "depth",
    "Seberapa dalam?",
    choices=(
        ChoiceInfo("ankle", "Mata kaki"),
        ChoiceInfo("knee", "Lutut", severity=4),
        ChoiceInfo("waist", "Pinggang", severity=5, danger=True),
    ),
)
TRAPPED = QuestionInfo(
    "trapped",
    "Ada yang terjebak?",
    kind="yes_no",
    choices=(ChoiceInfo("yes", "Ya", severity=5, danger=True), ChoiceInfo("no", "Tidak")),
)
BARE = QuestionInfo("raining", "Hujan?", kind="yes_no")
NOTE = QuestionInfo("note", "Catatan", kind="text")
NEEDED = QuestionInfo("size", "Ukuran?", is_required=True, choices=(ChoiceInfo("1", "Satu"),))
FLOOD = CategoryInfo(
    1, "banjir-banjir", "banjir", "Banjir", severity=3, questions=(DEPTH, TRAPPED, BARE, NOTE)
)
STRICT = CategoryInfo(2, "x-y", "x", "X", severity=3, questions=(NEEDED,))


@pytest.mark.parametrize(
    ("answers", "kept", "severity", "danger"),
    [
        ({}, {}, 3, False),
        ({"depth": "ankle"}, {"depth": "ankle"}, 3, False),
        ({"depth": "knee"}, {"depth": "knee"}, 4, False),
        ({"depth": "waist"}, {"depth": "waist"}, 5, True),
        ({"depth": "ankle", "trapped": "yes"}, {"depth": "ankle", "trapped": "yes"}, 5, True),
        ({"trapped": True}, {"trapped": "yes"}, 5, True),
        ({"trapped": False}, {"trapped": "no"}, 3, False),
        ({"raining": "no"}, {"raining": "no"}, 3, False),
        ({"depth": "", "note": "  "}, {}, 3, False),
        ({"depth": None}, {}, 3, False),
        ({"note": " dekat pasar "}, {"note": "dekat pasar"}, 3, False),
        ({"note": "x" * 500}, {"note": "x" * 500}, 3, False),
    ],
)
def test_answers_that_pass(answers, kept, severity, danger):
    checked = check(FLOOD, answers)
    assert (checked.answers, checked.severity, checked.danger, checked.errors) == (kept, severity, danger, {})


@pytest.mark.parametrize(
    ("category", "answers", "errors"),
    [
        (FLOOD, {"depth": "neck"}, {"depth": "unknown_choice"}),
        (FLOOD, {"depth": ["knee"]}, {"depth": "unknown_choice"}),
        (FLOOD, {"depth": {"a": 1}}, {"depth": "unknown_choice"}),
        (FLOOD, {"depth": True}, {"depth": "unknown_choice"}),
        (FLOOD, {"raining": "maybe"}, {"raining": "unknown_choice"}),
        (FLOOD, {"note": "x" * 501}, {"note": "too_long"}),
        (FLOOD, {"colour": "red"}, {"colour": "unknown_question"}),
        (STRICT, {}, {"size": "required"}),
        (STRICT, {"size": " "}, {"size": "required"}),
        (STRICT, {"size": 2}, {"size": "unknown_choice"}),
    ],
)
def test_answers_that_are_refused(category, answers, errors):
    checked = check(category, answers)
    assert {code: str(error) for code, error in checked.errors.items()} == errors
    assert checked.answers == {}
    assert checked.severity == 3


def test_numbers_count_as_their_text():
    assert check(STRICT, {"size": 1}).answers == {"size": "1"}


def test_an_answer_never_lowers_the_kind():
    flash = CategoryInfo(3, "b-b", "b", "B", severity=5, questions=(DEPTH,))
    checked = check(flash, {"depth": "knee"})
    assert (checked.severity, checked.danger) == (5, True)
