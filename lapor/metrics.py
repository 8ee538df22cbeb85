"""Figures for Prometheus: requests by view, and the state of the outbox taken from the database.

With PROMETHEUS_MULTIPROC_DIR set (the process runner and the container do) the counters of all web
processes are added up; without it each process tells its own.
"""

import hmac
import ipaddress
import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily

from lapor import health

REQUESTS = Counter("lapor_http_requests_total", "Answered requests.", ["view", "method", "status"])
SECONDS = Histogram(
    "lapor_http_request_seconds",
    "Time to answer a request, by view.",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observe(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request. Labels come from our own lists, so that a client cannot invent series."""
    REQUESTS.labels(view, method if method in KNOWN_METHODS else "other", str(status)).inc()
    SECONDS.labels(view).observe(seconds)


class OutboxCollector:
    """Reads the outbox when asked, so that the figure is right whichever process answers."""

    def collect(self):
        depth = GaugeMetricFamily("lapor_outbox_rows", "Outbox rows by state.", labels=["queue", "state"])
        lag = GaugeMetricFamily("lapor_outbox_lag_seconds", "Age of the oldest overdue outbox row.")
        for row in health.outbox_depth():
            depth.add_metric([row["queue"], row["state"]], row["rows"])
        lag.add_metric([], health.outbox_lag_s())
        yield depth
        yield lag


def may_read(request: HttpRequest) -> bool:
    """Whoever has METRICS_TOKEN; without a token only this machine, and nobody through a proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def exposition(request: HttpRequest) -> HttpResponse:
    """`/metrics` in Prometheus' text format; 403 for strangers."""
    if not may_read(request):
        return HttpResponse("403\n", status=403, content_type="text/plain")
    body = b""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        web = CollectorRegistry()
        multiprocess.MultiProcessCollector(web)
        body += generate_latest(web)
    else:
        body += generate_latest(REGISTRY)
    outbox = CollectorRegistry()
    outbox.register(OutboxCollector())
    return HttpResponse(body + generate_latest(outbox), content_type=CONTENT_TYPE_LATEST)
