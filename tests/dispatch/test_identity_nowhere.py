"""Invariant 6 by brute force: a reporter's name, phone and e-mail are looked for in every byte that the
portal answers to everybody who may not see identities, at every address it has.

The addresses come from the resolver: a page that is added tomorrow is walked tomorrow. What cannot be walked
stands below with its reason, and nothing else.
"""

import base64
import html
import re
import uuid
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from city import snapshot as city
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import Photo, Report
from complaints.services import conversation, incidents, photos
from dispatch.services import casework as casework_service
from dispatch.services import escalation, identity, redaction, worker
from tests.conftest import NOW, make_jpeg, make_proof
from tests.dispatch.leaks import EMAIL, NAME, PHONE, told_in

pytestmark = pytest.mark.django_db

WHO = Contact(name=NAME, phone="0812 7766 5544", email=EMAIL)
SAID = f"Lubang di depan rumah Bu {NAME}, hubungi saya."
WITHOUT_RIGHT = ["handler", "department_admin", "operator", "duty_officer", "planner", "viewer"]

# Addresses that are not walked, each with its reason.
NOT_WALKED = {
    "admin/(?P<url>.*)$": "everything else under /admin/, which is no page",
    "admin/logout/": "ends the session of the walk",
    "admin/akun/sesi/akhiri/": "ends the session of the walk",
    "admin/r/<path:content_type_id>/<path:object_id>/": "only sends on to another address of this list",
    "kabar/<str:token>/": "the reporter's own, by a token from a message to them",
    "k/<str:token>": "the reporter's own, by a token from a message to them",
    "admin/city/user/<id>/password/": "an account's password, no report",
}
# Models whose pages are asked for without a row, since none comes about here; they answer "not found".
WITHOUT_ROW = {
    "city.crew": "named by an office",
    "complaints.apiclient": "another system's key",
    "dispatch.messagetext": "made when a text is edited",
    "dispatch.ownerendpoint": "another system's address",
    "dispatch.reviewshare": "set by an office",
    "dispatch.tag": "named by an office",
    "dispatch.textmodel": "made by the nightly learning",
    "dispatch.webhookdelivery": "made when a receiver is registered",
    "dispatch.webhooksubscriber": "another system's address",
}


@dataclass(frozen=True)
class World:
    report: Report
    photo: Photo
    referral_id: int
    ids: dict[str, object]


def _work():
    for queue in ("routing", "media", "notify", "notify"):
        worker.drain(queue, clock=lambda: NOW)


def _step(desk, report, name, **details):
    casework_service.take_step(desk, report.pk, name, casework_service.Details(**details), now=NOW)
    report.refresh_from_db()


@pytest.fixture
def world(make_report, staff, settings):
    """Reports of one person, worked through: comments, a photo, a merge, a hand-over, a proof, looks,
    redaction.
    """
    settings.CHANNELS = ["email"]
    desk = staff("p3m")
    filed = {"contact": WHO}  # anonymous, as everybody is who does not say otherwise
    reports = [make_report(description=SAID, street=f"Gang {NAME}", **filed) for _number in range(3)]
    _work()
    for item in reports:
        item.refresh_from_db()
    report, merged, referred = reports
    owner = city.current().departments["BBWS"].id
    assert {item.department.code for item in Report.objects.select_related("department")} == {"DPU"}
    for item in reports:
        redaction.hide_words(desk, item.pk, [NAME, "Zulaikha"], now=NOW)
        item.refresh_from_db()
    _step(desk, referred, "not_ours", message="Milik balai.", department_id=owner)
    conversation.add_comment(report.pk, f"Ini {NAME} lagi, {EMAIL}.", actor=THE_REPORTER, now=NOW)
    conversation.add_comment(report.pk, "Tetangga zulaikha juga kena.", actor=A_CITIZEN, now=NOW)
    photo = _photo(desk, report)
    incidents.merge_reports(merged.pk, report.pk, actor=casework_service.actor_of(desk), now=NOW, why="sama")
    conversation.add_comment(merged.pk, f"Sekali lagi {NAME}.", actor=THE_REPORTER, now=NOW)
    report.refresh_from_db()
    for name in ("accept", "start", "note", "reply"):
        _step(desk, report, name, message=f"Sudah bicara dengan {NAME}.")
    identity.look_at_reporter(desk, report.pk, now=NOW)
    redaction.look_at_words(desk, report.pk, now=NOW)
    redaction.look_at_photo(desk, report.pk, photo.pk, now=NOW)
    _prove(desk, make_report(**filed))
    escalation.climb_due(now=NOW.replace(year=NOW.year + 1))
    _work()
    return World(report, photo, referred.pk, _ids(report, photo, referred))


def _photo(desk, report) -> Photo:
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg((64, 48)), key, now=NOW)
    (photo,) = photos.add_photos(report.pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(photo.pk)
    redaction.redact_photo(desk, report.pk, photo.pk, [[0, 0, 50, 50]], now=NOW)
    photo.refresh_from_db()
    return photo


def _prove(desk, report) -> None:
    """A repair that a second person has to look at."""
    _work()
    report.refresh_from_db()
    for name in ("accept", "start"):
        _step(desk, report, name)
    key = uuid.uuid4()
    staged = photos.stage_photo(make_proof(place=None), key, now=NOW)
    _step(
        desk,
        report,
        "resolve",
        message="Sudah ditambal.",
        photos=(staged.uuid,),
        photos_key=key,
        proof_reason="Kamera lama.",
    )


def _ids(report, photo, referred) -> dict[str, object]:
    """What stands in an address, by the name of the part."""
    return {
        "report_id": report.pk,
        "photo_id": photo.pk,
        "code": report.code,
        "uuid": photo.uuid,
        "size": "large",
        "key": uuid.uuid4(),
        "photo": photo.uuid,
        "category": "jalan-lubang",
        "layer": "roads",
        "language": "id",
        "step": "note",
        "verdict": "stands",
        "app_label": "complaints",
        "user_id": 1,
        "view_id": 1,
        "rule_id": 1,
        "decision_id": report.decisions.first().pk if hasattr(report, "decisions") else 1,
        "escalation_id": 1,
    }


# --- Every address ------------------------------------------------------------------------------------


def routes(patterns=None, start=""):
    """Every address of the portal as it is written in the code, the parts with their names."""
    for item in get_resolver().url_patterns if patterns is None else patterns:
        route_ = start + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from routes(item.url_patterns, route_)
        elif isinstance(item, URLPattern):
            yield route_


_MODEL = re.compile(r"^admin/(city|complaints|dispatch)/([a-z]+)/")


def model_of(route_: str):
    found = _MODEL.match(route_)
    return apps.get_model(*found.groups()) if found else None


def key_of(route_: str, world: World) -> object:
    """The primary key of the row that the page is about: one that tells of our reporter if there is one."""
    model = model_of(route_)
    fields = {field.name for field in model._meta.get_fields()}
    rows = model._default_manager.all()
    if model is Report:
        return world.report.pk
    if "report" in fields and model._meta.model_name != "referral":
        rows = rows.filter(report=world.report) if rows.filter(report=world.report).exists() else rows
    first = rows.order_by("pk").first()
    return first.pk if first else 0


def address(route_: str, world: World) -> str:
    def value(match) -> str:
        name = match.group("name")
        if name in ("object_id", "pk"):
            return str(key_of(route_, world))
        return str(world.ids[name])

    written = re.sub(r"\(\?P<(?P<name>\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", value, route_)
    written = re.sub(r"<(?:\w+:)?(?P<name>\w+)>", value, written)
    if route_.startswith(("wilayah/", "dinas/", "kategori/")) and "<" in route_:
        own = {"wilayah": "33.74.01", "dinas": "DPU", "kategori": "jalan-lubang"}[route_.partition("/")[0]]
        written = written.replace(world.report.code, own)
    return "/" + written.replace("^", "").replace("$", "").replace("\\", "")


QUERIES = {
    "admin/complaints/report/": ["", "?status=all", "?q=lubang&status=all", "?q=Zulaikha&status=all"],
    "admin/complaints/report/perintah-kerja.pdf": ["?kode={code}"],
    "admin/search/": ["", "?s=lubang", "?s={code}"],
    "laporan/": ["", "?q=lubang", "?q=Zulaikha"],
    "laporan/<str:code>/cetak/": ["", "?bentuk=poster"],
    "api/v1/reports/nearby/": ["?latitude=-6.9903&longitude=110.4229&category=jalan-lubang"],
    "lapor/serupa.json": ["?latitude=-6.9903&longitude=110.4229&category=jalan-lubang"],
}


def addresses(world: World, wanted=lambda route_: True):
    for route_ in routes():
        if route_ not in NOT_WALKED and wanted(route_):
            for query in QUERIES.get(route_, [""]):
                yield route_, address(route_, world) + query.format(code=world.report.code)


def body(response) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content + repr(sorted(response.headers.items())).encode()


def walk(client, found) -> dict[str, int]:
    """Ask for all; the status of each. Fails with every place that tells, not only the first."""
    leaks, broken, statuses = [], [], {}
    for route_, url in found:
        response = client.get(url)
        echo = "Zulaikha" if "Zulaikha" in url else ""
        leaks += [(url, name) for name in told_in(body(response), echo=echo)]
        if response.status_code >= 500:
            broken.append(url)
        statuses[route_] = response.status_code
    assert (leaks, broken) == ([], [])
    return statuses


def test_the_search_for_writings_finds_each_of_them():
    """Otherwise the walk could not fail."""
    for content in (
        NAME.encode(),
        html.escape(NAME).encode(),
        b"?q=" + quote(NAME).encode(),
        b"Zulaikha",
        b'{"name": "D\'Wirabr\\u00e1ta"}',
        EMAIL.encode(),
        b"tel:" + PHONE.encode(),
        base64.b64encode(NAME.encode()),
        base64.b64encode(b"nama " + NAME.encode() + b" lagi"),
        base64.b64encode(b"x" + EMAIL.encode()),
        base64.b64encode(b"to: " + PHONE.encode()),
    ):
        assert told_in(b"<p>" + content + b"</p>"), content
    assert told_in(b"<p>Lubang di depan rumah</p>") == []


ABOUT_REPORTS = re.compile(r"^admin/(complaints/|dispatch/|search/|catatan/|$)")
PAGES_OF_A_HANDLER = {
    "admin/",
    "admin/search/",
    "admin/complaints/report/",
    "admin/complaints/report/<path:object_id>/change/",
    "admin/complaints/report/<int:report_id>/cetak/",
    "admin/complaints/report/<int:report_id>/perintah-kerja.pdf",
    "admin/complaints/report/perintah-kerja.pdf",
    "laporan/<str:code>/",
    "laporan/<str:code>/umpan.atom",
    "laporan/<str:code>/cetak/",
    "api/v1/reports/",
    "api/v1/reports/<str:code>/",
}


def test_a_handler_finds_the_reporter_at_no_address_of_the_portal(world, staff):
    client = Client()
    client.force_login(staff("handler", "DPU"))
    statuses = walk(client, addresses(world))
    assert {route_ for route_ in PAGES_OF_A_HANDLER if statuses[route_] != 200} == set()


@pytest.mark.parametrize("role", WITHOUT_RIGHT[1:])
def test_nobody_else_without_the_right_finds_them_among_reports(role, world, staff):
    client = Client()
    client.force_login(staff(role, "DPU"))
    statuses = walk(client, addresses(world, ABOUT_REPORTS.match))
    assert statuses["admin/complaints/report/<path:object_id>/change/"] == 200


def test_the_public_finds_them_nowhere(world):
    statuses = walk(Client(), addresses(world, lambda route_: not route_.startswith("admin/")))
    assert statuses["laporan/<str:code>/"] == 200
    assert (
        statuses["^foto/(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?P<size>large|small)\\.webp$"]
        == 200
    )


def test_a_handler_learns_nothing_by_posting_either(world, staff):
    """Steps, looks and forms with mistakes: their answers repeat no more than what was sent."""
    client = Client()
    client.force_login(staff("handler", "DPU"))
    leaks = []
    for _route, url in addresses(world, re.compile(r"^admin/complaints/report/.*<").match):
        response = client.post(
            url, {"version": world.report.version, "confirmed": "1", "message": ""}, follow=True
        )
        leaks += [(url, name) for name in told_in(body(response))]
    assert leaks == []


def test_the_desk_does_find_them_where_it_may(world, staff):
    """The walk walks: with the right, and after asking, the name is there."""
    client = Client()
    client.force_login(staff("p3m"))
    url = reverse("admin:complaints_report_identity", args=[world.report.pk])
    assert set(told_in(client.post(url).content)) >= {"Zulaikha", "zulaikha.wira", "81277665544"}
    url = reverse("admin:complaints_report_redact_original", args=[world.report.pk])
    assert "Zulaikha" in told_in(client.post(url).content)


# --- Nothing is left out ---------------------------------------------------------------------------------


def test_every_address_is_walked_or_has_its_reason(world):
    all_routes = list(routes())
    assert set(NOT_WALKED) <= set(all_routes)
    walked = {route_ for route_, _url in addresses(world)}
    assert set(all_routes) - walked == set(NOT_WALKED)
    assert len(walked) > 250
    unfilled = [url for _route, url in addresses(world) if set("<>()^$\\") & set(url.partition("?")[0])]
    assert unfilled == []


def test_every_page_about_a_row_has_one_or_its_reason(world):
    empty = {
        model_of(route_)._meta.label_lower
        for route_ in routes()
        if ("<path:object_id>" in route_ or "<int:pk>" in route_)
        and model_of(route_)
        and not key_of(route_, world)
    }
    assert empty == set(WITHOUT_ROW)
