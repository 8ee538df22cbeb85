"""What the tests of webhooks share."""

import json
from datetime import timedelta

import pytest

from dispatch.models import WebhookDelivery, WebhookSubscriber
from dispatch.services import webhooks, worker
from tests.conftest import NOW
from tests.dispatch.channels.servers import HttpServer

ALL = [kind.value for kind in webhooks.KINDS]
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver(settings):
    server = HttpServer()
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    yield server
    server.close()


@pytest.fixture
def subscribe(receiver):
    """`subscribe(kinds=[…])` → the subscriber and its secret."""

    def make(**changes):
        values = {"name": "Dasbor", "url": f"{receiver.url}/terima", "kinds": ALL, "created_at": NOW}
        made = WebhookSubscriber(**(values | changes))
        secret = webhooks.new_secret(made, now=NOW)
        made.save()
        return made, secret

    return make


@pytest.fixture
def work():
    def run(now=NOW):
        for queue in ("routing", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


def bodies(receiver) -> list[dict]:
    return [json.loads(got.body) for got in receiver.requests]


def kinds(receiver) -> list[str]:
    return [body["kind"] for body in bodies(receiver)]


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("event_id").values_list("state", flat=True))
