"""Programmes that may use the API: making their keys and recognising them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from city.models import User
from city.services import audit
from complaints.models import ApiClient

SCOPES = ("report:create", "report:read")
_KEY_BEGINS = "lapor_"
_PREFIX_CHARS = 12
# `last_used_at` answers "is this key still in use?"; writing it with every request would cost too much.
_USED_EVERY = timedelta(minutes=1)


class UnknownScope(ValueError):
    """A scope that no address asks for."""


def create_client(name: str, scopes: Iterable[str] = SCOPES) -> tuple[ApiClient, str]:
    """A new client and its key, which is told now and never again. Raises UnknownScope, IntegrityError."""
    scopes = sorted(set(scopes))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise UnknownScope(", ".join(unknown))
    key = _KEY_BEGINS + secrets.token_urlsafe(32)
    with transaction.atomic():
        client = ApiClient.objects.create(
            name=name, key_prefix=key[:_PREFIX_CHARS], key_hash=hash_of(key), scopes=scopes
        )
        audit.record(audit.Kind.KEY_CREATED, now=timezone.now(), detail={"via": "command"}, **_about(client))
    return client, key


def _about(client: ApiClient) -> dict[str, str]:
    return {
        "object_kind": "complaints.apiclient",
        "object_key": str(client.pk),
        "object_name": f"{client.name} ({client.key_prefix})",
    }


@transaction.atomic
def revoke(clients: QuerySet[ApiClient], *, by: User, now: datetime) -> int:
    """Switch keys off, each of them on record; returns how many were on."""
    rows = list(clients.select_for_update().filter(is_active=True))
    ApiClient.objects.filter(pk__in=[row.pk for row in rows]).update(is_active=False)
    for row in rows:
        audit.record(audit.Kind.KEY_REVOKED, now=now, actor=by, **_about(row))
    return len(rows)


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find(key: str) -> ApiClient | None:
    """The active client with this key. Looked up by its hash, so timing tells nothing about other keys."""
    return ApiClient.objects.filter(key_hash=hash_of(key), is_active=True).first()


def mark_used(client: ApiClient, *, now: datetime) -> None:
    """Remember when a key was used, at most once a minute."""
    if client.last_used_at is not None and client.last_used_at > now - _USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - _USED_EVERY)
    ApiClient.objects.filter(stale, pk=client.pk).update(last_used_at=now)
