"""The record's page and its export: for administrators alone, whatever is in it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city import roles
from city.models import AuditEvent
from city.services import audit
from dispatch.admin.audit import harmless

PAGE, EXPORT = "admin:audit", "admin:audit_export"


@pytest.mark.parametrize("role", sorted(set(roles.ROLES) - {"admin"}))
def test_denied_to_everybody_else(role, staff, browser):
    client = browser(staff(role, "DPU"))
    before = AuditEvent.objects.count()
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.get(reverse(EXPORT)).status_code == 403
    assert AuditEvent.objects.count() == before
    assert reverse(PAGE) not in client.get(reverse("admin:index")).content.decode()


@pytest.fixture
def admin(staff, browser):
    return browser(staff("admin"))


@pytest.fixture
def lines(staff):
    user = staff("p3m")
    now = timezone.now()
    audit.record(
        "identity_look", now=now, actor=user, object_kind="complaints.report", object_name="K7QM-4TPX"
    )
    audit.record("export", now=now - timedelta(days=3), actor=user, object_name="Catatan")
    return user


def shown(client, **params) -> list[str]:
    response = client.get(reverse(PAGE), params)
    assert response.status_code == 200
    return [line.event.kind for line in response.context["lines"]]


def test_filters(admin, lines):
    today = timezone.localdate()
    assert shown(admin, orang=lines.username) == ["identity_look", "export"]
    assert shown(admin, jenis="identity_look") == ["identity_look"]
    assert shown(admin, objek="k7qm4tpx") == ["identity_look"]  # a code in any writing
    assert shown(admin, objek="Catatan") == ["export"]
    assert shown(admin, orang=lines.username, dari=today.isoformat()) == ["identity_look"]
    assert shown(admin, orang=lines.username, sampai=(today - timedelta(days=1)).isoformat()) == ["export"]
    assert shown(admin, orang="tidak-ada") == []


@pytest.mark.parametrize(
    "params",
    [
        {"dari": "9999-12-31", "sampai": "9999-12-31"},
        {"dari": "2026-02-31"},
        {"sampai": "kemarin"},
        {"setelah": "x.y"},
        {"setelah": "9" * 30 + ".1"},
        {"setelah": "1.99999999999999999999"},
        {"jenis": "x", "orang": "a\x00b", "objek": "\x00"},
        {"objek": "' OR 1=1 --"},
    ],
)
def test_nonsense_breaks_nothing(admin, params):
    assert admin.get(reverse(PAGE), params).status_code == 200


def test_pages_lose_and_double_nothing_and_cost_the_same(admin, staff):
    admin.get(reverse(PAGE))
    costs = []
    for more in (60, 1_000):
        AuditEvent.objects.bulk_create(
            AuditEvent(at=timezone.now(), kind="export", object_name=f"{more}-{number}")
            for number in range(more)
        )
        with CaptureQueriesContext(connection) as captured:
            admin.get(reverse(PAGE))
        costs.append(len(captured))
        assert not [query for query in captured if "COUNT(" in query["sql"]]
    assert costs[0] == costs[1] <= 8
    seen, params = [], "jenis=export"
    while params:
        response = admin.get(f"{reverse(PAGE)}?{params}")
        seen += [line.event.object_name for line in response.context["lines"]]
        params = response.context["older"]
    assert len(seen) == len(set(seen)) == 1_060


def test_the_export_is_whole_and_stands_on_record(admin, lines):
    AuditEvent.objects.bulk_create(
        AuditEvent(at=timezone.now(), kind="changed", object_name=f"nomor {n}") for n in range(1_100)
    )
    response = admin.get(reverse(EXPORT), {"jenis": "changed"})
    assert response.streaming
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:3] == ["time", "kind", "username"]
    assert len(rows) == 1_101
    assert {row[1] for row in rows[1:]} == {"changed"}
    event = AuditEvent.objects.filter(kind="export").latest("id")
    assert event.detail == {"filters": {"jenis": "changed"}}
    assert event.object_kind == "city.auditevent"


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(name, admin):
    assert harmless(name) == f"'{name}"
    audit.record("export", now=timezone.now(), object_name=name)
    text = b"".join(admin.get(reverse(EXPORT)).streaming_content).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert f"'{name}" in cells
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]


def test_revoked_keys_stand_in_it(admin):
    from complaints.services import api_clients

    client, _key = api_clients.create_client("Aplikasi warga")
    url = reverse("admin:complaints_apiclient_changelist")
    admin.post(url, {"action": "revoke", "index": "0", "_selected_action": [client.pk]})
    kinds = AuditEvent.objects.filter(object_kind="complaints.apiclient").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["key_created", "key_revoked"]
