"""What owners' systems answer, asked by the beat and told once."""

from datetime import timedelta
from itertools import pairwise

import pytest

from city.models import Category
from complaints.models import Event
from complaints.services import conversation, elsewhere
from dispatch.models import Forward, Outbox, OwnerEndpoint, OwnerUpdate
from dispatch.services import owner_news, referrals
from tests.conftest import NOW
from tests.dispatch.services.outward import *  # noqa: F403 - fixtures
from tests.dispatch.services.outward import HOUR, forward_of, referral_of, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(work):
    """What the beat does at a moment, and the workers after it."""

    def run(at):
        owner_news.queue_due(now=at)
        work(at)

    return run


def says(server, status, notes="", number="BB-1", **more):
    server.requests[number] |= {"status": status, "status_notes": notes, **more}


def asked_about(server) -> int:
    return sum(item.path == "/v2/requests/BB-1.xml" for item in server.asked)


def test_nothing_is_asked_before_the_interval_and_once_in_each(forwarded, server, ask):
    forwarded()
    ask(NOW + timedelta(minutes=59))
    assert asked_about(server) == 0
    for minutes in (60, 60, 61, 119):
        ask(NOW + timedelta(minutes=minutes))
        assert asked_about(server) == 1
    ask(NOW + timedelta(minutes=120))
    assert asked_about(server) == 2


def test_open_without_a_word_is_heard_and_no_news(forwarded, server, ask):
    report = forwarded()
    ask(NOW + HOUR)
    assert told(report) == [("sent", "")]
    assert forward_of(report).last_heard_at == NOW + HOUR
    found = elsewhere.of(report)
    assert (found.number, found.heard_at) == ("BB-1", NOW + HOUR)


def test_their_words_are_told_once(forwarded, server, ask):
    report = forwarded()
    says(server, "open", "Sudah dijadwalkan minggu depan.")
    for hours in (1, 2, 3):
        ask(NOW + hours * HOUR)
    assert told(report) == [("sent", ""), ("news", "Sudah dijadwalkan minggu depan.")]
    event = Event.objects.get(report=report, data__what="news")
    assert (event.actor_kind, event.department.code, event.is_public) == ("system", "BBPJN", True)
    [update] = OwnerUpdate.objects.all()
    assert (update.status, update.event_id) == ("open", event.pk)


def test_the_same_words_again_after_others_are_news_again(forwarded, server, ask):
    report = forwarded()
    for hour, words in enumerate(["Dikerjakan.", "Tertunda hujan.", "Dikerjakan."], 1):
        says(server, "open", words)
        ask(NOW + hour * HOUR)
    assert [text for _what, text in told(report)] == ["", "Dikerjakan.", "Tertunda hujan.", "Dikerjakan."]


def test_two_workers_with_the_same_answer_tell_it_once(forwarded, server, work):
    report = forwarded()
    forward = forward_of(report)
    for _worker in range(2):
        Forward.objects.filter(pk=forward.pk).update(their_status="", their_text="", state_key="")
        owner_news.take(forward.pk, status="open", words="Dikerjakan.", their_at=None, now=NOW)
    assert told(report) == [("sent", ""), ("news", "Dikerjakan.")]


@pytest.mark.parametrize(
    ("when_closed", "needs_photo", "words", "status", "claim"),
    [
        ("desk", False, "Sudah ditambal.", "referred", "done"),
        ("citizen", False, "Sudah ditambal.", "resolved", ""),
        ("citizen", True, "Sudah ditambal.", "referred", "done"),  # no photo, no proof
        ("citizen", False, "", "referred", "done"),  # no word to the citizen
    ],
)
def test_closed_by_them_follows_our_rules_of_proof(
    forwarded, server, ask, staff, when_closed, needs_photo, words, status, claim
):
    OwnerEndpoint.objects.update(when_closed=when_closed)
    Category.objects.filter(code="jalan-lubang").update(needs_repair_photo=needs_photo)
    report, desk = forwarded(), staff("p3m")
    says(server, "closed", words)
    at = NOW + HOUR
    ask(at)
    report.refresh_from_db()
    assert (report.status, forward_of(report).state) == (status, "closed")
    assert forward_of(report).referral.claim == claim
    waiting = list(referrals.waiting_for(desk, today=at.date()))
    if status == "resolved":
        last = Event.objects.filter(report=report, to_status="resolved").get()
        assert (last.text, last.actor_kind, last.department.code) == (words, "system", "BBPJN")
        assert (waiting, forward_of(report).referral.ended_at) == ([], at)
    else:
        assert told(report)[-1] == ("done", words)
        assert waiting == [referral_of(report)]
    ask(NOW + 5 * HOUR)
    assert asked_about(server) == 1  # ended: not asked about any more


def test_not_fixed_says_the_reporter_and_the_owner_hears_it_anew(forwarded, server, ask, work):
    OwnerEndpoint.objects.update(when_closed="citizen")
    Category.objects.filter(code="jalan-lubang").update(needs_repair_photo=False)
    report = forwarded()
    says(server, "fixed", "Sudah ditambal.")
    ask(NOW + HOUR)
    conversation.reopen(report.pk, "Masih berlubang.", now=NOW + 2 * HOUR)
    work(NOW + 2 * HOUR)
    assert [post.fields["service_code"] for post in server.posts()] == ["rusak", "rusak"]
    assert (referral_of(report).reference, referral_of(report).forward.state) == ("BB-2", "open")


@pytest.mark.parametrize("status", ["duplicate", "not_councils_responsibility", "No Further Action"])
def test_a_refusal_goes_to_the_desk_and_never_counts_as_done(forwarded, server, ask, status):
    OwnerEndpoint.objects.update(when_closed="citizen")
    Category.objects.filter(code="jalan-lubang").update(needs_repair_photo=False)
    report = forwarded()
    says(server, status, "Bukan ruas kami.")
    ask(NOW + HOUR)
    report.refresh_from_db()
    assert (report.status, referral_of(report).claim) == ("referred", "declined")
    assert told(report)[-1] == ("declined", "Bukan ruas kami.")


def test_the_desk_that_asks_again_listens_again(forwarded, server, ask, staff):
    report, desk = forwarded(), staff("p3m")
    says(server, "closed", "Selesai.")
    ask(NOW + HOUR)
    referrals.ask_again(desk, referral_of(report).pk, now=NOW + 2 * HOUR, message="Masih berlubang.")
    assert (referral_of(report).claim, forward_of(report).state) == ("", "open")
    says(server, "open", "Dikerjakan lagi.")
    ask(NOW + 3 * HOUR)
    assert told(report)[-1] == ("news", "Dikerjakan lagi.")


def test_a_token_becomes_a_number_once(forwarded, server, ask):
    server.gives_tokens = True
    report = forwarded()
    ask(NOW + HOUR)
    assert forward_of(report).state == "token"
    says(server, "open", is_ready="1")
    ask(NOW + 2 * HOUR)
    assert (forward_of(report).state, referral_of(report).reference) == ("open", "BB-1")
    owner_news.take_number(forward_of(report).pk, "BB-9", now=NOW + 2 * HOUR)
    assert (referral_of(report).reference, told(report)) == ("BB-1", [("sent", ""), ("taken", "")])


def test_a_list_of_updates_is_read_in_one_call_and_each_told_once(forwarded, server, ask):
    OwnerEndpoint.objects.update(reads="updates")
    report, other = forwarded(), forwarded()
    server.updates = [
        {
            "update_id": "7",
            "service_request_id": "BB-1",
            "status": "investigating",
            "description": "Disurvei.",
        },
        {"update_id": "8", "service_request_id": "BB-1", "status": "planned", "description": "Disurvei."},
        {
            "update_id": "9",
            "service_request_id": "BB-77",
            "status": "fixed",
            "description": "Bukan punya kami.",
        },
    ]
    ask(NOW + HOUR)
    ask(NOW + 2 * HOUR)
    assert told(report) == [("sent", ""), ("news", "Disurvei."), ("news", "Disurvei.")]
    assert told(other) == [("sent", "")]
    reads = [item for item in server.asked if item.path.endswith("servicerequestupdates.xml")]
    assert [item.query["start_date"] for item in reads] == ["2026-09-15T02:00:00Z"] * 2
    assert [item.query["end_date"] for item in reads] == ["2026-09-15T03:00:00Z", "2026-09-15T04:00:00Z"]
    assert asked_about(server) == 0


def test_a_server_that_is_down_is_left_alone_for_ever_longer(forwarded, server, ask):
    report = forwarded()
    server.fail["GET"] = 502
    tries, minute = [], 0
    while minute < 60 * 24:
        minute += 15
        before = len(server.asked)
        ask(NOW + timedelta(minutes=minute))
        if len(server.asked) > before:
            tries.append(minute)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert (tries[0], gaps[:4], max(gaps)) == (60, [60, 120, 240, 360], 360)
    endpoint = OwnerEndpoint.objects.get()
    assert "HTTP 502" in endpoint.last_error
    assert told(report) == [("sent", "")]
    server.fail.clear()
    says(server, "open", "Kembali.")
    ask(NOW + timedelta(days=2))
    assert told(report)[-1] == ("news", "Kembali.")
    endpoint.refresh_from_db()
    assert (endpoint.failed_count, endpoint.last_error, endpoint.paused_until) == (0, "", None)


def test_a_request_that_they_lost_comes_to_the_desk_without_stopping_the_others(forwarded, server, ask):
    lost, other = forwarded(), forwarded()
    del server.requests["BB-1"]
    says(server, "open", "Ada.", number="BB-2")
    for hour in range(1, 6):
        assert referral_of(lost).claim == ""
        ask(NOW + hour * HOUR)
    assert referral_of(lost).claim == "lost"
    assert told(other)[-1] == ("news", "Ada.")
    assert OwnerEndpoint.objects.get().failed_count == 0


@pytest.mark.parametrize(
    "raw", [b"<html>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"x" * 3_000_000, b"\xff\xfe"]
)
def test_a_hostile_answer_changes_nothing(forwarded, server, ask, raw):
    report = forwarded()
    server.raw = raw
    ask(NOW + HOUR)
    assert told(report) == [("sent", "")]
    assert OwnerEndpoint.objects.get().failed_count == 1


def test_what_they_write_is_cleaned_and_cut(forwarded, server, ask):
    report = forwarded()
    says(server, "open", "a\u202eb <script>" + "x" * 3000)
    ask(NOW + HOUR)
    [_sent, (_what, words)] = told(report)
    assert (words[:11], len(words)) == ("ab <script>", 2000)


def test_a_report_that_went_elsewhere_is_not_asked_about(forwarded, server, ask, staff):
    from dispatch.services import casework

    report = forwarded()
    details = casework.Details(message="Bukan ruas ini.")
    casework.take_step(staff("p3m"), report.pk, "not_ours", details, now=NOW)
    ask(NOW)
    ask(NOW + HOUR)
    assert asked_about(server) == 0


def test_one_row_a_server_however_many_reports(forwarded, server, django_assert_max_num_queries):
    for _number in range(3):
        forwarded()
    with django_assert_max_num_queries(12):
        assert owner_news.queue_due(now=NOW + HOUR) == 1
    assert owner_news.queue_due(now=NOW + HOUR) == 0
    assert Outbox.objects.filter(topic="owner.poll").count() == 1
    assert owner_news.queue_due(now=NOW + HOUR + timedelta(minutes=3)) == 1  # a lost worker's


def test_the_reporter_hears_it(forwarded, server, ask):
    from dispatch.services import messages

    report = forwarded()
    says(server, "open", "Dikerjakan.")
    ask(NOW + HOUR)
    event = Event.objects.get(report=report, data__what="news")
    assert messages.audience_of(event) == {"reporter"}
