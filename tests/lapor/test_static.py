"""Static files after an upgrade: every page and every script names exactly the version it was made with."""

import re

from django.core.management import call_command

HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


def test_scripts_import_each_other_by_hashed_names(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "lapor.storage.HashedStaticFilesStorage"},
    }
    call_command("collectstatic", "--noinput", "--verbosity", "0", "--ignore", "unfold", "--ignore", "admin")
    scripts = {
        path.name: path.read_text() for path in (tmp_path / "js").rglob("*.js") if HASHED.search(path.name)
    }
    imported = [
        name
        for script in scripts.values()
        for name in re.findall(r'(?:from|import) ?"\.{1,2}/([^"]+)"', script)
    ]
    assert len(imported) >= 25
    assert [name for name in imported if not HASHED.search(name)] == []
    assert {name.rpartition("/")[2] for name in imported} <= set(scripts)
    late = [name for script in scripts.values() for name in re.findall(r'import\("([^"]+)"\)', script)]
    assert late
    assert [name for name in late if not HASHED.search(name)] == []
