"""Is the portal alive, and can it do its work?

`/healthz` says that the process answers; an orchestrator restarts it when it does not.
`/readyz` says whether to send it visitors: 503 only if a report could not be accepted (no database, a
missing migration, no city). With the broker down reports are still accepted and wait in the outbox, and
taking the web servers away would lose them: that is "degraded", with 200, and an alarm by `/metrics`.
"""

from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from city.models import CityVersion
from dispatch.models import Outbox

BROKER_TIMEOUT_S = 0.5
# Routing takes well under a second; rows that have been due for longer say that nobody is working.
LAG_WARNING = timedelta(seconds=60)

_migrated: set[str] = set()  # databases seen with every migration applied; that does not change under us


def alive(request: HttpRequest) -> HttpResponse:
    """`/healthz`: 200 as long as the process can answer at all. Asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """`/readyz`: 200 `ready` or `degraded`, 503 `down`, with what was found. No secrets, no addresses."""
    now = timezone.now()
    try:
        database, city = _database_state()
        lag_s = round(outbox_lag_s(now), 1) if database == "up" else None
        dead = Outbox.objects.filter(state=Outbox.State.DEAD).count() if database == "up" else None
    except DatabaseError:
        database, city, lag_s, dead = "down", "unknown", None, None
    broker = broker_state()
    status = "ready"
    if database != "up" or city != "loaded":
        status = "down"
    elif broker != "up" or dead or lag_s > LAG_WARNING.total_seconds():
        status = "degraded"
    found = {"status": status, "database": database, "city": city, "broker": broker}
    answer = {**found, "outbox": {"lag_s": lag_s, "dead": dead}}
    response = JsonResponse(answer, status=503 if status == "down" else 200)
    response["Cache-Control"] = "no-store"
    return response


def _database_state() -> tuple[str, str]:
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations missing", "unknown"
        _migrated.add(name)
    return "up", "loaded" if CityVersion.objects.exclude(pack="").exists() else "missing"


def broker_state() -> str:
    """`up` or `down`: whether the Redis server answers a PING; brokers in memory or files are always up."""
    url = settings.BROKER_URL
    if not url.startswith(("redis", "unix")):
        return "up"
    url = url.replace("redis+socket://", "unix://", 1)
    client = redis.Redis.from_url(
        url, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S, retry=None
    )
    try:
        return "up" if client.ping() else "down"
    except (redis.RedisError, OSError):
        return "down"
    finally:
        client.close()


def outbox_lag_s(now=None) -> float:
    """Seconds since the oldest unfinished outbox row became due; 0 if none is overdue. One indexed query."""
    now = now or timezone.now()
    waiting = Outbox.objects.filter(state__in=[Outbox.State.PENDING, Outbox.State.LEASED])
    oldest = waiting.aggregate(oldest=Min("due_at"))["oldest"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def outbox_depth() -> list[dict]:
    """Unfinished and given-up outbox rows by queue and state; finished ones are history, not depth."""
    unfinished = Outbox.objects.exclude(state=Outbox.State.DONE)
    return list(unfinished.values("queue", "state").annotate(rows=Count("id")).order_by("queue", "state"))
