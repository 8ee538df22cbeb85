"""Every list of the admin: bounded where it grows for ever, and the same number of queries for any page."""

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city.models import Category, Department, User
from complaints.models import Report
from dispatch.admin.bounded import BoundedPaginator
from dispatch.models import IncidentRule, RepairCheck, TextModel, WebhookSubscriber
from tests.dispatch.admin.conftest import copies

admin.autodiscover()
LISTS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Kept by people, so as many rows as people make: all of them may be counted. Every other list grows with the
# reports, and its table must not be counted.
KEPT_BY_PEOPLE = {
    *("city.Area", "city.Category", "city.Crew", "city.Department", "city.QuietHours", "city.Road"),
    *("city.User", "city.Waterway", "city.WorkCalendar", "complaints.ApiClient", "dispatch.IncidentRule"),
    *("dispatch.LadderRung", "dispatch.MessageText", "dispatch.OwnerEndpoint", "dispatch.ReplyTemplate"),
    *("dispatch.ReviewShare", "dispatch.RoutingRule", "dispatch.ServiceLevel"),
    *("dispatch.Tag", "dispatch.WebhookSubscriber"),
}
FEW, MANY = 2, 12
# What a row cannot be made up without.
FIXED = {
    IncidentRule: {"radius_m": 50, "hours": 6, "burst_reports": 5, "grows_by": 2},
    RepairCheck: {"state": RepairCheck.State.PENDING},
    TextModel: {"is_used": False},
}


def label(model) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", LISTS, ids=label)
def test_a_list_that_grows_for_ever_is_bounded(model):
    shown = admin.site._registry[model]
    if label(model) in KEPT_BY_PEOPLE:
        return
    assert issubclass(shown.paginator, BoundedPaginator)
    assert not shown.show_full_result_count  # no COUNT(*) over the table
    assert shown.list_max_show_all == 0  # no address shows all of it
    assert shown.list_per_page <= 100


def test_the_table_names_lists_that_are_there():
    assert {label(model) for model in LISTS} >= KEPT_BY_PEOPLE


@pytest.fixture
def rows_of(report_at, staff):
    """Rows enough for two sizes of a page of this model's list: each of another report, another office."""
    report = report_at("DPU")
    copies(report, MANY)
    related = {
        Report: list(Report.objects.exclude(pk=report.pk).order_by("id")),
        Department: list(Department.objects.order_by("id")),
        Category: list(Category.objects.order_by("id")),
        User: [staff("handler", "DPU") for _number in range(MANY)],
    }
    subscriber = WebhookSubscriber(**made_up(WebhookSubscriber, 0, related))
    subscriber.save()
    related[WebhookSubscriber] = [subscriber] * MANY

    def make(model) -> None:
        missing = range(MANY - model._base_manager.count())
        model._base_manager.bulk_create(model(**made_up(model, number, related)) for number in missing)

    return make


def made_up(model, number: int, related) -> dict:
    values = dict(FIXED.get(model, {}))
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target in related and (target is not User or not field.null):
            values[field.name] = related[target][number]
        elif not (field.primary_key or field.name in values or field.null or field.has_default()):
            values[field.name] = _value(field, number)
    return values


def _value(field, number: int):
    if field.choices and not field.unique:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.localdate()
    if isinstance(field, models.TimeField):
        return timezone.now().time()
    if isinstance(field, models.JSONField):
        return {}
    return f"x{number}" if isinstance(field, models.CharField | models.TextField) else number


@pytest.mark.parametrize("model", LISTS, ids=label)
def test_a_longer_page_costs_no_more_queries(model, rows_of, staff, browser, monkeypatch):
    rows_of(model)
    assert model._base_manager.count() >= MANY
    page, shown = browser(staff("admin")), admin.site._registry[model]
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page.get(address)  # what is remembered from now on
    costs = []
    for per_page in (FEW, MANY):
        monkeypatch.setattr(shown, "list_per_page", per_page)
        with CaptureQueriesContext(connection) as captured:
            answer = page.get(address)
        assert answer.status_code == 200
        costs.append([query["sql"] for query in captured])
    assert len(costs[1]) <= len(costs[0]), "\n".join(costs[1])
    if label(model) not in KEPT_BY_PEOPLE:
        # Whatever is counted stops counting somewhere.
        assert [sql for sql in costs[1] if "COUNT(" in sql and "LIMIT" not in sql] == []


def test_a_list_that_is_longer_than_counted_says_so(rows_of, staff, browser, monkeypatch):
    from dispatch.admin import bounded
    from dispatch.models import Outbox

    rows_of(Outbox)
    monkeypatch.setattr(bounded, "COUNT_AT_MOST", 5)
    html = browser(staff("admin")).get(reverse("admin:dispatch_outbox_changelist")).content.decode()
    assert "Lebih dari 5 entri" in html
