"""Processes die and the broker goes away: nothing is lost, nothing doubled, nothing stuck (invariant 2)."""

import io
import os
import signal
import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from complaints.domain.draft import Contact
from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import photos
from complaints.services.submit import submit_report
from dispatch.models import Delivery, Outbox, RoutingDecision
from dispatch.services import nudge
from tests.conftest import make_jpeg
from tests.servers.programs import Broker, Worker, wait_for

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(
        not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")), reason="needs real servers"
    ),
    pytest.mark.usefixtures("committed_city"),
]

# Seconds the broker is away; a minute with OUTAGE_S=60.
OUTAGE_S = float(os.environ.get("OUTAGE_S", "6"))
SETTLE_S = 45


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """A broker on a private port, also for this process's nudges."""
    from lapor.celery import app

    server = Broker(tmp_path)
    server.start()
    monkeypatch.setattr(app.conf, "broker_url", server.url)
    monkeypatch.setattr(nudge, "_nudger", nudge.Nudger(nudge.Publisher()))
    yield server
    server.kill()


@pytest.fixture
def start_worker(broker, tmp_path, settings):
    """A factory of workers on the test database; they are stopped before the tables are emptied."""
    workers = []

    def start(**options) -> Worker:
        worker = Worker(tmp_path, broker.url, _database_url(), **options)
        worker.env["MEDIA_ROOT"] = str(settings.MEDIA_ROOT)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()


def _database_url() -> str:
    from urllib.parse import urlsplit, urlunsplit

    return urlunsplit(
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    )


def unfinished() -> int:
    return Outbox.objects.exclude(state="done").count()


def settled() -> bool:
    return unfinished() == 0


def assert_each_routed_once(count: int) -> None:
    assert Report.objects.count() == count
    assert Report.objects.filter(status="received").count() == 0
    assert RoutingDecision.objects.count() == count
    assert Event.objects.filter(kind__in=("routed", "triaged")).count() == count
    call_command("dispatch_status", stdout=io.StringIO())  # exits with 1 if anything is stuck


@pytest.mark.parametrize("halt_at", ["before:report.submitted", "after:report.submitted"])
def test_kill_9_between_claim_and_commit(halt_at, start_worker, draft):
    """The whole worker dies with a claimed report, before or after the work but before the commit."""
    doomed = start_worker(halt_at=halt_at)
    for _n in range(5):
        submit_report(draft(contact=Contact(email="warga@contoh.id")), now=timezone.now())
    wait_for(doomed.marker.exists, SETTLE_S, "the worker halts")
    doomed.kill()
    assert Report.objects.filter(status="received").count() == 5
    assert RoutingDecision.objects.count() == 0
    assert Outbox.objects.filter(topic="report.submitted", state="leased").exists()
    start_worker()
    wait_for(settled, SETTLE_S, "all rows done")
    assert_each_routed_once(5)
    assert Delivery.objects.filter(state="sent").count() == 5


def test_kill_9_of_one_pool_process_only(start_worker, draft):
    """A child dies in the middle of its work; its parent lives on and starts another one."""
    worker = start_worker(halt_at="after:report.submitted")
    submit_report(draft(), now=timezone.now())
    wait_for(worker.marker.exists, SETTLE_S, "a child halts")
    assert Report.objects.get().status == "received"
    os.kill(int(worker.marker.read_text()), signal.SIGKILL)
    wait_for(settled, SETTLE_S, "all rows done")
    assert worker.process.poll() is None
    assert_each_routed_once(1)


def test_kill_9_between_sending_and_done(start_worker, draft, tmp_path):
    """A message that went out may go out once more, and never gets stuck or lost."""
    doomed = start_worker(halt_at="after:delivery.send")
    submit_report(draft(contact=Contact(email="warga@contoh.id")), now=timezone.now())
    wait_for(doomed.marker.exists, SETTLE_S, "the worker halts")
    doomed.kill()
    assert Delivery.objects.get().state == "pending"
    start_worker()
    wait_for(settled, SETTLE_S, "all rows done")
    assert Delivery.objects.get().state == "sent"
    sent = [line for file in (tmp_path / "mail").iterdir() for line in file.read_text().splitlines()]
    assert len({line for line in sent if line.startswith("Message-ID:")}) == 1


def test_kill_9_while_a_photo_is_prepared(start_worker, draft, new_key):
    key, now = new_key(), timezone.now()
    staged = photos.stage_photo(make_jpeg(size=(640, 480)), key, now=now)
    doomed = start_worker(halt_at="after:photo.added")
    submit_report(draft(idempotency_key=key, photos=(staged.uuid,)), now=now)
    wait_for(doomed.marker.exists, SETTLE_S, "the worker halts")
    doomed.kill()
    start_worker()
    wait_for(settled, SETTLE_S, "all rows done")
    photo = Photo.objects.get()
    assert (photo.state, photo.width, photo.height) == ("ready", 640, 480)
    assert not StagedPhoto.objects.exists()


def test_a_worker_that_is_asked_to_stop_leaves_nothing_behind(start_worker, draft):
    worker = start_worker()
    for _n in range(20):
        submit_report(draft(), now=timezone.now())
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(30)
    start_worker()
    wait_for(settled, SETTLE_S, "all rows done")
    assert_each_routed_once(20)


def test_the_broker_goes_away_under_load_and_comes_back(start_worker, broker, draft):
    """Reports are accepted all the time, and are routed by themselves when the broker is back."""
    worker = start_worker(lease_s=5)
    submit_report(draft(), now=timezone.now())
    wait_for(settled, SETTLE_S, "the worker works")
    stop, accepted, errors = threading.Event(), [], []

    def load():
        try:
            while not stop.is_set():
                accepted.append(submit_report(draft(), now=timezone.now()).report.pk)
                time.sleep(1 / 30)
        except Exception as exc:
            errors.append(exc)
        finally:
            connection.close()

    thread = threading.Thread(target=load)
    thread.start()
    time.sleep(2)
    broker.kill()
    before = len(accepted)
    time.sleep(OUTAGE_S)
    during = len(accepted) - before
    broker.start()
    time.sleep(2)
    stop.set()
    thread.join(30)
    assert errors == []
    assert during > 0

    def routed_by_whoever_runs() -> bool:
        # Celery's Redis transport (kombu) ends the worker when the line breaks while it acknowledges.
        worker.start_again_if_ended()
        return settled()

    wait_for(routed_by_whoever_runs, SETTLE_S + OUTAGE_S, "all rows done")
    assert_each_routed_once(len(accepted) + 1)


def test_a_worker_that_starts_before_its_broker_waits_for_it(start_worker, broker, draft):
    broker.kill()
    start_worker()
    submit_report(draft(), now=timezone.now())
    time.sleep(4)
    assert unfinished() == 1
    broker.start()
    wait_for(settled, SETTLE_S, "all rows done")
    assert_each_routed_once(1)
