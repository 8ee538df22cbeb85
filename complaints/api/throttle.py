"""How much one programme or one address may ask of the API. Generous, and open when the cache is down."""

import ipaddress
import logging
import time

from django.conf import settings
from django.core.cache import cache

from complaints.api.problems import Problem
from complaints.domain import addresses
from complaints.models import ApiClient

logger = logging.getLogger(__name__)

WINDOW_S = 60
READ, WRITE = "read", "write"
# A mobile operator's gateway speaks for a whole neighbourhood during a flood; a phone shows a few pages.
PER_WINDOW_BY_ADDRESS = {READ: 1_200, WRITE: 240}
PER_WINDOW_BY_KEY = {READ: 60_000, WRITE: 60_000}


def check(request, client: ApiClient | None, kind: str) -> None:
    """Count this request; raises Problem("too_many_requests") above the limit.

    This machine itself is not counted, unless a proxy speaks for everybody (then its word is used).
    """
    if client is not None:
        who, limit = f"key:{client.pk}", PER_WINDOW_BY_KEY[kind]
    else:
        address = _address(request)
        if address is None:
            return
        who, limit = address, PER_WINDOW_BY_ADDRESS[kind]
    now_s = int(time.time())
    if _count(f"api:{kind}:{who}:{now_s // WINDOW_S}") > limit:
        retry_s = WINDOW_S - now_s % WINDOW_S
        raise Problem("too_many_requests", headers={"Retry-After": str(retry_s)})


def _count(key: str) -> int:
    try:
        if cache.add(key, 1, WINDOW_S * 2):
            return 1
        return cache.incr(key)
    except ValueError:  # it expired between the two
        return 1
    except Exception:  # a cache's own errors: accepting a report matters more than counting it
        logger.warning("api: not counted, the cache does not answer")
        return 1


def _address(request) -> str | None:
    """Whose request it is: an IPv4 address, an IPv6 /64 (one household), or None for this machine."""
    text = request.META.get("REMOTE_ADDR", "")  # behind our proxy: as ClientAddressMiddleware has read it
    if not settings.BEHIND_PROXY and _is_loopback(text):
        return None
    return addresses.household(text)


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
