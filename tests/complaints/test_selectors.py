"""Who may see which report (invariant 6), asked of the one place that decides it."""

import pytest

from city.models import Area, Department
from complaints import selectors
from complaints.models import Report

pytestmark = pytest.mark.django_db
CITY_WIDE = ("admin", "p3m", "operator", "duty_officer", "planner")
DEPARTMENTAL = ("department_admin", "handler")


@pytest.fixture
def reports(make_report):
    """One of DPU in Semarang Tengah, one of DISHUB, one with nobody yet, one of DPU that is private."""
    made = {name: make_report() for name in ("dpu", "dishub", "nobody")}
    made["private"] = make_report(is_private=True)
    for name, code in (("dpu", "DPU"), ("dishub", "DISHUB"), ("private", "DPU")):
        Report.objects.filter(pk=made[name].pk).update(department=Department.objects.get(code=code))
    return made


def seen(user, reports):
    ids = set(selectors.for_staff(user).values_list("id", flat=True))
    return {name for name, report in reports.items() if report.pk in ids}


@pytest.mark.parametrize("role", CITY_WIDE)
def test_city_wide_roles_see_all(role, staff, reports):
    assert seen(staff(role), reports) == {"dpu", "dishub", "nobody", "private"}


@pytest.mark.parametrize("role", DEPARTMENTAL)
def test_departments_see_their_own(role, staff, reports):
    assert seen(staff(role, "DPU"), reports) == {"dpu", "private"}
    assert seen(staff(role, "DISHUB"), reports) == {"dishub"}


def test_a_viewer_without_a_department_sees_nothing(staff, reports):
    assert seen(staff("viewer"), reports) == set()


def test_areas_narrow_a_handlers_view(staff, reports):
    here = reports["dpu"].area
    inside, beside = staff("handler", "DPU"), staff("handler", "DPU")
    inside.areas.add(here.parent)
    beside.areas.add(Area.objects.filter(level="kecamatan").exclude(pk=here.parent_id).first())
    assert seen(inside, reports) == {"dpu", "private"}
    assert seen(beside, reports) == set()


def test_who_left_or_is_no_staff_sees_nothing(staff, reports):
    user = staff("admin")
    for attribute in ("is_active", "is_staff"):
        setattr(user, attribute, False)
        assert seen(user, reports) == set()
        setattr(user, attribute, True)


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        ("admin", None, True),
        ("p3m", None, True),
        ("operator", None, False),
        ("planner", None, False),
        ("duty_officer", None, False),
        ("department_admin", "DPU", False),
        ("handler", "DPU", False),
    ],
)
def test_who_may_see_a_reporters_identity(role, department, may, staff):
    assert selectors.may_see_identity(staff(role, department)) is may


def test_the_public_never_sees_private_reports(reports):
    assert set(selectors.public_reports()) == {reports["dpu"], reports["dishub"], reports["nobody"]}


def test_internal_notes_are_not_in_the_public_timeline(reports, now):
    from complaints.domain.actor import Actor
    from complaints.services.conversation import add_comment

    add_comment(reports["dpu"].pk, "Catatan dalam", actor=Actor("staff"), now=now, is_public=False)
    assert [event.kind for event in selectors.timeline(reports["dpu"])] == ["submitted"]
    assert [event.kind for event in selectors.timeline(reports["dpu"], public=False)] == ["submitted", "note"]


def test_supporters_are_counted_in_public_and_listed_for_staff(reports, now):
    from complaints.domain.actor import A_CITIZEN
    from complaints.services.conversation import support

    support(reports["dpu"].pk, "token", actor=A_CITIZEN, now=now)
    assert [event.kind for event in selectors.timeline(reports["dpu"])] == ["submitted"]
    assert [event.kind for event in selectors.timeline(reports["dpu"], public=False)] == [
        "submitted",
        "supported",
    ]
