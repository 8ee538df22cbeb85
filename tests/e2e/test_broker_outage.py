"""The broker and the workers are only messengers: without them reports are accepted, and routed later.

Runs on the portal that the other tests use, and leaves it as it found it.
"""

import os
import signal
import time

import pytest

from tests.e2e import people
from tests.e2e.portal import Portal, wait_for

pytestmark = pytest.mark.e2e

# The supervisor starts again after a second, Celery reconnects, the sweep comes every five seconds.
BACK_WITHIN_S = 45.0
# A person who files during an outage must not notice it.
PATIENT_S = 3.0


def broker(portal: Portal) -> int:
    return portal.pids_of("valkey-server")[0]


def workers(portal: Portal) -> list[int]:
    return portal.pids_of("celery")


def file_and_time(portal: Portal) -> tuple[people.Filed, float]:
    started = time.monotonic()
    filed = people.filed_by_app(portal)
    return filed, time.monotonic() - started


def routed_by_itself(portal: Portal, filed: people.Filed) -> None:
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"], BACK_WITHIN_S)
    assert portal.report(filed.code)["department"]
    wait_for("everything is well again", lambda: portal.status_of("/readyz") == 200, BACK_WITHIN_S)
    portal.manage("dispatch_status")  # fails if anything is stuck


def test_a_hanging_and_then_killed_broker(portal: Portal, browse):
    pid = broker(portal)
    os.kill(pid, signal.SIGSTOP)  # worse than dead: it takes connections and never answers
    try:
        filed, seconds = file_and_time(portal)
        assert seconds < PATIENT_S
        page = browse()
        page.goto(filed.private_path)  # pages work as well
        assert people.timeline(page) == ["submitted"]
        assert portal.report(filed.code)["status"] == "received"
    finally:
        os.kill(pid, signal.SIGKILL)
    during, seconds = file_and_time(portal)
    assert seconds < PATIENT_S
    for report in (filed, during):
        routed_by_itself(portal, report)
    assert broker(portal) != pid


def test_killed_workers(portal: Portal):
    before = workers(portal)
    assert before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    filed, seconds = file_and_time(portal)
    assert seconds < PATIENT_S
    routed_by_itself(portal, filed)
    assert not set(before) & set(workers(portal))
