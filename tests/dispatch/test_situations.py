"""The table of situations, through the real pack, the real service and the real map."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from dispatch.selectors import latest_decision
from tests.conftest import NOW

TABLE = Path(__file__).with_name("situations.yaml")
SITUATIONS = yaml.safe_load(TABLE.read_text())


def due_kind(report) -> str:
    if report.due_at is None:
        return "none"
    return "hours" if report.due_at - NOW == timedelta(hours=48) else "days"


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda row: row["say"])
def test_situation(situation, make_report, route):
    place = (
        {"area": str(situation["area"]), "latitude": None, "longitude": None} if "area" in situation else {}
    )
    if "at" in situation:
        place = {"latitude": situation["at"][0], "longitude": situation["at"][1]}
    report = route(
        make_report(
            category=situation["category"],
            answers=situation.get("answers", {}),
            street=situation.get("street", ""),
            **place,
        )
    )
    decision = latest_decision(report.pk)
    found = {
        "to": report.department.code if report.department else "triage",
        "why": decision.triage_reason,
        "severity": report.severity,
        "due": due_kind(report),
    }
    expected = {key: situation.get(key, "") for key in found}
    assert found == expected, decision.reasons
    assert all(decision.reasons)
    assert len(decision.reasons) == len(decision.reasons_en)


def test_every_kind_is_in_the_table(db):
    from city import snapshot

    kinds = {info.code for info in snapshot.current().categories.values() if info.parent_code}
    assert kinds == {situation["category"] for situation in SITUATIONS}
