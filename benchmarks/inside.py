"""Measures that need no network: run in a process of its own with the portal's environment, prints JSON."""

import json
import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lapor.settings")

import django  # noqa: E402

django.setup()

from django.db import connection, reset_queries  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.load import SEMARANG, percentile  # noqa: E402
from city import snapshot  # noqa: E402
from city.models import User  # noqa: E402
from complaints import selectors  # noqa: E402
from complaints.models import Report  # noqa: E402
from complaints.selectors_nearby import nearby  # noqa: E402
from dispatch.models import IncidentRule  # noqa: E402
from dispatch.services import joining  # noqa: E402

REPEAT = int(os.environ.get("BENCH_REPEAT", "100"))


def timed(work, repeat: int = REPEAT) -> dict:
    """p50 and p95 of `work()` in milliseconds, after a few runs to warm up; queries of one run.

    `cpu_p95` is this process's own processor time, which a busy machine does not stretch as much.
    """
    for _warm in range(3):
        work()
    with CaptureQueriesContext(connection) as captured:
        work()
    queries = len(captured)
    reset_queries()
    times, cpu = [], []
    for _run in range(repeat):
        started, cpu_started = time.perf_counter(), time.thread_time()
        work()
        cpu.append((time.thread_time() - cpu_started) * 1000)
        times.append((time.perf_counter() - started) * 1000)
    return {
        "p50": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "cpu_p95": percentile(cpu, 0.95),
        "queries": queries,
    }


def somewhere(rng: random.Random) -> tuple[float, float]:
    south, north, west, east = SEMARANG
    return rng.uniform(south, north), rng.uniform(west, east)


def staff_queue() -> dict:
    """The fullest department's open reports, oldest promise first, a page of 100 with all it shows."""
    busiest = (
        Report.objects.filter(is_open=True, department__isnull=False)
        .values_list("department_id")
        .annotate(number=Count("id"))
        .order_by("-number")
        .first()
    )
    user = User(is_active=True, is_staff=True, role="department_admin", department_id=busiest[0])
    user._area_ids = []

    def page():
        reports = selectors.for_staff(user).filter(is_open=True)
        reports = reports.select_related("category", "area", "department").defer("area__geometry")
        reports = reports.order_by("due_at", "id")
        return list(reports[:100])

    return timed(page)


def city_map() -> dict:
    """Panning and zooming over the city through the real view."""
    rng, client = random.Random(3), Client(HTTP_HOST="localhost")

    def pan():
        latitude, longitude = somewhere(rng)
        zoom = rng.choice((11, 12, 13, 14, 15, 16))
        half = 0.4 / 2 ** (zoom - 10)
        box = f"{longitude - half},{latitude - half},{longitude + half},{latitude + half}"
        answer = client.get("/peta/data.json", {"bbox": box, "zoom": zoom})
        if answer.status_code != 200:
            raise RuntimeError(answer.content[:200])

    return timed(pan)


def similar_nearby() -> dict:
    rng, places = (
        random.Random(4),
        list(Report.objects.order_by("id").values_list("latitude", "longitude")[:2000]),
    )
    since = timezone.now() - timedelta(days=90)
    return timed(lambda: nearby(["jalan-lubang"], *rng.choice(places), 150, since), REPEAT * 5)


def suggest() -> dict:
    """Kinds for a person's own words, through the form's view."""
    rng, client = random.Random(6), Client(HTTP_HOST="localhost")
    said = ("dalane bolong", "got jebol depan pasar, baune ora karuan", "lampu mati", "bnjir sak dengkul")
    return timed(lambda: client.get("/lapor/jenis.json", {"q": rng.choice(said)}))


def similar_in_form() -> dict:
    """What the form shows when kind and place are known, through the view."""
    rng, client = random.Random(7), Client(HTTP_HOST="localhost")
    places = list(Report.objects.order_by("id").values_list("latitude", "longitude")[:2000])

    def ask():
        latitude, longitude = rng.choice(places)
        query = {"kategori": "jalan-lubang", "lat": latitude, "lon": longitude}
        answer = client.get("/lapor/serupa.json", query)
        if answer.status_code != 200:
            raise RuntimeError(answer.content[:200])

    return timed(ask)


def join_flood() -> dict:
    """What a worker asks of the database for one flood report: a burst?, and which incident is it part of?"""
    rule = IncidentRule.objects.get(code="banjir")
    floods = Report.objects.filter(category__code__in=rule.categories, is_open=True, is_private=False)
    rng, reports = random.Random(8), list(floods.order_by("-created_at")[:2000])
    return timed(lambda: joining.decide(rule, rng.choice(reports)), REPEAT * 5) | {"reports": len(reports)}


def locate() -> dict:
    rng, snap = random.Random(5), snapshot.current()
    return timed(lambda: snap.locate(*somewhere(rng)), REPEAT * 20)


def public_page() -> dict:
    client = Client(HTTP_HOST="localhost")
    return timed(lambda: client.get("/api/v1/reports/?category=jalan&limit=100"))


def routed() -> dict:
    """Accepted → routed of the reports that came through the API, from the database's own times."""
    rows = Report.objects.filter(channel="api", id__gt=int(os.environ["BENCH_AFTER_ID"]))
    waits = [
        (decided_at - created_at).total_seconds() * 1000
        for decided_at, created_at in rows.values_list("decisions__decided_at", "created_at")
        if decided_at is not None
    ]
    return {
        "p50": percentile(waits, 0.5),
        "p95": percentile(waits, 0.95),
        "unrouted": rows.filter(status="received").count(),
        "reports": rows.count(),
    }


def analyze() -> dict:
    """The planner's statistics, as autovacuum keeps them on a server that runs all the time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return {}


def last_id() -> dict:
    return {"id": Report.objects.order_by("-id").values_list("id", flat=True).first() or 0}


if __name__ == "__main__":
    named = {work.__name__: work for work in (staff_queue, city_map, similar_nearby, locate, public_page)}
    named |= {work.__name__: work for work in (suggest, similar_in_form, join_flood)}
    named |= {"routed": routed, "last_id": last_id, "analyze": analyze}
    print(json.dumps({name: named[name]() for name in sys.argv[1:]}))
