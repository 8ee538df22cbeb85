"""Originals on the disk that nobody waits for any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from complaints.models import Photo, StagedPhoto

# A file is written before its row, a process may die between the two; and somebody may want to look at a
# picture that could not be read.
_KEPT_FOR = timedelta(days=1)
_FOLDER = "originals"
_AT_ONCE = 500


def sweep_orphans(*, now: datetime) -> int:
    """Delete originals that no row names, and those of photos refused, both after a day; returns how many.

    Safe to repeat and to be interrupted: a file goes before its name does. Other files are left alone.
    """
    return _sweep_refused(now) + _sweep_unnamed(now)


def _sweep_refused(now: datetime) -> int:
    refused = Photo.objects.filter(state=Photo.State.REFUSED, created_at__lt=now - _KEPT_FOR)
    photos = list(refused.exclude(original="")[:_AT_ONCE])
    for photo in photos:
        photo.original.delete(save=False)
        Photo.objects.filter(pk=photo.pk).update(original="")
    return len(photos)


def _sweep_unnamed(now: datetime) -> int:
    storage = StagedPhoto._meta.get_field("original").storage
    swept = 0
    for names in _listed(storage):
        unnamed = names - _named(StagedPhoto, names) - _named(Photo, names)
        for name in unnamed:
            if _is_old(storage, name, now):
                storage.delete(name)
                swept += 1
    return swept


def _listed(storage) -> Iterator[set[str]]:
    """The originals' names, folder by folder, in portions that fit into one query."""
    try:
        folders, _files = storage.listdir(_FOLDER)
    except FileNotFoundError:  # nobody has sent a photo yet
        return
    for folder in folders:
        _folders, files = storage.listdir(f"{_FOLDER}/{folder}")
        names = [f"{_FOLDER}/{folder}/{name}" for name in files]
        for start in range(0, len(names), _AT_ONCE):
            yield set(names[start : start + _AT_ONCE])


def _named(model, names: set[str]) -> set[str]:
    return set(model.objects.filter(original__in=names).values_list("original", flat=True))


def _is_old(storage, name: str, now: datetime) -> bool:
    try:
        return storage.get_modified_time(name) < now - _KEPT_FOR
    except FileNotFoundError:  # gone meanwhile
        return False
