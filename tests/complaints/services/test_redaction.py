"""Blacking out: no address leads to what was covered, everything else follows, and it can be taken back."""

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from PIL import Image

from complaints import errors, selectors
from complaints.domain.actor import PORTAL, THE_REPORTER, Actor
from complaints.domain.redaction import Area
from complaints.models import Event, HiddenWords, Photo, PhotoRedaction, PhotoTrace, Report
from complaints.services import (
    conversation,
    erasure,
    incidents,
    photo_files,
    photos,
    redaction,
    status,
    timeline,
)
from dispatch.models import Outbox
from tests.conftest import NOW, scenery

pytestmark = pytest.mark.django_db
LEFT_HALF = Area(0, 0, 50, 100)
CORNER = Area(60, 60, 40, 40)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def clerk(staff):
    return Actor("staff", user_id=staff("p3m").pk)


@pytest.fixture
def photo(make_report):
    key = uuid.uuid4()
    out = io.BytesIO()
    scenery(5).save(out, "JPEG", quality=90)
    staged = photos.stage_photo(out.getvalue(), key, now=NOW)
    (added,) = photos.add_photos(make_report().pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(added.pk)
    added.refresh_from_db()
    return added


def run_removals():
    """What the worker does with the files that lost their row."""
    for row in Outbox.objects.filter(topic="photo.removed"):
        photo_files.delete_files(row.payload["names"])


def fetched(client, address: uuid.UUID, size="large"):
    response = client.get(reverse("photo", args=[address, size]))
    return b"".join(response.streaming_content) if response.status_code == 200 else response.status_code


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def stored(name: str) -> bytes:
    with default_storage.open(name) as handle:
        return handle.read()


def is_black(image: Image.Image, box) -> bool:
    return max(high for _low, high in image.crop(box).getextrema()) <= 12  # what compression leaves of black


def test_the_area_is_black_in_every_size_and_the_rest_is_as_it_was(client, photo, clerk):
    before = picture(fetched(client, photo.uuid))
    now = redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW)
    for size, (width, height) in {"large": (640, 480), "small": (480, 360)}.items():
        image = picture(fetched(client, now.uuid, size))
        assert image.size == (width, height)
        assert is_black(image, (0, 0, width // 2, height))
        assert not is_black(image, (width // 2 + 8, 0, width, height))
    after = picture(fetched(client, now.uuid))
    right = (340, 0, 640, 480)
    difference = [
        abs(a - b) for a, b in zip(before.crop(right).tobytes(), after.crop(right).tobytes(), strict=True)
    ]
    assert sum(difference) / len(difference) < 4  # compressed once more, nothing else


def test_the_old_address_is_gone_and_no_address_leads_to_the_old_bytes(client, photo, clerk):
    """By bytes: every file that lies in the storage is asked for by every address the portal has."""
    old, plain = photo.uuid, {size: fetched(client, photo.uuid, size) for size in ("large", "small")}
    now = redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW)
    run_removals()
    assert now.uuid != old
    assert [fetched(client, old, size) for size in ("large", "small")] == [404, 404]
    served = {fetched(client, uid, size) for uid in (now.uuid, old) for size in ("large", "small")} - {404}
    assert served.isdisjoint(plain.values())
    kept = PhotoRedaction.objects.get().kept
    names = [
        str(path.relative_to(default_storage.location))
        for path in Path(default_storage.location).rglob("*.webp")
    ]
    assert sorted(names) == sorted([kept.name, now.large.name, now.small.name])
    assert stored(kept.name) == plain["large"]
    for name in names:  # nothing serves the storage itself
        for start in ("/media/", "/static/", "/foto/", "/"):
            assert client.get(f"{start}{name}").status_code == 404


def test_it_is_drawn_anew_from_the_original_and_can_be_taken_back(client, photo, clerk):
    plain = fetched(client, photo.uuid)
    first = redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW)
    second = redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW)
    image = picture(fetched(client, second.uuid))
    assert is_black(image, (390, 292, 640, 480))
    assert not is_black(image, (0, 0, 320, 280))  # not drawn over the copy that was black there
    kept = PhotoRedaction.objects.get().kept.name
    whole = redaction.redact_photo(photo.pk, [], actor=clerk, now=NOW)
    run_removals()
    assert len({photo.uuid, first.uuid, second.uuid, whole.uuid}) == 4
    again = picture(fetched(client, whole.uuid))
    difference = [abs(a - b) for a, b in zip(again.tobytes(), picture(plain).tobytes(), strict=True)]
    assert sum(difference) / len(difference) < 4
    assert not PhotoRedaction.objects.exists()
    assert not default_storage.exists(kept)
    assert [fetched(client, gone.uuid) for gone in (photo, first, second)] == [404, 404, 404]


def test_no_area_on_a_plain_photo_changes_nothing(photo, clerk):
    before = Photo.objects.filter(pk=photo.pk).values().get(), Event.objects.count()
    redaction.redact_photo(photo.pk, [], actor=clerk, now=NOW)
    assert (Photo.objects.filter(pk=photo.pk).values().get(), Event.objects.count()) == before


def test_what_the_proof_of_repair_compares_stays_that_of_the_original(photo, clerk):
    trace = PhotoTrace.objects.filter(photo=photo).values().get()
    now = redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW)
    assert PhotoTrace.objects.filter(photo=photo).values().get() == trace
    assert now.sha256 == photo.sha256


def test_staff_read_in_the_timeline_that_it_was_done_and_the_public_does_not(photo, clerk):
    version = Report.objects.get().version
    redaction.redact_photo(photo.pk, [CORNER, LEFT_HALF], actor=clerk, now=NOW)
    event = Event.objects.get(kind="redacted")
    assert (event.is_public, event.actor_id, event.text) == (False, clerk.user_id, "")
    assert event.data == {"what": "photo", "count": 2, "photo": photo.pk}
    assert event not in selectors.timeline(Report.objects.get())
    assert Report.objects.get().version == version + 1


def test_who_was_slower_gets_a_conflict_and_leaves_no_file(photo, clerk):
    redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW, seen=photo.uuid)
    run_removals()
    before = sorted(Path(default_storage.location).rglob("*.webp"))
    with pytest.raises(errors.Conflict):
        redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW, seen=photo.uuid)
    assert sorted(Path(default_storage.location).rglob("*.webp")) == before


def test_of_two_at_once_the_second_conflicts_and_removes_what_it_wrote(photo, clerk, monkeypatch):
    """Both read the same photo; the first is through before the second exchanges the files."""
    write, calls = redaction._write, []

    def slow(*arguments):
        files = write(*arguments)
        calls.append(files)
        if len(calls) == 1:
            redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW)
        return files

    monkeypatch.setattr(redaction, "_write", slow)
    with pytest.raises(errors.Conflict):
        redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW)
    run_removals()
    now = Photo.objects.get()
    assert {path.name for path in Path(default_storage.location).rglob("*.webp")} == {
        Path(name).name for name in (now.large.name, now.small.name, PhotoRedaction.objects.get().kept.name)
    }


def test_a_photo_that_is_not_ready_is_refused(photo, clerk):
    Photo.objects.update(state="pending")
    with pytest.raises(errors.PhotoRefused) as caught:
        redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW)
    assert caught.value.code == "not_ready"


@pytest.mark.parametrize("with_words", [False, True])
def test_erasing_the_person_destroys_the_original(client, photo, clerk, with_words):
    covered = redaction.redact_photo(photo.pk, [LEFT_HALF], actor=clerk, now=NOW)
    kept = PhotoRedaction.objects.get().kept.name
    erasure.erase_personal_data(photo.report_id, now=NOW, with_words=with_words)
    run_removals()
    assert not default_storage.exists(kept)
    assert Photo.objects.exists() is not with_words
    if not with_words:  # more can be covered still, nothing can be shown again
        again = redaction.redact_photo(photo.pk, [], actor=clerk, now=NOW)
        assert again.uuid != covered.uuid
        assert is_black(picture(fetched(client, again.uuid)), (0, 0, 320, 480))


def test_a_kept_picture_without_a_row_is_swept_and_one_with_a_row_is_not(photo, clerk):
    redaction.redact_photo(photo.pk, [CORNER], actor=clerk, now=NOW)
    orphan = default_storage.save("kept/ab/waisen.webp", ContentFile(b"x"))
    assert photo_files.sweep_orphans(now=NOW + timedelta(days=3650)) == 1
    assert not default_storage.exists(orphan)
    assert default_storage.exists(PhotoRedaction.objects.get().kept.name)


# --- Words -------------------------------------------------------------------------------------------

SAID = "Lubang di depan rumah Pak Budi Contoh, telp 0812-0000-1111."
HIDDEN = "Lubang di depan rumah Pak ▇▇▇, telp 0812-0000-1111."


@pytest.fixture
def report(make_report):
    filed = make_report(description=SAID, street="Gang Budi Contoh 3")
    conversation.add_comment(filed.pk, "Budi  contoh sudah pindah.", actor=THE_REPORTER, now=NOW)
    filed.refresh_from_db()
    return filed


def hide(report, words, clerk):
    redaction.hide_words(report.pk, words, actor=clerk, now=NOW)
    report.refresh_from_db()
    return report


def said_in(report) -> list[str]:
    return [event.text for event in Event.objects.filter(report=report).exclude(text="").order_by("id")]


def test_words_disappear_from_the_row_and_from_the_timeline_alike(report, clerk):
    version = report.version
    hide(report, ["Budi Contoh"], clerk)
    assert (report.description, report.street) == (HIDDEN, "Gang ▇▇▇ 3")
    assert said_in(report) == ["▇▇▇ sudah pindah."]
    assert report.version == version + 1
    event = Event.objects.get(kind="redacted")
    assert (event.is_public, event.data) == (False, {"what": "words", "count": 1})


def test_the_timeline_itself_is_never_touched(report, clerk):
    before = list(Event.objects.as_said().filter(report=report).values_list("pk", "text"))
    hide(report, ["Budi Contoh"], clerk)
    after = list(Event.objects.as_said().filter(report=report).values_list("pk", "text"))
    assert after[: len(before)] == before


@pytest.mark.parametrize(
    "read",
    [
        lambda event: Event.objects.get(pk=event.pk),
        lambda event: Event.objects.in_bulk([event.pk])[event.pk],
        lambda event: next(Event.objects.filter(pk=event.pk).iterator()),
        lambda event: Event.objects.select_related("report", "department").filter(pk=event.pk).first(),
        lambda event: event.report.events.get(pk=event.pk),
        lambda event: Report.objects.prefetch_related("events").get().events.all()[1],
        lambda event: Event.objects.only("text").get(pk=event.pk),
        lambda event: (event.refresh_from_db(), event)[1],
    ],
)
def test_however_an_event_is_read_it_is_covered(report, clerk, read):
    event = Event.objects.get(kind="comment")
    hide(report, ["Budi Contoh"], clerk)
    assert read(event).text == "▇▇▇ sudah pindah."


def test_texts_in_an_events_data_and_what_is_written_later_are_covered_too(report, clerk, route):
    hide(report, ["Budi Contoh"], clerk)
    route(report)
    conversation.add_comment(report.pk, "Kata Budi Contoh belum.", actor=clerk, now=NOW)
    status.change_status(
        report.pk,
        "waiting",
        waiting_on="other",
        waiting_reason="menunggu Budi Contoh",
        actor=clerk,
        now=NOW,
    )
    report.refresh_from_db()
    assert report.waiting_reason == "menunggu ▇▇▇"
    assert said_in(report)[-1] == "Kata ▇▇▇ belum."
    assert Event.objects.get(to_status="waiting").data["waiting_reason"] == "menunggu ▇▇▇"
    hide(report, [], clerk)
    assert report.waiting_reason == "menunggu Budi Contoh"


def test_other_words_are_hidden_from_the_original_and_all_can_be_shown_again(report, clerk):
    hide(report, ["Budi Contoh"], clerk)
    hide(report, ["0812-0000-1111"], clerk)
    assert report.description == "Lubang di depan rumah Pak Budi Contoh, telp ▇▇▇."
    assert said_in(report) == ["Budi  contoh sudah pindah."]
    hide(report, [], clerk)
    assert (report.description, report.street) == (SAID, "Gang Budi Contoh 3")
    assert not HiddenWords.objects.exists()


def test_what_the_reporter_writes_anew_is_covered_and_is_the_new_original(report, clerk):
    hide(report, ["Budi Contoh"], clerk)
    report.description = "Budi Contoh pindah ke sebelah."
    timeline.save(report, NOW, "description")
    report.refresh_from_db()
    assert report.description == "▇▇▇ pindah ke sebelah."
    hide(report, [], clerk)
    assert report.description == "Budi Contoh pindah ke sebelah."


def test_the_same_words_again_change_nothing(report, clerk):
    hide(report, ["Budi Contoh"], clerk)
    version, events = report.version, Event.objects.count()
    hide(report, ["Budi Contoh"], clerk)
    assert (report.version, Event.objects.count()) == (version, events)


def test_an_old_version_conflicts_and_changes_nothing(report, clerk):
    with pytest.raises(errors.Conflict):
        redaction.hide_words(report.pk, ["Budi"], actor=clerk, now=NOW, expected_version=report.version - 1)
    report.refresh_from_db()
    assert report.description == SAID
    assert not HiddenWords.objects.exists()


def test_within_an_incident_the_words_are_covered_in_every_timeline(report, make_report, clerk, route):
    primary = route(make_report())
    route(report)
    incidents.merge_reports(report.pk, primary.pk, actor=clerk, now=NOW, why="sama")
    conversation.add_comment(report.pk, "Dari Budi Contoh lagi.", actor=THE_REPORTER, now=NOW)
    assert "Dari Budi Contoh lagi." in said_in(primary)
    hide(report, ["Budi Contoh"], clerk)
    for each in (report, primary):
        assert not any("Budi" in text for text in said_in(each))
    hide(report, [], clerk)
    assert "Dari Budi Contoh lagi." in said_in(primary)
    assert not HiddenWords.objects.exists()


@pytest.mark.parametrize("by", ["a person", "the portal"])
def test_who_joins_an_incident_later_brings_the_hidden_words_along(report, make_report, clerk, route, by):
    hide(report, ["Budi Contoh"], clerk)
    primary = route(make_report())
    route(report)
    who = clerk if by == "a person" else PORTAL
    incidents.merge_reports(report.pk, primary.pk, actor=who, now=NOW, why="sama")
    conversation.add_comment(report.pk, "Dari Budi Contoh lagi.", actor=THE_REPORTER, now=NOW)
    assert said_in(primary)[-1] == "Dari ▇▇▇ lagi."


@pytest.mark.parametrize("with_words", [False, True])
def test_erasing_the_person_destroys_the_words_that_were_covered(report, clerk, with_words):
    hide(report, ["Budi Contoh"], clerk)
    erasure.erase_personal_data(report.pk, now=NOW, with_words=with_words)
    assert HiddenWords.objects.get().originals == {}
    hide(report, [], clerk)
    assert report.description == ("" if with_words else HIDDEN)


def test_nobody_reads_events_past_the_cover():
    """What the manager cannot cover must not be used: texts as values, conditions on texts, events of
    joins.
    """
    root = Path(__file__).resolve().parents[3]
    found = []
    for app in ("complaints", "dispatch", "insights", "lapor", "city"):
        for path in (root / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for line in path.read_text(encoding="utf-8").splitlines():
                squeezed = line.replace(" ", "")
                joins = re.search(r'select_related\([^)]*"event(__|")', squeezed)
                reads = ".as_said(" in squeezed
                if joins or reads or "event__text" in squeezed:
                    found.append((path.name, squeezed.partition("(")[0]))
    assert found == [("redaction.py", "said=Event.objects.as_said")]
    assert isinstance(Event._base_manager, models.Manager)
    assert Event._base_manager.get_queryset()._iterable_class is Event.objects.all()._iterable_class
