"""A light brake on automated filing. It must never stand in a person's way: many people share one address."""

import logging
import time

from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from complaints.domain import addresses
from complaints.web import devices

logger = logging.getLogger(__name__)

WINDOW_S = 600
# One mobile operator's gateway may speak for a whole neighbourhood during a flood: browsers that came back
# with their number (see devices) share much, all others at that address what a script would have to live on.
POSTS_PER_DEVICE = 60
POSTS_PER_ADDRESS = 3_000
POSTS_PER_WINDOW = 300  # of browsers without a number, by address
# Looking up places costs a tenth of a millisecond; only a programme does it by the thousand.
LOOKS_PER_DEVICE = 1_000
LOOKS_PER_ADDRESS = 60_000
LOOKS_PER_WINDOW = 6_000
# Photos that wait for their report lie on the disk for days. Phones send about half a megabyte each (the
# form shrinks them), so this is some 400 photos an hour from one address.
BYTES_WINDOW_S = 3600
BYTES_PER_WINDOW = 200 * 1024 * 1024
HONEYPOT = "website"
OPENED = "opened"
_OPENED_SALT = "complaints.form"
FASTEST_S = 0.4  # from being given the form to sending the report, over three pages
TOO_FAST = _("That was so quick that we cannot tell you from a machine. Please press the button once more.")
TOO_MANY = _("Too many reports came from your connection. Please wait a few minutes.")


def address_of(request) -> str:
    """Whose share is used up: one address, or one household's network."""
    return addresses.household(request.META.get("REMOTE_ADDR", ""))


def too_many(request, what: str, *, share: int = 1, times: int = 1) -> bool:
    """Whether this browser or its address has used up its share; False when the cache cannot be asked.

    A person who corrects a form sends it several times: the shares are far above what anybody needs. What
    may reach strangers gets only one part in `share` of them; what one report needs often, `times` as many.
    """
    address, device = address_of(request), devices.of(request)
    if device is None:
        return _count(f"limit:{what}:{address}") > POSTS_PER_WINDOW * times // share
    if _count(f"limit:{what}:device:{device}") > POSTS_PER_DEVICE * times // share:
        return True
    return _count(f"limit:{what}:known:{address}") > POSTS_PER_ADDRESS * times // share


def too_many_looks(request) -> bool:
    """Whether this browser or its address has searched places too often: a person types a dozen letters and
    moves a pin a dozen times."""
    address, device = address_of(request), devices.of(request)
    if device is None:
        return _count(f"limit:look:{address}") > LOOKS_PER_WINDOW
    if _count(f"limit:look:device:{device}") > LOOKS_PER_DEVICE:
        return True
    return _count(f"limit:look:known:{address}") > LOOKS_PER_ADDRESS


def _count(key: str) -> int:
    try:
        if cache.add(key, 1, WINDOW_S):
            return 1
        return cache.incr(key)
    except Exception:  # any cache back-end's own errors: accepting a report matters more than counting it
        logger.warning("rate limit not counted: cache unavailable")
        return 0


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


def opened() -> str:
    """When a form was given out, signed: see `is_too_fast`."""
    return signing.dumps(round(time.time(), 1), salt=_OPENED_SALT)


def is_bot(request) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(request.POST.get(HONEYPOT))


def is_too_fast(request) -> bool:
    """Whether a form came back before anybody could have read it.

    A form without its time (kept from before, sent by a script of ours) is believed.
    """
    try:
        given_out_at = signing.loads(request.POST.get(OPENED, ""), salt=_OPENED_SALT)
    except signing.BadSignature:
        return False
    return time.time() - given_out_at < FASTEST_S
