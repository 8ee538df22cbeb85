"""Colleagues on one case: named in notes, seen to be there, and in a conflict with both versions in sight."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city import roles
from city import snapshot as city
from city.models import Area
from complaints import errors, selectors
from complaints.models import Event
from dispatch.domain.mentions import names_in
from dispatch.models import Mention, Outbox, Presence
from dispatch.services import mentions, presence
from tests.conftest import NOW
from tests.dispatch.admin.conftest import case_url, everything_about

FOR_ME = "admin:complaints_report_for_me"


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


def reachable(user):
    user.email = "rekan@semarang.example"
    user.save()
    return user


def beat(client, report, **data):
    return client.post(reverse("admin:complaints_report_presence", args=[report.pk]), data)


# --- Names in a note -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@budi tolong cek", ["budi"]),
        ("Tolong @budi, @sri.utami dan @budi.", ["budi", "sri.utami"]),
        ("(@budi) /@sri-utami-", ["budi", "sri-utami"]),
        ("kirim ke budi@contoh.id", []),
        ("a.b@c @", []),
        ("@@budi", []),
        ("@Budi_2+x!", ["Budi_2+x"]),
        ("", []),
    ],
)
def test_names_in_a_text(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("department", ["DPU", "DLH"])
def test_who_sees_a_report_is_the_scope_read_the_other_way(role, department, staff, report_at):
    user = staff(role, None if role in roles.CITY_WIDE else department)
    limited = staff(role, None if role in roles.CITY_WIDE else department)
    here, there = report_at("DPU"), report_at("DPU", latitude=-7.0600, longitude=110.4100)
    at_desk = report_at(None)
    limited.areas.add(Area.objects.get(pk=here.area.parent_id), Area.objects.get(pk=here.area_id))
    for person in (user, limited):
        for report in (here, there, at_desk):
            may = selectors.for_staff(person).filter(pk=report.pk).exists()
            assert selectors.staff_who_see(report).filter(pk=person.pk).count() == int(may)
    user.is_active = False
    user.save()
    assert not selectors.staff_who_see(here).filter(pk=user.pk).exists()


def test_a_colleague_named_in_a_note_is_told_once(report_at, page, step, staff, handler, browser):
    report = report_at("DPU")
    colleague, desk = reachable(staff("handler", "DPU")), staff("p3m")
    text = f"@{colleague.username} dan @{desk.username}: bawa aspal. @{handler.username}"
    assert step(page, report, "note", message=text).status_code == 302
    event = Event.objects.get(report=report, kind="note")
    assert (event.text, event.is_public) == (text, False)
    named = Mention.objects.filter(event=event).values_list("user_id", flat=True)
    assert set(named) == {colleague.pk, desk.pk}  # not oneself
    row = Outbox.objects.get(topic="mention.send")  # the desk has no address here
    for _again in range(2):
        done = mentions.send(row.payload["mention_id"], now=NOW)
        if done:
            done()
    [message] = mail.outbox
    assert message.to == ["rekan@semarang.example"]
    assert report.spoken_code in message.subject
    assert "bawa aspal" not in message.body + message.alternatives[0][0]
    assert f"/admin/complaints/report/{report.pk}/change/#peristiwa-{event.pk}" in message.body
    theirs = browser(colleague)
    listed = theirs.get(reverse(FOR_ME))
    assert [item["row"].event_id for item in listed.context["rows"]] == [event.pk]
    assert 'data-unread="1"' in listed.content.decode()
    assert "data-unread" not in page.get(reverse(FOR_ME)).content.decode()
    theirs.get(case_url(report))  # looked at: read
    assert "data-unread" not in theirs.get(reverse(FOR_ME)).content.decode()
    assert mentions.unread_count(desk) == 1


@pytest.mark.parametrize("who", ["nobody", "stranger", "switched_off", "citizen"])
def test_who_may_not_see_the_report_cannot_be_named(who, report_at, page, step, staff):
    report, stranger, off = report_at("DPU"), staff("handler", "DLH"), staff("handler", "DPU")
    off.is_active = False
    off.save()
    name = {"stranger": stranger.username, "switched_off": off.username}.get(who, who)
    before = everything_about(report)
    response = step(page, report, "note", message=f"Halo @{name}, tolong.")
    assert response.status_code == 422
    sentence = str(response.context["attempt"].faults["message"])
    assert sentence == (
        f"Tidak ada rekan yang boleh melihat laporan ini dengan nama @{name}. "
        "Betulkan namanya, atau tulis tanpa @."
    )
    assert f"Halo @{name}, tolong." in response.content.decode()
    assert everything_about(report) == before
    assert not Mention.objects.exists()


def test_a_reply_names_nobody(report_at, page, step, staff):
    report, colleague = report_at("DPU"), staff("handler", "DPU")
    assert step(page, report, "reply", message=f"@{colleague.username} @siapa").status_code == 302
    assert not Mention.objects.exists()


def test_too_many_names_at_once(report_at, handler):
    with pytest.raises(errors.InvalidReport):
        mentions.people(report_at("DPU"), " ".join(f"@a{number}" for number in range(21)), by=handler)


def test_a_mention_is_nowhere_in_public(report_at, page, step, staff, client):
    report, colleague = report_at("DPU"), staff("handler", "DPU")
    step(page, report, "note", message=f"@{colleague.username} rahasia dapur")
    for address in (f"/laporan/{report.code}/", f"/api/v1/reports/{report.code}/", "/laporan/"):
        html = client.get(address).content.decode()
        assert "rahasia dapur" not in html
        assert colleague.username not in html
    assert client.get(reverse(FOR_ME)).status_code == 302


def test_a_report_handed_over_is_on_the_list_without_its_words(
    report_at, page, step, staff, take, browser, desk
):
    report, colleague = report_at("DPU"), reachable(staff("handler", "DPU"))
    step(page, report, "note", message=f"@{colleague.username} isi catatan")
    take(report, "not_ours", desk, message="Milik DLH.", department_id=city.current().departments["DLH"].id)
    html = browser(colleague).get(reverse(FOR_ME)).content.decode()
    assert "isi catatan" not in html
    assert report.spoken_code not in html
    assert "tidak lagi di dinas Anda" in html
    assert mentions.send(Mention.objects.get().pk, now=NOW) is None
    assert mail.outbox == []


def test_everything_can_be_marked_as_read(report_at, page, step, staff, browser):
    report, colleague = report_at("DPU"), staff("handler", "DPU")
    step(page, report, "note", message=f"@{colleague.username} satu")
    assert page.post(reverse(FOR_ME)).status_code == 302  # somebody else's list stays
    assert mentions.unread_count(colleague) == 1
    assert browser(colleague).post(reverse(FOR_ME)).status_code == 302
    assert mentions.unread_count(colleague) == 0


def test_the_list_costs_the_same_at_two_sizes(report_at, handler, staff, browser, take):
    colleague = staff("handler", "DPU")
    page, costs = browser(colleague), []
    page.get(reverse(FOR_ME))
    for number in (1, 10):
        report = report_at("DPU")
        for _index in range(number):
            take(report, "note", handler, message=f"@{colleague.username} halo")
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse(FOR_ME))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_names_are_completed_from_those_who_may_see_it(report_at, page, staff, browser, handler):
    report = report_at("DPU")
    budi, stranger = staff("handler", "DPU"), staff("handler", "DLH")
    budi.first_name, budi.username = "Budi", "bsantoso"
    stranger.first_name, stranger.username = "Budi", "bdari.dlh"
    budi.save()
    stranger.save()
    url = reverse("admin:complaints_report_colleagues", args=[report.pk])
    people = page.get(url, {"q": "bud"}).json()["people"]
    assert people == [{"username": "bsantoso", "name": "Budi", "role": str(budi.get_role_display())}]
    assert handler.username not in str(page.get(url, {"q": ""}).json())
    assert browser(staff("viewer", "DPU")).get(url).status_code == 403
    assert browser(stranger).get(url).status_code == 404


# --- Who is there --------------------------------------------------------------------------------------


def test_the_second_officer_sees_the_first(report_at, page, handler, staff, browser):
    report, second = report_at("DPU"), browser(staff("p3m"))
    assert beat(page, report).json() == {"lines": [], "version": report.version}
    html = second.get(case_url(report)).content.decode()
    assert f"{handler.username} juga sedang membuka kasus ini." in html
    beat(page, report, writing="1")
    assert beat(second, report).json()["lines"] == [f"{handler.username} sedang menulis di sini sekarang."]
    beat(page, report, leaving="1")
    assert beat(second, report).json()["lines"] == []


def test_who_fell_silent_has_left(report_at, handler, staff):
    report, other = report_at("DPU"), staff("p3m")
    presence.here(handler, report, now=NOW)
    assert len(presence.others(other, report, now=NOW + timedelta(seconds=59))) == 1
    assert presence.others(other, report, now=NOW + timedelta(seconds=61)) == []
    presence.here(other, report, now=NOW + timedelta(hours=2))
    assert list(Presence.objects.values_list("user_id", flat=True)) == [other.pk]  # swept


def test_presence_is_for_who_may_see_the_report(report_at, staff, browser, page, client, handler, take):
    report = report_at("DPU")
    stranger = staff("handler", "DLH")
    assert beat(browser(stranger), report).status_code == 404
    assert beat(client, report).status_code == 302
    assert page.get(reverse("admin:complaints_report_presence", args=[report.pk])).status_code == 405
    assert not Presence.objects.exists()
    presence.here(handler, report, now=NOW)
    take(report, "not_ours", message="Sampah.", department_id=city.current().departments["DLH"].id)
    assert presence.others(stranger, report, now=NOW) == []  # a department that no longer sees it


def test_presence_costs_the_same_however_many_are_there(report_at, page, staff):
    report, costs = report_at("DPU"), []
    beat(page, report)
    for number in (1, 8):
        for _index in range(number):
            presence.here(staff("handler", "DPU"), report, now=NOW + timedelta(days=900))
        with CaptureQueriesContext(connection) as queries:
            beat(page, report)
        costs.append(len(queries))
    assert costs[0] == costs[1]


# --- Both versions -------------------------------------------------------------------------------------


def opened(client, report):
    return client.get(case_url(report)).context["opened"]


def test_a_conflict_shows_what_was_typed_beside_what_is_now(report_at, page, step, staff, browser):
    report = report_at("DPU")
    data = {"opened": opened(page, report), "version": report.version}
    step(browser(staff("p3m")), report, "severity", severity=4, message="Sudah ada yang jatuh.")
    before = everything_about(report)
    response = step(
        page,
        report,
        "wait",
        waiting_on="other",
        waiting_reason="PDAM menutup pipa",
        message="Mohon sabar.",
        **data,
    )
    assert response.status_code == 409
    conflict = response.context["conflict"]
    assert [value for _label, value in conflict["typed"]] == ["Mohon sabar.", "PDAM menutup pipa"]
    changed = {row["name"]: (row["before"], row["now"]) for row in conflict["rows"] if row["is_changed"]}
    assert set(changed) == {"severity", "due"}
    assert changed["severity"] == ("Sedang", "Berat")
    html = response.content.decode()
    assert html.count("PDAM menutup pipa") >= 2  # beside the report, and still in its field
    assert everything_about(report) == before


@pytest.mark.parametrize("sent", ["", "palsu", "x:y:z"])
def test_without_what_was_seen_the_present_state_is_shown(sent, report_at, page, step, take, handler):
    report = report_at("DPU")
    take(report, "accept", handler)
    response = step(page, report, "reply", message="Halo.", version=1, opened=sent)
    assert response.status_code == 409
    conflict = response.context["conflict"]
    assert (conflict["knows_before"], [row for row in conflict["rows"] if row["is_changed"]]) == (False, [])


def test_no_conflict_no_versions(report_at, page, step):
    response = step(page, report_at("DPU"), "reply", message="")
    assert response.context["conflict"] is None


# --- The story in two parts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "shown", "hidden"),
    [
        ("", ["Umum satu", "Dalam dua"], []),
        ("publik", ["Umum satu"], ["Dalam dua"]),
        ("internal", ["Dalam dua"], ["Umum satu"]),
        ("apa", ["Umum satu", "Dalam dua"], []),
    ],
)
def test_public_and_internal_apart(part, shown, hidden, report_at, page, take, handler):
    report = report_at("DPU")
    take(report, "reply", handler, message="Umum satu")
    take(report, "note", handler, message="Dalam dua")
    response = page.get(case_url(report), {"riwayat": part, "_changelist_filters": "urut=terbaru"})
    texts = [line["event"].text for line in response.context["timeline_shown"]]
    assert [text for text in shown if text in texts] == shown
    assert not set(hidden) & set(texts)
    counts = response.context["timeline_counts"]
    assert (counts["internal"], counts["all"]) == (1, counts["publik"] + 1)
    assert "riwayat=internal#riwayat" in response.content.decode()
    assert "_changelist_filters=urut%3Dterbaru&amp;riwayat=publik#riwayat" in response.content.decode()
