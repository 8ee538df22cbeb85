"""The report page's story: at a glance, the clock, photos, what happened here before, the thank-you page."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from complaints import links
from complaints.domain.actor import PORTAL, Actor
from complaints.domain.promise import Promise
from complaints.models import Event, Photo, Report
from complaints.services import conversation, photos, routing, status
from complaints.web import qr, share, story_parts, story_words, words

pytestmark = pytest.mark.django_db


def page(client, report, **query) -> str:
    return client.get(f"/laporan/{report.code}/", query).content.decode()


def give(report, now, department="DPU"):
    from city.models import Department

    due = now + timedelta(days=3)
    return routing.assign(
        report.pk,
        status="assigned",
        department_id=Department.objects.get(code=department).pk,
        severity=3,
        promise=Promise(now + timedelta(hours=24), None, due),
        actor=PORTAL,
        now=now,
        event_data={"due_at": due.isoformat()},
    )


def officer(report) -> Actor:
    return Actor("staff", None, report.department_id)


def proof(jpeg, now, count=1, colour="green") -> dict:
    key = uuid.uuid4()
    staged = [photos.stage_photo(jpeg(colour=colour, size=(64, 48 + n)), key, now=now) for n in range(count)]
    return {"photos": tuple(item.uuid for item in staged), "photos_key": key}


def resolve(report, jpeg, now, count=1):
    status.change_status(
        report.pk, "resolved", actor=officer(report), now=now, message="Ditambal.", **proof(jpeg, now, count)
    )
    report.refresh_from_db()


def prepare_all():
    for photo in Photo.objects.filter(state="pending"):
        photos.prepare_photo(photo.pk)


@pytest.fixture
def paused(make_report):
    """Reported five days ago, paused three days ago, taken up again a day ago."""
    now = timezone.now()
    report = give(make_report(now=now - timedelta(days=5)), now - timedelta(days=5))
    change = {"actor": officer(report)}
    status.change_status(
        report.pk, "waiting", waiting_reason="aspal dari gudang", now=now - timedelta(days=3), **change
    )
    status.change_status(report.pk, "in_progress", now=now - timedelta(days=1), **change)
    report.refresh_from_db()
    moved = Promise(None, None, report.due_at + timedelta(days=2))
    routing.change_promise(report.pk, moved, actor=PORTAL, now=now - timedelta(days=1), reason_code="paused")
    report.refresh_from_db()
    return report


def test_the_clock_names_the_pause_and_the_moved_promise_in_words(client, paused):
    html = page(client, paused)
    clock = html[
        html.index('data-testid="clock"') : html.index("</section>", html.index('data-testid="clock"'))
    ]
    assert 'class="clock-paused"' in clock
    assert "Pekerjaan dijeda selama 2 hari" in clock
    assert "aspal dari gudang" in clock
    before = words.moment(paused.due_at - timedelta(days=2))
    assert (
        f"Semula {before}, menjadi {words.moment(paused.due_at)}, karena pekerjaan sempat ditunda." in clock
    )
    assert re.findall(r'style="', clock) == []


def test_a_late_report_says_how_late_and_what_was_due_next(client, make_report):
    now = timezone.now()
    report = give(make_report(now=now - timedelta(days=5)), now - timedelta(days=5))
    html = page(client, report)
    assert "Terlambat 2 hari." in html
    assert 'class="clock-late"' in html
    assert "Ini sudah lewat waktunya." in html


def test_a_place_that_was_to_be_made_safe_is_late_too(client, make_report):
    now = timezone.now()
    report = give(make_report(now=now - timedelta(hours=9)), now - timedelta(hours=9))
    Report.objects.filter(pk=report.pk).update(due_at=None, make_safe_due_at=now - timedelta(hours=4))
    report.refresh_from_db()
    html = page(client, report)
    assert "<span>Terlambat 4 jam.</span>" in html
    assert 'class="clock-late"' in html
    assert story_words.look(report, now) == "late"
    assert share.card_facts(report, now).state.endswith("terlambat 4 jam")


def test_every_number_on_the_bar_has_its_line_in_words(client, paused):
    html = page(client, paused)
    on_bar = re.findall(r'class="clock-number"[^>]*>(\d+)<', html)
    in_words = re.findall(r'class="clock-n"[^>]*>(\d+)<', html)
    assert on_bar == [str(n) for n in range(1, len(on_bar) + 1)]
    assert sorted(set(in_words), key=int) == on_bar


@pytest.mark.parametrize(("count", "queries"), [(5, 12), (200, 12)])
def test_the_page_takes_as_many_queries_for_many_events_as_for_few(
    client, paused, django_assert_max_num_queries, count, queries
):
    now = timezone.now()
    rows = [
        Event(report=paused, kind="comment", actor_kind="citizen", at=now, text=f"Kata {n}")
        for n in range(count)
    ]
    Event.objects.bulk_create(rows)
    page(client, paused)
    with django_assert_max_num_queries(queries) as taken:
        html = page(client, paused)
    assert len(taken) <= queries
    assert [n for n in range(count) if f"Kata {n}<" not in html] == []  # folded, never lost


def test_a_long_timeline_folds_its_middle(paused):
    events = [Event(report=paused, kind="comment") for _ in range(20)]
    shown = story_parts.folded(events)
    assert (len(shown.first), len(shown.folded), len(shown.last)) == (3, 9, 8)
    assert [*shown.first, *shown.folded, *shown.last] == events
    assert story_parts.folded(events[:14]).folded == ()


# --- Photos -------------------------------------------------------------------------------------------


def test_before_and_after_pair_with_the_latest_repair(client, make_report, jpeg):
    now = timezone.now() - timedelta(days=9)
    report = give(make_report(now=now), now)
    key = uuid.uuid4()
    for colour in ("red", "blue"):
        photos.stage_photo(jpeg(colour=colour), key, now=now)
    staged = tuple(photos.StagedPhoto.objects.filter(draft_key=key).values_list("uuid", flat=True))
    photos.add_photos(report.pk, key, staged, actor=Actor("reporter"), now=now)
    Photo.objects.filter(report=report).update(kind="report")
    resolve(report, jpeg, now + timedelta(days=1))
    conversation.reopen(report.pk, "Masih rusak.", now=now + timedelta(days=2))
    report.refresh_from_db()
    resolve(report, jpeg, now + timedelta(days=3), count=2)
    prepare_all()
    found = story_parts.paired(list(Photo.objects.filter(report=report).order_by("id")))
    latest = list(Photo.objects.filter(report=report, kind="repair").order_by("id"))[1:]
    assert [after for _before, after in found.pairs] == latest
    assert [photo.kind for photo in found.after] == ["repair"]
    assert (found.before, found.added) == ([], [])
    html = page(client, report)
    assert html.count('data-testid="compare"') == 2
    assert 'data-label="Bandingkan sebelum dan sesudah"' in html


def test_pictures_say_what_they_are_of_and_keep_their_shape(client, make_report, jpeg):
    now = timezone.now()
    report = give(make_report(now=now), now)
    resolve(report, jpeg, now)
    prepare_all()
    html = page(client, report)
    photo = Photo.objects.get(report=report)
    expected = f"Sesudah dikerjakan: {story_words.title(report)}, foto {story_words.day(now)}"
    assert f'alt="{expected}"' in html
    assert f'width="{photo.width}" height="{photo.height}"' in html
    assert 'loading="lazy"' in html


# --- Words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_confirmed", "word"), [(True, "Ditutup"), (False, "Ditutup tanpa konfirmasi pelapor")]
)
def test_silence_is_never_told_as_consent(client, make_report, jpeg, is_confirmed, word):
    now = timezone.now() - timedelta(days=20)
    report = give(make_report(now=now), now)
    resolve(report, jpeg, now)
    if is_confirmed:
        conversation.confirm_fixed(report.pk, now=now)
    else:
        later = now + timedelta(days=10)
        status.change_status(report.pk, "closed", actor=PORTAL, now=later, reason_code="silent")
    report.refresh_from_db()
    assert words.status_name(report) == word
    html = page(client, report)
    assert ("pelapor membenarkannya" in html) == is_confirmed
    assert ("Ditutup tanpa konfirmasi pelapor" in html) == (not is_confirmed)
    assert ("Ditutup tanpa konfirmasi pelapor" in client.get("/laporan/").content.decode()) == (
        not is_confirmed
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "received"}, "Berikutnya: dinas yang bertanggung jawab ditetapkan."),
        ({"status": "assigned"}, "Berikutnya: dinas menerima laporan."),
        ({"status": "assigned", "acknowledged_at": "now"}, "Berikutnya: dinas mulai mengerjakan."),
        ({"status": "waiting"}, "begitu penantian berakhir"),
        ({"status": "scheduled"}, "tanggal rencana"),
        ({"status": "referred"}, "pemilik di luar pemerintah kota"),
        ({"status": "in_progress"}, "keputusan terakhir ada pada pelapor"),
        ({"status": "resolved"}, "25 September 2026"),
        ({"status": "closed", "closure": "confirmed"}, "sampai 15 Oktober 2026"),
    ],
)
def test_the_page_says_what_happens_next(now, fields, sentence):
    values = {name: now if value == "now" else value for name, value in fields.items()}
    report = Report(status_since=now, **values)
    assert sentence in story_words.next_step(report, now)


# --- It happened here before --------------------------------------------------------------------------


def test_a_problem_that_came_back_says_so(client, make_report, jpeg):
    now = timezone.now()
    old = give(make_report(now=now - timedelta(days=90)), now - timedelta(days=90))
    resolve(old, jpeg, now - timedelta(days=80))
    new = make_report(now=now - timedelta(days=1))
    html = page(client, new)
    assert 'data-testid="recurs"' in html
    assert f'href="/laporan/{old.code}/"' in html
    assert 'data-testid="recurs"' not in page(client, old)


@pytest.mark.parametrize("change", ["private", "open", "far", "long_ago"])
def test_what_does_not_count_as_coming_back(make_report, jpeg, change):
    now = timezone.now()
    told = now - timedelta(days=500 if change == "long_ago" else 90)
    place = {"latitude": -6.9913} if change == "far" else {}
    old = give(make_report(now=told, is_private=change == "private", **place), told)
    if change != "open":
        resolve(old, jpeg, told + timedelta(days=1))
    assert story_parts.earlier_here(make_report(now=now), now) == []


# --- The thank-you page -------------------------------------------------------------------------------


def test_the_thanks_carry_the_private_link_as_a_code_and_the_next_steps(client, make_report):
    report = make_report(now=timezone.now())
    address = links.private_path(report).replace("/laporan/", "/lapor/terima-kasih/")
    html = client.get(address).content.decode()
    private = f"http://localhost:8000{links.private_path(report)}"
    drawn = qr.code(private).svg_inline(svgclass="qr-svg", lineclass=None, omitsize=True)
    assert re.search(r'd="[^"]+"', drawn).group() in html
    assert "Apa selanjutnya" in html
    share = html[html.index('data-testid="share"') :]
    assert "kunci" not in share[: share.index("</ul>")]
