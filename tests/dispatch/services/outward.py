"""What the tests of forwarded referrals share."""

from datetime import timedelta

import pytest

from city.models import Department
from complaints.models import Event
from dispatch.models import Forward, OwnerEndpoint, Referral
from dispatch.services import owners, worker
from tests.conftest import NOW
from tests.dispatch.channels.open311_server import KEY, Open311Server

KALIGAWE = {"latitude": -6.95427, "longitude": 110.47319}  # a national road: BBPJN
HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings):
    running = Open311Server()
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    yield running
    running.close()


@pytest.fixture
def endpoint(db, server):
    """BBPJN's server, as an administrator would set it."""
    made = OwnerEndpoint(
        department=Department.objects.get(code="BBPJN"),
        base_url=server.url,
        jurisdiction_id="bbpjn.example",
        default_service_code="lain",
        service_codes={"jalan-lubang": "rusak"},
    )
    owners.set_api_key(made, KEY)
    made.save()
    return made


@pytest.fixture
def work():
    """Work off what is due at a moment."""

    def run(now=NOW):
        for queue in ("routing", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


@pytest.fixture
def forwarded(make_report, work, endpoint):
    """File a report on the owner's road and let the workers work: `forwarded(email="…", is_private=True)`."""

    def make(email="", now=NOW, **changes):
        Department.objects.filter(code="BBPJN").update(email=email)
        report = make_report(now=now, **(KALIGAWE | changes))
        work(now)
        report.refresh_from_db()
        return report

    return make


def told(report) -> list[tuple[str, str]]:
    """What the public reads of the referral."""
    events = Event.objects.filter(report=report, kind="referral", is_public=True).order_by("id")
    return [(event.data["what"], event.text) for event in events]


def notes(report) -> list[str]:
    return list(
        Event.objects.filter(report=report, kind="note").order_by("id").values_list("text", flat=True)
    )


def referral_of(report) -> Referral:
    return Referral.objects.select_related("forward").get(report=report, ended_at__isnull=True)


def forward_of(report) -> Forward:
    return Forward.objects.select_related("referral").filter(referral__report=report).latest("id")
