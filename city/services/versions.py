"""The version of the reference data, by which every process notices that the city changed."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from city import snapshot
from city.models import CityVersion
from city.services import boundary_log


def bump(boundaries: bool = False, *, pack: str | None = None) -> None:
    """Say that reference data changed; `boundaries` if areas, roads or waterways did.

    Call it in the transaction that makes the change. Locks: the single version row.
    """
    CityVersion.objects.get_or_create(pk=1, defaults={"version": 0, "boundaries_version": 0})
    changes = {"version": F("version") + 1, "changed_at": timezone.now()}
    if boundaries:
        changes["boundaries_version"] = F("boundaries_version") + 1
    if pack is not None:
        changes["pack"] = pack
    CityVersion.objects.filter(pk=1).update(**changes)
    if boundaries:
        version = CityVersion.objects.values_list("boundaries_version", flat=True).get(pk=1)
        boundary_log.record(version, changes["changed_at"])
    snapshot.invalidate()
    transaction.on_commit(snapshot.invalidate)
