"""Crews: whose they are, who belongs to them, and reports that are given to them."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from city.models import Crew, Department
from city.services import crews
from city.services.staff import StaffError
from complaints import errors
from complaints.domain.incident import STATE
from complaints.models import Event
from dispatch.services import casework as casework_service
from tests.dispatch.admin.conftest import case_url, everything_about

pytestmark = pytest.mark.django_db
LIST = "admin:city_crew_changelist"


def test_a_head_makes_a_crew_of_their_own_people(staff, browser, crew):
    head, worker, stranger = (
        staff("department_admin", "DPU"),
        staff("handler", "DPU"),
        staff("handler", "DLH"),
    )
    page = browser(head)
    dpu, dlh = Department.objects.get(code="DPU"), Department.objects.get(code="DLH")
    add = reverse("admin:city_crew_add")
    shown = page.get(add).content.decode()
    assert f'value="{worker.pk}"' in shown
    assert f'value="{stranger.pk}"' not in shown
    for wrong in ({"department": dlh.pk}, {"members": [stranger.pk]}):
        data = {"name": "Regu Timur", "department": dpu.pk, "is_active": "on", **wrong}
        assert page.post(add, data).status_code == 200
        assert Crew.objects.count() == 0
    data = {"name": "  Regu   Timur ", "department": dpu.pk, "members": [worker.pk], "is_active": "on"}
    assert page.post(add, data).status_code == 302
    made = Crew.objects.get()
    assert (made.name, made.department, list(made.members.all())) == ("Regu Timur", dpu, [worker])
    assert page.post(add, data).status_code == 200  # the same name again
    assert Crew.objects.count() == 1


def test_a_crew_is_renamed_and_switched_off_but_never_moved_or_deleted(staff, browser, crew):
    made, other = crew(), crew("Regu Barat")
    page, dlh = browser(staff("admin")), Department.objects.get(code="DLH")
    address = reverse("admin:city_crew_change", args=[made.pk])
    taken = page.post(address, {"name": "regu barat", "department": dlh.pk})
    assert taken.status_code == 200
    assert page.post(address, {"name": "Regu Utara", "department": dlh.pk}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.department.code, made.is_active) == ("Regu Utara", "DPU", False)
    assert page.post(reverse("admin:city_crew_delete", args=[other.pk]), {"post": "yes"}).status_code == 403
    assert Crew.objects.count() == 2


@pytest.mark.parametrize("role", ["handler", "viewer", "planner", "operator", "duty_officer", "p3m"])
def test_others_have_no_business_with_crews(role, staff, browser, crew):
    made = crew()
    page = browser(staff(role, "DPU"))
    assert page.get(reverse(LIST)).status_code == 403
    address = reverse("admin:city_crew_change", args=[made.pk])
    assert page.post(address, {"name": "Regu Lain"}).status_code == 403
    made.refresh_from_db()
    assert made.name == "Regu Timur"


def test_a_head_sees_no_other_departments_crews(staff, browser, crew):
    crew()
    theirs = crew("Regu Sampah", "DLH")
    page = browser(staff("department_admin", "DPU"))
    listed = page.get(reverse(LIST)).content.decode()
    assert "Regu Timur" in listed
    assert "Regu Sampah" not in listed
    address = reverse("admin:city_crew_change", args=[theirs.pk])
    assert page.post(address, {"name": "Regu Curian"}).status_code in (302, 403, 404)
    theirs.refresh_from_db()
    assert theirs.name == "Regu Sampah"


def test_the_list_costs_the_same_for_many(staff, browser, crew, django_assert_max_num_queries):
    page = browser(staff("department_admin", "DPU"))
    crew("Regu 0", "DPU", staff("handler", "DPU"))
    page.get(reverse(LIST))
    with django_assert_max_num_queries(9) as few:
        page.get(reverse(LIST))
    for number in range(1, 15):
        crew(f"Regu {number}", "DPU", staff("handler", "DPU"))
    with django_assert_max_num_queries(len(few)):
        page.get(reverse(LIST))


def test_the_database_keeps_a_name_once_per_department(crew):
    crew()
    with pytest.raises(IntegrityError), transaction.atomic():
        crew("REGU TIMUR")
    crew("Regu Timur", "DLH")
    assert Crew.objects.count() == 2


def test_only_people_of_the_department_belong_to_a_crew(crew, staff):
    with pytest.raises(StaffError):
        crew("Regu Timur", "DPU", staff("handler", "DLH"))
    assert Crew.objects.count() == 0


def test_whoever_moves_away_belongs_to_the_crew_no_more(crew, staff):
    person = staff("handler", "DPU")
    made = crew("Regu Timur", "DPU", person)
    assert list(crews.of_person(person)) == [made]
    person.department = Department.objects.get(code="DLH")
    person.save()
    assert list(crews.of_person(person)) == []
    person.department = Department.objects.get(code="DPU")
    person.save()
    Crew.objects.update(is_active=False)
    assert list(crews.of_person(person)) == []


def test_a_report_has_a_crew_and_a_handler(crew, staff, report_at, browser, step):
    head, person = staff("department_admin", "DPU"), staff("handler", "DPU")
    made, report, page = crew("Regu Timur", "DPU"), report_at("DPU"), browser(head)
    assert step(page, report, "assign", crew=made.pk).status_code == 302
    report.refresh_from_db()
    assert (report.crew, report.assignee) == (made, None)
    step(page, report, "assign", assignee=person.pk)
    report.refresh_from_db()
    assert (report.crew, report.assignee) == (made, person)  # naming one leaves the other
    shown = page.get(case_url(report)).content.decode()
    assert "Regu Timur" in shown
    told = Event.objects.filter(report=report, kind="assignee").order_by("id")
    assert [(event.data, event.is_public) for event in told] == [
        ({"crew_id": made.pk}, False),
        ({"user_id": person.pk}, False),
    ]
    step(page, report, "assign", crew=0)
    report.refresh_from_db()
    assert (report.crew, report.assignee) == (None, person)


def test_both_at_once_are_one_step(crew, staff, report_at, take):
    person, made = staff("handler", "DPU"), crew()
    report = take(report_at("DPU"), "assign", assignee_id=person.pk, crew_id=made.pk)
    assert (report.assignee, report.crew) == (person, made)
    other = crew("Regu Sampah", "DLH")
    before = everything_about(report)
    colleague = staff("handler", "DPU")
    with pytest.raises(errors.InvalidReport):
        take(report, "assign", assignee_id=colleague.pk, crew_id=other.pk)
    assert everything_about(report) == before  # not half of it either


@pytest.mark.parametrize("wrong", ["another department's", "switched off", "unknown", "nothing"])
def test_a_crew_that_cannot_be_sent_is_refused(wrong, crew, staff, report_at, browser, step):
    chosen = {
        "another department's": lambda: {"crew": crew("Regu Sampah", "DLH").pk},
        "switched off": lambda: {"crew": crew("Regu Lama", "DPU", is_active=False).pk},
        "unknown": lambda: {"crew": 987654},
        "nothing": dict,
    }[wrong]()
    report, page = report_at("DPU"), browser(staff("department_admin", "DPU"))
    before = everything_about(report)
    response = step(page, report, "assign", **chosen)
    assert response.status_code == 422
    assert set(response.context["attempt"].faults) == {"crew" if chosen else "assignee"}
    assert everything_about(report) == before


def test_a_report_that_moves_on_leaves_its_crew(crew, report_at, take):
    report = take(report_at("DPU"), "assign", crew_id=crew().pk)
    take(report, "not_ours", message="Ini saluran provinsi.")
    assert (report.department, report.crew) == (None, None)


def test_a_crew_that_has_work_cannot_be_deleted_by_the_database_either(crew, report_at, take):
    made = crew()
    take(report_at("DPU"), "assign", crew_id=made.pk)
    with pytest.raises(ProtectedError):
        made.delete()
    assert Crew.objects.filter(pk=made.pk).exists()


def test_the_crew_is_part_of_the_work_that_an_incident_carries():
    assert {"assignee_id", "crew_id"} <= set(STATE)


def test_the_crew_is_the_staffs_business_only(crew, report_at, take, client):
    report = take(report_at("DPU"), "assign", crew_id=crew().pk)
    assert "Regu Timur" not in client.get(reverse("report_detail", args=[report.code])).content.decode()
    assert casework_service.crews_to_send(None).count() == 0
