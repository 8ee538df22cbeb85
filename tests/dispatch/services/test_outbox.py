"""The outbox attacked: leases that run out, two workers at once, stale tokens, crashes, dead letters."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dispatch.domain import retry
from dispatch.models import Outbox
from dispatch.services import outbox, worker
from tests.conftest import NOW

LATER = NOW + timedelta(seconds=31)
TOPIC = "test.topic"


@pytest.fixture
def add(db):
    """A factory of outbox rows, due at NOW."""

    def make(queue="routing", topic=TOPIC, now=NOW, **payload):
        return outbox.enqueue(queue=queue, topic=topic, report_id=None, payload=payload, now=now)

    return make


@pytest.fixture
def handle(monkeypatch):
    """Register a handler for TOPIC for one test."""

    def register(run, **options):
        monkeypatch.setitem(worker._handlers, TOPIC, worker.Handler(run, **options))

    return register


def state(row) -> str:
    row.refresh_from_db()
    return row.state


def at(moment):
    return lambda: moment


def test_a_row_is_done_once_and_in_order(add, handle):
    seen = []
    handle(lambda row, now: seen.append(row.payload["n"]))
    rows = [add(n=n, now=NOW + timedelta(seconds=n)) for n in range(30)]
    assert worker.drain("routing", clock=at(NOW + timedelta(seconds=40))) == 30
    assert seen == list(range(30))
    assert {state(row) for row in rows} == {"done"}
    assert worker.drain("routing", clock=at(NOW + timedelta(days=1))) == 0


def test_only_its_own_queue_and_only_what_is_due(add, handle):
    handle(lambda row, now: None)
    other, future = add(queue="media"), add(now=LATER)
    assert worker.drain("routing", clock=at(NOW)) == 0
    assert (state(other), state(future)) == ("pending", "pending")


def test_new_reports_go_before_whatever_else_waits(add, handle):
    """A worker that is busy with messages routes a report that came meanwhile before its next batch."""
    seen = []

    def run(row, now):
        seen.append(row.queue)
        if len(seen) == 1:
            add(queue="routing")

    handle(run)
    for _n in range(25):
        add(queue="notify")
    assert worker.drain("notify", clock=at(NOW)) == 25
    assert seen.index("routing") == outbox.BATCH["notify"]


def test_a_claimed_row_is_nobody_elses_until_the_lease_runs_out(add):
    row = add()
    [mine] = outbox.claim("routing", now=NOW)
    assert outbox.claim("routing", now=NOW + timedelta(seconds=29)) == []
    [theirs] = outbox.claim("routing", now=LATER)
    assert theirs.pk == row.pk == mine.pk
    assert theirs.lease_token != mine.lease_token
    assert theirs.attempts == 2


def test_the_lease_time_is_a_setting(add, settings):
    settings.OUTBOX_LEASE_S = 2.0
    add()
    outbox.claim("routing", now=NOW)
    assert outbox.claim("routing", now=NOW + timedelta(seconds=1)) == []
    assert len(outbox.claim("routing", now=NOW + timedelta(seconds=2))) == 1


def test_whoever_lost_the_lease_can_do_nothing(add, handle):
    effects = []
    handle(lambda row, now: effects.append(row.lease_token))
    row = add()
    [stale] = outbox.claim("routing", now=NOW)
    [current] = outbox.claim("routing", now=LATER)
    assert worker.process(stale, clock=at(LATER)) == "stale"
    assert outbox.finish(stale, now=LATER) is False
    assert outbox.fail(stale, "late", now=LATER) is False
    assert outbox.renew(stale, now=LATER) is False
    assert (state(row), row.lease_token, row.last_error) == ("leased", current.lease_token, "")
    assert worker.process(current, clock=at(LATER)) == "done"
    assert effects == [current.lease_token]
    assert outbox.finish(current, now=LATER) is False


def test_a_lost_workers_rows_are_handed_out_one_at_a_time(add):
    for _n in range(5):
        add()
    assert len(outbox.claim("routing", now=NOW)) == 5
    assert len(outbox.claim("routing", now=LATER)) == 1


def test_a_row_that_kills_its_workers_is_given_up(add, handle):
    runs = []
    handle(lambda row, now: runs.append(1))
    row = add()
    moment = NOW
    for _n in range(retry.MAX_ATTEMPTS["routing"]):  # claimed, and the worker dies each time
        outbox.claim("routing", now=moment)
        moment += timedelta(seconds=31)
    worker.drain("routing", clock=at(moment))
    assert (state(row), runs) == ("dead", [])
    assert "the worker was lost" in row.last_error


def test_effect_and_done_commit_together(add, handle):
    """A handler that fails after its effect leaves no effect; the next attempt leaves exactly one."""
    fails = [True]

    def run(row, now):
        Outbox.objects.create(queue="media", topic="effect", created_at=now, due_at=now)
        if fails:
            fails.pop()
            raise OSError("died between effect and done")

    handle(run)
    row = add()
    worker.drain("routing", clock=at(NOW))
    assert (state(row), row.last_error) == ("pending", "OSError: died between effect and done")
    assert Outbox.objects.filter(topic="effect").count() == 0
    worker.drain("routing", clock=at(LATER))
    assert state(row) == "done"
    assert Outbox.objects.filter(topic="effect").count() == 1


def test_a_failed_row_waits_and_does_not_hold_up_the_others(add, handle):
    def run(row, now):
        if row.payload.get("bad"):
            raise ValueError("bad")

    handle(run)
    bad, good = add(bad=True), add()
    worker.drain("routing", clock=at(NOW))
    assert (state(bad), state(good)) == ("pending", "done")
    assert timedelta(seconds=3.75) <= bad.due_at - NOW <= timedelta(seconds=6.25)


def test_errors_are_kept_without_contact_details(add, handle):
    def run(row, now):
        raise ValueError("mailbox orang@contoh.id refused, call 081234567890")

    handle(run)
    row = add()
    worker.drain("routing", clock=at(NOW))
    assert state(row) == "pending"
    assert "orang@contoh.id" not in row.last_error
    assert "081234567890" not in row.last_error


def _exhaust(queue, now=NOW):
    for _n in range(retry.MAX_ATTEMPTS[queue]):
        worker.drain(queue, clock=at(now))
        now += timedelta(hours=2)
    return now


def test_dead_letters_are_kept_told_and_replayed(add, handle):
    buried, works = [], []

    def run(row, now):
        if not works:
            raise OSError("down")

    handle(run, on_dead=lambda row, now: buried.append(row.pk))
    row = add()
    now = _exhaust("routing")
    assert (state(row), buried) == ("dead", [row.pk])
    assert worker.drain("routing", clock=at(now)) == 0
    works.append(True)
    assert outbox.replay([row.pk], now=now) == 1
    worker.drain("routing", clock=at(now))
    assert state(row) == "done"
    assert outbox.replay([row.pk], now=now) == 0


def test_a_topic_nobody_knows_is_given_up_at_once(add):
    row = add(topic="no.such.topic")
    worker.drain("routing", clock=at(NOW))
    assert (state(row), row.attempts) == ("dead", 1)


def test_a_failing_last_resort_does_not_stop_the_queue(add, handle):
    def fail(row, now):
        raise worker.PermanentError("no")

    handle(fail, on_dead=fail)
    first, second = add(), add()
    assert worker.drain("routing", clock=at(NOW)) == 2
    assert (state(first), state(second)) == ("dead", "dead")


def test_work_outside_a_transaction_writes_its_effect_with_the_done(add, handle):
    in_transaction = []

    def run(row, now):
        in_transaction.append(len(connection.savepoint_ids))
        return lambda: Outbox.objects.create(queue="media", topic="effect", created_at=now, due_at=now)

    handle(run, is_transactional=False)
    row = add()
    depth = len(connection.savepoint_ids)
    worker.drain("routing", clock=at(NOW))
    assert (state(row), in_transaction) == ("done", [depth])
    assert Outbox.objects.filter(topic="effect").count() == 1


def test_prune_forgets_done_rows_after_a_while_and_never_dead_ones(add, handle):
    handle(lambda row, now: None)
    done, dead = add(), add(topic="no.such.topic")
    worker.drain("routing", clock=at(NOW))
    assert outbox.prune(now=NOW + timedelta(days=13)) == 0
    assert outbox.prune(now=NOW + timedelta(days=15)) == 1
    assert list(Outbox.objects.values_list("pk", flat=True)) == [dead.pk]
    assert done.pk != dead.pk


def test_a_rolled_back_change_leaves_no_row_and_no_nudge(db, monkeypatch, django_capture_on_commit_callbacks):
    nudged = []
    monkeypatch.setattr(outbox.nudge, "nudge", nudged.append)

    def broken_change():
        with transaction.atomic():
            outbox.enqueue(queue="routing", topic=TOPIC, report_id=None, payload={}, now=NOW)
            raise OSError

    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(OSError):
            broken_change()
        with transaction.atomic():
            outbox.enqueue(queue="media", topic=TOPIC, report_id=None, payload={}, now=NOW)
    assert nudged == ["media"]
    assert Outbox.objects.count() == 1


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_at_once_never_get_the_same_row():
    for _n in range(60):
        outbox.enqueue(queue="routing", topic=TOPIC, report_id=None, payload={}, now=NOW)
    claimed, errors, start = [[], []], [], threading.Barrier(2)

    def work(mine):
        try:
            start.wait(10)
            while rows := outbox.claim("routing", now=NOW, limit=3):
                mine += [row.pk for row in rows]
        except Exception as exc:
            errors.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(claimed[0]) + len(claimed[1]) == 60
    assert len({*claimed[0], *claimed[1]}) == 60


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_with_the_same_row_have_one_effect(monkeypatch):
    """The first is still at work when its lease runs out: the second waits for it, passes over it, or
    finds it done, but never repeats it."""
    entered, go_on, effects = threading.Event(), threading.Event(), []

    def run(row, now):
        effects.append(row.lease_token)
        entered.set()
        go_on.wait(10)

    monkeypatch.setitem(worker._handlers, TOPIC, worker.Handler(run))
    row = outbox.enqueue(queue="routing", topic=TOPIC, report_id=None, payload={}, now=NOW)

    def first():
        worker.drain("routing", clock=at(NOW))
        connection.close()

    def second():
        worker.drain("routing", clock=at(LATER))
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(effects) == 1
    assert state(row) == "done"
