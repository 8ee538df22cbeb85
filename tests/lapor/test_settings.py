"""The settings: complete example, safe production, and no need of system libraries."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "SITE_ADDRESS"}
READS = re.compile(
    r"""(?:env(?:\.(?:bool|int|float|list|json))?\(|os\.environ(?:\.(?:get|setdefault)\(|\[))\s*["']([A-Z][A-Z0-9_]+)"""
)
READERS = [
    "lapor/settings.py",
    "lapor/signin.py",
    "lapor/messaging.py",
    "lapor/metrics.py",
    "scripts/run.py",
    "deploy/entrypoint.py",
    "deploy/healthcheck.py",
]


def example() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a fresh process with only the given variables (and a PATH)."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_example_names_every_variable_that_is_read_and_no_other():
    read = {name for file in READERS for name in READS.findall((ROOT / file).read_text())}
    assert {"SECRET_KEY", "PORT", "DEMO", "WEB_WORKERS", "METRICS_TOKEN"} <= read
    assert example() - COMPOSE_ONLY == read


def test_a_copied_example_changes_nothing_but_what_production_needs():
    active = re.findall(r"^([A-Z][A-Z0-9_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert active == [("PRODUCTION", "0")]


def test_set_up_works_where_gdal_and_geos_are_absent(tmp_path):
    code = """
import ctypes.util
real = ctypes.util.find_library
def hide(name):
    return None if "gdal" in name.lower() or "geos" in name.lower() else real(name)
ctypes.util.find_library = hide
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "lapor.settings"
import django
django.setup()
from django.contrib import admin
from django.template import Context, Template
assert admin.site._registry, "autodiscovery found nothing"
html = Template("{% load leaflet_tags %}{% leaflet_js %}").render(Context())
assert "leaflet.js" in html
import sys
assert "django.contrib.gis.gdal" not in sys.modules
print("fine")
"""
    done = python(code, DATA_DIR=str(tmp_path))
    assert done.stdout == "fine\n", done.stderr


SHOW = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "lapor.settings"
from django.conf import settings
print(({expression}))
"""


def value(expression: str, tmp_path, **environment: str) -> str:
    done = python(SHOW.format(expression=expression), DATA_DIR=str(tmp_path), **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_empty_variables_count_as_unset(tmp_path):
    expression = "settings.DATABASES['default']['ENGINE'], settings.HASHED_STATIC, settings.MEDIA_ROOT.name"
    found = value(expression, tmp_path, DATABASE_URL="", HASHED_STATIC="", MEDIA_ROOT="", REDIS_URL="")
    assert found == "('lapor.db.sqlite', False, 'media')"


def test_one_secret_key_is_made_and_kept_for_the_owner_alone(tmp_path):
    first = value("settings.SECRET_KEY", tmp_path)
    assert len(first) >= 50
    assert value("settings.SECRET_KEY", tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_production_refuses_to_start_without_a_secret_key(tmp_path):
    done = python(SHOW.format(expression="settings.SECRET_KEY"), DATA_DIR=str(tmp_path), PRODUCTION="1")
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr


def test_production_insists_on_tls_and_hashed_files(tmp_path):
    expression = (
        "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT, "
        "settings.SECURE_HSTS_SECONDS, settings.ALLOWED_HOSTS, settings.HASHED_STATIC"
    )
    found = value(expression, tmp_path, PRODUCTION="1", SECRET_KEY="x" * 50)
    assert found == "(True, True, True, 31536000, [], True)"


def test_servers_are_chosen_by_two_variables_alone(tmp_path):
    expression = (
        "settings.DATABASES['default']['ENGINE'], settings.DATABASES['default']['CONN_MAX_AGE'], "
        "settings.BROKER_URL, settings.CACHES['default']['LOCATION']"
    )
    found = value(expression, tmp_path, DATABASE_URL="postgres://u@h/d", REDIS_URL="redis://h:6379/3")
    assert found == "('django.db.backends.postgresql', 60, 'redis://h:6379/3', 'redis://h:6379/3')"


def test_a_forwarded_proto_header_is_believed_only_behind_a_proxy(tmp_path):
    expression = "settings.SECURE_PROXY_SSL_HEADER"
    assert value(expression, tmp_path) == "None"
    assert value(expression, tmp_path, BEHIND_PROXY="1") == "('HTTP_X_FORWARDED_PROTO', 'https')"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("https://{s}.tiles.example:8443/{z}/{x}/{y}.png?key=1", "https://*.tiles.example:8443"),
    ],
)
def test_pictures_may_come_from_the_tile_server_and_nowhere_else(tmp_path, url, origin):
    expression = "settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']"
    assert value(expression, tmp_path) == "[\"'self'\", 'data:', 'blob:']"
    assert value(expression, tmp_path, TILE_URL=url) == f"[\"'self'\", 'data:', 'blob:', '{origin}']"


def test_no_tile_server_is_asked_by_default(tmp_path):
    assert value("settings.LEAFLET_CONFIG['TILES']", tmp_path) == "[]"


def test_mail_becomes_files_until_a_server_is_named(tmp_path):
    expression = "settings.EMAIL_BACKEND, getattr(settings, 'EMAIL_FILE_PATH', None), settings.EMAIL_HOST"
    assert "filebased" in value(expression, tmp_path)
    found = value(expression, tmp_path, EMAIL_URL="smtp+tls://u:p@mail.example:587")
    assert found == "('django.core.mail.backends.smtp.EmailBackend', '', 'mail.example')"
