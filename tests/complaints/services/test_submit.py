import math
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from complaints import errors, links
from complaints.domain.draft import Contact
from complaints.models import Event, Photo, Report, Reporter, StagedPhoto
from complaints.services import outbox
from complaints.services.photos import stage_photo
from complaints.services.submit import check_draft, submit_report
from dispatch.models import Outbox
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db


def test_a_report_its_first_event_and_its_outbox_row_are_written(draft):
    filed = submit_report(draft(), now=NOW)
    report = Report.objects.get()
    assert filed.created
    assert (report.status, report.is_open, report.version, report.created_at) == ("received", True, 1, NOW)
    assert (report.severity, report.is_private, report.is_anonymous) == (3, False, True)
    assert report.area.code.startswith("33.74.")
    event = Event.objects.get()
    assert (event.kind, event.actor_kind, event.to_status) == ("submitted", "reporter", "received")
    row = Outbox.objects.get()
    assert (row.queue, row.topic, row.report_id, row.state) == (
        "routing",
        "report.submitted",
        report.pk,
        "pending",
    )
    assert links.is_reporter(report, filed.secret)
    assert not links.is_reporter(report, "x" * 25)


def test_nothing_is_written_when_the_outbox_row_cannot_be(draft, monkeypatch):
    def broken(**_row):
        raise RuntimeError("disk full")

    monkeypatch.setattr(outbox, "_sinks", [*outbox._sinks, broken])
    with pytest.raises(RuntimeError):
        submit_report(draft(), now=NOW)
    assert (Report.objects.count(), Event.objects.count(), Outbox.objects.count()) == (0, 0, 0)


def test_sending_again_files_once(draft):
    said = draft()
    first, second = submit_report(said, now=NOW), submit_report(said, now=NOW)
    assert (first.created, second.created) == (True, False)
    assert (first.report.code, first.secret) == (second.report.code, second.secret)
    assert (Report.objects.count(), Event.objects.count(), Outbox.objects.count()) == (1, 1, 1)


def test_the_same_key_with_other_words_is_refused(draft):
    key = uuid.uuid4()
    submit_report(draft(idempotency_key=key), now=NOW)
    with pytest.raises(errors.KeyReused):
        submit_report(draft(idempotency_key=key, description="Sesuatu yang lain."), now=NOW)
    assert Report.objects.get().description == "Ada lubang di depan halte, motor sering oleng."


def test_what_was_accepted_stays_accepted_when_the_city_changes_meanwhile(draft):
    from city.models import Category
    from city.services import versions

    said = draft()
    first = submit_report(said, now=NOW)
    Category.objects.filter(code="jalan-lubang").update(is_active=False)
    versions.bump(boundaries=False)
    assert submit_report(said, now=NOW).report.pk == first.report.pk
    with pytest.raises(errors.InvalidReport) as caught:
        submit_report(draft(), now=NOW)
    assert caught.value.errors["category"][0] == "category_unknown"


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_instant_files_once(committed_city, draft):
    said, results, start = draft(), [], threading.Barrier(4)

    def send():
        start.wait()
        try:
            results.append(submit_report(said, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.created for result in results) == [False, False, False, True]
    assert len({result.report.code for result in results}) == 1
    assert (Report.objects.count(), Event.objects.count(), Outbox.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": ""}, "category", "category_missing"),
        ({"category": "jalan-terbang"}, "category", "category_unknown"),
        ({"category": "jalan"}, "category", "category_unknown"),
        ({"description": " \n\u202e "}, "description", "description_missing"),
        ({"description": "a" * 10_000}, "description", "description_too_long"),
        ({"street": "b" * 201}, "street", "line_too_long"),
        ({"latitude": None, "longitude": None}, "place", "place_missing"),
        ({"latitude": math.nan}, "place", "not_a_number"),
        ({"longitude": math.inf}, "place", "not_a_number"),
        ({"latitude": 110.4229, "longitude": -6.9903}, "place", "swapped"),
        ({"latitude": 91.0, "longitude": 200.0}, "place", "out_of_range"),
        ({"latitude": None, "longitude": None, "area": "33.74.99.1001"}, "area", "area_unknown"),
        ({"latitude": None, "longitude": None, "area": "33.74.01"}, "area", "area_unknown"),
        ({"accuracy_m": math.nan}, "accuracy_m", "accuracy_invalid"),
        ({"accuracy_m": -1.0}, "accuracy_m", "accuracy_invalid"),
        ({"contact": Contact(email="bukan surel")}, "contact_email", "email_invalid"),
        ({"contact": Contact(phone="halo")}, "contact_phone", "phone_invalid"),
        ({"contact": Contact(name="n" * 121)}, "contact_name", "line_too_long"),
        ({"answers": {"size": "sebesar bulan"}}, "answers.size", "unknown_choice"),
        ({"photos": tuple(uuid.uuid4() for _ in range(6))}, "photos", "too_many"),
        ({"observed_at": "kemarin"}, "observed_at", "time_invalid"),
        ({"observed_at": NOW + timedelta(hours=1)}, "observed_at", "time_future"),
        ({"observed_at": NOW - timedelta(days=366)}, "observed_at", "time_too_old"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(draft, changes, field, code):
    with pytest.raises(errors.InvalidReport) as caught:
        submit_report(draft(**changes), now=NOW)
    assert list(caught.value.errors) == [field]
    assert caught.value.errors[field][0] == code
    assert str(caught.value.errors[field][1])
    assert (Report.objects.count(), Outbox.objects.count()) == (0, 0)


def test_every_mistake_is_told_at_once(draft):
    with pytest.raises(errors.InvalidReport) as caught:
        check_draft(draft(category="", description="", latitude=None))
    assert set(caught.value.errors) == {"category", "description", "place"}


def test_a_place_in_demak_is_outside_and_names_the_neighbour(draft):
    with pytest.raises(errors.OutsideCity) as caught:
        submit_report(draft(latitude=-7.03, longitude=110.52), now=NOW)
    assert "Demak" in caught.value.data["regency"]
    assert Report.objects.count() == 0


def test_a_kelurahan_and_a_street_are_place_enough(draft):
    report = submit_report(
        draft(latitude=None, longitude=None, area="33.74.01.1001", street="Gang  Buntu\n3"), now=NOW
    ).report
    assert (report.area.code, report.place_source, report.street) == ("33.74.01.1001", "area", "Gang Buntu 3")


def test_contact_is_stored_apart_and_normalised(draft):
    report = submit_report(
        draft(contact=Contact("Warga Contoh", "warga@contoh.example", "0812 3456 7890")), now=NOW
    ).report
    reporter = Reporter.objects.get(report=report)
    assert (reporter.name, reporter.email, reporter.phone) == (
        "Warga Contoh",
        "warga@contoh.example",
        "+6281234567890",
    )


def test_no_contact_leaves_no_row(make_report):
    make_report()
    assert Reporter.objects.count() == 0


def test_a_category_that_is_private_by_default_is_private_unless_said_otherwise(make_report):
    assert make_report(category="lain-pungli").is_private
    assert not make_report(category="lain-pungli", is_private=False).is_private
    assert make_report(is_private=True).is_private


def test_answers_raise_the_severity(make_report):
    assert make_report(answers={"size": "over_60"}).severity == 4


def test_typed_answers_are_cleaned_like_every_text(make_report):
    report = make_report(category="lain-pju", answers={"pole_number": " SMG\x00-12\u202e\n3 "})
    assert report.answers == {"pole_number": "SMG-12 3"}


def test_staged_photos_become_the_reports_and_their_re_encoding_is_queued(draft):
    key = uuid.uuid4()
    staged = [stage_photo(make_jpeg(colour=c), key, now=NOW) for c in ("red", "green")]
    said = draft(idempotency_key=key, photos=tuple(item.uuid for item in staged), description="")
    report = submit_report(said, now=NOW).report
    assert [photo.uuid for photo in report.photos.all()] == [item.uuid for item in staged]
    assert StagedPhoto.objects.count() == 0
    assert list(Outbox.objects.filter(topic="photo.added").values_list("queue", "state")) == [
        ("media", "pending"),
        ("media", "pending"),
    ]
    again = submit_report(said, now=NOW)
    assert (again.created, again.report.pk, Photo.objects.count()) == (False, report.pk, 2)


def test_another_drafts_photo_cannot_be_taken(draft):
    foreign = stage_photo(make_jpeg(), uuid.uuid4(), now=NOW)
    report = submit_report(draft(photos=(foreign.uuid,)), now=NOW).report
    assert report.photos.count() == 0
    assert StagedPhoto.objects.filter(pk=foreign.pk).exists()
