"""Files of photos that nobody needs any more: removed with their photo, or swept."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Model

from complaints.models import Photo, PhotoRedaction, Report, StagedPhoto
from complaints.services import outbox

# A file is written before its row, a process may die between the two; and somebody may want to look at a
# picture that could not be read.
_KEPT_FOR = timedelta(days=1)
_ORIGINALS, _KEPT = "originals", "kept"  # what citizens sent; what was blacked out since
_AT_ONCE = 500


def remove(report: Report, photos: list[Photo], *, now: datetime) -> None:
    """Take photos off a report, inside the caller's transaction: at once nobody is served them any more.

    Their files are deleted by a worker once that is committed, and again if it fails: a process that dies
    in between leaves nothing behind.
    """
    if not photos:
        return
    files = [getattr(photo, field).name for photo in photos for field in ("original", "large", "small")]
    files += PhotoRedaction.objects.filter(photo__in=photos).values_list("kept", flat=True)
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    payload = {"names": [name for name in files if name]}
    outbox.emit(outbox.MEDIA, "photo.removed", report_id=report.pk, payload=payload, now=now)


def delete_files(names: list[str]) -> None:
    """A worker's step: delete a removed photo's files, if no photo has them. Safe to repeat."""
    storage = Photo._meta.get_field("large").storage
    kept = set()
    for field in ("original", "large", "small"):
        kept |= set(Photo.objects.filter(**{f"{field}__in": names}).values_list(field, flat=True))
    kept |= set(PhotoRedaction.objects.filter(kept__in=names).values_list("kept", flat=True))
    for name in set(names) - kept:
        storage.delete(name)


def sweep_orphans(*, now: datetime) -> int:
    """Delete originals, before or after redaction, that no row names, and those of photos refused, all
    after a day; returns how many.

    Safe to repeat and to be interrupted: a file goes before its name does. Other files are left alone.
    """
    sent = _sweep_unnamed(_ORIGINALS, ((StagedPhoto, "original"), (Photo, "original")), now)
    return _sweep_refused(now) + sent + _sweep_unnamed(_KEPT, ((PhotoRedaction, "kept"),), now)


def _sweep_refused(now: datetime) -> int:
    refused = Photo.objects.filter(state=Photo.State.REFUSED, created_at__lt=now - _KEPT_FOR)
    photos = list(refused.exclude(original="")[:_AT_ONCE])
    for photo in photos:
        photo.original.delete(save=False)
        Photo.objects.filter(pk=photo.pk).update(original="")
    return len(photos)


def _sweep_unnamed(folder: str, owners: tuple[tuple[type[Model], str], ...], now: datetime) -> int:
    """Files of a folder that no owner, a model and its field, names."""
    storage = StagedPhoto._meta.get_field("original").storage
    swept = 0
    for names in _listed(storage, folder):
        named = set().union(*(_named(model, field, names) for model, field in owners))
        for name in names - named:
            if _is_old(storage, name, now):
                storage.delete(name)
                swept += 1
    return swept


def _listed(storage, top: str) -> Iterator[set[str]]:
    """The files' names, folder by folder, in portions that fit into one query."""
    try:
        folders, _files = storage.listdir(top)
    except FileNotFoundError:  # nobody has sent a photo yet
        return
    for folder in folders:
        _folders, files = storage.listdir(f"{top}/{folder}")
        names = [f"{top}/{folder}/{name}" for name in files]
        for start in range(0, len(names), _AT_ONCE):
            yield set(names[start : start + _AT_ONCE])


def _named(model: type[Model], field: str, names: set[str]) -> set[str]:
    return set(model.objects.filter(**{f"{field}__in": names}).values_list(field, flat=True))


def _is_old(storage, name: str, now: datetime) -> bool:
    try:
        return storage.get_modified_time(name) < now - _KEPT_FOR
    except FileNotFoundError:  # gone meanwhile
        return False
