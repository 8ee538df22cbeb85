"""A light brake on automated filing. It must never stand in a person's way: many people share one address."""

import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)

WINDOW_S = 600
# One mobile operator's gateway may speak for a whole neighbourhood during a flood.
POSTS_PER_WINDOW = 300
HONEYPOT = "website"


def address_of(request) -> str:
    return request.META.get("REMOTE_ADDR", "")


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


def is_bot(request) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(request.POST.get(HONEYPOT))
