"""A worker dies while the portal joins reports: joined once, everybody told once (invariants 2 and 7)."""

from collections import Counter

import pytest
from django.utils import timezone

from complaints.domain.draft import Contact
from complaints.models import Event, Merge, Report
from complaints.services.submit import submit_report
from dispatch.models import Delivery, Outbox
from tests.servers.programs import wait_for
from tests.servers.test_crash import (  # noqa: F401 - fixtures
    SETTLE_S,
    broker,
    pytestmark,
    settled,
    start_worker,
)

REPORTERS = [f"warga{n}@contoh.id" for n in range(4)]


def file_flood(draft) -> list[Report]:
    """Four reports of one flood, each of another reporter."""
    return [
        submit_report(
            draft(
                category="banjir-genangan",
                description=f"Air setinggi lutut, kata warga {n}.",
                contact=Contact(email=email),
            ),
            now=timezone.now(),
        ).report
        for n, email in enumerate(REPORTERS)
    ]


def mails_by_reporter(folder) -> Counter[tuple[str, str]]:
    """(address, subject) of every message that went out."""
    from email import message_from_bytes, policy

    found = Counter()
    for file in folder.iterdir():
        for part in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            if part.strip():
                mail = message_from_bytes(part.lstrip(), policy=policy.default)
                found[str(mail["To"]), str(mail["Subject"])] += 1
    return found


@pytest.mark.parametrize("halt_at", ["before:report.join", "after:report.join"])
def test_kill_9_between_claim_and_commit_of_an_automatic_join(halt_at, start_worker, draft, tmp_path):  # noqa: F811
    doomed = start_worker(halt_at=halt_at)
    reports = file_flood(draft)
    wait_for(doomed.marker.exists, SETTLE_S, "the worker halts")
    doomed.kill()
    left = Outbox.objects.filter(topic="report.join", state="leased")
    assert left.exists()
    # What the dead worker had not committed is not there.
    assert not Merge.objects.filter(report__in=left.values("report")).exists()
    start_worker()
    wait_for(settled, SETTLE_S, "all rows done")
    first, *others = sorted(reports, key=lambda report: report.pk)
    assert dict(Report.objects.values_list("pk", "merged_into_id")) == {
        first.pk: None,
        **{report.pk: first.pk for report in others},
    }
    joined = Merge.objects.values_list("report_id", "primary_id", "is_automatic", "undone_at")
    assert sorted(joined) == [(report.pk, first.pk, True, None) for report in others]
    for report in others:
        assert Event.objects.filter(report=report, kind="merged").count() == 1
    assert Event.objects.filter(report=first, kind="merged").count() == len(others)
    told = Delivery.objects.filter(state="sent").values_list("event_id", "recipient_hash")
    assert len(set(told)) == len(told)
    assert Delivery.objects.exclude(state="sent").count() == 0
    merged = Event.objects.filter(kind="merged", is_public=True).values("pk")
    of_it = Delivery.objects.filter(event_id__in=merged).values_list("report_id", flat=True)
    assert sorted(of_it) == [report.pk for report in others]
    mails = mails_by_reporter(tmp_path / "mail")
    assert set(mails.values()) == {1}, mails
    heard = Counter(address for address, _subject in mails)
    assert heard == {REPORTERS[0]: 1, **dict.fromkeys(REPORTERS[1:], 2)}  # routed; and joined
