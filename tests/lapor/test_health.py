"""The probes: what they say, whom they ask, and whom they tell."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.utils import timezone

from city.models import CityVersion
from dispatch.models import Outbox
from lapor import health


@pytest.fixture(autouse=True)
def broker_in_memory(settings):
    settings.BROKER_URL = "memory://"


def add_outbox_row(*, due_s_ago: float, state: str = "pending", queue: str = "routing") -> None:
    due_at = timezone.now() - timedelta(seconds=due_s_ago)
    Outbox.objects.create(queue=queue, topic="report.changed", state=state, created_at=due_at, due_at=due_at)


def test_alive_asks_nothing_of_anybody(client, settings):
    settings.ALLOWED_HOSTS = ["lapor.example"]
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(
        "/healthz", headers={"host": "10.0.0.7:8000"}
    )  # no database mark: a query would fail
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert response.cookies == {}


@pytest.mark.django_db
def test_ready(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "up",
        "city": "loaded",
        "broker": "up",
        "outbox": {"lag_s": 0.0, "dead": 0},
    }
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_asking_costs_three_queries(client, django_assert_num_queries):
    client.get("/readyz")  # sees once that every migration is applied
    with django_assert_num_queries(3):
        client.get("/readyz")


@pytest.mark.django_db
def test_without_a_broker_reports_are_still_accepted(client, settings, tmp_path):
    settings.BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["broker"] == "down"
    assert str(tmp_path) not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("due_s_ago", "status"), [(30, "ready"), (90, "degraded"), (-600, "ready")])
def test_work_that_nobody_does_is_degraded(client, due_s_ago, status):
    add_outbox_row(due_s_ago=due_s_ago)
    found = client.get("/readyz").json()
    assert found["status"] == status
    assert max(due_s_ago, 0) <= found["outbox"]["lag_s"] < max(due_s_ago, 0) + 20


@pytest.mark.django_db
def test_finished_rows_do_not_count_and_given_up_ones_do(client):
    add_outbox_row(due_s_ago=900, state=Outbox.State.DONE)
    assert client.get("/readyz").json()["status"] == "ready"
    add_outbox_row(due_s_ago=900, state=Outbox.State.DEAD)
    found = client.get("/readyz").json()
    assert (found["status"], found["outbox"]) == ("degraded", {"lag_s": 0.0, "dead": 1})


@pytest.mark.django_db
def test_without_a_city_no_report_can_be_accepted(client):
    CityVersion.objects.all().delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["city"]) == ("down", "missing")


@pytest.mark.django_db
def test_a_missing_migration_is_down(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["city.9999"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "migrations missing"


@pytest.mark.django_db
def test_without_a_database_it_is_down_and_says_so(client, monkeypatch):
    def refuse():
        raise OperationalError("could not connect to 10.0.0.5 as lapor")

    monkeypatch.setattr(health, "_database_state", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "down"
    assert "10.0.0.5" not in response.content.decode()


@pytest.mark.django_db
def test_metrics_count_requests_by_view_and_outbox_rows_by_state(client):
    add_outbox_row(due_s_ago=90)
    add_outbox_row(due_s_ago=900, state=Outbox.State.DEAD, queue=Outbox.Queue.NOTIFY)
    client.get("/admin/login/")
    client.get("/nowhere/K7QM4TPX/")
    text = client.get("/metrics").content.decode()
    assert 'lapor_http_requests_total{method="GET",status="200",view="admin:login"}' in text
    assert 'lapor_http_requests_total{method="GET",status="404",view="other"}' in text
    assert "K7QM4TPX" not in text
    assert 'lapor_outbox_rows{queue="routing",state="pending"} 1.0' in text
    assert 'lapor_outbox_rows{queue="notify",state="dead"} 1.0' in text
    assert "lapor_outbox_lag_seconds 9" in text


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_metrics_are_not_for_strangers(client, extra):
    response = client.get("/metrics", **extra)  # no database mark: nothing is read for them
    assert response.status_code == 403
    assert b"lapor_" not in response.content


@pytest.mark.django_db
def test_a_token_opens_the_metrics_from_anywhere_and_nothing_else_does(client, settings):
    settings.METRICS_TOKEN = "not-a-real-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
    told = client.get(
        "/metrics", headers={"authorization": "Bearer not-a-real-token"}, REMOTE_ADDR="203.0.113.9"
    )
    assert told.status_code == 200


@pytest.mark.server
@pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs REDIS_URL")
def test_the_real_broker_is_asked(settings):
    settings.BROKER_URL = django_settings.REDIS_URL
    assert health.broker_state() == "up"
