import pytest

from city.domain.choices import faults

YES = {"value": "yes", "label": "Ya", "label_en": "Yes"}
NO = {"value": "no", "label": "Tidak", "label_en": "No"}


@pytest.mark.parametrize(
    ("kind", "choices", "found"),
    [
        ("choice", [YES, NO], []),
        ("choice", [YES | {"severity": 5, "danger": True, "picture": "tide"}, NO], []),
        ("yes_no", [], []),
        ("text", [], []),
        ("choice", {"a": 1}, [(0, "not_list")]),
        ("text", [YES], [(0, "needless")]),
        ("choice", [YES], [(0, "too_few")]),
        ("choice", [YES, "no"], [(2, "not_object")]),
        ("choice", [YES, NO | {"colour": 1}], [(2, "unknown_key")]),
        ("choice", [YES, NO | {"value": ""}], [(2, "no_value")]),
        ("choice", [YES, NO | {"value": 3}], [(2, "no_value")]),
        ("yes_no", [YES, NO | {"value": "maybe"}], [(2, "yes_no")]),
        ("choice", [YES, {"value": "no", "label": "Tidak"}], [(2, "no_label")]),
        ("choice", [YES, YES], [(2, "doubled")]),
        ("choice", [YES | {"severity": 6}, NO], [(1, "severity")]),
        ("choice", [YES | {"severity": True}, NO], [(1, "severity")]),
        ("choice", [YES | {"danger": "ya"}, NO], [(1, "danger")]),
    ],
)
def test_faults(kind, choices, found):
    assert list(faults(kind, choices)) == found
