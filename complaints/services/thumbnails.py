"""Small pictures of photos that still wait for their report: re-encoded like everything we serve."""

import io
import logging

from django.core.cache import cache
from PIL import Image

from complaints.models import StagedPhoto
from complaints.services import photos

SIDE_PX = 320
KEPT_FOR_S = 3600

logger = logging.getLogger(__name__)


def of_staged(staged: StagedPhoto) -> bytes | None:
    """A WebP of at most SIDE_PX for the person who sent the photo, or None if it cannot be decoded.

    Made once and kept in the cache: decoding costs milliseconds for a JPEG, but seconds for other formats.
    """
    key = f"staged-preview:{staged.uuid}"
    try:
        content = cache.get(key)
        if content is None:
            content = _make(staged) or b""
            cache.set(key, content, KEPT_FOR_S)
    except Exception:  # any cache back-end's own errors
        logger.warning("preview not kept: cache unavailable")
        content = _make(staged)
    return content or None


def _make(staged: StagedPhoto) -> bytes | None:
    try:
        with staged.original.open("rb") as handle:
            image = photos.identify(handle.read())
        image.draft("RGB", (SIDE_PX * 2, SIDE_PX * 2))
        image = photos.upright(image).convert("RGB")
    except Exception:  # decoders raise whatever the bytes make them raise; the form goes on without it
        return None
    image.thumbnail((SIDE_PX, SIDE_PX))
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=70)
    return out.getvalue()
