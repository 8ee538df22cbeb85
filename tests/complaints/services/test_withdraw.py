"""The first 15 minutes: taking the report back, and what stays refused afterwards."""

import pytest

from complaints import errors, selectors
from complaints.domain.actor import A_CITIZEN
from complaints.services import cells, changes, conversation, status
from dispatch.models import RoutingDecision
from dispatch.services import worker
from tests.complaints.services.test_changes import LAST, SOON, as_it_is, everything
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("when", [NOW, LAST])
def test_a_withdrawn_report_ends_and_is_hidden(make_report, route, when):
    report = route(make_report())
    cells.refresh(report.pk)
    changes.withdraw_report(report.pk, now=when, message="Salah tempat.", expected_version=report.version)
    worker.drain("notify")
    report.refresh_from_db()
    assert (report.status, report.is_open, report.is_private, report.counted_as) == (
        "rejected",
        False,
        True,
        "",
    )
    event = report.events.last()
    assert (event.kind, event.actor_kind, event.from_status, event.to_status, event.text) == (
        "withdrawn",
        "reporter",
        "assigned",
        "rejected",
        "Salah tempat.",
    )
    assert event.data == {"reason_code": "withdrawn", "was_private": False}
    assert not selectors.public_reports().filter(pk=report.pk).exists()


def test_a_report_withdrawn_before_its_routing_is_not_routed(make_report, route):
    report = make_report()
    changes.withdraw_report(report.pk, now=SOON)
    route(report, now=SOON)
    assert (report.status, RoutingDecision.objects.count()) == ("rejected", 0)


def test_a_withdrawn_report_is_not_opened_again(make_report):
    report = make_report()
    changes.withdraw_report(report.pk, now=SOON)
    before = everything(report)
    for refused in (
        lambda: conversation.reopen(report.pk, "Masih.", now=SOON),
        lambda: changes.withdraw_report(report.pk, message="Alasan lain.", now=SOON),
        lambda: changes.edit_report(report.pk, as_it_is(report, description="Lain"), now=SOON),
        lambda: conversation.support(report.pk, "x", actor=A_CITIZEN, now=SOON),
    ):
        with pytest.raises(errors.DomainError):
            refused()
    assert everything(report) == before


def test_work_that_is_resolved_already_is_not_withdrawn(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "in_progress", actor=officer, now=SOON)
    status.change_status(report.pk, "resolved", actor=officer, now=SOON, message="Sudah.")
    before = everything(report)
    with pytest.raises(errors.WindowClosed):
        changes.withdraw_report(report.pk, now=SOON)
    assert everything(report) == before


def test_a_reason_that_is_too_long_changes_nothing(make_report):
    report = make_report()
    before = everything(report)
    with pytest.raises(errors.InvalidReport):
        changes.withdraw_report(report.pk, now=SOON, message="a" * 2001)
    assert everything(report) == before
