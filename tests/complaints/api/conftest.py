"""What the API's tests share: a caller that speaks JSON as programmes do."""

import json
import uuid

import pytest
from django.core.cache import cache
from django.test import Client

from tests.conftest import HERE

REPORTS = "/api/v1/reports/"


@pytest.fixture(autouse=True)
def _no_throttle_from_before():
    cache.clear()


@pytest.fixture
def body():
    """A complete, valid JSON report; keyword arguments replace what they name."""

    def make(**changes):
        values = {
            "category": "jalan-lubang",
            "latitude": HERE[0],
            "longitude": HERE[1],
            "description": "Ada lubang di depan halte, motor sering oleng.",
        }
        return values | changes

    return make


@pytest.fixture
def api(client: Client):
    """`api.post(path, body, key=…, secret=…, language=…)`, `api.get(path, …)`; every refusal is a problem."""
    return Api(client)


class Api:
    def __init__(self, client: Client):
        self.client = client

    def post(self, path, body=None, *, raw=None, content_type="application/json", **options):
        data = raw if raw is not None else json.dumps(body)
        return checked(self.client.post(path, data, content_type=content_type, headers=headers(**options)))

    def form(self, path, fields, **options):
        return checked(self.client.post(path, fields, headers=headers(**options)))

    def get(self, path, params=None, **options):
        return checked(self.client.get(path, params or {}, headers=headers(**options)))


def headers(*, key=None, secret=None, language=None, api_key=None, etag=None) -> dict[str, str]:
    named = {
        "Idempotency-Key": str(key) if key else None,
        "X-Report-Secret": secret,
        "Accept-Language": language,
        "Authorization": f"Api-Key {api_key}" if api_key else None,
        "If-None-Match": etag,
    }
    return {name: value for name, value in named.items() if value}


def checked(response):
    """Never HTML, always a problem with its five members when refused."""
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["type"] == f"/api/docs/#problem-{problem['code']}"
        assert problem["title"]
        assert problem["detail"]
    elif response.content:
        assert response["Content-Type"] == "application/json"
    return response


@pytest.fixture
def filed(api, body, db):
    """File a report through the API; returns the 201 body."""

    def make(key=None, **changes):
        response = api.post(REPORTS, body(**changes), key=key or uuid.uuid4())
        assert response.status_code == 201, response.content
        return response.json()

    return make
