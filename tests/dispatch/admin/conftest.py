"""Reports in the hands of departments, and officers with a browser."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city import snapshot as city
from city.models import Crew, Department
from city.services import crews
from complaints.domain import codes
from complaints.models import Event, Photo, Report
from dispatch.models import RoutingDecision
from dispatch.services import casework as casework_service
from dispatch.services import route
from tests.conftest import NOW, make_proof

LIST = "admin:complaints_report_changelist"


@pytest.fixture
def desk(staff):
    """Somebody at the complaints desk."""
    return staff("p3m")


@pytest.fixture
def report_at(make_report, desk):
    """A report that the complaints desk gave to a department: `report_at("DPU")`; None: still at the desk."""

    def make(department: str | None = "DPU", *, now=NOW, **changes) -> Report:
        report = make_report(now=now, **changes)
        actor = casework_service.actor_of(desk)
        if department is None:
            route.send_to_triage(report.pk, now=now)
        else:
            route.decide_by_hand(
                report.pk,
                department_id=city.current().departments[department].id,
                reason="Ruas ini milik kota.",
                actor=actor,
                now=now,
            )
        report.refresh_from_db()
        return report

    return make


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def listed(browser, handler):
    """The codes the handler's list shows for these parameters."""
    page = browser(handler)

    def get(**params):
        response = page.get(reverse(LIST), params)
        assert response.status_code == 200
        return codes_in(response)

    return get


@pytest.fixture
def browser():
    """A signed-in client: `browser(user)`."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def step():
    """Post a step as the case page does: `step(client, report, "accept", message="…")`."""

    def post(client, report, name, *, version=None, query="", **data):
        url = reverse("admin:complaints_report_step", args=[report.pk, name])
        return client.post(url + query, {"version": version or report.version, "seen": 0, **data})

    return post


@pytest.fixture
def take(desk):
    """Bring a report further without a page."""

    def run(report, name, user=None, *, now=NOW, **details):
        casework_service.take_step(
            user or desk, report.pk, name, casework_service.Details(**details), now=now
        )
        report.refresh_from_db()
        return report

    return run


@pytest.fixture
def count_queries():
    """How many queries something costs: `count_queries(lambda: page.get(…))`."""

    def count(act) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    return count


@pytest.fixture
def crew(db):
    """`crew("Regu Timur", "DPU", person, …)`"""

    def make(name="Regu Timur", department="DPU", *members, **more) -> Crew:
        office = Department.objects.get(code=department)
        return crews.save(None, name=name, department=office, members=members, **more)

    return make


@pytest.fixture
def mine(report_at, take, handler):
    """A report in the handler's own hands."""

    def make(**more):
        return take(report_at("DPU", now=timezone.now(), **more), "assign", assignee_id=handler.pk)

    return make


@pytest.fixture
def phone(browser, handler):
    return browser(handler)


def case_url(report) -> str:
    return reverse("admin:complaints_report_change", args=[report.pk])


def upload(**proof) -> SimpleUploadedFile:
    """A photo of a repair that nothing stands out about; `proof` as for make_proof."""
    return SimpleUploadedFile("sesudah.jpg", make_proof(**proof), content_type="image/jpeg")


def everything_about(report) -> tuple:
    """A picture of all that a step could change, for asserting that nothing did."""
    return (
        Report.objects.filter(pk=report.pk).values_list().get(),
        list(Event.objects.filter(report=report).values_list()),
        list(Photo.objects.filter(report=report).values_list()),
        RoutingDecision.objects.filter(report=report).count(),
    )


def codes_in(response) -> list[str]:
    """The codes of the reports a list page shows, in its order."""
    return [report.code for report in response.context["cl"].result_list]


NO_PROMISE = {"due_at": None, "make_safe_due_at": None}


def due(report, delta) -> Report:
    """Move the promise; without a `delta` nothing is promised at all."""
    promise = {"due_at": timezone.now() + delta} if delta is not None else NO_PROMISE
    Report.objects.filter(pk=report.pk).update(**promise)
    return report


def copies(report, number):
    """Many more reports like this one, made in one go."""
    fields = [
        f.attname for f in Report._meta.concrete_fields if f.attname not in ("id", "code", "idempotency_key")
    ]
    values = {name: getattr(report, name) for name in fields}
    Report.objects.bulk_create(
        Report(**values, code=codes.new_code(), idempotency_key=uuid4()) for _ in range(number)
    )
