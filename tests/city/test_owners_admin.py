"""Many stretches get one owner: who may, what is asked, what is kept of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city.models import AuditEvent, CityVersion, Department, Road, Waterway
from city.services import history

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, staff):
    client.force_login(staff("admin"))
    return client


def post(client, model, rows, **values):
    url = reverse(f"admin:city_{model._meta.model_name}_changelist")
    chosen = {"action": "change_owner", "index": "0", "_selected_action": [row.pk for row in rows]}
    return client.post(url, chosen | values)


def owners(model) -> dict:
    return dict(model.objects.values_list("pk", "owner"))


@pytest.mark.parametrize("model", [Road, Waterway])
def test_two_stretches_get_an_owner_and_say_who_and_why(admin, model):
    rows, owner = list(model.objects.order_by("pk")[:2]), Department.objects.get(code="DISPERKIM")
    before, version = owners(model), CityVersion.objects.get().boundaries_version
    asked = post(admin, model, rows)
    assert asked.status_code == 200
    assert asked.context["count"] == 2
    assert owners(model) == before
    assert post(admin, model, rows, apply="1", owner=owner.pk, basis="SK 7/2026").status_code == 302
    now = owners(model)
    assert {pk for pk in now if now[pk] != before[pk]} == {row.pk for row in rows}
    assert CityVersion.objects.get().boundaries_version == version + 1
    for row in rows:
        line = history.lines_of(model, row.pk).get()
        values = {entry[0][0]: entry[1:] for entry in history.values_of(line)}
        assert values["owner"] == [history.named(row.owner), history.named(owner)]
        assert values["owner_basis"] == [row.owner_basis, "SK 7/2026"]


def test_unknown_is_an_owner_too_and_nothing_new_changes_nothing(admin):
    row = Road.objects.exclude(owner=None).first()
    assert post(admin, Road, [row], apply="1", owner="", basis="Dua sumber berbeda").status_code == 302
    row.refresh_from_db()
    assert (row.owner, row.owner_basis) == (None, "Dua sumber berbeda")
    lines, version = AuditEvent.objects.count(), CityVersion.objects.get().version
    post(admin, Road, [row], apply="1", owner="", basis="Dua sumber berbeda")
    assert (AuditEvent.objects.count(), CityVersion.objects.get().version) == (lines, version)


def test_without_evidence_nothing_changes_and_what_was_chosen_stays(admin):
    row, owner, before = Road.objects.first(), Department.objects.get(code="DISPERKIM"), owners(Road)
    answer = post(admin, Road, [row], apply="1", owner=owner.pk, basis=" ")
    assert answer.status_code == 422
    assert answer.context["form"]["owner"].value() == str(owner.pk)
    assert owners(Road) == before


def test_too_many_at_once_are_refused(admin):
    rows, before = list(Road.objects.all()[:501]), owners(Road)
    assert len(rows) == 501
    post(admin, Road, rows, apply="1", owner="", basis="x")
    assert owners(Road) == before


@pytest.mark.parametrize("role", ["p3m", "duty_officer", "planner", "viewer", "operator"])
def test_only_administrators(client, staff, role):
    client.force_login(staff(role))
    row, before = Road.objects.first(), owners(Road)
    assert post(client, Road, [row], apply="1", owner="", basis="x").status_code == 403
    assert owners(Road) == before


def test_the_page_asks_no_more_for_more_rows(admin):
    counts = []
    for size in (2, 40):
        rows = list(Road.objects.all()[:size])
        post(admin, Road, rows)
        with CaptureQueriesContext(connection) as queries:
            post(admin, Road, rows)
        counts.append(len(queries))
    assert counts[1] == counts[0]
