import io
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Q

from complaints.domain import codes, workflow
from complaints.models import CellCount, Event, Report
from dispatch.domain.seed_stories import tell
from dispatch.models import Outbox, RoutingDecision
from dispatch.services import seed as seed_service
from tests.conftest import NOW


def _filed(seed: int) -> list[tuple]:
    """What a seed files on an empty database; undone again."""
    with transaction.atomic():
        seed_service.seed_reports(40, seed=seed, now=NOW)
        told = list(
            Report.objects.order_by("code").values_list(
                "code",
                "idempotency_key",
                "category__code",
                "latitude",
                "longitude",
                "status",
                "created_at",
                "due_at",
            )
        )
        transaction.set_rollback(True)
    return told


@pytest.mark.django_db
def test_the_same_seed_files_the_same_reports():
    assert _filed(3) == _filed(3)
    assert _filed(3) != _filed(4)


@pytest.mark.django_db
def test_states_events_decisions_and_promises_agree():
    assert seed_service.seed_reports(300, seed=1, now=NOW) == 300
    reports = Report.objects.annotate(number=Count("events"))
    assert Report.objects.count() == 300
    assert all(report.is_open == (report.status in workflow.OPEN) for report in reports)
    assert all(report.version == report.number for report in reports)
    routed = Report.objects.exclude(status="received")
    assert RoutingDecision.objects.count() == routed.count() > 290
    assert not routed.filter(promised_at=None).exists()
    assert not routed.filter(~Q(status="triage"), department=None).exists()
    assert not Report.objects.filter(status="triage").exclude(department=None).exists()
    assert not Report.objects.filter(status__in=["resolved", "closed"], resolved_at=None).exists()
    assert not Report.objects.filter(created_at__gt=NOW).exists()
    assert not Event.objects.filter(at__gt=NOW).exists()
    for report in reports.prefetch_related("events"):
        events = list(report.events.all())
        assert events[0].kind == "submitted"
        status = ""
        for event in events:
            if event.to_status:
                assert event.from_status == status
                status = event.to_status
        assert status == report.status
    assert Outbox.objects.count() == 0


@pytest.mark.django_db
def test_the_maps_cells_are_counted():
    seed_service.seed_reports(120, seed=2, now=NOW)
    public = Report.objects.filter(is_private=False).count()
    counted = Counter()
    for cell in CellCount.objects.all():
        counted[cell.resolution] += cell.count
    assert dict(counted) == dict.fromkeys((5, 6, 7, 8, 9), public)


@pytest.mark.django_db
def test_more_can_be_added_later():
    seed_service.seed_reports(30, seed=1, now=NOW)
    seed_service.seed_reports(30, seed=1, now=NOW)
    assert Report.objects.count() == 60


@pytest.mark.django_db
def test_the_command_says_what_it_did():
    out = io.StringIO()
    call_command("seed_reports", "25", "--seed", "9", stdout=out, stderr=io.StringIO())
    assert out.getvalue().startswith("25 reports in ")
    assert set(Report.objects.values_list("channel", flat=True)) == {"seed"}
    with pytest.raises(CommandError):
        call_command("seed_reports", "-1")


def test_codes_are_codes_and_never_repeat():
    made = {seed_service.code_of(number) for number in range(50_000)}
    assert len(made) == 50_000
    assert all(codes.normalise(code) == code for code in list(made)[:100])


@pytest.mark.parametrize("outcome", ["assigned", "referred", "triage"])
def test_stories_follow_the_workflow_and_time(outcome):
    from random import Random

    ends = Counter()
    for number in range(2_000):
        created_at = NOW - timedelta(days=number % 700, minutes=1)
        story = tell(Random(number), created_at=created_at, outcome=outcome, now=NOW, channel="seed")
        times = [step.at for step in story.steps]
        assert times == sorted(times)
        assert times[-1] <= NOW
        for step in story.steps[1:]:
            assert not step.to_status or workflow.may_follow(step.from_status, step.to_status)
        ends[story.status] += 1
    assert set(ends) >= {"closed", "resolved", "in_progress", "waiting", "scheduled", "rejected", "reopened"}
    assert ends["closed"] > 1_000
