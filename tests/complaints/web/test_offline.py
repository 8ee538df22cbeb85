"""What a phone keeps: complete, the same for everybody, and known by a version."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from complaints.web import offline_files, views_offline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_worker():
    views_offline._worker_body.cache_clear()


def config(client) -> dict:
    body = client.get("/sw.js").content.decode()
    return json.loads(re.match(r"self\.LAPOR = (.*);\n", body)[1])


def test_the_worker_keeps_every_script_the_form_imports(client):
    kept = config(client)["assets"]
    for name in (
        "js/report-form.js",
        "js/photo-exif.js",
        "js/offline/panel.js",
        "leaflet/leaflet.js",
        "icons.svg",
    ):
        assert f"/static/{name}" in kept
    for address in kept:
        assert finders.find(address.removeprefix("/static/")), address
        if address.endswith(".js"):
            source = finders.find(address.removeprefix("/static/"))
            folder = address.rpartition("/")[0]
            for name in offline_files._IMPORT.findall(Path(source).read_text()):
                assert offline_files._joined(folder, name) in kept
    assert not [address for address in kept if "admin" in address or "unfold" in address]


def test_the_worker_is_fresh_and_says_its_scope(client):
    answer = client.get("/sw.js")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/javascript; charset=utf-8", "no-cache")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer.content.endswith(b");\n")
    assert b"/static/js/offline/worker.js" in answer.content


def test_the_version_changes_with_files_and_pages_only(client, monkeypatch):
    first = config(client)["version"]
    views_offline._worker_body.cache_clear()
    assert config(client)["version"] == first  # keys, nonces and the hour change nothing
    views_offline._worker_body.cache_clear()
    content = offline_files._content
    monkeypatch.setattr(
        offline_files,
        "_content",
        lambda address: content(address) + (b"\n" if "form.css" in address else b""),
    )
    assert config(client)["version"] != first


def test_the_worker_leaves_the_staffs_rooms_and_the_api_alone(client):
    assert {"/admin/", "/api/", "/open311/", "/call-center/"} <= set(config(client)["notOurs"])


@pytest.mark.parametrize(("language", "word"), [("id", "Lapor masalah"), ("en", "Report a problem")])
def test_the_kept_form_speaks_its_language_and_holds_no_token(client, language, word):
    client.cookies["bahasa"] = "en" if language == "id" else "id"
    answer = client.get(f"/luring/{language}/lapor/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in html
    assert word in html
    assert "csrfmiddlewaretoken" not in html
    assert "data-kept" in html
    assert "csrftoken" not in answer.cookies
    assert answer["Content-Language"] == language
    assert html.count('name="category" value="') == 34
    assert html.count("<option value=") == 178


def test_the_questions_of_every_kind_come_in_one_piece(client):
    bundle = client.get("/luring/id/pertanyaan.json").json()
    assert len(bundle) == 34
    page = client.get("/lapor/pertanyaan/banjir-genangan/").content.decode()
    assert bundle["banjir-genangan"] == page


def test_pages_without_network_are_there_in_known_languages_only(client):
    assert client.get("/luring/en/").status_code == 200
    assert client.get("/luring/id/teks.json").json()["retry"] == "Kirim sekarang"
    for path in ("", "lapor/", "pertanyaan.json", "teks.json"):
        assert client.get(f"/luring/jv/{path}").status_code == 404


def test_the_manifest_lets_a_phone_install_the_portal(client):
    manifest = client.get("/manifest.webmanifest").json()
    assert (manifest["id"], manifest["scope"], manifest["lang"], manifest["display"]) == (
        "/",
        "/",
        "id",
        "standalone",
    )
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]] == ["/lapor/", "/peta/", "/laporan/"]
