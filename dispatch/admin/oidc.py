"""Signing in through the city's sign-on service. It names an account that exists; it never makes one and
never gives rights."""

import logging

import requests
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city.services import signin
from dispatch.admin import door, oidc_client

logger = logging.getLogger(__name__)
_NEXT = "oidc_next"
_BROKEN_ANSWERS = (ValueError, RuntimeError, KeyError, TypeError)  # of a service that answers nonsense
# Methods by which the service may say that it asked for a second factor (RFC 8176).
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face", "iris", "retina", "sc", "vbm"})

_SENTENCES = {
    "refused": _("The sign-on service could not confirm who you are. Please try again."),
    "unknown": _("The sign-on service knows you, but you have no account here. Please ask an administrator."),
    "ambiguous": _(
        "More than one account has your e-mail address. Please ask an administrator to mend that."
    ),
    "unverified": _("The sign-on service has not verified your e-mail address, so it does not count here."),
}


def _require_setting() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


def _callback(request) -> str:
    return request.build_absolute_uri(reverse("admin:oidc_back"))


def start(request):
    """Off to the service, with a state, a nonce and a PKCE challenge kept in the session."""
    _require_setting()
    request.session[_NEXT] = door.safe_next(request, request.GET.get("next", ""))
    client = oidc_client.client()
    try:
        _metadata(client)
        return client.authorize_redirect(request, _callback(request))
    except (requests.RequestException, *_BROKEN_ANSWERS):
        logger.warning("the sign-on service does not answer", exc_info=True)
        messages.error(
            request, _("The sign-on service does not answer. Please sign in with name and password.")
        )
        return redirect("admin:login")


def _metadata(client) -> dict:
    """What the service says of itself; raises ValueError if that is another service (wrong issuer)."""
    metadata = client.load_server_metadata()
    if metadata.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER:
        client.server_metadata.clear()
        raise ValueError("the discovery document names another issuer")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in oidc_client.ALGORITHMS]
    return metadata


def back(request):
    """Back from the service with a code: who is it?"""
    _require_setting()
    wanted = request.session.pop(_NEXT, "")
    claims = _claims(request)
    user, why = _account(claims) if claims else (None, "refused")
    if user is None:
        address = request.META.get("REMOTE_ADDR", "")
        signin.refused_elsewhere(address, why, now=timezone.now())
        messages.error(request, _SENTENCES[why])
        return redirect("admin:login")
    amr = claims.get("amr")
    strong = settings.OIDC_TRUST_AMR and isinstance(amr, list) and any(method in _STRONG for method in amr)
    return door.begin(request, user, wanted, via="oidc", has_factor=strong)


def _claims(request) -> dict | None:
    """The verified claims of the ID token; None for whatever is wrong with it."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    client = oidc_client.client()
    try:
        _metadata(client)
        token = client.authorize_access_token(request, claims_options=oidc_client.claims_options())
    except (AuthlibBaseError, JoseError, requests.RequestException, *_BROKEN_ANSWERS):
        logger.warning("a sign-on was refused", exc_info=True)
        return None
    return token.get("userinfo")


def _account(claims: dict):
    """The one account that the claim names, or None and why not."""
    said = claims.get(settings.OIDC_CLAIM)
    if not isinstance(said, str) or not said or "\x00" in said:
        return None, "unknown"
    if settings.OIDC_CLAIM == "email":
        if claims.get("email_verified") is not True:
            return None, "unverified"
        found = signin.by_email(said)
    else:
        found = signin.by_username(said)
    if len(found) > 1:
        return None, "ambiguous"
    return (found[0], "") if found else (None, "unknown")
