"""What staff put in place of the standard texts reaches citizens, and nothing that must not."""

import threading

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from city import roles
from city.models import AuditEvent
from complaints import errors, links, message_links
from complaints.domain.draft import Contact
from complaints.models import Report
from complaints.services import conversation, one_time_codes, subscriptions
from complaints.services.one_time_codes import Address
from complaints.services.status import change_status
from dispatch.models import MessageText, MessageTextVersion
from dispatch.services import message_edit, message_preview, message_texts
from dispatch.services import message_standards as standards
from tests.conftest import NOW
from tests.dispatch.services.following import FOLLOWER, OFFICER, PHONE, REPORTER, follow, resolve, to

KEY = "reporter-status-resolved"
ALL_KEYS = [key for keys in standards.keys().values() for key in keys]


@pytest.fixture
def desk(staff):
    return staff("p3m")


def save(user, key=KEY, seen=None, **by_language):
    seen = message_edit.versions_of(key) if seen is None else seen
    return message_edit.save(user, key, by_language, seen=seen, now=NOW)


def test_there_is_a_text_for_whatever_is_told():
    """The list of messages is the audience's own table: 25 to the reporter, 15 to followers, 2 others."""
    groups = standards.keys()
    assert {role: len(keys) for role, keys in groups.items()} == {"reporter": 25, "follower": 15, "": 2}
    assert "reporter-reminded" in ALL_KEYS
    assert "follower-confirmed" in ALL_KEYS
    assert "reporter-confirmed" not in ALL_KEYS


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", ALL_KEYS)
def test_every_standard_text_keeps_the_rules_itself(key, language):
    with translation.override(language):
        texts = {part.name: standards.standard(key, part.name) for part in standards.parts(key)}
    assert message_texts.faults(key, texts) == {}
    assert message_texts.written(key, language, texts) == {}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", ALL_KEYS)
def test_every_message_can_be_seen_beforehand(key, language, db, settings):
    settings.PUBLIC_BASE_URL = "https://lapor.example.go.id"
    seen = message_preview.preview(key, language, {}, now=NOW)
    for text in (seen.subject, seen.text, seen.html, seen.sms, seen.whatsapp):
        assert text
        assert "{" not in text.replace("{ color-scheme", "").split("<body")[0].split("<style")[0]
    assert seen.sms_chars <= 160
    assert seen.sms_segments == 1
    assert seen.html.startswith("<!doctype html>")


def test_the_preview_is_nobodys(db, django_assert_num_queries, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    message_preview.preview(KEY, "id", {}, now=NOW)
    with django_assert_num_queries(0):
        seen = message_preview.preview(KEY, "id", {}, now=NOW)
    tokens = [
        word.rstrip("/").rsplit("/", 1)[1] for word in seen.text.split() if "/kabar/" in word or "/k/" in word
    ]
    assert len(tokens) == 3
    assert [message_links.opened(token) for token in tokens] == [None] * 3
    assert Report.objects.count() == 0


def test_an_edited_text_reaches_mail_sms_and_notification(make_report, work, sms, desk):
    save(
        desk,
        id={
            "headline": "pekerjaan oleh {department} beres",
            "subject": "{headline} – laporan {code}",
            "paragraph": "Terima kasih sudah melapor.\nDari {area}.",
            "short": "{code} beres ({category}).",
            "short_end": "Jawab: {link}",
        },
    )
    report = make_report(contact=Contact(email=REPORTER, phone=PHONE, phone_channel="sms"))
    work()
    report.category.needs_repair_photo = False
    report.category.save()
    resolve(report)
    work()
    letter = mail.outbox[-1]
    assert letter.subject == f"pekerjaan oleh DPU beres – laporan {report.spoken_code}"
    assert f"Terima kasih sudah melapor.\nDari {report.area.name}." in letter.body
    assert "Pekerjaan oleh DPU beres</h1>" in letter.alternatives[0][0]
    assert "Terima kasih sudah melapor.<br>Dari" in letter.alternatives[0][0]
    text = sms()[-1][2]
    assert text.startswith(f"{report.spoken_code} beres (Jalan berlubang). Jawab: https://")


def test_the_other_language_and_other_messages_stay_standard(report, work, desk):
    save(desk, en={"headline": "mended by {department}"})
    follow(report, language="en")
    resolve(report)
    work()
    assert to(FOLLOWER)[-1].subject == f"Report {report.spoken_code}: DPU says it is done"
    assert to(REPORTER)[-1].subject.endswith("DPU menyatakan sudah selesai – benarkah?")


def test_codes_and_questions_can_be_worded(report, work, desk):
    save(desk, "code", id={"subject": "Kode {digits}", "note": "Rahasiakan kode ini."})
    save(desk, "ask", id={"paragraph": "Ada yang meminta kabar laporan {code}."})
    one_time_codes.request_code(Address(REPORTER, "email"), now=NOW)
    subscriptions.follow(report.pk, "email", FOLLOWER, role="supporter", language="id", now=NOW)
    work()
    [code] = to(REPORTER)
    assert code.subject.startswith("Kode ")
    assert "Rahasiakan kode ini." in code.body
    assert "Ada yang meminta kabar laporan" in to(FOLLOWER)[0].body


def test_staff_text_is_text_and_never_a_template(report, work, desk):
    save(desk, id={"paragraph": "A & B, 3 < 4, %(code)s $code"})
    resolve(report)
    work()
    letter = to(REPORTER)[-1]
    assert "A & B, 3 < 4, %(code)s $code" in letter.body
    assert "A &amp; B, 3 &lt; 4, %(code)s $code" in letter.alternatives[0][0]


def test_what_citizens_wrote_cannot_become_a_field(report, work, desk):
    """Values are filled in once: an office called {link}, or an answer that says {digits}."""
    report.department.short_name = "{code}{link}"
    report.department.save()
    save(desk, id={"headline": "{department} selesai"})
    resolve(report)
    work()
    assert to(REPORTER)[-1].subject.endswith(": {code}{link} selesai")


# --- What must never leak ------------------------------------------------------------------------------


def test_a_private_report_says_no_more_than_before_whatever_was_written(make_report, work, sms, desk):
    telling = {"short": "{code} {category} {area}", "push_title": "{category}", "push_body": "{area}"}
    for what in ("routed", "status-in_progress"):
        save(desk, f"reporter-{what}", id=telling)
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"), is_private=True)
    work()
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    work()
    for _channel, _to, text in sms():
        assert text.startswith(f"Laporan {report.spoken_code}: ada kabar baru.")
        assert "lubang" not in text


@pytest.mark.parametrize("part", ["subject", "headline"])
@pytest.mark.parametrize("name", ["category", "area", "link"])
def test_what_shows_on_locked_screens_cannot_say_what_it_is_about(part, name, desk):
    with pytest.raises(errors.InvalidReport) as refused:
        save(desk, id={part: f"{{code}} {{{name}}}"})
    assert list(refused.value.errors) == [f"id-{part}"]
    assert not MessageTextVersion.objects.exists()


def test_followers_are_masked_as_before(report, work, desk):
    save(desk, "follower-comment", id={"paragraph": "Tentang {category} di {area}."})
    follow(report)
    conversation.add_comment(report.pk, "Hubungi 0812-3456-7890.", actor=OFFICER, now=NOW)
    work()
    [letter] = to(FOLLOWER)
    assert "0812" not in letter.body + letter.alternatives[0][0]
    assert "Tentang Jalan berlubang di" in letter.body
    assert links.secret_of(report) not in letter.body


# --- What is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "part", "text", "sentence"),
    [
        (KEY, "subject", "Kabar: {headline}", "{code} harus ada di sini"),
        (KEY, "subject", "{code} {kode}", "{kode} tidak dikenal di sini. Yang dikenal: {code}, {department}"),
        (KEY, "short_end", "Lihat di portal", "{link} harus ada di sini"),
        (KEY, "short_end", "{link} lihat", "{link} harus di paling akhir"),
        (KEY, "paragraph", "<a href=x>x</a>", "tanpa HTML"),
        (KEY, "headline", "", "Tulislah sesuatu"),
        (KEY, "short", "{code} " + "panjang " * 19, "Terlalu panjang untuk SMS"),
        (KEY, "headline", "{what} " + "panjang " * 12, "Terlalu panjang untuk SMS"),
        ("code", "short", "Kode Anda", "{digits} harus ada di sini"),
        ("ask", "subject", "Ikuti\nlaporan {code}", "satu baris"),
    ],
)
def test_what_would_be_of_no_use_is_refused(desk, settings, key, part, text, sentence):
    settings.PUBLIC_BASE_URL = "https://lapor.example.go.id"
    with translation.override("id"), pytest.raises(errors.InvalidReport) as refused:
        save(desk, key, id={part: text})
    assert sentence in str(refused.value.errors[f"id-{part}"][1])
    assert (MessageText.objects.count(), MessageTextVersion.objects.count()) == (0, 0)


@pytest.mark.parametrize("role", sorted(set(roles.ROLES) - {"admin", "p3m"}))
def test_others_may_not(role, staff):
    user = staff(role, None if role in roles.CITY_WIDE else "DPU")
    with pytest.raises(errors.NotPermitted):
        save(user, id={"headline": "apa saja"})
    assert not MessageTextVersion.objects.exists()


# --- Who changed what ----------------------------------------------------------------------------------


def test_every_change_is_kept_and_the_standard_comes_back(desk, staff, report, work):
    admin = staff("admin")
    assert save(desk, id={"headline": "beres satu"}) == ["id"]
    assert save(admin, id={"headline": "beres dua"}) == ["id"]
    assert save(admin, id={"headline": "beres dua"}) == []  # no change, no version
    assert save(desk, id={}) == ["id"]
    assert not MessageText.objects.exists()
    kept = MessageTextVersion.objects.order_by("version").values_list("version", "parts", "changed_by")
    assert list(kept) == [
        (1, {"headline": "beres satu"}, desk.pk),
        (2, {"headline": "beres dua"}, admin.pk),
        (3, {}, desk.pk),
    ]
    lines = AuditEvent.objects.filter(object_kind="dispatch.messagetext").order_by("id")
    assert list(lines.values_list("actor", "object_name")) == [
        (desk.pk, f"{KEY} (id) v1"),
        (admin.pk, f"{KEY} (id) v2"),
        (desk.pk, f"{KEY} (id) v3"),
    ]
    resolve(report)
    work()
    assert to(REPORTER)[-1].subject.endswith("menyatakan sudah selesai – benarkah?")


def test_whoever_was_slower_overwrites_nothing(desk):
    seen = message_edit.versions_of(KEY)
    save(desk, id={"headline": "lebih dulu"})
    with pytest.raises(errors.Conflict):
        save(desk, seen=seen, id={"headline": "terlambat"})
    assert MessageText.objects.get().parts == {"headline": "lebih dulu"}


@pytest.mark.parametrize("change", [{"parts": {}}, {"version": 9}, {"key": "code"}])
def test_versions_cannot_be_changed_or_deleted(desk, change):
    save(desk, id={"headline": "beres"})
    with pytest.raises(DatabaseError), transaction.atomic():
        MessageTextVersion.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        MessageTextVersion.objects.all().delete()
    assert MessageTextVersion.objects.get().parts == {"headline": "beres"}


@pytest.mark.usefixtures("committed_city")
def test_of_two_at_once_one_wins(staff):
    user, results = staff("p3m"), []
    barrier = threading.Barrier(2)

    def run(text):
        barrier.wait(10)
        try:
            results.append(save(user, seen={}, id={"headline": text}))
        except errors.Conflict:
            results.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[text]) for text in ("beres satu", "beres dua")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results, key=str) == [["id"], "conflict"]
    assert MessageText.objects.get().parts == MessageTextVersion.objects.get().parts


def test_a_message_asks_once_for_the_texts(db, desk, django_assert_num_queries):
    save(desk, id={"headline": "beres"})
    with django_assert_num_queries(1):
        book = message_texts.book("id")
        assert book.text(KEY, "headline") == "beres"
        with translation.override("id"):
            assert (
                book.text("follower-status-resolved", "headline") == "{department} menyatakan sudah selesai"
            )
