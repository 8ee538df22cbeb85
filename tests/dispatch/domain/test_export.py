"""Cells that are no formulas, and who may have which columns."""

import pytest

from dispatch.domain import export


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "  @"])
def test_what_a_spreadsheet_would_calculate_becomes_text(start):
    assert export.harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["Jalan 1=2", "", "a-b", -6.99, 0, 3])
def test_other_cells_stay(cell):
    assert export.harmless(cell) == cell


def test_identities_are_columns_only_for_those_who_may_look():
    asked = ["reporter_name", "code", "nonsense"]
    assert export.wanted(asked, may_see_identity=False) == ["code"]
    assert export.wanted(asked, may_see_identity=True) == ["code", "reporter_name"]


def test_nothing_known_asked_for_means_the_usual_without_words_and_identities():
    usual = export.wanted([], may_see_identity=True)
    assert set(usual) == export.USUAL
    assert not {"description", *export.IDENTITY} & set(usual)
