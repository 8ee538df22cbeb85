"""A light brake on automated filing. It must never stand in a person's way: many people share one address."""

import logging

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from complaints.domain import addresses

logger = logging.getLogger(__name__)

WINDOW_S = 600
# One mobile operator's gateway may speak for a whole neighbourhood during a flood.
POSTS_PER_WINDOW = 300
# Photos that wait for their report lie on the disk for days. Phones send about half a megabyte each (the
# form shrinks them), so this is some 400 photos an hour from one address.
BYTES_WINDOW_S = 3600
BYTES_PER_WINDOW = 200 * 1024 * 1024
HONEYPOT = "website"
TOO_MANY = _("Too many reports came from your connection. Please wait a few minutes.")


def address_of(request) -> str:
    """Whose share is used up: one address, or one household's network."""
    return addresses.household(request.META.get("REMOTE_ADDR", ""))


def too_many(request, what: str, limit: int = POSTS_PER_WINDOW) -> bool:
    """Whether this address has used up its share; False when the cache cannot be asked."""
    key = f"limit:{what}:{address_of(request)}"
    try:
        if cache.add(key, 1, WINDOW_S):
            return False
        return cache.incr(key) > limit
    except Exception:  # any cache back-end's own errors: accepting a report matters more than counting it
        logger.warning("rate limit not counted: cache unavailable")
        return False


def too_many_bytes(request, size: int) -> bool:
    """Whether `size` more bytes of photos are too many for this address; they are counted if not."""
    key = f"limit:staged-bytes:{address_of(request)}"
    try:
        cache.add(key, 0, BYTES_WINDOW_S)
        if (cache.get(key) or 0) + size > BYTES_PER_WINDOW:
            return True
        cache.incr(key, size)
    except Exception:  # as above; ValueError if it has just expired
        logger.warning("photos not counted: cache unavailable")
    return False


def is_bot(request) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(request.POST.get(HONEYPOT))
