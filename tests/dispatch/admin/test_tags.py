"""Tags on the staff's pages: the case's editor, the list's chips and filter, who makes them."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city.models import Department
from complaints.models import Report
from dispatch.domain import bulk
from dispatch.models import ReportTag, Tag
from dispatch.services import bulk_preview, bulk_work, tags_known
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, case_url, codes_in, copies, everything_about


@pytest.fixture
def tag(db):
    def make(code, department=None, **more):
        office = Department.objects.get(code=department) if department else None
        made = Tag.objects.create(code=code, name=code.title(), department=office, **more)
        tags_known.changed()
        return made

    return make


def save(page, report, *tags):
    url = reverse("admin:complaints_report_tags", args=[report.pk])
    return page.post(url, {"tags": [tag.pk for tag in tags]}, follow=True)


def on(report) -> set[str]:
    return set(ReportTag.objects.filter(report=report).values_list("tag__code", flat=True))


def test_the_case_shows_and_changes_tags_and_leaves_those_of_others(report_at, browser, handler, tag):
    report, rain, other = report_at("DPU"), tag("hujan", colour="blue"), tag("truk", "DLH")
    ReportTag.objects.create(report=report, tag=other, at=NOW)
    html = save(browser(handler), report, rain).content.decode()
    assert on(report) == {"hujan", "truk"}
    assert 'class="tag-chip tag-blue">Hujan' in html
    assert "Truk" not in html
    assert "Label dipasang: Hujan." in html
    save(browser(handler), report)
    assert on(report) == {"truk"}


@pytest.mark.parametrize("role", ["viewer", "planner", "operator"])
def test_who_may_not_tag_is_offered_nothing(role, report_at, browser, staff, tag):
    report, rain = report_at("DPU"), tag("hujan")
    before = everything_about(report)
    page = browser(staff(role, "DPU"))
    assert "tag-edit" not in page.get(case_url(report)).content.decode()
    assert save(page, report, rain).status_code == 403
    assert (on(report), everything_about(report)) == (set(), before)


def test_another_offices_report_is_not_found(report_at, browser, staff, tag):
    report, rain = report_at("DPU"), tag("hujan")
    assert save(browser(staff("handler", "DLH")), report, rain).status_code == 404
    assert on(report) == set()


def test_the_list_shows_and_filters_by_tag(report_at, browser, handler, tag):
    first, second, rain = report_at("DPU"), report_at("DPU"), tag("hujan")
    ReportTag.objects.create(report=first, tag=rain, at=NOW)
    page = browser(handler)
    assert page.get(reverse(LIST)).content.decode().count('tag-chip tag-grey">Hujan') == 1
    assert codes_in(page.get(reverse(LIST), {"label": rain.pk})) == [first.code]
    assert set(codes_in(page.get(reverse(LIST), {"label": "x"}))) == {first.code, second.code}


def test_a_strange_tag_is_no_choice(report_at, browser, handler, tag):
    report, strange = report_at("DPU"), tag("truk", "DLH")
    response = browser(handler).get(reverse(LIST), {"label": strange.pk})
    assert (codes_in(response), "Truk" in response.content.decode()) == ([report.code], False)


def test_the_list_costs_the_same_with_many_tagged(report_at, browser, handler, tag):
    copies(report_at("DPU"), 20)
    rain, page, counted = tag("hujan"), browser(handler), []
    reports = list(Report.objects.all())
    for number in (1, 20):
        ReportTag.objects.all().delete()
        ReportTag.objects.bulk_create(
            ReportTag(report=report, tag=rain, at=NOW) for report in reports[:number]
        )
        page.get(reverse(LIST))
        with CaptureQueriesContext(connection) as captured:
            page.get(reverse(LIST))
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_a_head_makes_the_own_departments_tags(browser, staff, tag):
    head, city = staff("department_admin", "DPU"), tag("rapat")
    page = browser(head)
    add, dlh = reverse("admin:dispatch_tag_add"), Department.objects.get(code="DLH").pk
    form = {"name": "Alat berat", "code": "alat-berat", "colour": "amber", "is_active": "on"}
    assert page.post(add, form | {"department": dlh}).status_code == 200  # not theirs: asked again
    page.post(add, form | {"department": head.department_id})
    made = Tag.objects.get(code="alat-berat")
    assert made.department == head.department
    for other in (city, tag("truk", "DLH")):
        page.post(reverse("admin:dispatch_tag_change", args=[other.pk]), {"name": "Lain", "colour": "red"})
        other.refresh_from_db()
        assert other.name != "Lain"
    assert not head.has_perm("dispatch.delete_tag")
    assert browser(staff("handler", "DPU")).get(add).status_code == 403


@pytest.mark.parametrize("step", bulk.STEPS)
def test_the_preview_says_what_then_happens(step, report_at, take, staff, desk, handler, tag):
    """In every state, for every step: forecast to change means changed, forecast to stay means as it was."""
    every = [
        report_at("DPU"),
        report_at(None),
        take(report_at("DPU"), "accept"),
        take(report_at("DPU"), "start"),
    ]
    every.append(take(report_at("DPU"), "wait", waiting_reason="Pipa"))
    every.append(take(report_at("DPU"), "reject", reason_code="cannot_find", message="Tidak ada."))
    every += [take(report_at("DPU"), "assign", assignee_id=handler.pk), report_at("DLH"), report_at("BBWS")]
    every.append(take(report_at("DPU"), "take", desk))
    rain = tag("hujan")
    ReportTag.objects.create(report=every[0], tag=rain, at=NOW)
    said = {
        "start": {"message": "Mulai."},
        "assign": {"assignee": handler.pk},
        "wait": {"waiting_reason": "Pipa"},
        "schedule": {"scheduled_for": "2027-01-01", "budget_line": "DPA"},
        "reject": {"reason_code": "cannot_find", "message": "Tidak ada."},
        "reply": {"message": "Halo."},
        "tag": {"tags": [rain.pk]},
        "untag": {"tags": [rain.pk]},
    }.get(step, {})
    seen = dict(Report.objects.values_list("pk", "version"))
    found = bulk_preview.look(desk, step, said, seen, now=NOW, language="id")
    assert found.faults == {}
    operation = bulk_work.begin(desk, bulk_work.Wish(uuid4(), step, said, seen), now=NOW, language="id")
    bulk_work.run(operation.pk, clock=lambda: NOW, budget_s=300)
    changed = set(operation.items.filter(state="done").values_list("report_id", flat=True))
    assert changed == {report.pk for report in found.changing}
    assert changed
