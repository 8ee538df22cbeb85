"""Photos that are the same as a given one, or nearly: among all that were ever sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from complaints.domain import picture_print
from complaints.models import Photo, PhotoTrace

# Candidates looked at in Python. Pictures of one place under one sky share bands; a few thousand are usual.
_CANDIDATES_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier photo; `bits_apart` is 0 to ALIKE_AT_MOST_BITS, and None for the very same bytes."""

    photo: Photo
    bits_apart: int | None


def same_bytes(sha256: str, *, without: Iterable = ()) -> Photo | None:
    """The first photo of exactly these bytes. `without`: uuids that do not count."""
    rows = Photo.objects.filter(sha256=sha256).exclude(uuid__in=list(without)).select_related("report")
    return rows.order_by("id").first()


def near_copies(stored_bits: int, *, without: Iterable = (), limit: int = 5) -> list[Alike]:
    """Earlier photos whose print is within ALIKE_AT_MOST_BITS, nearest first. Two queries, whatever the
    number of photos: four indexes of 65,536 values each are asked for 17 values."""
    bits = picture_print.unsigned(stored_bits)
    wanted = Q()
    for name, band in zip(("band_a", "band_b", "band_c", "band_d"), picture_print.bands(bits), strict=True):
        wanted |= Q(**{f"{name}__in": picture_print.near(band)})
    rows = PhotoTrace.objects.filter(wanted).values_list("photo_id", "bits")[:_CANDIDATES_AT_MOST]
    apart = {
        photo_id: gap
        for photo_id, other in rows
        if (gap := picture_print.distance(bits, picture_print.unsigned(other)))
        <= picture_print.ALIKE_AT_MOST_BITS
    }
    nearest = sorted(apart, key=lambda photo_id: (apart[photo_id], photo_id))[: limit + 5]
    photos = Photo.objects.filter(pk__in=nearest).exclude(uuid__in=list(without)).select_related("report")
    found = [Alike(photo, apart[photo.pk]) for photo in photos]
    return sorted(found, key=lambda item: (item.bits_apart, item.photo.pk))[:limit]
