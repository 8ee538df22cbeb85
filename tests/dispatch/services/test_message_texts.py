"""One message a channel, word for word, in both languages."""

import pytest
from django.core import mail

from complaints import links, message_links
from complaints.domain.draft import Contact
from complaints.models import Event, Report, Subscription
from dispatch.services import messages
from tests.dispatch.services.following import FOLLOWER, PHONE, follow, resolve, to


def links_of(subscription, event):
    return {
        name: message_links.url(message_links.token_of(subscription, name, event.pk))
        for name in ("news", "confirm", "reopen", "stop")
    }


INDONESIAN = """Laporan Anda {code} (Jalan berlubang)
DPU menyatakan sudah selesai – benarkah?

Sudah ditambal.

Benarkah sudah beres?

Ya, sudah beres:
{confirm}

Belum beres:
{reopen}

Lihat laporan Anda dahulu:
{private}#anda

-- 
Tautan ini hanya untuk Anda: siapa pun yang memegangnya dapat berbicara atas nama Anda. \
Dalam bahaya, telepon 112.
Berhenti menerima kabar laporan ini:
{stop}
"""
ENGLISH = """Report {code} (Pothole), which you follow
DPU says it is done

Sudah ditambal.

See the report:
{public}

-- 
In danger, call 112.
No more messages about this report:
{stop}
"""


def test_the_reporters_mail_word_for_word(report, work, settings):
    resolve(report)
    work()
    event = Event.objects.filter(to_status="resolved").get()
    subscription = Subscription.objects.select_related("report").get()
    base = settings.PUBLIC_BASE_URL
    found = links_of(subscription, event)
    expected = INDONESIAN.format(code=report.spoken_code, private=base + links.private_path(report), **found)
    assert mail.outbox[-1].body == expected
    assert mail.outbox[-1].extra_headers["List-Unsubscribe"] == f"<{found['stop']}>"
    html = mail.outbox[-1].alternatives[0][0]
    for link in (found["confirm"], found["reopen"], found["stop"]):
        assert f'href="{link}"' in html


def test_a_followers_mail_word_for_word_in_english(report, work, settings):
    follower = follow(report, language="en")
    resolve(report)
    work()
    event = Event.objects.filter(to_status="resolved").get()
    stop = links_of(Subscription.objects.select_related("report").get(pk=follower.pk), event)["stop"]
    public = settings.PUBLIC_BASE_URL + links.public_path(report)
    assert to(FOLLOWER)[-1].body == ENGLISH.format(code=report.spoken_code, public=public, stop=stop)
    assert to(FOLLOWER)[-1].subject == f"Report {report.spoken_code}: DPU says it is done"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "id",
            "Laporan {code} (Jalan berlubang): DPU menyatakan sudah selesai - benarkah? "
            "Lihat, jawab, berhenti: {link}",
        ),
        ("en", "Report {code} (Pothole): DPU says it is done - is it? See, answer, stop: {link}"),
    ],
)
def test_the_reporters_sms_word_for_word(make_report, work, sms, language, expected):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"), language=language)
    work()
    report.category.needs_repair_photo = False
    report.category.save()
    resolve(report)
    work()
    channel, address, text = sms()[-1]
    event = Event.objects.filter(to_status="resolved").get()
    token = message_links.token_of(Subscription.objects.select_related("report").get(), "news", event.pk)
    link = f"https://lapor.example.go.id/k/{token}"
    assert (channel, address) == ("sms", PHONE)
    assert text == expected.format(code=report.spoken_code, link=link)
    assert len(text) <= 160


@pytest.mark.parametrize(
    ("language", "title", "body", "buttons"),
    [
        (
            "id",
            "Jalan berlubang · {code}",
            "DPU menyatakan sudah selesai – benarkah? Sudah ditambal.",
            ["Ya, sudah beres", "Belum beres"],
        ),
        (
            "en",
            "Pothole · {code}",
            "DPU says it is done – is it? Sudah ditambal.",
            ["Yes, it is fixed", "No, it is not"],
        ),
    ],
)
def test_a_notification_word_for_word(report, language, title, body, buttons):
    resolve(report)
    event = Event.objects.filter(to_status="resolved").get()
    subscription = Subscription.objects.select_related("report").get()
    report = Report.objects.select_related("category", "department").get(pk=report.pk)
    message = messages.compose(report, event, language, subscription)
    assert message.title == title.format(code=report.spoken_code)
    assert message.body == body
    assert [action.title for action in message.actions] == buttons
    assert [action.url for action in message.actions] == [
        message.context["one_tap"][n] for n in ("confirm", "reopen")
    ]
