"""Tags: whose they are, what the rules give, one report's and many reports', taken back exactly."""

import pytest

from city.models import Department
from complaints import errors
from complaints.models import Event, Report
from dispatch.models import ReportTag, RoutingRule, Tag
from dispatch.services import rules, tags, tags_known
from tests.conftest import NOW
from tests.dispatch.services.many import done, states, undone, wish


@pytest.fixture
def tag(db):
    def make(code, department=None, **more):
        office = Department.objects.get(code=department) if department else None
        made = Tag.objects.create(code=code, name=code.title(), department=office, **more)
        tags_known.changed()
        return made

    return make


def on(report) -> set[str]:
    return set(ReportTag.objects.filter(report=report).values_list("tag__code", flat=True))


def test_who_sees_which(tag, handler, staff):
    city, own, other = tag("rapat"), tag("alat", "DPU"), tag("truk", "DLH")
    assert set(tags.visible(handler)) == {city, own}
    assert set(tags.visible(staff("p3m"))) == {city, own, other}


def test_put_on_and_taken_off_among_staff(tag, handler, reports):
    report, city = reports()[0], tag("rapat")
    version = report.version
    assert tags.change(handler, report.pk, add=[city.pk], now=NOW) == ([city.pk], [])
    assert tags.change(handler, report.pk, add=[city.pk], now=NOW) == ([], [])
    event = Event.objects.get(kind="tagged")
    assert (event.is_public, event.actor, event.data) == (False, handler, {"added": ["Rapat"], "removed": []})
    assert tags.change(handler, report.pk, remove=[city.pk], now=NOW) == ([], [city.pk])
    assert (on(report), Event.objects.filter(kind="tagged").count()) == (set(), 2)
    assert Report.objects.get(pk=report.pk).version == version


@pytest.mark.parametrize("which", ["strange", "retired", "unknown"])
def test_what_is_not_theirs_to_give_is_refused(which, tag, handler, reports):
    report = reports()[0]
    pk = {
        "strange": lambda: tag("truk", "DLH").pk,
        "retired": lambda: tag("lama", is_active=False).pk,
        "unknown": lambda: 999_999,
    }[which]()
    with pytest.raises(errors.InvalidReport):
        tags.change(handler, report.pk, add=[pk], now=NOW)
    assert (on(report), Event.objects.filter(kind="tagged").exists()) == (set(), False)


@pytest.mark.parametrize("role", ["viewer", "planner", "operator"])
def test_not_for_everybody(role, tag, staff, reports):
    report, city = reports()[0], tag("rapat")
    with pytest.raises(errors.NotPermitted):
        tags.change(staff(role, "DPU"), report.pk, add=[city.pk], now=NOW)
    assert on(report) == set()


def test_another_offices_report_is_not_tagged(tag, staff, reports):
    report, city = reports()[0], tag("rapat")
    with pytest.raises(Report.DoesNotExist):
        tags.change(staff("handler", "DLH"), report.pk, add=[city.pk], now=NOW)
    assert on(report) == set()


def test_the_tags_of_routing_rules_are_the_citys(make_report, route):
    rules.save_rule(
        RoutingRule(code="semua", outcome="adjust", tags=["musim-hujan"], reason="Hujan.", reason_en="Rain.")
    )
    first, second = route(make_report()), route(make_report())
    assert on(first) == on(second) == {"musim-hujan"}
    made = Tag.objects.get(code="musim-hujan")
    assert (made.name, made.department) == ("Musim hujan", None)
    assert first.decisions.first().tags == ["musim-hujan"]


def test_many_are_tagged_and_untagged_and_what_was_comes_back(tag, handler, reports):
    first, second = reports(2)
    rain, tool = tag("hujan"), tag("alat", "DPU")
    tags.change(handler, first.pk, add=[rain.pk], now=NOW)
    operation = done(handler, wish("tag", [first, second], tags=[rain.pk, tool.pk]))
    assert states(operation) == ["done", "done"]
    assert on(first) == on(second) == {"hujan", "alat"}
    undone(handler, operation)
    assert (states(operation), on(first), on(second)) == (["undone", "undone"], {"hujan"}, set())
    operation = done(handler, wish("untag", [first, second], tags=[rain.pk]))
    assert states(operation) == ["done", "failed"]
    assert operation.items.get(state="failed").why_code == "nothing_to_change"
    undone(handler, operation)
    assert (on(first), on(second)) == ({"hujan"}, set())


def test_tags_that_somebody_changed_since_are_left(tag, handler, reports):
    report, rain = reports()[0], tag("hujan")
    operation = done(handler, wish("tag", [report], tags=[rain.pk]))
    tags.change(handler, report.pk, remove=[rain.pk], now=NOW)
    undone(handler, operation)
    assert (states(operation), on(report)) == (["kept"], set())


def test_the_tags_of_many_reports_cost_one_query(tag, handler, reports, django_assert_num_queries):
    rain = tag("hujan")
    for number in (2, 6):
        many = reports(number)
        for report in many:
            tags.change(handler, report.pk, add=[rain.pk], now=NOW)
        with django_assert_num_queries(1):
            assert len(tags.of_reports(handler, [report.pk for report in many])) == number
