"""Prepared texts and the preview: what is offered, how it reads, and that the preview is what arrives."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from city import roles
from city import snapshot as city
from complaints import links
from complaints.models import Event, Report, StagedPhoto
from dispatch.models import Delivery, Outbox, ReplyTemplate
from dispatch.services import deliveries, message_preview
from tests.conftest import NOW
from tests.dispatch.admin.conftest import case_url, everything_about, upload
from tests.dispatch.services.following import FOLLOWER, REPORTER, follow, to

LIST = "admin:dispatch_replytemplate_changelist"
ADD = "admin:dispatch_replytemplate_add"
TEXT = "Laporan {code}: {category} di {street}, {area}; {department} menanganinya sampai {due}. {link}"
MAY = {"admin", "p3m", "department_admin"}


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


@pytest.fixture
def template(db):
    """A template: `template(steps=["reply"], category="jalan")`."""
    ReplyTemplate.objects.all().delete()

    def make(text="Halo.", *, category=None, department=None, steps=("reply",), **more):
        snap = city.current()
        return ReplyTemplate.objects.create(
            code=f"uji-{uuid.uuid4().hex[:8]}",
            name=more.pop("name", "Uji"),
            text=text,
            steps=list(steps),
            category_id=snap.categories[category].id if category else None,
            department_id=snap.departments[department].id if department else None,
            **more,
        )

    return make


def offered(page, report, step="reply"):
    steps = page.get(case_url(report)).context["steps"]
    return [item.key for item in next(row for row in steps if row["name"] == step)["templates"]]


def open_step(response):
    return next(row for row in response.context["steps"] if row["is_open"])


def without_links(text):
    return re.sub(r"https?://\S+", "LINK", text)


def text_url(report, step, key):
    return reverse("admin:complaints_report_template", args=[report.pk, step, key])


def form(page, **changes):
    data = {"name": "Sudah ditambal", "steps": ["resolve"], "text": "Sudah.", "order": 5, "is_active": "on"}
    return data | changes


# --- What is offered -----------------------------------------------------------------------------------


def test_what_fits_is_offered_the_own_and_the_special_first(template, report_at, page):
    city_wide = template(order=1)
    of_group = template(category="jalan", order=9)
    own = template(department="DPU", order=50)
    both = template(text_en="Hello.", category="jalan-lubang", department="DPU", order=90)
    for unfit in (
        {"category": "banjir"},
        {"department": "DLH"},
        {"steps": ("reject",)},
        {"is_active": False},
    ):
        template(**unfit)
    report = report_at("DPU")
    keys = [f"{both.pk}-id", f"{both.pk}-en", f"{own.pk}-id", f"{of_group.pk}-id", f"{city_wide.pk}-id"]
    assert offered(page, report) == keys


def test_a_text_is_filled_in_about_the_report(template, report_at, page, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    row = template(TEXT, text_en="Report {code}: {category} in {area}.")
    report = report_at("DPU", street="Jl. Pandanaran")
    due = report.due_at.astimezone(NOW.tzinfo)
    month = {9: "September"}[due.month]
    assert page.get(text_url(report, "reply", f"{row.pk}-id")).json() == {
        "text": f"Laporan {report.spoken_code}: Jalan berlubang di Jl. Pandanaran, {report.area.name}; "
        f"Dinas Pekerjaan Umum menanganinya sampai {due.day} {month} {due.year}. "
        f"http://localhost:8000/laporan/{report.code}/"
    }
    english = page.get(text_url(report, "reply", f"{row.pk}-en")).json()["text"]
    assert english == f"Report {report.spoken_code}: Pothole in {report.area.name}."


@pytest.mark.parametrize(
    ("days", "shown"), [(-400, "(tulis tanggal baru)"), (None, "(belum ada tanggal)"), (9, None)]
)
def test_a_date_that_has_passed_is_not_promised_again(days, shown, template, report_at, page):
    row, report = template("Sampai {due}."), report_at("DPU")
    due_at = timezone.now() + timedelta(days=days) if days else None
    Report.objects.filter(pk=report.pk).update(due_at=due_at)
    text = page.get(text_url(report, "reply", f"{row.pk}-id")).json()["text"]
    expected = shown or date_format(timezone.localtime(due_at), "j F Y")
    assert text == f"Sampai {expected}."


@pytest.mark.parametrize("key", ["0-id", "x-id", "9999999999999-id", "-"])
def test_what_is_not_offered_has_no_text(key, template, report_at, page, staff, browser):
    row, report = template(steps=("reply",)), report_at("DPU")
    assert page.get(text_url(report, "reply", key)).status_code == 404
    assert page.get(text_url(report, "reject", f"{row.pk}-id")).status_code == 404
    assert page.get(text_url(report, "reply", f"{row.pk}-en")).status_code == 404
    viewer = browser(staff("viewer", "DPU"))
    assert viewer.get(text_url(report, "reply", f"{row.pk}-id")).status_code == 404
    stranger = browser(staff("handler", "DLH"))
    assert stranger.get(text_url(report, "reply", f"{row.pk}-id")).status_code == 404


def test_without_a_script_a_button_puts_the_text_below_what_was_typed(template, report_at, page, step):
    row, report = template("Terima kasih."), report_at("DPU")
    before = everything_about(report)
    response = step(page, report, "reply", do="fill", template=f"{row.pk}-id", message="Selamat pagi.")
    assert response.status_code == 200
    assert open_step(response)["typed"]["message"] == "Selamat pagi.\n\nTerima kasih."
    assert "Selamat pagi.\n\nTerima kasih.</textarea>" in response.content.decode()
    assert 'id="kesalahan"' not in response.content.decode()
    none = step(page, report, "reply", do="fill", template="", message="Selamat pagi.")
    assert open_step(none)["typed"]["message"] == "Selamat pagi."
    assert "Pilih dulu templatnya." in none.content.decode()
    address = f"{case_url(report)}?langkah=reply&templat={row.pk}-id"
    assert open_step(page.get(address))["typed"]["message"] == "Terima kasih."
    assert page.get(f"{case_url(report)}?langkah=reply&templat=1-xx").context["attempt"] is None
    assert everything_about(report) == before


def test_uses_are_counted_when_the_step_is_taken(template, report_at, page, step):
    row, other, report = template(), template(), report_at("DPU")
    step(page, report, "reply", template=f"{row.pk}-id", message="")  # refused: nothing was said
    step(page, report, "reply", do="preview", template=f"{row.pk}-id", message="Halo.")
    row.refresh_from_db()
    assert row.used_count == 0
    step(page, report, "reply", template=f"{row.pk}-id", message="Halo, dengan kata lain.")
    report.refresh_from_db()
    assert step(page, report, "reply", template="palsu", message="Halo.").status_code == 302
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.used_count, row.last_used_at is not None, other.used_count) == (1, True, 0)


def test_templates_cost_one_query_however_many(template, report_at, page, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    report, costs = report_at("DPU"), []
    page.get(case_url(report))
    for number in (1, 30):
        for _index in range(number):
            template(steps=("reply", "resolve", "reject"))
        with CaptureQueriesContext(connection) as queries:
            page.get(case_url(report))
        costs.append(len(queries))
    assert costs[0] == costs[1]


# --- The preview ---------------------------------------------------------------------------------------


def test_the_preview_changes_nothing_and_keeps_what_was_typed(report_at, page, step, contact_draft):
    report = report_at("DPU", **contact_draft)
    follow(report)
    before = everything_about(report), Outbox.objects.count(), Delivery.objects.count()
    response = step(page, report, "reply", do="preview", message="Kami datang besok.")
    assert response.status_code == 200
    assert (everything_about(report), Outbox.objects.count(), Delivery.objects.count()) == before
    shown = open_step(response)
    assert (shown["name"], shown["typed"]["message"]) == ("reply", "Kami datang besok.")
    assert [event.text for event in shown["preview"].entries] == ["Kami datang besok."]
    told = [(item.role, item.channel, item.people) for item in shown["preview"].told]
    assert told == [("reporter", "email", 1), ("supporter", "email", 1)]


@pytest.fixture
def contact_draft():
    from complaints.domain.draft import Contact

    return {"contact": Contact("Sari", REPORTER, "")}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("reply", {"message": "Kami datang besok. Hubungi 081234567890."}),
        ("start", {"message": "Tim berangkat."}),
        ("wait", {"waiting_on": "other", "waiting_reason": "aspal", "message": "Menunggu."}),
        ("schedule", {"scheduled_for": "2099-05-01", "budget_line": "APBD 2099", "message": "Rencana."}),
        ("reject", {"reason_code": "cannot_find", "message": "Tidak ditemukan."}),
        ("severity", {"severity": 4, "message": "Sudah ada yang jatuh."}),
        ("recategorise", {"category": "jalan-ambles", "message": "Jalannya ambles."}),
        ("make_safe", {"message": "Sudah diberi rambu."}),
        ("not_ours", {"department": "DLH", "message": "Ini sampah."}),
    ],
)
def test_what_the_preview_shows_is_what_arrives(name, data, report_at, page, step, contact_draft, settings):
    report = report_at("DPU", **contact_draft)
    follow(report)
    seen = open_step(step(page, report, name, do="preview", **data))["preview"]
    last = Event.objects.filter(report=report).latest("id").pk
    assert step(page, report, name, **data).status_code == 302
    for event in Event.objects.filter(report=report, pk__gt=last).order_by("id"):
        deliveries.prepare(event, now=NOW)
    mail.outbox.clear()
    for delivery in Delivery.objects.filter(report=report, event_id__gt=last).order_by("id"):
        deliveries.send(delivery.pk, now=NOW.replace(hour=10))
    sent = [(m.subject, without_links(m.body)) for who in (REPORTER, FOLLOWER) for m in to(who)]
    shown = [(told.message.subject, without_links(told.message.text)) for told in seen.told]
    assert shown == sent
    assert bool(shown) is (name != "recategorise")  # with the same office it stands on the page alone
    kept = Event.objects.filter(report=report, pk__gt=last, is_public=True).order_by("id")
    assert [(e.kind, e.text, e.to_status) for e in seen.entries] == [
        (e.kind, e.text, e.to_status) for e in kept
    ]


def test_the_preview_holds_no_link_of_a_person(report_at, page, step, contact_draft):
    report = report_at("DPU", **contact_draft)
    response = step(page, report, "start", do="preview", message="Tim berangkat.")
    assert links.secret_of(report) not in response.content.decode()
    told = open_step(response)["preview"].told[0].message
    for address in set(re.findall(r"http://localhost:8000(/\S+)", told.text)):
        answer = page.get(address.rstrip(".,"))
        assert answer.status_code in (200, 302, 404, 410), address
        assert not (answer.context and answer.context.get("is_reporter")), address


def test_a_preview_of_a_faulty_step_says_what_is_missing(report_at, page, step):
    report = report_at("DPU")
    before = everything_about(report)
    response = step(page, report, "reject", do="preview", message="Tidak.")
    assert response.status_code == 422
    assert "reason_code" in response.context["attempt"].faults
    stale = step(page, report, "reply", do="preview", message="Halo.", version=99)
    assert stale.status_code == 409
    assert everything_about(report) == before


def test_photos_stay_through_a_preview(report_at, page, step):
    report, key = report_at("DPU"), uuid.uuid4()
    before = everything_about(report)
    data = {"message": "Sudah ditambal.", "photos_key": str(key)}
    response = step(page, report, "resolve", do="preview", photos=upload(), **data)
    assert response.status_code == 200
    assert everything_about(report) == before
    staged = StagedPhoto.objects.get(draft_key=key)
    assert [photo.uuid for photo in open_step(response)["staged"]] == [staged.uuid]
    assert step(page, report, "resolve", kept=str(staged.uuid), **data).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.photos.filter(kind="repair").count()) == ("resolved", 1)


def test_the_script_gets_the_preview_alone(report_at, page, step):
    report = report_at("DPU")
    url = reverse("admin:complaints_report_step", args=[report.pk, "reply"])
    data = {"version": report.version, "do": "preview", "message": "Telepon 081234567890 ya."}
    html = page.post(url, data, headers={"X-Fragment": "1"}).content.decode()
    assert "<html" not in html
    assert "081234567890" not in html  # as the public reads it
    assert "disembunyikan dari publik" in html
    assert "Tidak ada yang mendapat pesan" in html


@pytest.mark.parametrize("role", ["operator", "planner", "viewer"])
def test_who_may_not_take_a_step_may_not_preview_it(role, staff, report_at, browser, step):
    report = report_at("DPU")
    before = everything_about(report)
    signed_in = browser(staff(role, "DPU" if role == "viewer" else None))
    for do in ("preview", "fill"):
        assert step(signed_in, report, "start", do=do, message="Halo.").status_code == 403
    assert everything_about(report) == before


def test_a_note_has_no_preview_and_is_kept(report_at, page, step):
    report = report_at("DPU")
    assert step(page, report, "note", do="preview", message="Bawa aspal.").status_code == 302
    assert Event.objects.filter(report=report, kind="note").count() == 1


# --- The templates' own page ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES)
def test_who_keeps_templates(role, staff, browser, template):
    row = template(department="DPU")
    page = browser(staff(role, None if role in roles.CITY_WIDE else "DPU"))
    expected = 200 if role in MAY else 403
    change = reverse("admin:dispatch_replytemplate_change", args=[row.pk])
    assert page.get(reverse(LIST)).status_code == expected
    assert page.get(change).status_code == expected
    answer = page.post(change, form(page, name="Diganti", text="Halo {code}."))
    row.refresh_from_db()
    assert (answer.status_code, row.name) == ((302, "Diganti") if role in MAY else (403, "Uji"))


def test_a_head_keeps_only_the_own_offices(staff, browser, template):
    others, of_city = template(department="DLH"), template()
    head = browser(staff("department_admin", "DPU"))
    for row in (others, of_city):
        change = reverse("admin:dispatch_replytemplate_change", args=[row.pk])
        assert head.post(change, form(head, name="Diganti")).status_code == 302
        row.refresh_from_db()
        assert row.name == "Uji"
    dlh = city.current().departments["DLH"].id
    assert head.post(reverse(ADD), form(head, department=dlh)).status_code == 302
    made = ReplyTemplate.objects.get(name="Sudah ditambal")
    assert (made.department.code, made.code, made.steps) == ("DPU", "sudah-ditambal", ["resolve"])
    assert head.post(reverse(ADD), form(head)).status_code == 302
    assert ReplyTemplate.objects.filter(code="sudah-ditambal-2").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "Halo {nama}."}, "text"),
        ({"text": "Halo {code"}, "text"),
        ({"text": "<b>Halo</b>"}, "text"),
        ({"text": ""}, "text"),
        ({"text_en": "Hello {name}."}, "text_en"),
        ({"text": "a" * 2001}, "text"),
        ({"steps": ["note"]}, "steps"),
        ({"steps": []}, "steps"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_refused(changes, field, staff, browser, template):
    page = browser(staff("p3m"))
    response = page.post(reverse(ADD), form(page, **changes))
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]
    assert not ReplyTemplate.objects.exists()


def test_the_saved_text_is_shown_about_an_invented_report(staff, browser, template):
    row = template("Laporan {code} di {street}. <i>")
    response = browser(staff("p3m")).get(reverse("admin:dispatch_replytemplate_change", args=[row.pk]))
    html = " ".join(response.content.decode().split())
    code = message_preview.invented_report().spoken_code
    assert f"Laporan {code} di lokasi laporan. &lt;i&gt;" in html


def test_the_list_costs_the_same_at_two_sizes(staff, browser, template):
    page, costs = browser(staff("p3m")), []
    page.get(reverse(LIST))
    for number in (2, 20):
        for _index in range(number):
            template(category="jalan", department="DPU")
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse(LIST))
        costs.append(len(queries))
    assert costs[0] == costs[1]
