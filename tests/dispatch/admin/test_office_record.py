"""Every page of the office: what is edited stands in the record with before and after, what is in use is not
deleted, and of two people who edit one thing the second is told."""

import json

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from city.models import AuditEvent, CalendarPeriod, Category, Department, Question, User, WorkCalendar
from city.services import history
from city.services.load import load_pack
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import LadderRung, RoutingRule, ServiceLevel
from tests.conftest import NOW
from tests.dispatch.admin.office_table import OWN_PAGES, TABLE, form_values, office_admins, url

pytestmark = pytest.mark.django_db
TABLED = sorted(TABLE)


@pytest.fixture
def page(browser, staff, django_user_model):
    django_user_model.objects.create_user("petugas", is_staff=True, role="viewer")
    return browser(staff("admin"))


def last_line(obj) -> AuditEvent | None:
    return history.lines_of(type(obj), obj.pk).first()


def test_every_page_that_edits_is_in_the_table():
    editing = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if not isinstance(page, ReadOnlyAdmin)
    }
    assert set(office_admins()) == set(TABLE)
    assert editing - OWN_PAGES == set(TABLE)


@pytest.mark.parametrize("label", TABLED)
def test_an_edit_stands_in_the_record_with_before_and_after(page, label):
    make, field, typed, before, after = TABLE[label]
    obj = make()
    before = getattr(obj, field) if before is None else before
    shown = page.get(url(obj, "change"))
    answer = page.post(url(obj, "change"), form_values(shown) | {field: typed})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    line = last_line(obj)
    assert (line.kind, line.actor.role) == ("changed", "admin")
    assert [[field], before, after] in history.values_of(line)
    [change] = [item for item in history.changes_of(line) if item.after == str(after)]
    assert change.label != field or label == "dispatch.ladderrung"
    text = page.get(url(obj, "history")).content.decode()
    assert str(after) in text
    assert line.actor.username in text


@pytest.mark.parametrize("label", TABLED)
def test_saving_without_a_change_says_nothing_changed(page, label):
    obj = TABLE[label][0]()
    page.post(url(obj, "change"), form_values(page.get(url(obj, "change"))))
    line = last_line(obj)
    values = history.values_of(line) if line else []
    assert [entry for entry in values if entry[0] != ["version"]] == []


@pytest.mark.parametrize("label", TABLED)
def test_the_second_of_two_editors_is_told_and_loses_nothing(page, label):
    make, field, typed, _before, after = TABLE[label]
    obj = make()
    seen = form_values(page.get(url(obj, "change")))
    assert page.post(url(obj, "change"), seen | {field: typed}).status_code == 302
    late = page.post(url(obj, "change"), seen)  # with the old stamp and the old value
    assert late.status_code == 200
    [told] = late.context["adminform"].form.non_field_errors()
    assert str(after) in told
    assert history.picture(obj)["fields"][field] == after
    again = form_values(late)
    assert again["_seen"] != seen["_seen"]
    assert again.get(field) == seen.get(field)  # what was typed is still there
    assert page.post(url(obj, "change"), again).status_code == 302
    assert history.picture(obj)["fields"][field] != after


def test_rows_on_the_page_stand_in_the_record(page):
    kind = Category.objects.get(code="jalan-lubang")
    values = form_values(page.get(url(kind, "change")))
    [name] = [key for key, value in values.items() if key.endswith("-code") and value == "size"]
    field = name.replace("code", "text")
    before = values[field]
    assert page.post(url(kind, "change"), values | {field: "Sebesar apa?"}).status_code == 302
    assert history.values_of(last_line(kind)) == [[["questions", "size", "text"], before, "Sebesar apa?"]]
    [change] = history.changes_of(last_line(kind))
    assert (change.before, change.after) == (before, "Sebesar apa?")
    assert "size" in change.label


def test_an_added_and_a_deleted_row_stand_in_the_record(page):
    calendar = WorkCalendar.objects.get(code="kantor")
    values = form_values(page.get(url(calendar, "change")))
    period = {"name": "Libur", "first_day": "2026-10-01", "last_day": "2026-10-02", "closed": "on"}
    values |= {"periods-TOTAL_FORMS": "3"} | {f"periods-2-{key}": value for key, value in period.items()}
    assert page.post(url(calendar, "change"), values).status_code == 302
    [[path, before, after]] = history.values_of(last_line(calendar))
    assert (path, before) == (["periods", "Libur"], None)
    assert after == {"name": "Libur", "first_day": "2026-10-01", "last_day": "2026-10-02"} | {
        "overrides_holidays": False
    }
    values = form_values(page.get(url(calendar, "change")))
    pk = str(CalendarPeriod.objects.get(name="Libur").pk)
    [number] = [key.split("-")[1] for key, value in values.items() if key.endswith("-id") and value == pk]
    assert page.post(url(calendar, "change"), values | {f"periods-{number}-DELETE": "on"}).status_code == 302
    [[path, before, after]] = history.values_of(last_line(calendar))
    assert (path, before["name"], after) == (["periods", "Libur"], "Libur", None)


def test_areas_of_a_person_are_named_and_passwords_never(page):
    person = User.objects.get(username="petugas")
    values = form_values(page.get(url(person, "change")))
    area = "33.74.01"
    pk = str(person.areas.model.objects.get(code=area).pk)
    assert page.post(url(person, "change"), values | {"areas": [pk]}).status_code == 302
    changed = {entry[0][0]: entry[2] for entry in history.values_of(last_line(person))}
    assert changed["areas"] == ["Semarang Tengah (33.74.01)"]
    person.set_password("sangat-rahasia-7")
    person.save()
    seen = history.picture(person)
    assert person.password not in json.dumps(history.changes.beginning(seen))
    assert "•••" in json.dumps(history.changes.beginning(seen), ensure_ascii=False)


def test_adding_and_deleting_keep_what_it_was(page):
    values = {"department": Department.objects.get(code="DPU").pk, "level": "1"}
    values |= {"minutes_after_due": "0", "target": "department_head", "repeat_hours": "3"}
    assert page.post(reverse("admin:dispatch_ladderrung_add"), values).status_code == 302
    rung = LadderRung.objects.get(department__code="DPU")
    line = last_line(rung)
    assert line.kind == "added"
    assert [["department"], None, "Dinas Pekerjaan Umum (DPU)"] in history.values_of(line)
    assert page.post(url(rung, "delete"), {"post": "yes"}).status_code == 302
    line = last_line(rung)
    assert line.kind == "deleted"
    assert [["repeat_hours"], 3, None] in history.values_of(line)
    assert "Dinas Pekerjaan Umum (DPU)" in page.get(url(rung, "history")).content.decode()


def test_the_list_of_the_record_says_before_and_after(page):
    obj = Department.objects.get(code="DPU")
    values = form_values(page.get(url(obj, "change")))
    page.post(url(obj, "change"), values | {"phone": "024 9"})
    assert "– → 024 9" in page.get(reverse("admin:audit")).content.decode()
    exported = b"".join(page.get(reverse("admin:audit_export")).streaming_content).decode()
    assert "– → 024 9" in exported


def test_what_the_loader_changes_stands_in_the_record(page, tmp_path):
    assert not load_pack("semarang").changed
    assert not AuditEvent.objects.filter(detail__via="load_city").exists()
    rung = LadderRung.objects.get(department=None, level=1)
    was = rung.repeat_hours
    LadderRung.objects.filter(pk=rung.pk).update(repeat_hours=47)
    load_pack("semarang", overwrite_staff_edits=True)
    line = AuditEvent.objects.get(detail__via="load_city")
    assert (line.kind, line.actor, line.object_key) == ("changed", None, str(rung.pk))
    assert history.values_of(line) == [[["repeat_hours"], 47, was]]


# --- safe deletion ---------------------------------------------------------------------------------

KEPT = {
    "dispatch.tag",
    "city.area",
    "city.crew",
    "city.road",
    "city.waterway",
    "city.user",
    "dispatch.ownerendpoint",
}  # never deleted
FREE = {
    "dispatch.replytemplate",
    "dispatch.ladderrung",
    "dispatch.reviewshare",
    "dispatch.servicelevel",
    "city.quiethours",
}


def used(label, make_report):
    """An object that something refers to."""
    from dispatch.models import IncidentAlarm, IncidentRule, RoutingDecision, WebhookDelivery

    obj = TABLE[label][0]()
    if label == "dispatch.routingrule":
        RoutingDecision.objects.create(
            report=make_report(),
            decided_at=NOW,
            rule_code=obj.code,
            outcome=obj.outcome,
            facts={},
            rules_version=1,
            boundaries_version=1,
            reasons=[],
            reasons_en=[],
        )
    elif label == "dispatch.incidentrule":
        assert isinstance(obj, IncidentRule)
        IncidentAlarm.objects.create(
            report=make_report(), rule_code=obj.code, number=1, size=9, raised_at=NOW
        )
    elif label == "dispatch.webhooksubscriber":
        WebhookDelivery.objects.create(
            subscriber=obj, report=make_report(), kind="status", created_at=NOW, event_id=1
        )
    return obj


@pytest.mark.parametrize("label", sorted(set(TABLE) - KEPT - FREE))
def test_what_is_in_use_cannot_be_deleted(page, make_report, label):
    obj = used(label, make_report)
    before, lines = type(obj).objects.values().get(pk=obj.pk), LogEntry.objects.count()
    shown = page.get(url(obj, "delete"))
    assert 'data-testid="in-use"' in shown.content.decode()
    assert sum(use.count for use in shown.context["uses"]) >= 1
    page.post(url(obj, "delete"), {"post": "yes"})
    listing = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_changelist")
    page.post(listing, {"action": "delete_selected", "_selected_action": [obj.pk], "post": "yes"})
    assert type(obj).objects.values().get(pk=obj.pk) == before
    assert LogEntry.objects.count() == lines
    can = shown.context["can_switch_off"]
    assert can == hasattr(obj, "is_active")
    if can:
        assert page.get(shown.context["switch_off_url"]).status_code == 405
        assert page.post(shown.context["switch_off_url"]).status_code == 302
        obj.refresh_from_db()
        assert obj.is_active is False
        assert [["is_active"], True, False] in history.values_of(last_line(obj))


@pytest.mark.parametrize("label", sorted(KEPT))
def test_what_is_never_deleted(page, label):
    obj = TABLE[label][0]()
    assert page.post(url(obj, "delete"), {"post": "yes"}).status_code == 403
    assert type(obj).objects.filter(pk=obj.pk).exists()


@pytest.mark.parametrize("label", sorted(FREE | {"dispatch.routingrule", "dispatch.webhooksubscriber"}))
def test_what_nothing_refers_to_can_be_deleted_and_is_recorded(page, label):
    obj = TABLE[label][0]()
    assert page.get(url(obj, "delete")).context["uses"] == []
    pk = obj.pk
    assert page.post(url(obj, "delete"), {"post": "yes"}).status_code == 302
    assert not type(obj).objects.filter(pk=pk).exists()
    line = history.lines_of(type(obj), pk).first()
    assert line.kind == "deleted"
    assert history.values_of(line)


def test_a_new_department_kind_and_calendar_can_be_deleted(page):
    made = [
        Department.objects.create(code="BARU", name="Baru"),
        Category.objects.create(code="jalan-baru", name="B", name_en="B", parent_id=kind_group()),
        WorkCalendar.objects.create(code="baru", name="Baru", weekly_hours=[[["08:00", "09:00"]]] * 7),
    ]
    for obj in made:
        assert page.post(url(obj, "delete"), {"post": "yes"}).status_code == 302
        assert not type(obj).objects.filter(pk=obj.pk).exists()


def kind_group() -> int:
    return Category.objects.get(code="jalan").pk


def test_an_answered_question_cannot_be_ticked_away(page, make_report):
    make_report(answers={"size": "under_30"})
    kind = Category.objects.get(code="jalan-lubang")
    values = form_values(page.get(url(kind, "change")))
    [name] = [key for key, value in values.items() if key.endswith("-code") and value == "size"]
    answer = page.post(url(kind, "change"), values | {name.replace("code", "DELETE"): "on"})
    assert answer.status_code == 200
    assert Question.objects.filter(category=kind, code="size").exists()


def test_who_may_not_edit_cannot_switch_off(browser, staff):
    department = Department.objects.get(code="DPU")
    for role, place in (("p3m", None), ("department_admin", "DPU"), ("viewer", None)):
        answer = browser(staff(role, place)).post(url(department, "switch_off"))
        assert answer.status_code == 403
    department.refresh_from_db()
    assert department.is_active


def test_rules_switch_off_through_their_service(page):
    rule = RoutingRule.objects.first()
    assert page.post(url(rule, "switch_off")).status_code == 302
    was, rule = rule.version, RoutingRule.objects.get(pk=rule.pk)
    assert (rule.is_active, rule.version) == (False, was + 1)


def test_a_level_without_switch_is_not_switched(page):
    assert page.post(url(ServiceLevel.objects.first(), "switch_off")).status_code == 404


def test_a_chosen_answer_stays_and_may_be_worded_anew(page, make_report):
    make_report(answers={"size": "under_30"})
    kind = Category.objects.get(code="jalan-lubang")
    values = form_values(page.get(url(kind, "change")))
    [name] = [key for key, value in values.items() if key.endswith("-code") and value == "size"]
    field = name.replace("code", "choices")
    question = Question.objects.get(category=kind, code="size")
    without = [choice for choice in question.choices if choice["value"] != "under_30"]
    answer = page.post(url(kind, "change"), values | {field: json.dumps(without)})
    assert answer.status_code == 200
    question.refresh_from_db()
    assert len(question.choices) == len(without) + 1
    other = [choice for choice in question.choices if choice["value"] != "30_60"]
    other[0] = other[0] | {"label": "Kecil"}
    assert page.post(url(kind, "change"), values | {field: json.dumps(other)}).status_code == 302
    question.refresh_from_db()
    assert question.choices[0]["label"] == "Kecil"
