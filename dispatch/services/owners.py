"""Owners' Open311 servers: their settings, their key, whether they answer."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispatch.models import OwnerEndpoint
from dispatch.services import vault
from dispatch.services.channels.base import PermanentError, TemporaryError
from dispatch.services.channels.open311 import Client, RefusedError
from dispatch.services.outbox import ERROR_MAX_CHARS

PURPOSE = "owner.api_key"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try of the connection gave: their services, or why there are none; and what of our settings
    names a service that they do not have."""

    services: tuple[dict[str, str], ...] = ()
    error: str = ""
    unknown_codes: tuple[str, ...] = ()


def client_of(endpoint: OwnerEndpoint) -> Client:
    """Raises RefusedError when the key cannot be read any more (SECRET_KEY changed, no fallback)."""
    try:
        key = vault.unseal(endpoint.api_key_sealed, purpose=PURPOSE)
    except vault.LostKeyError:
        raise RefusedError("the stored API key cannot be read any more; enter it again") from None
    return Client(
        base_url=endpoint.base_url,
        format=endpoint.format,
        jurisdiction_id=endpoint.jurisdiction_id,
        api_key=key,
    )


def set_api_key(endpoint: OwnerEndpoint, key: str) -> None:
    """Keep a new key, sealed; it is not saved yet."""
    endpoint.api_key_sealed = vault.seal(key, purpose=PURPOSE)


def try_out(endpoint: OwnerEndpoint, *, now: datetime) -> Tried:
    """Ask for their services, and write down how it went. Sends nothing that they would keep."""
    try:
        services = client_of(endpoint).services()
    except (PermanentError, TemporaryError) as exc:
        note_failure(endpoint.pk, str(exc))
        return Tried(error=str(exc))
    note_answer(endpoint.pk, now)
    offered = {item.get("service_code", "") for item in services}
    ours = {*endpoint.service_codes.values(), endpoint.default_service_code} - {""}
    named = tuple(item for item in services if item.get("service_code"))
    return Tried(services=named, unknown_codes=tuple(sorted(ours - offered)))


def note_answer(endpoint_id: int, now: datetime) -> None:
    OwnerEndpoint.objects.filter(pk=endpoint_id).update(
        last_ok_at=now, last_error="", failed_count=0, paused_until=None
    )


def note_failure(endpoint_id: int, error: str) -> None:
    OwnerEndpoint.objects.filter(pk=endpoint_id).update(last_error=error[:ERROR_MAX_CHARS])


@transaction.atomic
def reseal() -> int:
    """Seal anew what was sealed under an older SECRET_KEY; returns how many. Few rows, read whole."""
    count = 0
    for endpoint in OwnerEndpoint.objects.exclude(api_key_sealed="").select_for_update(of=("self",)):
        if vault.is_old(endpoint.api_key_sealed, purpose=PURPOSE):
            set_api_key(endpoint, vault.unseal(endpoint.api_key_sealed, purpose=PURPOSE))
            endpoint.save(update_fields=["api_key_sealed"])
            count += 1
    return count
