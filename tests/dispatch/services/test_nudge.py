"""Nudges: never slow, never raising, silent for a while after a failure."""

import threading
import time

import pytest

from dispatch.services.nudge import SILENT_AFTER_FAILURE_S, Nudger, Publisher


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_nudge_is_published_in_the_background():
    sent = []
    nudger = Nudger(lambda queue: sent.append((queue, threading.current_thread().name)))
    nudger.nudge("routing")
    assert nudger.flush(5)
    assert sent == [("routing", "outbox-nudge")]


def test_nudges_during_a_slow_publication_become_one_afterwards():
    sent, started, go_on = [], threading.Event(), threading.Event()

    def publish(queue):
        sent.append(queue)
        started.set()
        go_on.wait(5)

    nudger = Nudger(publish)
    nudger.nudge("routing")
    assert started.wait(5)
    for _n in range(100):
        nudger.nudge("routing")
    go_on.set()
    assert nudger.flush(5)
    assert sent == ["routing", "routing"]


def test_a_burst_is_announced_at_once_and_then_with_pauses():
    sent, clock = [], Clock()
    nudger = Nudger(sent.append, clock, {"notify": 60.0})
    nudger.nudge("notify")
    assert nudger.flush(5)
    nudger.nudge("notify")
    assert not nudger.flush(0.2)
    assert sent == ["notify"]
    clock.now += 60.0
    nudger.nudge("notify")
    assert nudger.flush(5)
    assert sent == ["notify", "notify"]


def test_a_broker_that_hangs_makes_nobody_wait():
    hang = threading.Event()
    nudger = Nudger(lambda queue: hang.wait(20))
    began = time.monotonic()
    for _n in range(50):
        nudger.nudge("routing")
    waited_s = time.monotonic() - began
    hang.set()
    assert waited_s < 5  # it would be 20 if a nudge waited for the broker


def test_after_a_failure_it_is_silent_and_then_tries_again():
    calls, clock, works = [], Clock(), []

    def publish(queue):
        calls.append(queue)
        if not works:
            raise OSError("connection refused")

    nudger = Nudger(publish, clock)
    nudger.nudge("routing")
    assert nudger.flush(5)
    nudger.nudge("routing")
    assert nudger.flush(5)
    assert calls == ["routing"]
    clock.now += SILENT_AFTER_FAILURE_S
    works.append(True)
    nudger.nudge("media")
    assert nudger.flush(5)
    assert calls == ["routing", "media"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+socket:///nowhere/valkey.sock"])
def test_a_dead_broker_is_noticed_and_raises_in_the_thread_only(url, monkeypatch):
    from kombu import Connection

    from dispatch.services import nudge

    monkeypatch.setattr(nudge.current_app, "connection_for_write", lambda: Connection(url), raising=False)
    with pytest.raises(Exception, match=r"refused|No such file|connect"):
        Publisher()("routing")
    nudger = Nudger(Publisher())
    nudger.nudge("routing")
    assert nudger.flush(10)
    assert nudger.silent_until > 0
