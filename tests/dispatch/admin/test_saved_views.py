"""Views that officers keep: their own, shared ones, and the one their queue opens with."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from city.models import AuditEvent
from dispatch.models import QueueSetting, SavedFilter
from dispatch.services import saved_filters
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, codes_in

VIEWS, SETTINGS = "admin:complaints_report_views", "admin:complaints_report_settings"


def one(view) -> str:
    return reverse("admin:complaints_report_view", args=[view.pk])


@pytest.fixture
def keep():
    def make(user, name="Malam", query="tingkat=4", **more) -> SavedFilter:
        return saved_filters.save(user, name=name, query=query, now=NOW, **more)

    return make


@pytest.fixture
def head(staff):
    return staff("department_admin", "DPU")


def shown(client) -> list[str]:
    return [view.name for view in client.get(reverse(LIST), {"status": "open"}).context["views"]]


def test_a_view_is_kept_with_known_parameters_only(browser, handler):
    page = browser(handler)
    typed = {"name": "  Berat   malam ", "query": "tingkat=4&p=3&evil=1&status=new"}
    response = page.post(reverse(VIEWS), typed)
    view = SavedFilter.objects.get()
    assert (view.owner, view.name, view.query) == (handler, "Berat malam", "status=new&tingkat=4")
    assert (view.is_shared, view.department) == (False, None)
    assert response.url == reverse(LIST) + "?status=new&tingkat=4"
    assert page.get(response.url).context["current_view"] == view


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Beri nama tampilan ini."),
        ("  \u202e ", "Beri nama tampilan ini."),
        ("x" * 61, "paling banyak 60 karakter"),
        ("Malam", "sudah memiliki tampilan dengan nama ini"),
    ],
)
def test_a_bad_name_is_told_and_what_was_typed_stays(name, sentence, browser, handler, keep):
    keep(handler)
    response = browser(handler).post(reverse(VIEWS), {"name": name, "query": "kanal=api", "opens": "1"})
    assert response.status_code == 422
    html = response.content.decode()
    assert sentence in html
    assert 'value="kanal=api"' in html
    assert SavedFilter.objects.count() == 1
    assert not QueueSetting.objects.exists()


def test_thirty_views_are_enough(handler, browser, keep, monkeypatch):
    monkeypatch.setattr(saved_filters, "AT_MOST", 2)
    keep(handler, "a")
    keep(handler, "b")
    response = browser(handler).post(reverse(VIEWS), {"name": "c", "query": "kanal=api"})
    assert response.status_code == 422
    assert SavedFilter.objects.count() == 2


@pytest.mark.parametrize("role", ["handler", "viewer", "operator", "duty_officer", "planner"])
def test_who_may_not_share_shares_nothing(role, staff, browser):
    user = staff(role, "DPU" if role in ("handler", "viewer") else None)
    page = browser(user)
    assert 'name="is_shared"' not in page.get(reverse(LIST), {"tingkat": "4"}).content.decode()
    response = page.post(reverse(VIEWS), {"name": "Malam", "query": "tingkat=4", "is_shared": "1"})
    assert response.status_code == 422
    assert not SavedFilter.objects.exists()


def test_a_heads_view_is_for_their_department(head, handler, staff, browser):
    browser(head).post(reverse(VIEWS), {"name": "Dinas", "query": "tingkat=4", "is_shared": "1"})
    assert SavedFilter.objects.get().department == head.department
    assert shown(browser(handler)) == ["Dinas"]
    assert shown(browser(staff("handler", "DLH"))) == []
    assert shown(browser(staff("p3m"))) == []


@pytest.mark.parametrize("role", ["admin", "p3m"])
def test_what_the_desk_shares_is_for_everybody(role, staff, handler, browser):
    browser(staff(role)).post(reverse(VIEWS), {"name": "Kota", "query": "tingkat=5", "is_shared": "1"})
    assert SavedFilter.objects.get().department is None
    assert shown(browser(handler)) == ["Kota"]
    assert shown(browser(staff("planner"))) == ["Kota"]


def test_a_private_view_is_nobody_elses(head, handler, staff, browser, keep):
    view = keep(handler, "Rahasia saya", "q=nama-orang")
    before = SavedFilter.objects.values().get()
    for other in (head, staff("admin"), staff("handler", "DPU")):
        page = browser(other)
        assert shown(page) == []
        assert "Rahasia saya" not in page.get(reverse(VIEWS)).content.decode()
        for action in ("change", "delete", "up", "open_with"):
            answer = page.post(one(view), {"action": action, "name": "Milik saya", "is_shared": "1"})
            assert answer.status_code == 404, action
    assert SavedFilter.objects.values().get() == before
    assert not QueueSetting.objects.exists()


def test_a_shared_view_is_changed_by_its_owner_alone(head, handler, browser, keep):
    view = keep(head, is_shared=True)
    before = SavedFilter.objects.values().get()
    page = browser(handler)
    for action in ("change", "delete", "up"):
        assert page.post(one(view), {"action": action, "name": "Lain"}).status_code == 404
    assert SavedFilter.objects.values().get() == before
    assert page.post(one(view), {"action": "open_with"}).status_code == 302
    assert QueueSetting.objects.get(user=handler).first_view == view


def test_renaming_sharing_moving_and_deleting(head, browser, keep):
    first, second = keep(head, "Satu"), keep(head, "Dua")
    page = browser(head)
    page.post(one(second), {"action": "up"})
    assert shown(page) == ["Dua", "Satu"]
    page.post(one(first), {"action": "change", "name": "Pertama", "is_shared": "1"})
    first.refresh_from_db()
    assert (first.name, first.is_shared, first.department) == ("Pertama", True, head.department)
    answer = page.post(one(first), {"action": "change", "name": "Dua"})
    assert answer.status_code == 422
    assert "sudah memiliki tampilan dengan nama ini" in answer.content.decode()
    page.post(one(first), {"action": "change", "name": "Pertama"})
    first.refresh_from_db()
    assert (first.is_shared, first.department) == (False, None)
    page.post(one(second), {"action": "delete"})
    assert shown(page) == ["Pertama"]


def test_who_did_what_stands_in_the_record(head, browser, keep):
    page = browser(head)
    page.post(reverse(VIEWS), {"name": "Malam", "query": "tingkat=4"})
    view = SavedFilter.objects.get()
    page.post(one(view), {"action": "change", "name": "Pagi"})
    page.post(one(view), {"action": "change", "name": "Pagi"})  # changes nothing
    page.post(one(view), {"action": "delete"})
    rows = LogEntry.objects.order_by("id").values_list("user", "object_repr", "action_flag")
    assert list(rows) == [(head.pk, "Malam", 1), (head.pk, "Pagi", 2), (head.pk, "Pagi", 3)]
    kinds = AuditEvent.objects.filter(object_kind="dispatch.savedfilter").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["added", "changed", "deleted"]


def test_the_queue_opens_with_the_chosen_view(report_at, browser, handler, keep):
    report_at("DPU")
    view = keep(handler, query="status=in_progress")
    page = browser(handler)
    page.post(one(view), {"action": "open_with"})
    answer = page.get(reverse(LIST))
    assert (answer.status_code, answer.url) == (302, reverse(LIST) + "?status=in_progress")
    assert len(codes_in(page.get(reverse(LIST), {"status": "open"}))) == 1
    assert page.get(reverse(LIST), {"tingkat": "3"}).status_code == 200
    page.post(one(view), {"action": "open_all"})
    assert page.get(reverse(LIST)).status_code == 200


def test_a_first_view_that_is_shared_no_longer_opens_nothing(head, handler, browser, keep):
    view = keep(head, is_shared=True)
    page = browser(handler)
    page.post(one(view), {"action": "open_with"})
    browser(head).post(one(view), {"action": "change", "name": "Malam"})
    assert page.get(reverse(LIST)).status_code == 200
    browser(head).post(one(view), {"action": "delete"})
    assert page.get(reverse(LIST)).status_code == 200


@pytest.mark.parametrize("switch", ["shows_map", "has_keys", "opens_next"])
def test_switches_are_remembered_per_person(switch, handler, staff, browser):
    page = browser(handler)
    back = reverse(LIST) + "?tingkat=4"
    for on in ("1", ""):
        answer = page.post(reverse(SETTINGS), {"switch": switch, "on": on, "back": back})
        assert answer.url == back
        assert getattr(QueueSetting.objects.get(user=handler), switch) is bool(on)
    assert QueueSetting.objects.count() == 1


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/", ""])
def test_a_switch_leads_nowhere_else(back, handler, browser):
    answer = browser(handler).post(reverse(SETTINGS), {"switch": "has_keys", "back": back})
    assert answer.url == reverse(LIST)


def test_no_other_switch_can_be_set(handler, browser):
    answer = browser(handler).post(reverse(SETTINGS), {"switch": "user_id", "on": "1"})
    assert answer.status_code == 400
    assert not QueueSetting.objects.exists()


def test_strangers_reach_none_of_it(db, handler, keep):
    view = keep(handler)
    for address in (reverse(VIEWS), one(view), reverse(SETTINGS)):
        assert Client().post(address, {"action": "delete"}).url.startswith(reverse("admin:login"))
    assert SavedFilter.objects.count() == 1


def test_the_page_of_views_costs_the_same_at_any_size(handler, browser, keep, count_queries):
    page = browser(handler)
    keep(handler, "0", "penangan=saya")
    page.get(reverse(VIEWS))
    few = count_queries(lambda: page.get(reverse(VIEWS)))
    for number in range(1, 20):
        keep(handler, str(number), f"penangan=saya&tingkat={number % 5 + 1}")
    assert count_queries(lambda: page.get(reverse(VIEWS))) <= few
