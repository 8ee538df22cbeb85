import re
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from complaints.api import openapi, problems, urls

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


def test_the_kept_document_is_up_to_date():
    call_command("export_openapi", ROOT / "docs" / "openapi.yaml", check=True)


def test_a_stale_document_is_noticed(tmp_path):
    stale = tmp_path / "openapi.yaml"
    stale.write_text("openapi: 3.1.1\n")
    with pytest.raises(CommandError):
        call_command("export_openapi", stale, check=True)


def test_the_document_is_served_in_both_formats(client: Client):
    as_yaml = client.get("/api/schema/")
    as_json = client.get("/api/schema/?format=json")
    assert (as_yaml["Content-Type"], as_json["Content-Type"]) == (
        "application/yaml; charset=utf-8",
        "application/json; charset=utf-8",
    )
    assert yaml.safe_load(as_yaml.content) == as_json.json() == openapi.build()
    assert client.get("/api/schema/", headers={"If-None-Match": as_yaml["ETag"]}).status_code == 304


def test_every_address_is_documented_with_its_refusals():
    document = openapi.build()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/" + re.sub(r"<str:(\w+)>", r"{\1}", str(p.pattern)) for p in urls.v1
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            refusals = {status for status in operation["responses"] if status >= "400"}
            assert {"401", "403", "429", "500"} <= refusals
            for status in refusals:
                assert list(operation["responses"][status]["content"]) == [problems.CONTENT_TYPE]


def test_every_reference_in_the_document_leads_somewhere():
    document = openapi.build()
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"NewReport", "Created", "ReportDetail", "ReportPage", "CategoryTree", "ProblemBody"} <= names


def test_the_document_does_not_depend_on_the_language():
    openapi.build.cache_clear()
    with translation.override("id"):
        indonesian = openapi.as_yaml()
    openapi.build.cache_clear()
    with translation.override("en"):
        assert openapi.as_yaml() == indonesian


def test_the_page_needs_no_foreign_server_and_no_script(client: Client):
    page = client.get("/api/docs/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in main
    assert "style=" not in main
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', main)
    for code in problems.CATALOGUE:
        assert f'id="problem-{code}"' in main
    for path in openapi.build()["paths"]:
        assert path in main


def test_the_page_speaks_both_languages(client: Client):
    indonesian = client.get("/api/docs/", headers={"Accept-Language": "en"}).content.decode()
    client.cookies["bahasa"] = "en"
    english = client.get("/api/docs/").content.decode()
    assert "File a report" in english
    assert "File a report" not in indonesian
    assert "Kirim laporan" in indonesian


def test_every_link_inside_the_page_has_its_target(client: Client):
    page = client.get("/api/docs/").content.decode()
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert len(targets) == len(re.findall(r'id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= targets
