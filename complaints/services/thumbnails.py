"""Small pictures of photos that still wait for their report: re-encoded like everything we serve."""

import io

from PIL import Image

from complaints.models import StagedPhoto
from complaints.services import photos

SIDE_PX = 320


def of_staged(staged: StagedPhoto) -> bytes | None:
    """A WebP of at most SIDE_PX for the person who sent the photo, or None if it cannot be decoded.

    JPEGs are decoded at a fraction of their size, so this costs milliseconds.
    """
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
