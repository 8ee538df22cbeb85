"""Telling one browser from its neighbours behind the same address, for the limits and for nothing else.

A mobile operator's gateway speaks for thousands of phones: by address alone one nuisance would use up the
share of all the others. The cookie holds a signed random number; nothing is kept about it but counters of ten
minutes.
"""

import secrets

from django.core import signing

COOKIE = "perangkat"
_SALT = "complaints.device"
_MAX_AGE_S = 365 * 24 * 3600


def of(request) -> str | None:
    """The browser's number, or None if it has none that we signed. Then it gets one with this answer."""
    if not hasattr(request, "device"):
        request.device = _read(request)
        request.gets_device = request.device is None
    return request.device


def _read(request) -> str | None:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_MAX_AGE_S)
    except signing.BadSignature:
        return None


class DeviceMiddleware:
    """Gives a browser its number, where a view has asked for it in vain."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "gets_device", False):
            response.set_cookie(
                COOKIE,
                signing.dumps(secrets.token_urlsafe(12), salt=_SALT),
                max_age=_MAX_AGE_S,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        return response
