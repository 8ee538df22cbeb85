"""The table of situations, through the real pack, the real service and the real map."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from city.models import Department, Road, Waterway
from city.services import versions
from dispatch.selectors import latest_decision
from tests.conftest import NOW, WIB

TABLE = Path(__file__).with_name("situations.yaml")
SITUATIONS = yaml.safe_load(TABLE.read_text())
KEYS = {
    *("say", "category", "answers", "at", "area", "street", "text", "when", "channel", "given"),
    *("to", "why", "severity", "due", "tags", "check", "suggest"),
}


def due_kind(report) -> str:
    if report.due_at is None:
        return "none"
    return "hours" if report.due_at - report.promised_at == timedelta(hours=48) else "days"


def when(situation) -> datetime:
    """The moment of the report: a date with time as the table writes it, or an ordinary Tuesday morning."""
    told = situation.get("when")
    return datetime.strptime(told, "%Y-%m-%d %H:%M").replace(tzinfo=WIB) if told else NOW


def give_away(line: str, to: str | None, on: str) -> None:
    """A stretch changes hands: its row ends the day before, a second one begins."""
    day = date.fromisoformat(on)
    for model in (Road, Waterway):
        for row in model.objects.filter(code=line):
            model.objects.filter(pk=row.pk).update(valid_to=day - timedelta(days=1))
            row.pk, row.code, row.valid_from = None, f"{row.code}-baru", day
            row.owner = Department.objects.get(code=to) if to else None
            row.save()
    versions.bump(True)


def file_and_route(situation, make_report, route):
    place = (
        {"area": str(situation["area"]), "latitude": None, "longitude": None} if "area" in situation else {}
    )
    if "at" in situation:
        place = {"latitude": situation["at"][0], "longitude": situation["at"][1]}
    at = when(situation)
    report = make_report(
        now=at,
        category=situation["category"],
        answers=situation.get("answers", {}),
        street=situation.get("street", ""),
        description=situation.get("text", "Mohon ditangani."),
        channel=situation.get("channel", "web"),
        **place,
    )
    return route(report, at)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda row: row["say"])
def test_situation(situation, make_report, route):
    if "given" in situation:
        give_away(**situation["given"])
    report = file_and_route(situation, make_report, route)
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
    assert decision.tags == situation.get("tags", [])
    assert decision.needs_check is situation.get("check", False)
    if "suggest" in situation:
        assert (decision.facts["suggested_category"] or "") == situation["suggest"]


def test_the_table_is_long_and_reads_well(db):
    from city import snapshot

    kinds = {info.code for info in snapshot.current().categories.values() if info.parent_code}
    assert kinds == {situation["category"] for situation in SITUATIONS}
    assert len(SITUATIONS) >= 120
    assert len({situation["say"] for situation in SITUATIONS}) == len(SITUATIONS)
    unknown = {key for situation in SITUATIONS for key in situation} - KEYS
    assert not unknown
