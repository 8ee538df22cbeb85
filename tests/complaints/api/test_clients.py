import io

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from complaints.api import throttle
from complaints.models import ApiClient, Report
from complaints.services import api_clients
from tests.complaints.api.conftest import REPORTS

pytestmark = pytest.mark.django_db


def make_key(*arguments) -> str:
    out = io.StringIO()
    call_command("create_api_client", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_a_key_is_printed_once_and_kept_as_a_hash(api, body):
    key = make_key("Aplikasi", "--scope", "report:create", "report:read")
    client = ApiClient.objects.get()
    assert key.startswith("lapor_")
    assert client.key_prefix == key[:12]
    assert key not in (client.key_hash, client.key_prefix)
    assert (client.scopes, client.last_used_at) == (["report:create", "report:read"], None)
    assert api.post(REPORTS, body(), api_key=key).status_code == 201
    assert Report.objects.get().api_client == client


def test_scopes_may_be_named_one_by_one():
    make_key("Dua", "--scope", "report:read", "--scope", "report:create")
    assert ApiClient.objects.get().scopes == ["report:create", "report:read"]


def test_names_are_unique_and_scopes_known():
    make_key("Aplikasi")
    with pytest.raises(CommandError):
        make_key("Aplikasi")
    with pytest.raises(CommandError):
        make_key("Lain", "--scope", "everything")
    with pytest.raises(api_clients.UnknownScope):
        api_clients.create_client("Lain", ["everything"])
    assert ApiClient.objects.count() == 1


@pytest.mark.parametrize("header", ["Api-Key lapor_salah", "Api-Key", "Bearer x", "x", "Api-Key \udcff"])
def test_an_unknown_key_is_refused_even_where_none_is_needed(client: Client, body, header):
    for answer in (
        client.post(REPORTS, body(), content_type="application/json", headers={"Authorization": header}),
        client.get(REPORTS, headers={"Authorization": header}),
    ):
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Api-Key")
        assert answer.json()["code"] == "key_invalid"
    assert Report.objects.count() == 0


def test_a_revoked_key_is_refused(api):
    key = make_key("Aplikasi")
    ApiClient.objects.update(is_active=False)
    assert api.get(REPORTS, api_key=key).status_code == 401


def test_a_scope_that_is_missing_is_named(api, body):
    key = make_key("Pembaca", "--scope", "report:read")
    refused = api.post(REPORTS, body(), api_key=key)
    assert (refused.status_code, refused.json()["code"], refused.json()["scope"]) == (
        403,
        "scope_missing",
        "report:create",
    )
    assert api.get(REPORTS, api_key=key).status_code == 200
    assert Report.objects.count() == 0


def test_use_is_remembered_once_a_minute(api, django_assert_num_queries):
    key = make_key("Aplikasi")
    api.get("/api/v1/departments/", api_key=key)
    first = ApiClient.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(2):  # the key, the city's version
        api.get("/api/v1/departments/", api_key=key)
    assert ApiClient.objects.get().last_used_at == first
    ApiClient.objects.update(last_used_at=first - timezone.timedelta(seconds=61))
    api.get("/api/v1/departments/", api_key=key)
    assert ApiClient.objects.get().last_used_at > first - timezone.timedelta(seconds=61)


def ask(client, address="203.0.113.7", **extra):
    return client.get("/api/v1/departments/", REMOTE_ADDR=address, **extra)


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(throttle, "PER_WINDOW_BY_ADDRESS", {"read": 2, "write": 1})
    monkeypatch.setattr(throttle, "PER_WINDOW_BY_KEY", {"read": 3, "write": 3})
    monkeypatch.setattr(throttle.time, "time", lambda: 1_790_000_010.0)  # 30 s into its minute


def test_an_address_that_asks_too_much_waits(client: Client, strict):
    assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(client)
    assert refused.json()["code"] == "too_many_requests"
    assert refused["Retry-After"] == str(60 - 1_790_000_010 % 60)
    assert ask(client, "203.0.113.8").status_code == 200


def test_writing_is_counted_apart_and_refused_before_anything_happens(client: Client, strict, body):
    def post():
        return client.post(REPORTS, body(), content_type="application/json", REMOTE_ADDR="203.0.113.7")

    assert [post().status_code, post().status_code, ask(client).status_code] == [201, 429, 200]
    assert Report.objects.count() == 1


def test_one_household_shares_an_ipv6_prefix(client: Client, strict):
    assert [ask(client, f"2001:db8:0:1::{n}").status_code for n in range(3)] == [200, 200, 429]
    assert ask(client, "2001:db8:0:2::1").status_code == 200


def test_a_key_has_a_share_of_its_own(client: Client, strict):
    key = make_key("Aplikasi")
    asked = [ask(client, headers={"Authorization": f"Api-Key {key}"}).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429]
    assert ask(client).status_code == 200


def test_this_machine_is_not_counted_unless_a_proxy_speaks_for_everybody(client: Client, strict, settings):
    assert [ask(client, "127.0.0.1").status_code for _ in range(5)] == [200] * 5
    settings.BEHIND_PROXY = True
    forged = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}
    assert [ask(client, "127.0.0.1", **forged).status_code for _ in range(3)] == [200, 200, 429]


def test_a_cache_that_is_down_stops_nobody(client: Client, strict, monkeypatch):
    def down(*_arguments, **_options):
        raise ConnectionError

    monkeypatch.setattr(
        type(cache._connections["default"]) if hasattr(cache, "_connections") else cache, "add", down
    )
    assert [ask(client).status_code for _ in range(5)] == [200] * 5
