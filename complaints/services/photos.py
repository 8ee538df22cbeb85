"""Photos: identified when they arrive, re-encoded by a worker, served only re-encoded (invariant 8)."""

import hashlib
import io
import secrets
import uuid
import warnings
from datetime import datetime, timedelta
from functools import cache

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from complaints import errors
from complaints.domain import exif, picture_print
from complaints.domain.actor import Actor
from complaints.models import Event, Photo, PhotoTrace, Report, StagedPhoto
from complaints.services import outbox, picture_trace, timeline

MAX_PHOTOS = 5
MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 64_000_000  # asked before anything is decoded
# Formats that are only decoded whole, at 4 bytes a pixel and more; no phone's camera writes them.
MAX_PIXELS_OF = {"PNG": 25_000_000, "WEBP": 25_000_000, "GIF": 25_000_000}
MIN_SIDE_PX = 16
LARGE_PX = 1600
SMALL_PX = 480
STAGED_FOR = timedelta(days=7)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")

_REFUSALS = {
    "empty": _("This file is empty. Please choose the photo again."),
    "too_large": _("This photo is larger than 15 MB. Please send a smaller one."),
    "too_large_together": _(
        "Together the photos are too large to be sent at once: at most 5 photos of 15 MB each fit. "
        "Please choose fewer or smaller ones."
    ),
    "not_an_image": _("This file is not a photo. Please send a JPEG, PNG, WebP, GIF or HEIC picture."),
    "too_many_pixels": _("This picture has too many pixels. Please send a smaller one."),
    "too_small": _("This picture is too small to show anything."),
    "damaged": _("This photo is damaged or incomplete. Please choose it again or take another one."),
    "too_many": _("A report can have at most 5 photos."),
}


def refusal(code: str) -> errors.PhotoRefused:
    """The error for a refusal code, with its sentence."""
    return errors.PhotoRefused(_REFUSALS[code], code=code)


@cache
def _register_heif() -> None:
    """HEIC is what iPhones send; its decoder is loaded when the first photo comes, not with the process."""
    from pillow_heif import register_heif_opener

    register_heif_opener()


def identify(content: bytes) -> Image.Image:
    """Decode enough to know that this is a whole picture within the caps; raises PhotoRefused.

    The declared type and the file's name are never looked at. The pixel count is read from the header
    before any pixel is decoded, so a bomb costs nothing.
    """
    if not content:
        raise refusal("empty")
    if len(content) > MAX_BYTES:
        raise refusal("too_large")
    _register_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about bombs and odd EXIF; our own caps decide
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as exc:
        raise refusal("too_many_pixels") from exc
    except Exception as exc:  # decoders raise whatever the bytes make them raise
        raise refusal("not_an_image") from exc
    if image.width * image.height > MAX_PIXELS_OF.get(image.format, MAX_PIXELS):
        raise refusal("too_many_pixels")
    if min(image.size) < MIN_SIDE_PX:
        raise refusal("too_small")
    return image


def _check_whole(image: Image.Image) -> None:
    """Read the picture to its end; JPEGs at an eighth of their size, which is several times faster."""
    try:
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()
    except Exception as exc:  # as above
        raise refusal("damaged") from exc


def stage_photo(content: bytes, draft_key: uuid.UUID, *, now: datetime) -> StagedPhoto:
    """Keep a photo that came before its report. Raises PhotoRefused. Same bytes, same draft: kept once."""
    return stage_once(content, draft_key, now=now)[0]


def stage_once(content: bytes, draft_key: uuid.UUID, *, now: datetime) -> tuple[StagedPhoto, bool]:
    """As `stage_photo`, and whether it is new: who did not bring a photo must not drop it."""
    image = identify(content)
    facts = exif.read(image)
    _check_whole(image)
    trace = picture_trace.take(content, image, upright(image))
    sha256 = hashlib.sha256(content).hexdigest()
    staged = StagedPhoto.objects.filter(draft_key=draft_key, sha256=sha256).first()
    if staged is not None:
        return staged, False
    if StagedPhoto.objects.filter(draft_key=draft_key).count() >= MAX_PHOTOS:
        raise refusal("too_many")
    staged = StagedPhoto(
        draft_key=draft_key,
        sha256=sha256,
        taken_at=facts.taken_at,
        gps_latitude=facts.latitude,
        gps_longitude=facts.longitude,
        trace=trace,
        created_at=now,
    )
    staged.original.save("", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            staged.save(force_insert=True)
    except IntegrityError:  # the same photo came by another connection at this moment
        staged.original.delete(save=False)
        return StagedPhoto.objects.get(draft_key=draft_key, sha256=sha256), False
    return staged, True


def drop_staged(draft_key: uuid.UUID, photo_uuid: uuid.UUID) -> None:
    """The person removed a photo from the form."""
    for staged in StagedPhoto.objects.filter(draft_key=draft_key, uuid=photo_uuid):
        staged.original.delete(save=False)
        staged.delete()


def sweep_staged(*, now: datetime) -> int:
    """Delete photos whose report never came; returns how many."""
    old = list(StagedPhoto.objects.filter(created_at__lt=now - STAGED_FOR)[:500])
    for staged in old:
        staged.original.delete(save=False)
        staged.delete()
    return len(old)


def attach(
    report: Report, staged: list[StagedPhoto], kind: str, *, actor: Actor, now: datetime
) -> list[Photo]:
    """Turn staged photos into the report's, inside the caller's transaction, and queue their re-encoding."""
    if not staged:
        return []
    photos = []
    for item in staged:
        photo = Photo(
            uuid=item.uuid,
            report=report,
            kind=kind,
            original=item.original.name,
            sha256=item.sha256,
            taken_at=item.taken_at,
            gps_latitude=item.gps_latitude,
            gps_longitude=item.gps_longitude,
            created_at=now,
            by_staff_id=actor.user_id,
        )
        photo.save(force_insert=True)
        _keep_trace(photo, item.trace)
        outbox.emit(outbox.MEDIA, "photo.added", report_id=report.pk, payload={"photo_id": photo.pk}, now=now)
        photos.append(photo)
    StagedPhoto.objects.filter(pk__in=[item.pk for item in staged]).delete()
    return photos


def _keep_trace(photo: Photo, trace: dict | None) -> None:
    if trace is None:  # staged before traces were taken
        return
    bits = trace.get("print")
    parts = picture_print.bands(picture_print.unsigned(bits)) if bits is not None else (None,) * 4
    bands = dict(zip(("band_a", "band_b", "band_c", "band_d"), parts, strict=True))
    marks = {name: value for name, value in trace.items() if value and name != "print"}
    PhotoTrace(photo=photo, bits=bits, marks=marks, **bands).save(force_insert=True)


def take_staged(draft_key: uuid.UUID, uuids: tuple[uuid.UUID, ...]) -> list[StagedPhoto]:
    """The draft's staged photos among `uuids`, locked, in the order they were sent."""
    if not uuids:
        return []
    return list(
        StagedPhoto.objects.select_for_update().filter(draft_key=draft_key, uuid__in=uuids).order_by("id")
    )


@transaction.atomic
def add_photos(
    report_id: int, draft_key: uuid.UUID, uuids: tuple[uuid.UUID, ...], *, actor: Actor, now: datetime
) -> list[Photo]:
    """Add staged photos to a report that exists, with one timeline event."""
    report = timeline.lock(report_id)
    photos = attach(report, take_staged(draft_key, uuids), Photo.Kind.COMMENT, actor=actor, now=now)
    if photos:
        timeline.save(report, now)
        timeline.record(report, Event.Kind.PHOTO, actor, now, data={"count": len(photos)})
    return photos


def prepare_photo(photo_id: int) -> None:
    """A worker's step: decode, turn upright, drop all metadata, write WebP in two sizes, forget the original.

    Safe to repeat. A picture that cannot be decoded becomes `refused` and is never shown. Raises what the
    storage raises: a disk that does not answer just now says nothing about the picture.
    """
    photo = Photo.objects.filter(pk=photo_id, state=Photo.State.PENDING).first()
    if photo is None:  # ready, refused, or taken away by its reporter
        return
    with photo.original.open("rb") as handle:
        content = handle.read()
    try:
        image = _upright_rgb(identify(content))
    except MemoryError:
        raise  # another worker may have the room
    except Exception:  # decoders raise whatever the bytes make them raise
        Photo.objects.filter(pk=photo.pk).update(state=Photo.State.REFUSED)
        return
    # Two workers may be at the same photo when a lease ran out: each writes files of its own, and only the
    # one whose row change counts keeps them.
    attempt = secrets.token_hex(4)
    large = write_copy(photo.large, image, LARGE_PX, f"{photo.uuid.hex}-{attempt}-large.webp")
    width, height = image.size
    small = write_copy(photo.small, image, SMALL_PX, f"{photo.uuid.hex}-{attempt}-small.webp")
    ready = {"state": Photo.State.READY, "original": "", "width": width, "height": height}
    waiting = Photo.objects.filter(pk=photo.pk, state=Photo.State.PENDING)
    won = waiting.update(**ready, large=large, small=small)
    storage = photo.original.storage
    for name in (photo.original.name,) if won else (large, small):
        storage.delete(name)


_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """The picture as it was held. Only the orientation is read: `ImageOps.exif_transpose` also writes the
    rest of the EXIF anew and fails where that is broken, which it often is."""
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION_TAG))
    except Exception:  # broken EXIF is no reason to lose a photo
        turn = None
    return image if turn is None else image.transpose(turn)


def _upright_rgb(image: Image.Image) -> Image.Image:
    image.draft("RGB", (LARGE_PX * 2, LARGE_PX * 2))
    image = upright(image)
    if image.mode in ("RGBA", "LA", "P", "PA"):
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def write_copy(field, image: Image.Image, side_px: int, name: str) -> str:
    """Shrink in place to at most `side_px` and store; returns the stored name."""
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # pixels only: nothing of the sent file's metadata can come along
    clean.save(out, "WEBP", quality=80, method=4)
    path = field.field.upload_to(field.instance, name)
    return field.storage.save(path, ContentFile(out.getvalue()))
