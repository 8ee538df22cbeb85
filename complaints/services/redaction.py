"""Blacking out personal data in photos and texts, and taking that back. The one place that changes what is
shown: whatever copies texts (search, exports) follows the report's row and reads the timeline as everybody
does.
"""

import io
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw

from complaints import errors
from complaints.domain.actor import Actor
from complaints.domain.redaction import Area
from complaints.models import Event, Feedback, HiddenWords, Merge, Photo, PhotoRedaction, Report
from complaints.services import hidden_words, outbox, photos, timeline

_NOT_READY = _("This photo is not ready yet. Please try again in a minute.")
# Nothing of the picture is left under a plain fill. Pixelated or blurred letters and plates can be computed
# back.
_FILL = (0, 0, 0)


# --- Photos --------------------------------------------------------------------------------------------


def redact_photo(
    photo_id: int,
    areas: Sequence[Area],
    *,
    actor: Actor,
    now: datetime,
    seen: uuid.UUID | None = None,
    along: Callable[[int, str, str], None] = lambda report_id, before, after: None,
) -> Photo:
    """Serve a photo only with these areas blacked out; always drawn anew from the picture without any. No
    areas: the picture as it was.

    The photo's address changes with it, since copies of the old one may be kept for a year: whoever asks
    for it gets 404. `along` is called in the same transaction with the report's id and the two addresses, as
    hexadecimal digits. Raises Photo.DoesNotExist, PhotoRefused (not ready), Conflict (`seen` is another
    address: somebody was faster). Locks the report.
    """
    photo, redaction = _current(photo_id, seen)
    if redaction is None and not areas:
        return photo
    source = redaction.kept if redaction and redaction.kept else photo.large
    if redaction and not redaction.kept:  # destroyed at the reporter's wish: what is covered stays covered
        areas = list(dict.fromkeys([*(Area(*row) for row in redaction.areas), *areas]))
    with source.open("rb") as handle:
        plain = handle.read()
    address = uuid.uuid4()
    kept = source.name if redaction and redaction.kept else ""
    if not kept and not redaction:
        field = PhotoRedaction._meta.get_field("kept")
        kept = field.storage.save(field.upload_to(None, ""), ContentFile(plain))
    large, small = _write(photo, address, plain, areas)
    try:
        with transaction.atomic():
            changed = _exchange(photo, address, (kept, large, small), areas, actor=actor, now=now)
            along(photo.report_id, photo.uuid.hex, address.hex)
        return changed
    except BaseException:
        made = [large, small] if redaction else [large, small, kept]
        for name in made:
            photo.large.storage.delete(name)
        raise


def _current(photo_id: int, seen: uuid.UUID | None) -> tuple[Photo, PhotoRedaction | None]:
    photo = Photo.objects.get(pk=photo_id)
    if photo.state != Photo.State.READY:
        raise errors.PhotoRefused(_NOT_READY, code="not_ready")
    if seen is not None and photo.uuid != seen:
        raise errors.Conflict()
    return photo, PhotoRedaction.objects.filter(photo=photo).first()


def _write(photo: Photo, address: uuid.UUID, plain: bytes, areas: Sequence[Area]) -> tuple[str, str]:
    """The two served sizes; returns their names. Filled before anything is scaled or compressed."""
    image = Image.open(io.BytesIO(plain), formats=("WEBP",)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for area in areas:
        pen.rectangle(area.box(*image.size), fill=_FILL)
    token = uuid.uuid4().hex[:8]
    large = photos.write_copy(photo.large, image, photos.LARGE_PX, f"{address.hex}-{token}-large.webp")
    small = photos.write_copy(photo.small, image, photos.SMALL_PX, f"{address.hex}-{token}-small.webp")
    return large, small


def _exchange(photo, address, files, areas, *, actor: Actor, now: datetime) -> Photo:
    kept, large, small = files
    report = timeline.lock(photo.report_id)
    mine = Photo.objects.filter(pk=photo.pk, uuid=photo.uuid, large=photo.large.name)
    if not mine.update(uuid=address, large=large, small=small):
        raise errors.Conflict(version=report.version, status=report.status)
    gone = [photo.large.name, photo.small.name]
    if areas:
        row = {"kept": kept, "areas": [area.as_list() for area in areas], "at": now, "by_id": actor.user_id}
        PhotoRedaction.objects.update_or_create(photo=photo, defaults=row)
    else:
        PhotoRedaction.objects.filter(photo=photo).delete()
        gone.append(kept)
    outbox.emit(outbox.MEDIA, "photo.removed", report_id=report.pk, payload={"names": gone}, now=now)
    timeline.save(report, now)
    _note(report, actor, now, what="photo", count=len(areas), photo=photo.pk)
    return Photo.objects.get(pk=photo.pk)


def _note(report: Report, actor: Actor, now: datetime, **data) -> None:
    """Among staff; it says how much was covered, never what."""
    timeline.record(report, Event.Kind.REDACTED, actor, now, data=data, is_public=False)


def destroy_kept(report: Report, photo_ids: Iterable[int], *, now: datetime) -> None:
    """Inside the caller's transaction: what was blacked out in these photos can never be shown again."""
    rows = PhotoRedaction.objects.filter(photo__in=list(photo_ids)).exclude(kept="")
    names = list(rows.values_list("kept", flat=True))
    if names:
        rows.update(kept="")
        outbox.emit(outbox.MEDIA, "photo.removed", report_id=report.pk, payload={"names": names}, now=now)


# --- Words ---------------------------------------------------------------------------------------------


@transaction.atomic
def hide_words(
    report_id: int,
    words: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Report:
    """Cover these words (`domain.redaction.passages`) wherever the report's texts and timeline say them,
    also in what is written later; words that are not among them any more show again. An empty list shows all.

    What an incident's reporters say stands in several timelines: the reports that were ever joined with
    this one gain and lose the same words. Raises Conflict, Report.DoesNotExist. Locks all of them, in the
    order of ids.
    """
    family = _family(report_id)
    locked = {pk: timeline.lock(pk, expected_version if pk == report_id else None) for pk in family}
    rows = {row.pk: row for row in HiddenWords.objects.filter(pk__in=family)}
    before = rows[report_id].words if report_id in rows else []
    if list(words) == before:
        return locked[report_id]
    for pk, report in locked.items():
        has = rows[pk].words if pk in rows else []
        wanted = words if pk == report_id else _exchanged(has, before, words)
        _hide_in(report, rows.get(pk), wanted, actor=actor, now=now)
    return locked[report_id]


def share_words(primary: Report, joined: Iterable[int], *, actor: Actor, now: datetime) -> None:
    """Reports (ids) have just been joined to a locked primary: from now on what their reporters say stands in
    its timeline, so what is hidden in theirs is hidden there as well."""
    rows = {row.pk: row for row in HiddenWords.objects.filter(pk__in=[primary.pk, *joined])}
    own = rows.pop(primary.pk, None)
    if not rows:
        return
    words = _exchanged(own.words if own else [], [], [word for row in rows.values() for word in row.words])
    by_id = next(iter(rows.values())).by_id  # of those who chose the words, where the portal joins by itself
    _hide_in(primary, own, words, actor=actor, now=now, by_id=by_id)


def _family(report_id: int) -> list[int]:
    primaries = Merge.objects.filter(report_id=report_id).values_list("primary_id", flat=True)
    members = Merge.objects.filter(primary_id=report_id).values_list("report_id", flat=True)
    return sorted({report_id, *primaries, *members})


def _exchanged(has: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    left = [word for word in has if word not in before or word in after]
    return sorted({*left, *after}, key=lambda word: (-len(word), word))


def _hide_in(
    report: Report, row: HiddenWords | None, words, *, actor: Actor, now: datetime, by_id=None
) -> None:
    row = row or HiddenWords(report=report, words=[], originals={})
    if list(words) == row.words:
        return
    hidden_words.cover(report, row, words)
    _cover_feedback(report, row, words)
    row.words, row.at, row.by_id = list(words), now, actor.user_id or by_id
    row.save() if words else HiddenWords.objects.filter(pk=report.pk).delete()
    timeline.save(report, now, *hidden_words.FIELDS)
    _note(report, actor, now, what="words", count=len(words))


def _cover_feedback(report: Report, row: HiddenWords, words) -> None:
    for said in Feedback.objects.filter(report=report).exclude(text=""):
        key, before = f"feedback.{said.pk}", said.text
        text = row.originals.pop(key, before)
        said.text = hidden_words.hide(text, words)
        if said.text != text:
            row.originals[key] = text
        if said.text != before:
            said.save(update_fields=["text"])
