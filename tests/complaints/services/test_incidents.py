"""Joining reports and taking them apart: exactly what was comes back."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from complaints import errors, selectors
from complaints.domain import incident
from complaints.domain.actor import PORTAL
from complaints.models import CellCount, Event, Feedback, Merge, Report
from complaints.services import cells, changes, conversation, erasure, incidents
from complaints.services.status import acknowledge, change_status, make_safe, set_assignee
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def pair(assigned):
    return assigned(), assigned(latitude=-6.9904)


@pytest.fixture
def join(officer):
    def run(report, primary, now=LATER, **more):
        merge = incidents.merge_reports(
            report.pk, primary.pk, actor=officer, now=now, why="Genangan yang sama.", **more
        )
        report.refresh_from_db()
        return merge

    return run


def state(report) -> dict:
    return incidents.state_of(Report.objects.get(pk=report.pk)) | {
        "is_open": Report.objects.get(pk=report.pk).is_open
    }


def test_a_merged_report_stands_still_and_comes_back_exactly(pair, join, officer):
    primary, report = pair
    change_status(report.pk, "waiting", actor=officer, now=NOW, waiting_reason="Surut dulu.")
    before, version = state(report), Report.objects.get(pk=report.pk).version
    merge = join(report, primary)
    assert (report.merged_into_id, report.is_open, report.status) == (primary.pk, False, "waiting")
    assert merge.before == {k: v for k, v in before.items() if k != "is_open"}
    assert (merge.by_id, merge.is_automatic, merge.why) == (officer.user_id, False, "Genangan yang sama.")
    incidents.unmerge_report(report.pk, actor=officer, now=LATER, why="Dua tempat.")
    assert state(report) == before
    merge.refresh_from_db()
    assert (merge.undone_at, merge.undone_by_id, merge.undone_why) == (LATER, officer.user_id, "Dua tempat.")
    assert Report.objects.get(pk=report.pk).version == version + 2


def test_both_timelines_say_who_what_when_why(pair, join, officer):
    primary, report = pair
    join(report, primary)
    incidents.unmerge_report(report.pk, actor=officer, now=LATER, why="Dua tempat.")
    for row, is_public in ((report, True), (primary, False)):
        told = Event.objects.filter(report=row, kind__in=["merged", "unmerged"]).order_by("id")
        assert [(e.kind, e.actor_id, e.at, e.text, e.is_public) for e in told] == [
            ("merged", officer.user_id, LATER, "Genangan yang sama.", is_public),
            ("unmerged", officer.user_id, LATER, "Dua tempat.", is_public),
        ]


def test_the_primary_keeps_its_version(pair, join):
    primary, report = pair
    join(report, primary)
    assert Report.objects.get(pk=primary.pk).version == primary.version


def refused(run) -> str:
    with pytest.raises(errors.CannotMerge) as caught:
        run()
    return caught.value.code


def test_what_cannot_be_joined(pair, join, assigned, make_report, officer):
    primary, report = pair
    assert refused(lambda: join(report, report)) == incident.SAME
    assert refused(lambda: join(make_report(), primary)) == incident.NOT_ROUTED
    hidden = assigned(is_private=True)
    assert refused(lambda: join(report, hidden)) == incident.PRIMARY_PRIVATE
    join(hidden, primary)
    ended = assigned()
    change_status(ended.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    assert refused(lambda: join(ended, primary)) == incident.ENDED
    assert refused(lambda: join(report, ended)) == incident.PRIMARY_ENDED
    join(report, primary)
    other = assigned()
    assert refused(lambda: join(report, other)) == incident.MERGED
    assert refused(lambda: join(other, report)) == incident.PRIMARY_MERGED
    assert Merge.objects.count() == 2


def test_a_person_says_why(pair, officer):
    primary, report = pair
    with pytest.raises(errors.MissingReason):
        incidents.merge_reports(report.pk, primary.pk, actor=officer, now=LATER, why="  ")
    incidents.merge_reports(report.pk, primary.pk, actor=PORTAL, now=LATER)
    with pytest.raises(errors.MissingReason):
        incidents.unmerge_report(report.pk, actor=officer, now=LATER)
    assert Report.objects.get(pk=report.pk).merged_into_id == primary.pk


def test_another_version_is_a_conflict_and_changes_nothing(pair, join, officer):
    primary, report = pair
    set_assignee(report.pk, officer.user_id, actor=officer, now=NOW)
    with pytest.raises(errors.Conflict):
        join(report, primary, expected_version=report.version)
    assert not Merge.objects.exists()


def test_members_come_along_and_leave_with_the_report_that_brought_them(assigned, join, officer):
    top, middle, low, lowest = (assigned() for _ in range(4))
    join(lowest, low)
    join(low, middle)
    join(middle, top)
    assert members(top) == {middle.pk, low.pk, lowest.pk}
    incidents.unmerge_report(low.pk, actor=officer, now=LATER, why="Lain.")
    assert (members(top), members(low)) == ({middle.pk}, {lowest.pk})
    join(low, top)
    incidents.unmerge_report(middle.pk, actor=officer, now=LATER, why="Lain.")
    assert (members(top), members(middle)) == ({low.pk, lowest.pk}, set())


def test_whoever_was_taken_out_by_hand_stays_out(assigned, join, officer):
    top, middle, low = (assigned() for _ in range(3))
    join(low, middle)
    join(middle, top)
    incidents.unmerge_report(low.pk, actor=officer, now=LATER, why="Lain.")
    incidents.unmerge_report(middle.pk, actor=officer, now=LATER, why="Lain.")
    assert not Report.objects.exclude(merged_into=None).exists()
    assert not Merge.objects.filter(undone_at=None).exists()


def members(primary) -> set[int]:
    return set(Report.objects.filter(merged_into=primary).values_list("pk", flat=True))


def test_the_work_of_a_merged_report_cannot_be_changed(pair, join, officer):
    primary, report = pair
    join(report, primary)
    before = Report.objects.filter(pk=report.pk).values().get()
    for step in (
        lambda: change_status(report.pk, "in_progress", actor=officer, now=LATER),
        lambda: acknowledge(report.pk, actor=officer, now=LATER),
        lambda: make_safe(report.pk, actor=officer, now=LATER),
        lambda: set_assignee(report.pk, officer.user_id, actor=officer, now=LATER),
    ):
        with pytest.raises(errors.PartOfIncident):
            step()
    assert Report.objects.filter(pk=report.pk).values().get() == before


def test_the_database_knows_no_chains_and_one_open_merge(pair, join, assigned):
    primary, report = pair
    join(report, primary)
    other = assigned()
    for attack in (
        lambda: Report.objects.filter(pk=primary.pk).update(merged_into=other, is_open=False),
        lambda: Report.objects.filter(pk=other.pk).update(merged_into=report, is_open=False),
        lambda: Report.objects.filter(pk=other.pk).update(merged_into=other, is_open=False),
        lambda: Report.objects.filter(pk=report.pk).update(is_open=True),
        lambda: Merge.objects.create(report=report, primary=other, at=NOW),
        lambda: Merge.objects.create(report=other, primary=other, at=NOW),
        lambda: Merge.objects.update(why="lain"),
        lambda: Merge.objects.all().delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            attack()
    assert members(primary) == {report.pk}


def test_the_workflow_trigger_is_still_there(pair):
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Report.objects.filter(pk=pair[0].pk).update(status="closed", closure="confirmed", is_open=False)


def test_an_incident_counts_once(pair, join, officer):
    primary, report = pair
    for row in pair:
        cells.refresh(row.pk)
    assert counted() == 2
    join(report, primary)
    cells.refresh(report.pk)
    assert counted() == 1
    assert set(selectors.public_reports()) == {primary}
    cells.rebuild()
    assert counted() == 1
    assert Report.objects.get(pk=report.pk).counted_as == ""
    incidents.unmerge_report(report.pk, actor=officer, now=LATER, why="Lain.")
    cells.refresh(report.pk)
    assert counted() == 2


def counted() -> int:
    return sum(CellCount.objects.filter(resolution=5).values_list("count", flat=True))


# --- The voices of an incident --------------------------------------------------------------------------


@pytest.fixture
def resolved_pair(pair, join, officer):
    primary, report = pair
    join(report, primary)
    change_status(primary.pk, "resolved", actor=officer, now=LATER, message="Sudah surut.")
    return primary, report


def test_the_no_of_any_reporter_opens_the_incident_again(resolved_pair):
    primary, report = resolved_pair
    before = state(report)
    conversation.reopen(report.pk, "Masih banjir.", now=LATER)
    primary.refresh_from_db()
    assert (primary.status, primary.reopen_count) == ("reopened", 1)
    assert state(report) == before
    told = Event.objects.get(report=primary, kind="reopened")
    assert (told.text, told.data["from_report"]) == ("Masih banjir.", report.code)
    assert Feedback.objects.get().report_id == report.pk
    conversation.reopen(report.pk, "Masih banjir.", now=LATER)  # the same form once more
    assert Event.objects.filter(report=primary, kind="reopened").count() == 1


def test_the_yes_of_any_reporter_closes_it(resolved_pair):
    primary, report = resolved_pair
    conversation.confirm_fixed(report.pk, now=LATER, rating=5, message="Terima kasih.")
    primary.refresh_from_db()
    assert (primary.status, primary.closure) == ("closed", "confirmed")
    assert Feedback.objects.get().report_id == report.pk
    conversation.reopen(primary.pk, "Di sini belum.", now=LATER)
    primary.refresh_from_db()
    assert primary.status == "reopened"


def test_an_answer_of_a_merged_reports_reporter_ends_the_waiting(pair, join, officer):
    from complaints.domain.actor import THE_REPORTER

    primary, report = pair
    join(report, primary)
    change_status(
        primary.pk, "waiting", actor=officer, now=LATER, waiting_reason="Nomor rumah?", waiting_on="reporter"
    )
    conversation.add_comment(report.pk, "Nomor 7.", actor=THE_REPORTER, now=LATER)
    primary.refresh_from_db()
    assert primary.status == "in_progress"
    copied = Event.objects.get(report=primary, kind="comment")
    assert (copied.text, copied.is_public) == ("Nomor 7.", True)


def test_a_private_members_words_stay_among_staff(pair, join, assigned, officer):
    from complaints.domain.actor import THE_REPORTER

    hidden, primary = assigned(is_private=True), pair[0]
    join(hidden, primary)
    conversation.add_comment(hidden.pk, "Rahasia.", actor=THE_REPORTER, now=LATER)
    change_status(primary.pk, "resolved", actor=officer, now=LATER, message="Selesai.")
    conversation.reopen(hidden.pk, "Rahasia juga.", now=LATER)
    public = [event.text + repr(event.data) for event in selectors.timeline(primary)]
    assert "Rahasia" not in "".join(public)
    assert hidden.code not in "".join(public)


def test_support_of_a_merged_report_lasts_as_long_as_its_incident(resolved_pair):
    from complaints.domain.actor import A_CITIZEN

    _primary, report = resolved_pair
    with pytest.raises(errors.TransitionNotAllowed):
        conversation.support(report.pk, "a" * 20, actor=A_CITIZEN, now=LATER)
    conversation.reopen(report.pk, "Masih.", now=LATER)
    assert conversation.support(report.pk, "a" * 20, actor=A_CITIZEN, now=LATER)
    assert Report.objects.get(pk=report.pk).supporter_count == 1


# --- Taking back, being forgotten -----------------------------------------------------------------------


def test_a_withdrawn_member_leaves_its_incident(pair, join):
    primary, report = pair
    join(report, primary)
    changes.withdraw_report(report.pk, now=LATER)
    report.refresh_from_db()
    assert (report.status, report.is_private, report.merged_into_id) == ("rejected", True, None)
    assert Report.objects.get(pk=primary.pk).status == "assigned"


def test_when_the_primary_is_taken_back_the_oldest_public_member_carries_on(assigned, join, officer):
    primary, hidden, second, third = assigned(), assigned(is_private=True), assigned(), assigned()
    for report in (hidden, third, second):
        join(report, primary)
    change_status(primary.pk, "in_progress", actor=officer, now=LATER)
    set_assignee(primary.pk, officer.user_id, actor=officer, now=LATER)
    changes.withdraw_report(primary.pk, now=LATER)
    second.refresh_from_db()
    assert (second.merged_into_id, second.is_open) == (None, True)
    assert (second.status, second.assignee_id) == ("in_progress", officer.user_id)
    assert members(second) == {hidden.pk, third.pk}
    assert Report.objects.get(pk=primary.pk).status == "rejected"
    assert Merge.objects.filter(undone_at=None).count() == 2


def test_erasing_a_members_words_blanks_what_was_passed_on(pair, join):
    from complaints.domain.actor import THE_REPORTER

    primary, report = pair
    join(report, primary)
    conversation.add_comment(report.pk, "Saya Budi.", actor=THE_REPORTER, now=LATER)
    conversation.add_comment(primary.pk, "Saya Ani.", actor=THE_REPORTER, now=LATER)
    erasure.erase_personal_data(report.pk, now=LATER, with_words=True)
    texts = set(Event.objects.filter(kind="comment").values_list("text", flat=True))
    assert texts == {"", "Saya Ani."}


def test_erasing_the_primarys_words_leaves_the_others(pair, join):
    from complaints.domain.actor import THE_REPORTER

    primary, report = pair
    join(report, primary)
    conversation.add_comment(report.pk, "Saya Budi.", actor=THE_REPORTER, now=LATER)
    erasure.erase_personal_data(primary.pk, now=LATER, with_words=True)
    assert set(Event.objects.filter(kind="comment").values_list("text", flat=True)) == {"Saya Budi."}
