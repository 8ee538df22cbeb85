"""Who opens which page of the office: every role, list, adding and changing. Exactly this and no more."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.dispatch.admin.office_table import TABLE, form_values, url

pytestmark = pytest.mark.django_db

DEPARTMENT = {"department_admin": "DPU", "handler": "DPU", "viewer": "DPU"}
# Role → model → list, add, change. A page that is missing here is refused.
ALLOWED: dict[str, dict[str, str]] = {
    "admin": {
        "dispatch.replytemplate": "lac",
        "dispatch.tag": "lac",
        "city.area": "lc",
        "city.category": "lac",
        "city.crew": "lac",
        "city.department": "lac",
        "city.quiethours": "lac",
        "city.road": "lc",
        "city.user": "lac",
        "city.waterway": "lc",
        "city.workcalendar": "lac",
        "complaints.apiclient": "l",
        "complaints.report": "l",
        "dispatch.delivery": "l",
        "dispatch.escalation": "l",
        "dispatch.incidentrule": "lac",
        "dispatch.ladderrung": "lac",
        "dispatch.messagetext": "l",
        "dispatch.outbox": "l",
        "dispatch.ownerendpoint": "lac",
        "dispatch.referral": "l",
        "dispatch.repaircheck": "l",
        "dispatch.reviewshare": "lac",
        "dispatch.routingdecision": "l",
        "dispatch.routingrule": "lac",
        "dispatch.servicelevel": "lac",
        "dispatch.textmodel": "l",
        "dispatch.webhookdelivery": "l",
        "dispatch.webhooksubscriber": "lac",
    },
    "p3m": {
        "dispatch.replytemplate": "lac",
        "dispatch.tag": "lac",
        "city.area": "l",
        "city.category": "l",
        "city.department": "l",
        "complaints.report": "l",
        "dispatch.delivery": "l",
        "dispatch.escalation": "l",
        "dispatch.incidentrule": "l",
        "dispatch.ladderrung": "l",
        "dispatch.messagetext": "l",
        "dispatch.outbox": "l",
        "dispatch.referral": "l",
        "dispatch.repaircheck": "l",
        "dispatch.reviewshare": "l",
        "dispatch.routingdecision": "l",
        "dispatch.routingrule": "l",
        "dispatch.servicelevel": "l",
        "dispatch.textmodel": "l",
    },
    "department_admin": {
        "dispatch.replytemplate": "lac",
        "dispatch.tag": "lac",
        "city.crew": "lac",
        "complaints.report": "l",
        "dispatch.escalation": "l",
        "dispatch.repaircheck": "l",
        "dispatch.routingrule": "l",
        "dispatch.servicelevel": "l",
    },
    "handler": {
        "complaints.report": "l",
        "dispatch.escalation": "l",
    },
    "operator": {
        "complaints.report": "l",
        "dispatch.escalation": "l",
    },
    "duty_officer": {
        "complaints.report": "l",
        "dispatch.escalation": "l",
        "dispatch.outbox": "l",
    },
    "planner": {
        "complaints.report": "l",
        "dispatch.routingrule": "l",
        "dispatch.servicelevel": "l",
    },
    "viewer": {
        "complaints.report": "l",
    },
}


@pytest.fixture
def person(browser, staff, django_user_model):
    django_user_model.objects.create_user("petugas", is_staff=True, role="viewer")
    return lambda role: browser(staff(role, DEPARTMENT.get(role)))


def names() -> list[str]:
    return sorted(model._meta.label_lower for model in admin.site._registry)


def address(label: str, page: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}")


def opened(page, label: str) -> str:
    """Which of list, add and change this person gets; a change that is refused leaves no trace."""
    found = ""
    if page.get(address(label, "changelist")).status_code == 200:
        found += "l"
    if page.get(address(label, "add")).status_code == 200:
        found += "a"
    if label in TABLE:
        make, field, typed, _before, _after = TABLE[label]
        obj = make()
        before, lines = type(obj).objects.values().get(pk=obj.pk), LogEntry.objects.count()
        shown = page.get(url(obj, "change"))
        values = form_values(shown) if shown.status_code == 200 else {}
        answer = page.post(url(obj, "change"), values | {field: typed})
        changed = type(obj).objects.values().get(pk=obj.pk) != before
        if changed:
            found += "c"
        else:
            assert answer.status_code in (302, 403, 404)
            assert LogEntry.objects.count() == lines
    return found


@pytest.mark.parametrize(
    "role",
    [
        "admin",
        "p3m",
        "department_admin",
        "handler",
        "operator",
        "duty_officer",
        "planner",
        "viewer",
    ],
)
def test_exactly_these_pages_open(person, role):
    page = person(role)
    found = {label: opened(page, label) for label in names()}
    assert {label: may for label, may in found.items() if may} == ALLOWED[role]


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("p3m", 200), ("department_admin", 403), ("handler", 403), ("viewer", 403)],
)
def test_the_channels_are_for_the_desk(person, role, status):
    assert person(role).get(reverse("admin:channels")).status_code == status


def test_without_signing_in_nothing_opens(client):
    for label in names():
        answer = client.get(address(label, "changelist"))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
