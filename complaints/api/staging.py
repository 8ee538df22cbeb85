"""Photos that came with a request, kept until the service has taken them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from complaints import errors
from complaints.api.problems import Problem
from complaints.models import StagedPhoto
from complaints.services import photos


@dataclass(frozen=True, slots=True)
class Staging:
    """`new` are those that this request brought first: another one with the same key may hold the rest."""

    photos: tuple[StagedPhoto, ...]
    new: tuple[StagedPhoto, ...]

    @property
    def uuids(self) -> tuple[uuid.UUID, ...]:
        return tuple(photo.uuid for photo in self.photos)

    def drop(self) -> None:
        """Forget what this request brought and nobody has taken."""
        for photo in self.new:
            photos.drop_staged(photo.draft_key, photo.uuid)


def stage_all(contents: tuple[bytes, ...], key: uuid.UUID, now: datetime) -> Staging:
    """Stage every file or none; the problem names each bad one by its number."""
    staged, faults = [], {}
    for number, content in enumerate(contents):
        try:
            staged.append(photos.stage_once(content, key, now=now))
        except errors.PhotoRefused as refused:
            faults[f"photos.{number}"] = (refused.code, refused.message)
    staging = Staging(
        tuple(photo for photo, _is_new in staged), tuple(photo for photo, is_new in staged if is_new)
    )
    if faults:
        staging.drop()
        raise Problem("invalid", errors=faults)
    return staging
