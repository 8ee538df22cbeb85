"""The proof of `make chaos` finds what it is there to find: each fault is planted, and found by its claim."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage

from benchmarks.chaos import proof
from complaints.domain import workflow
from complaints.domain.actor import Actor
from complaints.domain.draft import Contact
from complaints.models import CellCount, Event, Photo, Report, Subscription
from complaints.services import photos
from complaints.services.status import change_status
from dispatch.models import ClockWatch, Delivery, Outbox, RoutingDecision
from dispatch.services import worker
from tests.conftest import NOW, make_jpeg

ACCEPTED = "every accepted report is there once"
ROUTED = "every report is routed exactly once"
WORK = "no work is left over"
ROWS = "every change has its one row of work"
TIMELINE = "every timeline follows the workflow"
TOLD = "everybody was told, or staff see why not"
MAILBOXES = "mailboxes hold what was sent, and no more"
DOUBLED = "no message is doubled without need"
PHOTOS = "every photo is ready"
MAP = "the map counts every report once"
PLACES = "the places' figures equal a recount"
CLOCKS = "every open promise is watched"
ERRORS = "no errors but for a lost database"
T = 1_000_000.0  # some second of the run


@pytest.fixture
def world(make_report) -> proof.Evidence:
    """Three reports, as they are after a calm run: one with an address and a photo, one of them begun."""
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg(), key, now=NOW)
    told = make_report(contact=Contact(email="warga@contoh.id"), idempotency_key=key, photos=(staged.uuid,))
    others = [make_report(category="lain-pju"), make_report(category="banjir-genangan")]
    work()
    change_status(told.pk, workflow.IN_PROGRESS, actor=Actor("staff"), now=NOW + timedelta(minutes=1))
    work()
    accepted = [
        {
            "key": str(report.idempotency_key),
            "code": report.spoken_code,
            "email": "warga@contoh.id" if report == told else "",
            "photos": int(report == told),
        }
        for report in (told, *others)
    ]
    return proof.Evidence(accepted=accepted, mails=[kept(message) for message in mail.outbox])


def work() -> None:
    for queue in ("routing", "media", "notify", "notify"):
        worker.drain(queue, clock=lambda: NOW + timedelta(minutes=2))


def kept(message, at: float = T) -> dict:
    headers = message.extra_headers
    return {"message_id": headers["Message-ID"], "to": message.to[0], "at": at, "answered": True}


def broken(evidence: proof.Evidence) -> dict[str, list[str]]:
    return {item.claim: item.against for item in proof.prove(evidence) if not item.holds}


def test_a_calm_world_is_proven(world):
    verdicts = proof.prove(world)
    assert [item.against for item in verdicts if not item.holds] == []
    assert [item.claim for item in verdicts] == [
        *(ACCEPTED, ROUTED, WORK, ROWS, TIMELINE, TOLD, MAILBOXES),
        *(DOUBLED, PHOTOS, MAP, PLACES, CLOCKS, ERRORS),
    ]
    looked_at = {item.claim: item.looked_at for item in verdicts}
    assert looked_at[ACCEPTED] == "3 keys"
    assert looked_at[TOLD] == "2 due, 0 failed"
    assert looked_at[PHOTOS] == "1 photos"
    assert looked_at[MAP].startswith("15 in ")  # three reports at five resolutions


# --- reports ---------------------------------------------------------------------------------------------


def test_a_lost_report(world):
    lost = {"key": str(uuid.uuid4()), "code": "K7QM-4TPX", "email": "", "photos": 0}
    world.accepted.append(lost)
    assert broken(world) == {ACCEPTED: [f"lost: K7QM4TPX (key {lost['key']})"]}


def test_a_report_under_another_code(world):
    world.accepted[1]["code"] = "K7QM-4TPX"
    assert list(broken(world)) == [ACCEPTED]


def test_a_key_with_two_codes(world):
    world.accepted.append(world.accepted[1] | {"code": world.accepted[2]["code"]})
    assert list(broken(world)) == [ACCEPTED]


def test_a_report_that_nobody_sent(world):
    dropped = world.accepted.pop()
    assert list(broken(world)) == [ACCEPTED]
    world.unanswered.append(dropped["key"])  # its sender got no answer: it may be there or not, but waits
    assert broken(world) == {ACCEPTED: [f"no answer in time for key {dropped['key']}"]}


def test_what_clients_found_contradictory(world):
    world.contradictions.append("key 1: first A, then B")
    assert broken(world) == {ACCEPTED: ["key 1: first A, then B"]}


def test_a_report_received_twice_by_its_timeline(world):
    event = Event.objects.filter(kind="submitted").first()
    event.pk, event.from_status, event.to_status = None, "", ""
    event.save(force_insert=True)
    assert list(broken(world)) == [ACCEPTED]


def test_a_doubled_decision(world):
    decision = RoutingDecision.objects.first()
    decision.pk = None
    decision.save(force_insert=True)
    assert broken(world) == {
        ROUTED: [f"{decision.report.code}: 1 routings on the timeline, 2 decisions"],
    }


def test_a_decision_that_is_missing(world):
    decision = RoutingDecision.objects.first()
    RoutingDecision.objects.filter(pk=decision.pk).delete()
    assert list(broken(world)) == [ROUTED]


def test_a_report_that_is_not_routed(world, make_report):
    late = make_report(category="lain-sampah")
    world.accepted.append(
        {"key": str(late.idempotency_key), "code": late.code, "email": "", "photos": 0},
    )
    found = broken(world)
    assert found.keys() == {ROUTED, WORK, MAP, CLOCKS}  # and nothing else that hangs on the routing is there
    assert found[ROUTED][0] == f"{late.code} is not routed"


def test_a_report_without_a_promise(world):
    Report.objects.filter(status="assigned").update(promised_at=None)
    assert list(broken(world)) == [ROUTED]


# --- work ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "leased"])
def test_a_stuck_row(world, state):
    Outbox.objects.filter(topic="report.submitted").update(state=state)
    found = broken(world)
    assert list(found) == [WORK]
    assert len(found[WORK]) == 3


def test_a_row_given_up_with_a_reason_is_a_visible_dead_letter(world):
    row = Outbox.objects.filter(queue="notify").first()
    Outbox.objects.filter(pk=row.pk).update(state="dead", last_error="TemporaryError: no mail server")
    assert broken(world) == {}
    Outbox.objects.filter(pk=row.pk).update(last_error="")
    assert list(broken(world)) == [WORK]


def test_a_routing_given_up_is_no_excuse(world):
    row = Outbox.objects.filter(topic="report.submitted").first()
    Outbox.objects.filter(pk=row.pk).update(state="dead", last_error="TimeoutError")
    assert list(broken(world)) == [WORK]


def test_a_change_without_its_row(world):
    Outbox.objects.filter(topic="report.changed").first().delete()
    assert list(broken(world)) == [ROWS]


def test_a_row_written_twice(world):
    row = Outbox.objects.filter(topic="photo.added").get()
    row.pk = None
    row.save(force_insert=True)
    assert broken(world) == {ROWS: [f"photo.added {Photo.objects.get().pk}: 2 rows"]}


# --- timelines -------------------------------------------------------------------------------------------


def test_a_status_without_its_event(world):
    Report.objects.filter(status="in_progress").update(status="waiting")
    assert list(broken(world)) == [TIMELINE]


def test_a_step_that_the_table_does_not_know(world):
    report = Report.objects.get(status="in_progress")
    Event.objects.create(
        report=report,
        kind="status",
        at=NOW,
        actor_kind="staff",
        from_status="in_progress",
        to_status="closed",
    )
    found = broken(world)
    assert found[TIMELINE] == [
        f"{report.code}: in_progress -> closed is not allowed",
        f"{report.code}: ends with closed, but is in_progress",
    ]


def test_a_step_that_overwrote_another(world):
    report = Report.objects.get(status="in_progress")
    Event.objects.create(
        report=report,
        kind="status",
        at=NOW,
        actor_kind="staff",
        from_status="assigned",
        to_status="in_progress",
    )
    assert (
        f"{report.code}: was in_progress, and the next step says it was assigned" in broken(world)[TIMELINE]
    )


# --- messages --------------------------------------------------------------------------------------------


def test_somebody_who_was_not_told(world):
    delivery = Delivery.objects.first()
    Outbox.objects.filter(topic="delivery.send", payload__delivery_id=delivery.pk).delete()
    Delivery.objects.filter(pk=delivery.pk).delete()
    found = broken(world)
    assert found.keys() == {TOLD, MAILBOXES}
    assert len(found[TOLD]) == 1


def test_whoever_no_longer_listens_need_not_be_told(world):
    Subscription.objects.update(stopped_at=NOW)
    assert broken(world) == {}


def test_a_delivery_that_never_ended(world):
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(state="pending")
    assert list(broken(world)) == [TOLD]


def test_a_failed_delivery_must_say_why(world):
    failed = Delivery.objects.filter(pk=Delivery.objects.first().pk)
    failed.update(state="failed", last_error="550 no such user")
    assert broken(world) == {}
    failed.update(last_error="")
    assert list(broken(world)) == [TOLD]


def test_a_mail_that_counts_as_sent_and_is_nowhere(world):
    gone = world.mails.pop()
    assert broken(world) == {MAILBOXES: [f"{gone['message_id']} counts as sent and is in no mailbox"]}


def test_a_mail_to_a_stranger(world):
    world.mails[0]["to"] = "lain@contoh.id"
    assert list(broken(world)) == [MAILBOXES]


def test_a_mail_of_nobody(world):
    world.mails.append(world.mails[0] | {"message_id": "<delivery-0.0@localhost>"})
    assert list(broken(world)) == [MAILBOXES]


def test_a_doubled_mail(world):
    world.mails.append(world.mails[0] | {"at": T + 30})
    found = broken(world)
    assert list(found) == [DOUBLED]
    assert "2 copies" in found[DOUBLED][0]


def test_a_mail_doubled_because_its_answer_was_never_given(world):
    world.mails[0]["answered"] = False
    world.mails.append(world.mails[0] | {"at": T + 30, "answered": True})
    assert broken(world) == {}


@pytest.mark.parametrize(
    ("began", "ended", "is_excused"),
    [(1.0, 1.0, True), (-3.0, 2.0, True), (-9.0, -1.0, False), (6.0, 9.0, False)],
)
def test_a_mail_doubled_by_a_kill_before_the_commit(world, began, ended, is_excused):
    world.mails.append(world.mails[0] | {"at": T + 30})
    world.outages.append(proof.Outage("process", T + began, T + ended))
    assert (broken(world) == {}) is is_excused


# --- what hangs on it ------------------------------------------------------------------------------------


def test_a_photo_that_is_missing(world):
    world.accepted[1]["photos"] = 1
    assert list(broken(world)) == [PHOTOS]


@pytest.mark.parametrize("state", ["pending", "refused"])
def test_a_photo_that_is_not_ready(world, state):
    Photo.objects.update(state=state)
    assert broken(world) == {PHOTOS: [f"photo {Photo.objects.get().pk} is {state}"]}


def test_a_photo_whose_file_is_missing(world):
    default_storage.delete(Photo.objects.get().small.name)
    assert list(broken(world)) == [PHOTOS]


def test_a_cell_counted_twice(world):
    cell = CellCount.objects.first()
    CellCount.objects.filter(pk=cell.pk).update(count=cell.count + 1)
    assert list(broken(world)) == [MAP]


def test_a_cell_that_was_forgotten(world):
    CellCount.objects.filter(resolution=7).delete()
    assert list(broken(world)) == [MAP]


def test_figures_of_places_that_are_wrong(world, monkeypatch):
    monkeypatch.setattr(proof.place_figures, "_count_numbers", lambda tallies, now: None)
    assert list(broken(world)) == [PLACES]


def test_a_clock_that_nobody_watches(world):
    ClockWatch.objects.first().delete()
    assert list(broken(world)) == [CLOCKS]


# --- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "after_s", "is_excused"),
    [
        (503, "database", 1.0, True),
        (500, "database", 19.0, True),
        (500, "database", 30.0, False),
        (500, "process", 1.0, False),
        (422, "database", 1.0, False),
        (409, "database", 1.0, False),
    ],
)
def test_errors_are_excused_by_a_lost_database_alone(world, status, kind, after_s, is_excused):
    world.outages.append(proof.Outage(kind, T, T))
    world.troubles.append({"at": T + after_s, "status": status, "what": "POST report"})
    assert (broken(world) == {}) is is_excused


def test_the_table_shows_what_speaks_against_a_claim():
    verdicts = [
        proof.Verdict("this", "3 keys", []),
        proof.Verdict("that thing", "2 rows", [f"row {number}" for number in range(10)]),
    ]
    assert proof.table(verdicts).splitlines() == [
        "this        holds         3 keys",
        "that thing  BROKEN (10)   2 rows",
        *(f"    - row {number}" for number in range(8)),
        "    … and 2 more",
    ]
