"""Everybody hears what happens to the primary, once, of their own report; clocks stand still meanwhile."""

from datetime import timedelta

import pytest
from django.core import mail

from complaints import links
from complaints.domain.actor import THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import CellCount, Event, Report
from complaints.services import changes, conversation, incidents
from complaints.services.status import change_status
from dispatch.models import ClockWatch, Delivery
from dispatch.services import clocks, worklist
from tests.conftest import NOW
from tests.dispatch.services.following import FOLLOWER, OFFICER, REPORTER, follow, resolve, to

OTHER = "tetangga2@contoh.id"
DESK = "p3m"


@pytest.fixture
def member(report, make_report, work, staff):
    """A report of somebody else's, merged into `report`; all messages so far are out of the way."""
    return joined(report, make_report, work, staff, email=OTHER)


def joined(report, make_report, work, staff, *, email, **more):
    other = make_report(contact=Contact(email=email), **more)
    work()
    incidents.merge_reports(other.pk, report.pk, actor=OFFICER_OF(staff), now=NOW, why="Lubang yang sama.")
    work()
    mail.outbox.clear()
    other.refresh_from_db()
    return other


def OFFICER_OF(staff):
    from dispatch.services.casework import actor_of

    return actor_of(staff(DESK))


def test_a_member_hears_of_the_merge_with_its_own_number(report, make_report, work, staff):
    other = make_report(contact=Contact(email=OTHER))
    work()
    mail.outbox.clear()
    incidents.merge_reports(other.pk, report.pk, actor=OFFICER_OF(staff), now=NOW, why="Lubang yang sama.")
    work()
    (message,) = mail.outbox
    assert message.to == [OTHER]
    assert other.spoken_code in message.subject
    assert report.spoken_code in message.body
    assert links.private_path(other) in message.body


def test_each_hears_of_their_own_report_what_happens_to_the_primary(report, member, work):
    follow(member, FOLLOWER)
    resolve(report)
    work()
    for address, own in ((REPORTER, report), (OTHER, member), (FOLLOWER, member)):
        messages = to(address)
        assert len(messages) == 2, address
        for message in messages:
            assert own.spoken_code in message.subject
        assert "Sudah ditambal." in messages[1].body
    assert links.private_path(member) in to(OTHER)[1].body
    assert links.private_path(report) not in to(OTHER)[1].body
    assert links.private_path(member) not in to(FOLLOWER)[1].body
    assert set(Delivery.objects.filter(recipient_hash__gt="").values_list("state", flat=True)) == {"sent"}


def test_who_told_the_same_twice_is_told_once(report, make_report, work, staff):
    joined(report, make_report, work, staff, email=REPORTER)
    follow(report, FOLLOWER)
    third = joined(report, make_report, work, staff, email=FOLLOWER)
    resolve(report)
    work()
    work()
    assert [len(to(address)) for address in (REPORTER, FOLLOWER)] == [2, 2]
    assert report.spoken_code in to(FOLLOWER)[0].subject
    assert third.spoken_code not in to(FOLLOWER)[0].subject


def test_the_speaker_hears_nothing_of_their_own_no_and_all_others_do(report, member, work):
    resolve(report)
    work()
    mail.outbox.clear()
    conversation.reopen(member.pk, "Masih berlubang.", now=NOW)
    work()
    assert [len(to(address)) for address in (REPORTER, OTHER)] == [1, 0]


def test_of_a_private_primary_members_hear_the_state_alone(report, member, work):
    Report.objects.filter(pk=report.pk).update(is_private=True)
    change_status(
        report.pk, "waiting", actor=OFFICER, now=NOW, waiting_reason="Rahasia sekali.", message="Rahasia."
    )
    conversation.add_comment(report.pk, "Rahasia juga.", actor=OFFICER, now=NOW)
    work()
    told = to(OTHER)
    assert len(told) == 2
    for message in told:
        assert "Rahasia" not in message.subject + message.body
        assert report.spoken_code not in message.subject + message.body
        assert "DPU" not in message.subject + message.body


def test_what_is_prepared_before_the_undo_still_arrives(report, member, work, staff):
    from dispatch.services import worker

    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    from dispatch.models import Outbox
    from dispatch.services import outbox

    for row in outbox.claim(Outbox.Queue.NOTIFY, now=NOW):
        worker.process(row, clock=lambda: NOW)
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=NOW, why="Lain.")
    work()
    subjects = [message.subject for message in to(OTHER)]
    assert len(subjects) == 2
    assert all(member.spoken_code in subject for subject in subjects)
    change_status(report.pk, "resolved", actor=OFFICER, now=NOW, message="Sudah.")
    work()
    assert len(to(OTHER)) == 2


def test_the_clock_of_a_merged_report_stands_still(report, member, work, staff):
    assert ClockWatch.objects.get(report=member).next_at is None
    assert ClockWatch.objects.get(report=report).next_at is not None
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=NOW, why="Lain.")
    work()
    assert ClockWatch.objects.get(report=member).next_at is not None


def test_the_queue_counts_an_incident_once(report, member, staff):
    desk = staff("p3m")
    late = NOW + timedelta(days=60)
    assert worklist.counts(desk, late)["overdue"] == 1
    assert sum(CellCount.objects.filter(resolution=5).values_list("count", flat=True)) == 1


def test_what_was_corrected_while_merged_is_made_up_for(report, member, work, staff):
    before = Report.objects.get(pk=member.pk)
    edit = changes.Edit(
        description=before.description,
        street="Jalan Pemuda",
        answers={**before.answers},
        is_anonymous=True,
        is_private=False,
        contact=Contact(email=OTHER),
    )
    changes.edit_report(member.pk, edit, now=NOW)
    work()
    member.refresh_from_db()
    merge = member.merges.get(undone_at=None)
    assert merge.deferred == [Event.objects.get(report=member, kind="edited").pk]
    assert incidents.state_of(member) == merge.before
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=NOW, why="Lain.")
    work()
    member.refresh_from_db()
    assert incidents.state_of(member) == merge.before  # the same office: nothing to decide anew


def test_a_pause_that_ended_just_before_moves_the_promise_afterwards(report, member, work, staff):
    """The queue is slower than the officer who merges."""
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=NOW, why="Lain.")
    change_status(member.pk, "waiting", actor=OFFICER, now=NOW, waiting_reason="Alat.")
    later = NOW + timedelta(days=2)
    change_status(member.pk, "in_progress", actor=OFFICER, now=later)
    incidents.merge_reports(member.pk, report.pk, actor=OFFICER_OF(staff), now=later, why="Sama.")
    work(later)
    due = Report.objects.get(pk=member.pk).due_at
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=later, why="Lain.")
    work(later)
    assert Report.objects.get(pk=member.pk).due_at > due
    assert Event.objects.filter(report=member, kind="promise").count() == 1


def test_the_no_of_a_members_reporter_moves_the_primarys_promise_alone(report, member, work, staff):
    """What was not fixed is the primary's repair: the member's own clock goes on from where it stood."""
    resolve(report)
    work()
    own, due = incidents.state_of(Report.objects.get(pk=member.pk)), Report.objects.get(pk=report.pk).due_at
    later = NOW + timedelta(days=2)
    conversation.reopen(member.pk, "Masih berlubang.", now=later)
    work(later)
    assert Report.objects.get(pk=report.pk).due_at > due
    assert member.merges.get(undone_at=None).deferred == []
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=later, why="Lain.")
    work(later)
    assert incidents.state_of(Report.objects.get(pk=member.pk)) == own
    assert not Event.objects.filter(report=member, kind="promise").exists()


def test_a_no_that_the_queue_handles_after_the_undo_moves_nothing(report, member, work, staff):
    resolve(report)
    work()
    own = incidents.state_of(Report.objects.get(pk=member.pk))
    later = NOW + timedelta(days=2)
    conversation.reopen(member.pk, "Masih berlubang.", now=later)
    incidents.unmerge_report(member.pk, actor=OFFICER_OF(staff), now=later, why="Lain.")
    work(later)
    assert incidents.state_of(Report.objects.get(pk=member.pk)) == own


def test_the_reminder_reaches_an_incident_whose_first_reporter_left_no_address(make_report, work, staff):
    quiet = make_report()
    work()
    quiet.category.needs_repair_photo = False
    quiet.category.save()
    joined(quiet, make_report, work, staff, email=OTHER)
    resolve(quiet)
    later = NOW + timedelta(days=8)
    assert clocks.remind_silent(now=later) == 1
    work(later)
    assert any("?" in message.subject for message in to(OTHER))


def test_a_members_word_keeps_silence_from_closing(report, member, work):
    resolve(report)
    word_at = NOW + timedelta(days=9)
    conversation.add_comment(member.pk, "Saya lihat dulu.", actor=THE_REPORTER, now=word_at)
    assert clocks.close_silent(now=NOW + timedelta(days=11)) == 0
    assert clocks.close_silent(now=word_at + timedelta(days=11)) == 1
