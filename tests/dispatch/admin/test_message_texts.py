"""The pages on which staff word the messages to citizens."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city import roles
from dispatch.models import MessageText, MessageTextVersion, Outbox
from dispatch.services import message_edit
from dispatch.services import message_standards as standards
from tests.conftest import NOW

LIST = "admin:dispatch_messagetext_changelist"
KEY = "reporter-status-resolved"
MAY = {"admin", "p3m"}


def url(key=KEY):
    return reverse("admin:dispatch_messagetext_edit", args=[key])


@pytest.fixture
def desk(staff):
    return staff("p3m")


def typed(page, key=KEY, **changes):
    """What the page's form holds, with these fields changed (`id_subject="…"`)."""
    data = {}
    for language in page.get(url(key)).context["languages"]:
        data[f"seen-{language['code']}"] = language["version"]
        data |= {part["name"]: part["text"] for part in language["parts"]}
    return data | {name.replace("_", "-", 1): text for name, text in changes.items()}


@pytest.mark.parametrize("role", roles.ROLES)
def test_who_may_see_and_change_texts(role, staff, browser):
    page = browser(staff(role, None if role in roles.CITY_WIDE else "DPU"))
    expected = 200 if role in MAY else 403
    assert page.get(reverse(LIST)).status_code == expected
    assert page.get(url()).status_code == expected
    for action in ("save", "preview", "standard-id"):
        answer = page.post(url(), {"action": action, "id-headline": "apa saja"})
        assert (answer.status_code == 403) is (role not in MAY)
    if role not in MAY:
        assert (MessageText.objects.count(), MessageTextVersion.objects.count()) == (0, 0)


def test_nobody_without_an_account(client, db):
    for address in (reverse(LIST), url()):
        assert client.get(address).url.startswith("/admin/login/")
        assert client.post(address, {"action": "save"}).url.startswith("/admin/login/")
    assert not MessageTextVersion.objects.exists()


def test_who_may_only_look_is_offered_no_button(staff, browser):
    from django.contrib.auth.models import Permission

    user = staff("planner")
    user.user_permissions.add(Permission.objects.get(codename="view_messagetext"))
    page = browser(user)
    shown = page.get(url()).content.decode()
    assert 'name="action"' not in shown
    assert page.post(url(), {"action": "save"}).status_code == 403


def test_the_list_names_every_message_and_costs_the_same_however_many_are_edited(desk, browser, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    page = browser(desk)
    page.get(reverse(LIST))
    costs = []
    keys = [key for group in standards.keys().values() for key in group]
    for edited in ([], keys):
        for key in edited:
            parts = {"id": {"note" if key in ("ask", "code") else "headline": "beres"}}
            message_edit.save(desk, key, parts, seen={}, now=NOW)
        with CaptureQueriesContext(connection) as captured:
            answer = page.get(reverse(LIST))
        costs.append(len(captured))
        rows = [row for _label, rows in answer.context["groups"] for row in rows]
        assert [row["key"] for row in rows] == keys
        assert sum(bool(row["edited"]) for row in rows) == len(edited)
    assert costs[0] == costs[1]


def test_a_preview_shows_what_was_typed_and_saves_nothing(desk, browser):
    page = browser(desk)
    data = typed(page, id_headline="beres oleh {department}", en_push_title="{area}")
    answer = page.post(url(), data | {"action": "preview"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "Laporan C0NT-0H00: beres oleh DPU" in shown
    assert "Belum ada yang disimpan" in shown
    indonesian, english = answer.context["languages"]
    assert "Beres oleh DPU" in indonesian["preview"].html
    assert english["preview"].notification["title"]
    assert (MessageText.objects.count(), MessageTextVersion.objects.count()) == (0, 0)
    assert not Outbox.objects.exists()


def test_the_mail_stands_in_a_frame_that_can_do_nothing(desk, browser):
    page = browser(desk)
    data = typed(page, id_paragraph="Titik \"kutip\" & 'apostrof' 3 < 4")
    shown = page.post(url(), data | {"action": "preview"}).content.decode()
    frames = re.findall(
        r'<iframe class="preview-mail" sandbox title="[^"]+" srcdoc="([^"]*)"></iframe>', shown
    )
    assert len(frames) == 2
    letter = html.unescape(frames[0])
    assert letter.startswith("<!doctype html>")
    assert letter.rstrip().endswith("</html>")
    assert "Titik &quot;kutip&quot; &amp; &#x27;apostrof&#x27; 3 &lt; 4" in letter


def test_saving_and_going_back_to_the_standard(desk, browser):
    page = browser(desk)
    data = typed(page, id_headline="beres oleh {department}") | {"action": "save"}
    answer = page.post(url(), data, follow=True)
    assert "Pesan berikutnya memakai teks ini." in answer.content.decode()
    assert MessageText.objects.get().parts == {"headline": "beres oleh {department}"}
    assert "{department} menyatakan sudah selesai – benarkah?" in answer.content.decode()  # the standard
    assert [row.version for row, _name in answer.context["history"]] == [1]
    again = page.post(url(), typed(page) | {"action": "save"}, follow=True)
    assert "Tidak ada perubahan." in again.content.decode()
    page.post(url(), typed(page) | {"action": "standard-id"})
    assert not MessageText.objects.exists()
    assert MessageTextVersion.objects.count() == 2


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(desk, browser):
    page = browser(desk)
    data = typed(page, id_subject="Tanpa isian <b>", en_headline="{nothing} done")
    for action, status in (("save", 422), ("preview", 200)):
        answer = page.post(url(), data | {"action": action})
        assert answer.status_code == status
        shown = html.unescape(answer.content.decode())
        assert (
            "{code} harus ada di sini: tanpa itu pesannya tidak berguna. Hanya teks biasa, tanpa HTML."
            in shown
        )
        assert "{nothing} tidak dikenal di sini." in shown
        assert ">Tanpa isian <b></textarea>" in shown
        assert "Tanpa isian <b></textarea>" not in answer.content.decode()  # and it is escaped
    assert not MessageTextVersion.objects.exists()


def test_of_two_who_write_at_once_the_slower_is_told(desk, staff, browser):
    first, second = browser(desk), browser(staff("admin"))
    data = typed(second, id_headline="terlambat") | {"action": "save"}
    first.post(url(), typed(first, id_headline="lebih dulu") | {"action": "save"})
    answer = second.post(url(), data)
    assert answer.status_code == 409
    assert "Orang lain mengubah teks ini" in answer.content.decode()
    assert "terlambat</textarea>" in answer.content.decode()
    assert MessageText.objects.get().parts == {"headline": "lebih dulu"}


@pytest.mark.parametrize("key", ["nothing", "reporter-nothing", "reporter-confirmed", "follower-other"])
def test_a_message_that_is_never_sent_has_no_page(desk, browser, key):
    assert browser(desk).get(url(key)).status_code == 404


def test_a_forged_or_strange_request_changes_nothing(desk, browser):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(desk)
    assert strict.post(url(), {"action": "save", "id-headline": "x"}).status_code == 403
    page = browser(desk)
    for data in ({"action": "standard-xx"}, {"action": "standard-"}, {"action": "nothing"}):
        assert page.post(url(), data).status_code in (200, 302)
    assert page.put(url()).status_code == 405
    for path in ("add/", "1/change/", "1/delete/"):
        assert page.get(f"/admin/dispatch/messagetext/{path}").status_code in (403, 404)
    assert not MessageTextVersion.objects.exists()
