"""The frame of the staff's pages: one <main>, a banner, a way past the menu, on every page that there is."""

import re

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from tests.dispatch.admin.conftest import LIST, case_url


def lists() -> list[str]:
    """The address of every model's list."""
    return sorted(
        reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist") for model in site._registry
    )


def landmarks(text: str) -> tuple[int, int, int]:
    """How many main and banner landmarks, and links to the first."""
    return (
        len(re.findall(r"<main\b", text)),
        len(re.findall(r"<header\b(?=[^>]*>\s*<div[^>]*border-b)", text)),
        text.count('href="#isi"'),
    )


@pytest.fixture
def admin(staff):
    return staff("admin")


def test_every_list_has_them(browser, admin):
    client, seen = browser(admin), 0
    for address in lists():
        page = client.get(address)
        if page.status_code == 200:
            seen += 1
            assert landmarks(page.content.decode()) == (1, 1, 1), address
    assert seen > 15


def test_other_pages_have_them(browser, admin, report_at):
    report, client = report_at("DPU"), browser(admin)
    rule = reverse("admin:dispatch_incidentrule_changelist")
    for address in (
        reverse("admin:index"),
        reverse(LIST),
        case_url(report),
        f"{rule}?_popup=1",
        f"{rule}add/",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        assert landmarks(page.content.decode()) == (1, 1, 1), address


def test_the_door_has_a_main_of_its_own(client):
    text = client.get(reverse("admin:login")).content.decode()
    assert len(re.findall(r"<main\b", text)) == 1
