"""The cards of a person's work: above the queue and on the first page, for every role."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import Report
from complaints.services import conversation
from dispatch.models import Mention
from dispatch.services import worklist
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, codes_in, copies, due

WITH_A_LIST = (
    *(("admin", None), ("p3m", None), ("operator", None), ("duty_officer", None), ("planner", None)),
    *(("department_admin", "DPU"), ("handler", "DPU"), ("viewer", "DPU")),
)


@pytest.fixture
def answers(take, desk):
    """The reporter writes something into a report."""

    def say(report, words="Lubangnya di depan toko roti.", *, now=NOW + timedelta(hours=2)) -> Report:
        conversation.add_comment(report.pk, words, actor=conversation.THE_REPORTER, now=now)
        report.refresh_from_db()
        return report

    return say


@pytest.fixture
def varied(report_at, take, handler, answers, staff):
    """Of everything that a card counts at least one, in two departments and at the desk."""
    colleague = staff("handler", "DPU")
    for department in ("DPU", "DLH"):
        due(report_at(department), -timedelta(days=1))
        due(report_at(department), timedelta(minutes=5))
        take(report_at(department), "accept")
        take(report_at(department), "start")
        take(report_at(department), "wait", waiting_reason="Pipa PDAM")
        take(report_at(department), "reject", reason_code="cannot_find", message="Tidak ada.")
        _reopened(report_at(department))
        answers(report_at(department))
    take(report_at("DPU"), "take", handler)
    answers(take(report_at("DPU"), "take", handler))
    answers(take(report_at("DPU"), "take", colleague))
    answers(report_at(None))
    report_at(None)


def _reopened(report):
    Report.objects.filter(pk=report.pk).update(status="resolved", is_open=False, resolved_at=NOW)
    conversation.reopen(report.pk, "Masih berlubang.", now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(("role", "department"), WITH_A_LIST)
def test_every_card_of_every_role_counts_what_its_list_shows(role, department, varied, staff, browser):
    page = browser(staff(role, department))
    strip = page.get(reverse(LIST)).context["work_cards"]
    first = page.get(reverse("admin:index")).context["cards"]
    assert [card["name"] for card in strip] == [card["name"] for card in first][: len(strip)]
    assert {"overdue", "today", "new", "for_me", "reopened", "mine"} <= {card["name"] for card in strip}
    for card in (*strip, *first):
        assert len(codes_in(page.get(card["url"]))) == card["count"], card["name"]
    assert any(card["count"] for card in strip)


def test_what_waits_for_me_is_mine_or_my_offices_and_nobodys(varied, handler, staff, browser):
    def waiting(user) -> int:
        return worklist.counts(user, timezone.now())["for_me"]

    assert waiting(handler) == 2  # their own, and the one of DPU that nobody handles
    assert waiting(staff("handler", "DPU")) == 1
    assert waiting(staff("handler", "DLH")) == 1
    assert waiting(staff("p3m")) == 1  # the one that no office has


@pytest.mark.parametrize(
    ("step", "details", "is_answered"),
    [
        ("reply", {"message": "Terima kasih, tim kami ke sana."}, True),
        ("start", {}, True),
        ("note", {"message": "Sudah saya telepon."}, True),
        ("take", {}, False),
    ],
)
def test_an_answer_waits_until_somebody_says_or_does_something(
    step, details, is_answered, report_at, answers, take, handler, listed
):
    report = answers(report_at("DPU"))
    assert report.unanswered_since == NOW + timedelta(hours=2)
    assert listed(tanda="jawaban") == [report.code]
    take(report, step, handler, **details)
    assert listed(tanda="jawaban") == ([] if is_answered else [report.code])
    answers(report, "Masih ada lagi.", now=NOW + timedelta(hours=3))
    assert listed(tanda="jawaban") == [report.code]


def test_a_note_that_names_somebody_waits_until_it_is_read(report_at, take, handler, staff, browser):
    report, other = report_at("DPU"), staff("handler", "DPU")
    event = take(report, "note", other, message="Tolong lihat.").events.latest("id")
    mention = Mention.objects.create(event=event, user=handler, created_at=NOW)
    pages = {user: browser(user) for user in (handler, other)}
    waiting = {user: codes_in(page.get(reverse(LIST), {"tanda": "saya"})) for user, page in pages.items()}
    assert waiting == {handler: [report.code], other: []}
    Mention.objects.filter(pk=mention.pk).update(read_at=NOW)
    assert codes_in(pages[handler].get(reverse(LIST), {"tanda": "saya"})) == []


def test_a_second_word_waits_since_the_first(report_at, answers):
    report = answers(report_at("DPU"))
    answers(report, "Tolong segera.", now=NOW + timedelta(hours=5))
    assert report.unanswered_since == NOW + timedelta(hours=2)


def test_what_a_stranger_writes_waits_for_nobody(report_at):
    report = report_at("DPU")
    conversation.add_comment(report.pk, "Saya juga.", actor=conversation.Actor("citizen"), now=NOW)
    report.refresh_from_db()
    assert report.unanswered_since is None


def test_cards_stop_counting_where_the_list_does(report_at, handler, browser, monkeypatch):
    monkeypatch.setattr(worklist, "COUNT_AT_MOST", 3)
    copies(report_at("DPU"), 6)
    page = browser(handler)
    card = next(c for c in page.get(reverse(LIST)).context["work_cards"] if c["name"] == "new")
    assert (card["count"], card["is_bounded"]) == (4, True)
    assert "3+" in page.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("department", ["DPU", None])
def test_all_cards_are_one_query_at_any_size(department, report_at, staff):
    user = staff("handler" if department else "p3m", department)
    report = report_at("DPU")
    for more in (1, 60):
        copies(report, more)
        user.__dict__.pop("_area_ids", None)
        with CaptureQueriesContext(connection) as queries:
            worklist.counts(user, timezone.now())
        assert len([q for q in queries if "complaints_report" in q["sql"]]) == 1


def test_the_card_of_the_shown_list_is_marked(report_at, handler, browser):
    cards = browser(handler).get(reverse(LIST), {"tenggat": "overdue"}).context["work_cards"]
    assert [card["name"] for card in cards if card["is_current"]] == ["overdue"]
