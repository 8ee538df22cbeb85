"""The person goes, the case stays (UU PDP 27/2022); and the timeline lets nothing else through."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from complaints import links, search_index, triggers
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import Event, Feedback, OneTimeCode, Photo, Report, Reporter, Subscription
from complaints.services import changes, conversation, one_time_codes, photos, status, subscriptions
from complaints.services.erasure import erase_personal_data
from dispatch.models import Delivery, Outbox, RoutingDecision
from dispatch.services import deliveries, worker
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=40)
SRI = Contact(name="Sri Contoh", email="sri@example.org", phone="+6281234567890")
TRACES = ("Sri Contoh", "sri@example.org", "81234567890")


def everything_kept() -> str:
    """All rows of all tables, as text: where a trace of a person could be."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if connection.vendor == "sqlite" and table == search_index.TABLE:
                continue  # keeps no text that could be read back; its own tables are read like any other
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.fixture
def case(make_report, route, officer, jpeg):
    """A report with photos, talked about by everybody, resolved and opened again."""
    key = uuid.uuid4()
    photo = photos.stage_photo(make_jpeg(gps=(-6.99, 110.42)), key, now=NOW)
    report = make_report(
        idempotency_key=key,
        photos=(photo.uuid,),
        contact=SRI,
        is_anonymous=False,
        category="lain-parkir",
        description="Parkir liar di depan rumah saya.",
        street="Jalan Pemuda, WA 0812 9999 0000",
    )
    route(report)
    subscriptions.subscribe(
        report, role="reporter", channel="email", address=SRI.email, now=NOW, is_confirmed=True
    )
    subscriptions.subscribe(
        report, role="supporter", channel="email", address="lain@example.org", now=NOW, is_confirmed=True
    )
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(colour="red"), key, now=NOW)
    conversation.add_comment(
        report.pk,
        "Saya tinggal di nomor 3.",
        actor=THE_REPORTER,
        now=NOW,
        photos=(staged.uuid,),
        photos_key=key,
    )
    conversation.support(report.pk, "tetangga", actor=A_CITIZEN, now=NOW, message="Saya juga kena.")
    status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Sudah ditertibkan.")
    conversation.reopen(report.pk, "Masih ada.", now=NOW)
    report.refresh_from_db()
    return report


def test_the_person_goes_and_the_case_stays(case):
    one_time_codes.request_code(one_time_codes.Address(SRI.email, "email"), now=NOW)
    kept = ("category_id", "area_id", "street", "status", "department_id", "due_at", "description", "answers")
    before = Report.objects.values(*kept).get(pk=case.pk)
    version = case.version
    erase_personal_data(case.pk, now=LATER)
    report = Report.objects.get(pk=case.pk)
    assert Report.objects.values(*kept).get(pk=case.pk) == before
    assert (report.erased_at, report.is_anonymous, report.link_version, report.version) == (
        LATER,
        True,
        2,
        version + 1,
    )
    assert not Reporter.objects.exists()
    assert not OneTimeCode.objects.exists()
    assert list(Subscription.objects.values_list("role", flat=True)) == ["supporter"]
    assert set(Photo.objects.values_list("taken_at", "gps_latitude", "gps_longitude")) == {(None, None, None)}
    event = report.events.last()
    assert (event.kind, event.is_public, event.data) == ("erased", True, {"with_words": False})
    assert [trace for trace in TRACES if trace in everything_kept()] == []


def test_words_and_photos_go_too_if_wished(case):
    for photo in Photo.objects.all():
        photos.prepare_photo(photo.pk)
    photo = Photo.objects.last()
    storage, names = (
        photo.large.storage,
        [name for photo in Photo.objects.all() for name in (photo.large.name, photo.small.name)],
    )
    erase_personal_data(case.pk, now=LATER, with_words=True)
    worker.drain("media")
    report = Report.objects.get(pk=case.pk)
    assert (report.description, report.street) == ("", "Jalan Pemuda, WA •••")
    assert not Photo.objects.exists()
    assert [name for name in names if storage.exists(name)] == []
    said = list(report.events.exclude(text="").values_list("actor_kind", "text"))
    assert said == [("citizen", "Saya juga kena."), ("staff", "Sudah ditertibkan.")]
    assert list(Feedback.objects.values_list("verdict", "text")) == [("not_fixed", "")]
    kept = everything_kept()
    for trace in (*TRACES, "nomor 3", "Masih ada", "depan rumah saya", "0812 9999"):
        assert trace not in kept


@pytest.fixture
def asks_freely(make_report):
    """A report of a kind with a question in free words, the question's code, and a chosen answer."""
    from city import snapshot

    category = next(
        item
        for item in snapshot.current().categories.values()
        if item.parent_code
        and any(q.kind == "text" for q in item.questions)
        and any(q.choices for q in item.questions)
    )
    free = next(q.code for q in category.questions if q.kind == "text")
    question = next(q for q in category.questions if q.choices)
    chosen = {question.code: question.choices[0].value}
    report = make_report(category=category.code, answers={free: "Tanya Pak Contoh"} | chosen)
    return report, free, chosen


def test_free_answers_go_from_the_routing_too(asks_freely, route):
    report, free, chosen = asks_freely
    route(report)
    decision = RoutingDecision.objects.get(report=report)
    assert decision.facts["answers"] == {free: "Tanya Pak Contoh"} | chosen
    erase_personal_data(report.pk, now=LATER, with_words=True)
    worker.drain("notify")
    decision.refresh_from_db()
    assert decision.facts["answers"] == chosen
    assert "Pak Contoh" not in everything_kept()


def test_answers_changed_by_their_author_leave_no_trace(asks_freely, route):
    report, free, chosen = asks_freely
    route(report)
    edit = changes.Edit(report.description, "", {free: "Di pos ronda"} | chosen, True, report.is_private)
    changes.edit_report(report.pk, edit, now=NOW)
    worker.drain("notify")
    assert RoutingDecision.objects.first().facts["answers"] == {free: "Di pos ronda"} | chosen
    assert "Pak Contoh" not in everything_kept()


def test_a_second_time_changes_nothing(case):
    erase_personal_data(case.pk, now=LATER)
    before = everything_kept()
    erase_personal_data(case.pk, now=LATER + timedelta(days=1), with_words=True)
    assert everything_kept() == before


def test_old_links_and_sessions_end(case):
    old = links.private_path(case)
    browser = Client()
    assert b'data-testid="reporter-box"' in browser.get(old).content
    erase_personal_data(case.pk, now=LATER)
    for client in (browser, Client()):
        assert b'data-testid="reporter-box"' not in client.get(old).content
    before = everything_kept()
    for action in ("tambah", "selesai", "belum-selesai", "ubah", "tarik", "hapus-data"):
        browser.post(f"/laporan/{case.code}/{action}/", {"kunci": old[-25:], "text": "Halo", "confirm": "on"})
    assert everything_kept() == before


def test_a_message_on_its_way_is_not_sent(case, mailoutbox):
    event = Event.objects.filter(report=case, kind="routed").get()
    deliveries.prepare(event, now=NOW)
    assert Delivery.objects.filter(state="pending").exists()
    erase_personal_data(case.pk, now=LATER)
    worker.drain("notify")
    assert [mail for mail in mailoutbox if SRI.email in mail.to] == []
    assert not Delivery.objects.filter(state="sent", event_id=event.pk).exists()


def test_photos_still_being_prepared_do_not_come_back(case):
    erase_personal_data(case.pk, now=LATER, with_words=True)
    worker.drain("media")
    assert not Photo.objects.exists()
    assert not Outbox.objects.filter(queue="media").exclude(state="done").exists()


def test_another_report_of_the_same_person_is_left_alone(case, make_report):
    other = make_report(contact=SRI)
    erase_personal_data(case.pk, now=LATER, with_words=True)
    assert Reporter.objects.get().report_id == other.pk
    other.refresh_from_db()
    assert (other.erased_at, other.link_version, other.description != "") == (None, 1, True)


# --- the trigger, attacked with plain SQL ----------------------------------------------------------------


def run(statement: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(("author", "is_allowed"), [("reporter", True), ("citizen", True), ("staff", False)])
def test_only_citizens_words_can_be_blanked(case, author, is_allowed):
    event = Event.objects.filter(actor_kind=author).exclude(text="").last()
    before = Event.objects.values().get(pk=event.pk)
    if is_allowed:
        run("UPDATE complaints_event SET text = '' WHERE id = %s", event.pk)
        assert Event.objects.values().get(pk=event.pk) == before | {"text": ""}
    else:
        with pytest.raises(DatabaseError, match="append-only"):
            run("UPDATE complaints_event SET text = '' WHERE id = %s", event.pk)
        assert Event.objects.values().get(pk=event.pk) == before


CHANGES = {
    "text": "'Sudah beres, terima kasih.'",
    "id": "id + 100000",
    "report_id": "(SELECT MAX(id) FROM complaints_report)",
    "kind": "'note'",
    "at": "CURRENT_TIMESTAMP",
    "actor_kind": "'staff'",
    "actor_id": "(SELECT MIN(id) FROM city_user)",
    "department_id": "(SELECT MIN(id) FROM city_department)",
    "from_status": "'resolved'",
    "to_status": "'closed'",
    "data": """'{"rating": 5}'""",
    "is_public": "NOT is_public",
}


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("author", ["reporter", "citizen", "staff", "system"])
@pytest.mark.parametrize("also_blank", [False, True])
def test_nothing_else_of_an_event_can_be_changed(case, make_report, author, column, also_blank):
    make_report()
    event = Event.objects.filter(report=case, actor_kind=author).exclude(kind="reopened").last()
    before = Event.objects.order_by("id").values()
    rows = list(before)
    blank = ", text = ''" if also_blank and column != "text" else ""
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"UPDATE complaints_event SET {column} = {CHANGES[column]}{blank} WHERE id = %s", event.pk)
    assert list(before.all()) == rows


@pytest.mark.parametrize("author", ["reporter", "citizen", "staff", "system"])
def test_no_event_can_be_deleted(case, author):
    event = Event.objects.filter(actor_kind=author).last()
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM complaints_event WHERE id = %s", event.pk)
    assert Event.objects.filter(pk=event.pk).exists()


def test_the_attacks_and_the_trigger_know_every_column():
    from importlib import import_module

    columns = {field.column for field in Event._meta.local_concrete_fields}
    guarded = set(import_module("complaints.migrations.0008_erasure").COLUMNS)
    assert set(CHANGES) == columns == guarded | {"text"}


def test_without_columns_nothing_is_let_through():
    for vendor in ("sqlite", "postgresql"):
        assert "NEW.text" not in "".join(triggers.timeline_sql(vendor))
