"""Who owns stretches of road and water: changing many at once."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from city.models import Department, OwnedLine, User
from city.services import audit, history, versions

MOST = 500  # at once


@transaction.atomic
def give(
    rows: Iterable[OwnedLine], owner: Department | None, basis: str, *, by: User, now: datetime
) -> list[OwnedLine]:
    """Write this owner (None: nobody knows yet) and its evidence on every row; returns those that changed.

    Reports and decisions stay as they are; what is decided from now on goes by it. Locks: the rows.
    """
    rows = list(rows)[:MOST]
    if not rows:
        return []
    model = type(rows[0])
    locked = model.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    changed = []
    for row in locked.defer("geometry"):
        before = [history.named(row.owner), row.owner_basis]
        if row.owner_id == (owner.pk if owner else None) and row.owner_basis == basis:
            continue
        row.owner, row.owner_basis = owner, basis
        row.save(update_fields=["owner", "owner_basis"])
        after = [history.named(owner), basis]
        values = [
            [[name], was, is_now]
            for name, was, is_now in zip(("owner", "owner_basis"), before, after, strict=True)
            if was != is_now
        ]
        _record(row, values, by=by, now=now)
        changed.append(row)
    if changed:
        versions.bump(boundaries=True)
    return changed


def _record(row: OwnedLine, values: list, *, by: User, now: datetime) -> None:
    audit.record(
        audit.Kind.CHANGED,
        now=now,
        actor=by,
        object_kind=row._meta.label_lower,
        object_key=row.pk,
        object_name=str(row),
        detail={"values": values},
    )
