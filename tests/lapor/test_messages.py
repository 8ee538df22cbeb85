"""The catalogue tool, on a small project of its own and on the real one."""

import gettext
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

import messages  # noqa: E402

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
A = _("Report " "%(code)s")
B = ngettext("{n} photo", "{n} photos", 2)
C = pgettext("of a report", "Open")
D = _(variable)
"""
TEMPLATE = """{% load i18n %}
      <p>{% translate "Hello" %}</p>
  {% blocktranslate count n=items|length trimmed %}
     {{ n }} day
  {% plural %}
     {{ n }} days
  {% endblocktranslate %}
 unbalanced ) ' " [ {# note #}{% if a %}{{ _("Later") }}{% endif %}
{% comment %} {% translate "Never" %} {% endcomment %}{% translate "100% sure" %}
"""


@pytest.fixture
def project(tmp_path):
    """A project with an app `demo` and the app that owns everything else."""
    for app in ("demo", "lapor"):
        (tmp_path / app).mkdir()
        (tmp_path / app / "apps.py").touch()
    (tmp_path / "demo" / "models.py").write_text(PYTHON)
    (tmp_path / "templates" / "demo").mkdir(parents=True)
    (tmp_path / "templates" / "demo" / "page.html").write_text(TEMPLATE)
    (tmp_path / "templates" / "404.html").write_text('{% load i18n %}{% translate "Not found" %}')
    return tmp_path


def ids(app: str, project: Path) -> set:
    return {(message.context, message.id) for message in messages.extract(app, project) if message.id}


def translate(project: Path, **texts: str) -> None:
    """Fill in translations by the first word of the msgid."""
    path = messages.catalogue_path("demo", project)
    catalogue = path.read_text()
    for word, text in texts.items():
        start = catalogue.index(f'msgid "{word}')
        empty = catalogue.index(' ""', catalogue.index("msgstr", start))
        catalogue = f'{catalogue[:empty]} "{text}"{catalogue[empty + 3 :]}'
    path.write_text(catalogue)


EVERYTHING = {
    "Report": "Laporan %(code)s",
    "{n}": "{n} foto",
    "Open": "Terbuka",
    "Hello": "Halo",
    "%(n)s": "%(n)s hari",
    "Later": "Nanti",
    "100%%": "100%% yakin",
}


def test_texts_are_found_in_code_and_templates(project):
    assert ids("demo", project) == {
        (None, "Report %(code)s"),
        (None, ("{n} photo", "{n} photos")),
        ("of a report", "Open"),
        (None, "Hello"),
        (None, ("%(n)s day", "%(n)s days")),
        (None, "Later"),
        (None, "100%% sure"),
    }
    assert ids("lapor", project) == {(None, "Not found")}


def test_a_new_catalogue_is_incomplete_and_a_translated_one_is_not(project):
    messages.update("demo", project)
    assert len(messages.check("demo", project)) == 7
    translate(project, **EVERYTHING)
    assert messages.check("demo", project) == []


def test_update_keeps_translations_drops_what_is_gone_and_is_stable(project):
    messages.update("demo", project)
    translate(project, **EVERYTHING)
    path = messages.catalogue_path("demo", project)
    before = path.read_text()
    assert messages.update("demo", project) == "demo: 7 texts, 0 without a translation, 0 dropped"
    assert path.read_text() == before
    (project / "demo" / "models.py").write_text("\n\n" + PYTHON.replace("Report ", "Case "))
    assert messages.update("demo", project) == "demo: 7 texts, 1 without a translation, 1 dropped"
    assert "Laporan" not in path.read_text()
    assert "Terbuka" in path.read_text()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Report": "Laporan"}, "placeholders differ"),
        ({"Report": "Laporan %(kode)s"}, "placeholders differ"),
        ({"{n}": "{jumlah} foto"}, "placeholders differ"),
        ({"Hello": "  "}, "no translation"),
    ],
)
def test_check_finds_what_would_break_or_stay_english(project, change, problem):
    messages.update("demo", project)
    translate(project, **(EVERYTHING | change))
    found = messages.check("demo", project)
    assert len(found) == 1
    assert problem in found[0]


def test_check_finds_texts_that_came_and_went(project):
    messages.update("demo", project)
    translate(project, **EVERYTHING)
    (project / "demo" / "models.py").write_text(PYTHON.replace("Open", "Closed"))
    assert messages.check("demo", project) == [
        "demo: not in the catalogue: 'Closed' (demo/models.py)",
        "demo: no longer used: 'Open'",
    ]


def test_two_catalogues_may_not_disagree(project):
    (project / "templates" / "404.html").write_text('{% load i18n %}{% translate "Hello" %}')
    messages.update("demo", project)
    messages.update("lapor", project)
    translate(project, Hello="Halo")
    assert messages.check_conflicts(["demo", "lapor"], project) == []
    path = messages.catalogue_path("lapor", project)
    path.write_text(path.read_text().replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Hai"'))
    assert len(messages.check_conflicts(["demo", "lapor"], project)) == 1


def test_compiled_catalogues_have_indonesias_single_plural(project):
    messages.update("demo", project)
    translate(project, **EVERYTHING)
    messages.compile_catalogue("demo", project)
    assert messages.compile_catalogue("demo", project) == "demo: up to date"
    with messages.catalogue_path("demo", project).with_suffix(".mo").open("rb") as handle:
        texts = gettext.GNUTranslations(handle)
    assert texts.ngettext("{n} photo", "{n} photos", 1) == "{n} foto"
    assert texts.ngettext("{n} photo", "{n} photos", 5) == "{n} foto"
    assert texts.pgettext("of a report", "Open") == "Terbuka"


@pytest.mark.parametrize("app", messages.all_apps())
def test_every_text_of_the_portal_is_translated(app):
    assert messages.check(app) == []


def test_the_portals_catalogues_agree():
    assert messages.check_conflicts(messages.all_apps()) == []
