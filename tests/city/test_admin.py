"""Reference data in the admin: who may, what is checked, and that every change reaches the processes."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city.models import Area, CalendarPeriod, Category, CityVersion, Department, Road, WorkCalendar
from city.services.load import load_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, django_user_model):
    user = django_user_model.objects.create_superuser("kepala", password="rahasia-sekali-9", role="admin")
    client.force_login(user)
    return client


def version() -> tuple[int, int]:
    return CityVersion.objects.values_list("version", "boundaries_version").get()


def form_values(response) -> dict:
    """What a browser would send back from a change page, unchanged."""
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, bool) or value is None:
                values.update({field.html_name: "on"} if value else {})
            else:
                values[field.html_name] = str(value)
    return values


def change(client, obj, **changes):
    url = reverse(f"admin:city_{obj._meta.model_name}_change", args=[obj.pk])
    page = client.get(url)
    assert page.status_code == 200
    return client.post(url, form_values(page) | changes)


def errors_of(response) -> str:
    context = response.context
    found = json.dumps(context["adminform"].form.errors.get_json_data())
    for inline in context["inline_admin_formsets"]:
        found += json.dumps(inline.formset.errors)
    return found


@pytest.mark.parametrize("name", ["department", "area", "road", "waterway", "category", "workcalendar"])
def test_lists_and_pages_open(admin, name):
    assert admin.get(reverse(f"admin:city_{name}_changelist")).status_code == 200
    assert admin.get(reverse(f"admin:city_{name}_changelist"), {"q": "a"}).status_code == 200


@pytest.mark.parametrize("name", ["department", "area", "road", "waterway", "category"])
def test_lists_ask_no_more_for_more_rows(admin, name):
    url = reverse(f"admin:city_{name}_changelist")
    counts = []
    admin.get(url)
    for query in ("33.74.01", ""):
        with CaptureQueriesContext(connection) as queries:
            admin.get(url, {"q": query})
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1, counts


@pytest.mark.parametrize("role", ["handler", "viewer", "operator", "department_admin"])
def test_only_administrators_change_reference_data(client, django_user_model, role):
    user = django_user_model.objects.create_user("petugas", is_staff=True, role=role)
    client.force_login(user)
    department, before = Department.objects.get(code="DPU"), version()
    url = reverse("admin:city_department_change", args=[department.pk])
    assert client.post(url, {"name": "Lain"}).status_code == 403
    department.refresh_from_db()
    assert (department.name, version()) == ("Dinas Pekerjaan Umum", before)


def test_a_change_is_saved_told_and_logged(admin):
    department, (before, boundaries) = Department.objects.get(code="DPU"), version()
    assert change(admin, department, phone="024 123").status_code == 302
    department.refresh_from_db()
    assert department.phone == "024 123"
    assert version() == (before + 1, boundaries)
    history = admin.get(reverse("admin:city_department_history", args=[department.pk]))
    assert "kepala" in history.content.decode()


def test_codes_never_change(admin):
    department = Department.objects.get(code="DPU")
    change(admin, department, code="DPUX")
    department.refresh_from_db()
    assert department.code == "DPU"


def test_a_road_gets_an_owner_and_keeps_it_when_the_pack_is_loaded_again(admin):
    road, (before, boundaries) = Road.objects.get(code="jalan-merak"), version()
    owner = Department.objects.get(code="DPU")
    assert change(admin, road, owner=owner.pk, owner_basis="SK 2026").status_code == 302
    road.refresh_from_db()
    assert (road.owner, road.owner_basis) == (owner, "SK 2026")
    assert version() == (before + 1, boundaries + 1)
    assert load_pack("semarang").counts["road"]["kept"] == 1
    road.refresh_from_db()
    assert road.owner == owner


def test_boundaries_are_not_edited_by_hand(admin):
    area = Area.objects.get(code="33.74.01.1001")
    shape = area.geometry
    assert change(admin, area, population="5000", geometry="{}", level="city").status_code == 302
    area.refresh_from_db()
    assert (area.population, area.geometry, area.level) == (5000, shape, "kelurahan")
    assert admin.get(reverse("admin:city_area_add")).status_code == 403
    assert admin.post(reverse("admin:city_area_delete", args=[area.pk]), {"post": "yes"}).status_code == 403
    assert Area.objects.filter(pk=area.pk).exists()


def test_search_words_are_a_plain_list(admin):
    category = Category.objects.get(code="jalan-lubang")
    assert change(admin, category, search_words="lubang, bolong,\njeglongan, bolong").status_code == 302
    category.refresh_from_db()
    assert category.synonyms == ["lubang", "bolong", "jeglongan"]
    assert category.questions.count() == 8


def test_similar_kinds_are_codes_of_other_kinds(admin):
    category = Category.objects.get(code="jalan-lubang")
    assert change(admin, category, similar_kinds="jalan-retak, jalan-galian").status_code == 302
    category.refresh_from_db()
    assert category.similar == ["jalan-retak", "jalan-galian"]
    for typed in ("jalan", "jalan-lubang", "tidak-ada"):
        page = change(admin, category, similar_kinds=typed)
        assert page.status_code == 200
        assert f"“{typed}”" in page.content.decode()
    category.refresh_from_db()
    assert category.similar == ["jalan-retak", "jalan-galian"]


def choices_field(admin, category) -> str:
    page = admin.get(reverse("admin:city_category_change", args=[category.pk]))
    return next(name for name in form_values(page) if re.fullmatch(r"questions-\d-choices", name))


@pytest.mark.parametrize(
    "choices",
    [
        "[",
        '{"a": 1}',
        '[{"value": "a", "label": "A", "label_en": "A"}]',
        '[{"value": "a", "label": "A", "label_en": "A"}, {"value": "a", "label": "B", "label_en": "B"}]',
        '[{"value": "a", "label": "A", "label_en": "A", "severity": 9}, {"value": "b", "label": "B"}]',
    ],
)
def test_choices_that_are_refused(admin, choices):
    category, before = Category.objects.get(code="jalan-lubang"), version()
    field = choices_field(admin, category)
    response = change(admin, category, **{field: choices})
    assert response.status_code == 200
    assert "choices" in errors_of(response)
    assert version() == before


def test_choices_are_read_and_written_a_line_each(admin):
    category = Category.objects.get(code="jalan-lubang")
    field = choices_field(admin, category)
    page = admin.get(reverse("admin:city_category_change", args=[category.pk]))
    text = form_values(page)[field]
    assert text.count("\n") == 4
    assert "Sebesar piring" in text
    changed = text.replace("Sebesar piring", "Seukuran piring")
    assert (
        change(admin, category, **{field: changed, field.replace("choices", "code"): "other"}).status_code
        == 302
    )
    question = category.questions.get(code="size")
    assert question.choices[0]["label"].startswith("Seukuran piring")


def test_severity_and_group_are_checked(admin):
    category = Category.objects.get(code="jalan-lubang")
    response = change(admin, category, severity="6")
    assert "severity" in errors_of(response)
    response = change(admin, category, parent=str(Category.objects.get(code="banjir").pk))
    assert "parent" in errors_of(response)
    category.refresh_from_db()
    assert (category.severity, category.parent.code) == (3, "jalan")


def test_working_hours_are_written_day_by_day(admin):
    calendar = WorkCalendar.objects.get(code="kantor")
    assert change(admin, calendar, saturday="08:00-10:00, 11:00–12:00").status_code == 302
    calendar.refresh_from_db()
    assert calendar.weekly_hours[5] == [["08:00", "10:00"], ["11:00", "12:00"]]
    assert calendar.weekly_hours[0] == [["08:00", "16:00"]]


@pytest.mark.parametrize("hours", ["8-16", "16:00-08:00", "08:00-10:00, 09:00-11:00", "pagi"])
def test_hours_that_are_refused(admin, hours):
    calendar, before = WorkCalendar.objects.get(code="kantor"), version()
    response = change(admin, calendar, monday=hours)
    assert "monday" in errors_of(response)
    calendar.refresh_from_db()
    assert calendar.weekly_hours[0] == [["08:00", "16:00"]]
    assert version() == before


def new_period(**values) -> dict:
    base = {"name": "Libur", "first_day": "2026-10-01", "last_day": "2026-10-02"}
    prefix = "periods-2-"
    return {"periods-TOTAL_FORMS": "3"} | {prefix + key: value for key, value in (base | values).items()}


def test_a_closed_period_is_added(admin):
    calendar = WorkCalendar.objects.get(code="kantor")
    assert change(admin, calendar, **new_period(closed="on")).status_code == 302
    period = CalendarPeriod.objects.get(calendar=calendar, name="Libur")
    assert period.weekly_hours is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"closed": "on", "monday": "08:00-10:00"},
        {"closed": "on", "last_day": "2026-09-01"},
        {"monday": "08:00"},
    ],
)
def test_periods_that_are_refused(admin, values):
    calendar = WorkCalendar.objects.get(code="kantor")
    assert change(admin, calendar, **new_period(**values)).status_code == 200
    assert calendar.periods.count() == 2


def test_a_calendar_must_open_and_know_its_country(admin):
    calendar = WorkCalendar.objects.get(code="kantor")
    closed = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "")
    assert change(admin, calendar, **closed).status_code == 200
    assert "country" in errors_of(change(admin, calendar, country="XX"))
    calendar.refresh_from_db()
    assert (calendar.country, calendar.weekly_hours[0]) == ("ID", [["08:00", "16:00"]])
