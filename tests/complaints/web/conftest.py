"""The form as a person without JavaScript fills it in."""

import re
import uuid

import pytest
from django.core.cache import cache
from django.test import Client

from complaints.web import site


@pytest.fixture(autouse=True)
def _fresh_caches(settings):
    """No test sees the counts, limits or titles of another."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CITY_VERSION_MAX_AGE_S = 60.0  # the city does not change here; queries are counted
    settings.CSRF_FAILURE_VIEW = "complaints.web.errors.csrf_failure"
    cache.clear()
    site.forget()


@pytest.fixture
def filled():
    """A factory of complete form data; keyword arguments replace fields (dots written as __)."""

    def make(**changes):
        data = {
            "key": str(uuid.uuid4()),
            "category": "jalan-lubang",
            "latitude": "-6.9903",
            "longitude": "110.4229",
            "place_mode": "map",
            "place_source": "map",
            "street": "Jalan Pemuda",
            "description": "Ada lubang di depan halte, motor sering oleng.",
            "is_anonymous": "on",
            "action": "preview",
        }
        data |= {name.replace("__", "."): value for name, value in changes.items()}
        return {name: value for name, value in data.items() if value is not None}

    return make


@pytest.fixture
def strict_client():
    """A client that is checked for CSRF like a browser."""
    return Client(enforce_csrf_checks=True)


def hidden_fields(html: str) -> dict[str, list[str]]:
    """The hidden inputs of a page, as a browser would send them."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', html):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and name[1] not in ("next", "csrfmiddlewaretoken"):
            fields.setdefault(name[1], []).append(value[1] if value else "")
    return fields
