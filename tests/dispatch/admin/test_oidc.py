"""Sign-on through the city's OpenID service, against a small provider on this machine."""

import time

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from city.models import AuditEvent, User
from dispatch.admin import oidc_client
from tests.dispatch.admin.fake_openid import CLIENT_ID, CLIENT_SECRET, Provider

LOGIN = "/admin/login/"


@pytest.fixture
def provider(settings):
    running = Provider()
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_NAME = "SSO Kota"
    yield running
    running.stop()
    oidc_client._client.cache_clear()


@pytest.fixture
def officer(staff):
    user = staff("handler", "DPU")
    User.objects.filter(pk=user.pk).update(email="Sri@semarang.example")
    return user


def sign_on(provider, client=None, query=None):
    client = client or Client()
    start = client.get(reverse("admin:oidc_start"), {"next": "/admin/akun/"})
    assert start.status_code == 302
    query = query or provider.consent(start.url)
    return client, client.get(reverse("admin:oidc_back") + query)


def verified(provider, **claims):
    provider.claims = {"email": "sri@semarang.example", "email_verified": True, **claims}


def is_in(client) -> bool:
    return client.get("/admin/").status_code == 200


def test_without_the_setting_there_is_neither_button_nor_address(client, db):
    assert 'data-testid="oidc"' not in client.get(LOGIN).content.decode()
    assert client.get(reverse("admin:oidc_start")).status_code == 404
    assert client.get(reverse("admin:oidc_back"), {"code": "x", "state": "y"}).status_code == 404


def test_an_account_that_exists_is_signed_in(provider, officer):
    verified(provider)
    assert "Masuk dengan SSO Kota" in Client().get(LOGIN).content.decode()
    client, answer = sign_on(provider)
    assert answer.url == "/admin/akun/"
    assert is_in(client)
    event = AuditEvent.objects.get(kind="sign_in")
    assert (event.actor, event.detail) == (officer, {"via": "oidc"})


def test_by_name(provider, officer, settings):
    settings.OIDC_CLAIM = "preferred_username"
    provider.claims = {"preferred_username": officer.username}
    client, _answer = sign_on(provider)
    assert is_in(client)


def refused(provider, **kwargs) -> str:
    """Nobody is signed in, nobody is made, and it stands on record; returns the recorded reason."""
    users = User.objects.count()
    client, answer = sign_on(provider, **kwargs)
    assert answer.url == LOGIN
    assert len(list(get_messages(answer.wsgi_request))) == 1
    assert not is_in(client)
    assert User.objects.count() == users
    event = AuditEvent.objects.filter(kind="sign_in_failed").latest("id")
    return event.detail["why"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email": "orang-asing@example.org"}, "unknown"),
        ({"email_verified": False}, "unverified"),
        ({"email_verified": "true"}, "unverified"),
        ({"email": None}, "unknown"),
        ({"email": ["sri@semarang.example"]}, "unknown"),
        ({"iss": "https://lain.example"}, "refused"),
        ({"aud": "lain"}, "refused"),
        ({"aud": ["lain"], "azp": CLIENT_ID}, "refused"),
        ({"nonce": "lain"}, "refused"),
        ({"exp": 1}, "refused"),
        ({"iat": int(time.time()) + 3600}, "refused"),
    ],
)
def test_tokens_that_do_not_count(claims, why, provider, officer):
    verified(provider, **claims)
    assert refused(provider) == why


@pytest.mark.parametrize("spoil", ["signature", "none"])
def test_a_token_that_the_service_did_not_sign(spoil, provider, officer):
    verified(provider)
    provider.spoil = spoil
    assert refused(provider) == "refused"


def test_a_discovery_document_of_another_issuer(provider, officer):
    provider.spoil = "discovery"
    client = Client()
    assert client.get(reverse("admin:oidc_start")).url == LOGIN
    assert not is_in(client)


def test_somebody_elses_way_back_opens_nothing(provider, officer):
    verified(provider)
    start = Client().get(reverse("admin:oidc_start"))
    assert refused(provider, query=provider.consent(start.url)) == "refused"
    assert refused(provider, query="?code=x&state=y") == "refused"
    assert refused(provider, query="?error=access_denied") == "refused"


def test_a_code_counts_once_and_only_with_its_verifier(provider, officer):
    verified(provider)
    client = Client()
    start = client.get(reverse("admin:oidc_start"))
    query = provider.consent(start.url)
    asked = next(iter(provider.codes.values()))
    asked["code_challenge"] = "x" * 43
    assert client.get(reverse("admin:oidc_back") + query).url == LOGIN
    assert client.get(reverse("admin:oidc_back") + query).url == LOGIN
    assert not is_in(client)


def test_switched_off_and_doubled_accounts(provider, officer, staff):
    verified(provider)
    other = staff("handler", "DPU")
    User.objects.filter(pk=other.pk).update(email="sri@semarang.example")
    assert refused(provider) == "ambiguous"
    User.objects.filter(pk__in=[other.pk, officer.pk]).update(is_active=False)
    assert refused(provider) == "unknown"


@pytest.mark.parametrize(
    ("trust", "amr", "asked_again"),
    [(False, ["mfa"], True), (True, ["mfa", "pwd"], False), (True, ["pwd"], True), (True, "mfa", True)],
)
def test_the_second_factor_is_asked_unless_the_service_is_trusted_with_it(
    trust, amr, asked_again, provider, staff, settings
):
    settings.STAFF_SECOND_FACTOR = "required"
    settings.OIDC_TRUST_AMR = trust
    User.objects.filter(pk=staff("p3m").pk).update(email="sri@semarang.example")
    verified(provider, amr=amr)
    client, answer = sign_on(provider)
    if isinstance(amr, str):  # not what the standard allows: the whole token is refused
        assert answer.url == LOGIN
    else:
        assert (answer.url == reverse("admin:sign_in_enrol")) is asked_again
    assert is_in(client) is not asked_again


def test_a_service_that_is_down_says_so(provider, officer):
    provider.stop()
    client = Client()
    answer = client.get(reverse("admin:oidc_start"))
    assert answer.url == LOGIN
    assert "tidak menjawab" in client.get(LOGIN).content.decode()
