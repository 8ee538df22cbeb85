"""The first 15 minutes: changing the words, taking the report back, and what is refused."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import errors, selectors
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import Event, Photo, Report, Reporter, Subscription
from complaints.services import cells, changes, conversation, photos, status, subscriptions
from complaints.services.changes import Edit
from dispatch.models import Outbox, RoutingDecision
from dispatch.services import worker
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)
LAST = NOW + timedelta(minutes=15)
LATE = NOW + timedelta(minutes=15, seconds=1)
SRI = Contact(name="Sri Contoh", email="sri@example.org", phone="+6281234567890")


def as_it_is(report, **changed) -> Edit:
    """The form as the report's page gives it out, with some fields changed."""
    edit = Edit(
        description=report.description,
        street=report.street,
        answers=dict(report.answers),
        is_anonymous=report.is_anonymous,
        is_private=report.is_private,
        contact=changes.contact_of(report),
    )
    return replace(edit, **changed)


def everything(report) -> tuple:
    """All that a refused change must leave alone."""
    return (
        Report.objects.filter(pk=report.pk).values().get(),
        list(Event.objects.filter(report=report).values()),
        list(Photo.objects.filter(report=report).values()),
        list(Reporter.objects.filter(report=report).values()),
        list(Subscription.objects.filter(report=report).values()),
        Outbox.objects.count(),
    )


def with_photos(make_report, count=2, **changes):
    key = uuid.uuid4()
    colours = ("red", "green", "blue")
    uuids = tuple(
        photos.stage_photo(make_jpeg(colour=colour, gps=(-6.99, 110.42)), key, now=NOW).uuid
        for colour in colours[:count]
    )
    return make_report(idempotency_key=key, photos=uuids, **changes)


# --- edit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [NOW, SOON, LAST])
def test_new_words_take_the_place_of_the_old_ones(make_report, when):
    report = make_report(description="Lubang, telepon saya 0812 3456 7890", street="Jalan Pemuda")
    changed = changes.edit_report(
        report.pk,
        as_it_is(report, description="Lubang besar.", street="Jalan Pemuda 12"),
        now=when,
        expected_version=1,
    )
    report.refresh_from_db()
    assert (report.description, report.street, report.edited_at, report.version) == (
        "Lubang besar.",
        "Jalan Pemuda 12",
        when,
        2,
    )
    assert changed == report
    event = report.events.last()
    assert (event.kind, event.actor_kind, event.text, event.is_public) == ("edited", "reporter", "", True)
    assert event.data == {"fields": ["description", "street"]}
    assert "0812" not in repr(everything(report))


def test_nothing_changed_is_no_change(make_report):
    report = make_report(contact=SRI)
    before = everything(report)
    changes.edit_report(report.pk, as_it_is(report), now=SOON, expected_version=1)
    assert everything(report) == before


@pytest.mark.parametrize(
    ("when", "version", "error"),
    [(LATE, 1, errors.WindowClosed), (SOON, 7, errors.Conflict), (LATE, 7, errors.Conflict)],
)
def test_too_late_or_another_version_changes_nothing(make_report, when, version, error):
    report = with_photos(make_report, contact=SRI)
    before = everything(report)
    uuids = tuple(Photo.objects.values_list("uuid", flat=True))
    edit = as_it_is(report, description="Lain", contact=Contact(), removed_photos=uuids, is_private=True)
    with pytest.raises(error):
        changes.edit_report(report.pk, edit, now=when, expected_version=version)
    with pytest.raises(error):
        changes.withdraw_report(report.pk, now=when, message="Salah.", expected_version=version)
    assert everything(report) == before


def test_what_has_ended_is_not_edited(assigned, officer):
    report = assigned()
    status.change_status(
        report.pk, "rejected", actor=officer, now=SOON, message="Bukan.", reason_code="not_a_problem"
    )
    before = everything(report)
    with pytest.raises(errors.WindowClosed):
        changes.edit_report(report.pk, as_it_is(report, description="Lain"), now=SOON)
    with pytest.raises(errors.WindowClosed):
        changes.withdraw_report(report.pk, now=SOON)
    assert everything(report) == before


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"description": " \u202e"}, "description", "description_missing"),
        ({"description": "a" * 5001}, "description", "description_too_long"),
        ({"street": "a" * 201}, "street", "line_too_long"),
        ({"answers": {"size": "raksasa"}}, "answers.size", "unknown_choice"),
        ({"answers": {"apa": "itu"}}, "answers.apa", "unknown_question"),
        ({"contact": Contact(email="bukan surel")}, "contact_email", "email_invalid"),
        ({"contact": Contact(phone="112")}, "contact_phone", "phone_invalid"),
    ],
)
def test_new_words_are_checked_as_at_filing(make_report, changed, field, code):
    report = make_report()
    before = everything(report)
    with pytest.raises(errors.InvalidReport) as caught:
        changes.edit_report(report.pk, as_it_is(report, **changed), now=SOON)
    assert caught.value.errors[field][0] == code
    assert everything(report) == before


def test_the_last_photo_cannot_go_without_words(make_report):
    report = with_photos(make_report, count=1, description="")
    before = everything(report)
    uuids = tuple(Photo.objects.filter(report=report).values_list("uuid", flat=True))
    with pytest.raises(errors.InvalidReport) as caught:
        changes.edit_report(report.pk, as_it_is(report, removed_photos=uuids), now=SOON)
    assert list(caught.value.errors) == ["description"]
    assert everything(report) == before


def test_a_removed_photo_is_gone_with_its_files(make_report):
    report = with_photos(make_report)
    first, second = Photo.objects.filter(report=report)
    photos.prepare_photo(first.pk)
    first.refresh_from_db()
    storage, names = first.large.storage, [first.large.name, first.small.name, second.original.name]
    changes.edit_report(report.pk, as_it_is(report, removed_photos=(first.uuid, second.uuid)), now=SOON)
    assert not Photo.objects.filter(report=report).exists()
    assert report.events.last().data == {"fields": ["photos"], "photos": 2}
    worker.drain("media")
    assert [name for name in names if storage.exists(name)] == []
    assert Outbox.objects.filter(queue="media").exclude(state="done").count() == 0


def test_only_photos_of_ones_own_can_be_removed(make_report, officer, jpeg):
    report, other = with_photos(make_report, count=1), with_photos(make_report, count=1)
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(colour="black"), key, now=NOW)
    conversation.add_comment(
        report.pk, "Sudah kami lihat.", actor=officer, now=SOON, photos=(staged.uuid,), photos_key=key
    )
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(colour="white"), key, now=NOW)
    later = SOON + timedelta(seconds=1)
    conversation.support(
        report.pk,
        "tetangga",
        actor=A_CITIZEN,
        now=later,
        message="Saya juga",
        photos=(staged.uuid,),
        photos_key=key,
    )
    everybodys = tuple(Photo.objects.values_list("uuid", flat=True))
    changes.edit_report(report.pk, as_it_is(report, removed_photos=everybodys), now=later)
    assert Photo.objects.filter(report=other).count() == 1
    assert list(Photo.objects.filter(report=report).values_list("kind", "by_staff")) == [
        ("comment", officer.user_id),
        ("comment", None),
    ]


def test_reporters_photos_are_those_of_the_reporters_words(make_report, jpeg):
    report = with_photos(make_report, count=1)
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(colour="white"), key, now=NOW)
    conversation.add_comment(
        report.pk, "Satu lagi.", actor=THE_REPORTER, now=SOON, photos=(staged.uuid,), photos_key=key
    )
    assert [photo.kind for photo in selectors.reporters_photos(report)] == ["report", "comment"]


def test_contact_and_switches_change_without_telling_the_public_who(make_report):
    report = make_report(contact=SRI)
    new = Contact(name="Sri Contoh", email="lain@example.org")
    changes.edit_report(report.pk, as_it_is(report, contact=new), now=SOON)
    reporter = Reporter.objects.get(report=report)
    assert (reporter.name, reporter.email, reporter.phone) == ("Sri Contoh", "lain@example.org", "")
    event = report.events.last()
    assert (event.data, event.is_public) == ({"fields": ["contact"]}, False)
    subscription = Subscription.objects.get(report=report)
    assert (subscription.role, subscription.address) == ("reporter", "lain@example.org")
    changes.edit_report(report.pk, as_it_is(report, contact=Contact(), is_anonymous=False), now=SOON)
    assert not Reporter.objects.filter(report=report).exists()
    assert not Subscription.objects.filter(report=report).exists()
    assert report.events.last().data == {"fields": ["is_anonymous", "contact"]}


def test_the_way_to_a_phone_changes_with_the_contact(make_report, settings):
    settings.CHANNELS, settings.MESSAGES_AS_FILES = ["email", "whatsapp", "sms"], True
    report = make_report(contact=SRI)
    listening = Subscription.objects.filter(report=report).order_by("channel")

    def now_by(**changed) -> list[tuple[str, str]]:
        contact = replace(changes.contact_of(report), **changed)
        changes.edit_report(report.pk, as_it_is(report, contact=contact), now=SOON)
        return list(listening.values_list("channel", "address"))

    email = ("email", "sri@example.org")
    assert list(listening.values_list("channel", flat=True)) == ["email", "whatsapp"]
    assert now_by(phone_channel="sms") == [email, ("sms", "+6281234567890")]
    assert now_by(phone="0813 0000 0000") == [email, ("sms", "+6281300000000")]
    assert now_by(phone_channel="none") == [email]
    assert now_by(phone="") == [email]
    assert now_by(phone="0812 3456 7890", phone_channel="") == [email, ("whatsapp", "+6281234567890")]


def test_who_stopped_messages_is_not_written_to_again(make_report):
    report = make_report(contact=SRI)
    Subscription.objects.filter(report=report).update(stopped_at=NOW)
    contact = replace(changes.contact_of(report), name="Sri Lain")
    changes.edit_report(report.pk, as_it_is(report, contact=contact), now=SOON)
    assert Reporter.objects.get(report=report).name == "Sri Lain"
    assert Subscription.objects.get(report=report).stopped_at == NOW


def test_a_neighbours_address_becomes_the_reporters_own(make_report):
    report = make_report(contact=SRI)
    subscriptions.subscribe(
        report, role="supporter", channel="email", address="rumah@example.org", now=NOW, is_confirmed=True
    )
    contact = replace(changes.contact_of(report), email="rumah@example.org")
    changes.edit_report(report.pk, as_it_is(report, contact=contact), now=SOON)
    assert list(Subscription.objects.filter(report=report).values_list("role", "address")) == [
        ("reporter", "rumah@example.org")
    ]


def test_the_private_switch_moves_the_report_off_the_map_and_back(make_report):
    report = make_report()
    cells.refresh(report.pk)
    changes.edit_report(report.pk, as_it_is(report, is_private=True), now=SOON)
    worker.drain("notify")
    report.refresh_from_db()
    assert (report.is_private, report.counted_as) == (True, "")
    changes.edit_report(report.pk, as_it_is(report, is_private=False), now=SOON)
    worker.drain("notify")
    report.refresh_from_db()
    assert (report.is_private, report.counted_as.split("|")[0]) == (False, "new")
    assert not selectors.public_reports().filter(pk=report.pk, is_private=True).exists()


# --- routing after an edit -------------------------------------------------------------------------------


def test_an_edit_before_the_routing_is_routed_as_edited(make_report, route):
    report = make_report(category="banjir-banjir", answers={})
    changes.edit_report(report.pk, as_it_is(report, answers={"depth": "chest"}), now=SOON)
    report.refresh_from_db()
    assert report.severity == 5
    route(report, now=SOON)
    assert RoutingDecision.objects.get(report=report).facts["answers"] == {"depth": "chest"}


def test_more_danger_moves_the_promise_and_says_so(make_report, route):
    report = route(make_report(category="banjir-banjir", answers={}))
    due_before, before = report.due_at, report.severity
    changes.edit_report(report.pk, as_it_is(report, answers={"depth": "chest"}), now=SOON)
    worker.drain("notify")
    report.refresh_from_db()
    assert (before < 5, report.severity, report.due_at == due_before) == (True, 5, False)
    kinds = list(report.events.values_list("kind", flat=True))
    assert "edited" in kinds
    last = report.events.last()
    assert last.kind in ("promise", "routed")
    assert report.events.get(kind="edited").data["severity_before"] == before


def test_a_severity_that_a_person_set_stays(make_report, route):
    report = route(make_report(category="banjir-banjir", answers={}))
    Report.objects.filter(pk=report.pk).update(severity=1)
    changes.edit_report(report.pk, as_it_is(report, answers={"depth": "chest"}), now=SOON)
    report.refresh_from_db()
    assert (report.severity, "severity_before" in report.events.last().data) == (1, False)


def test_answers_that_mean_another_office_send_the_report_there(make_report, route):
    from city.models import Department
    from dispatch.models import RoutingRule
    from dispatch.services import rules

    RoutingRule.objects.create(
        code="uji-jawaban",
        categories=["banjir-banjir"],
        answers={"depth": ["chest"]},
        outcome="department",
        department=Department.objects.get(code="BPBD"),
        reason="Air setinggi dada ditangani BPBD.",
        reason_en="Chest-deep water is for BPBD.",
    )
    rules.bump()
    report = route(make_report(category="banjir-banjir", answers={}))
    first = report.department.code
    changes.edit_report(report.pk, as_it_is(report, answers={"depth": "chest"}), now=SOON)
    worker.drain("notify")
    report.refresh_from_db()
    assert first != "BPBD"
    assert report.department.code == "BPBD"
    assert RoutingDecision.objects.filter(report=report).count() == 2


def test_what_an_office_has_taken_up_stays_with_it(make_report, route, officer):
    report = route(make_report(category="banjir-banjir", answers={}))
    status.acknowledge(report.pk, actor=officer, now=SOON)
    report.refresh_from_db()
    changes.edit_report(report.pk, as_it_is(report, answers={"depth": "chest"}), now=SOON)
    department_id = report.department_id
    worker.drain("notify")
    report.refresh_from_db()
    assert (report.department_id, RoutingDecision.objects.filter(report=report).count()) == (department_id, 1)


def test_the_hash_of_an_address_tells_the_old_subscription_from_others(make_report):
    report = make_report(contact=SRI)
    subscriptions.subscribe(
        report, role="supporter", channel="email", address="tetangga@example.org", now=NOW, is_confirmed=True
    )
    changes.edit_report(report.pk, as_it_is(report, contact=Contact(name="Sri Contoh")), now=SOON)
    assert list(Subscription.objects.values_list("role", flat=True)) == ["supporter"]
