#!/usr/bin/env python
"""`make bench`: the portal's figures beside its targets and what comparable portals reach.

BENCH_REPORTS (20000) reports in the database, BENCH_SECONDS (10) of load. The embedded database always; with
DATABASE_URL also PostgreSQL, in a database of its own that is dropped afterwards. With REDIS_URL that broker.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import load
from benchmarks.portal import Portal

REPORTS = int(os.environ.get("BENCH_REPORTS") or 20_000)
SECONDS = float(os.environ.get("BENCH_SECONDS") or 10)
ROUTED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. `good` None: there is no target to miss."""

    name: str
    peer: str
    target: str
    ours: str
    good: bool | None


def post(portal: Portal, floor: int) -> Line:
    """Reports per second with eight clients at once."""
    load.closed_loop(portal.port, clients=8, seconds=2, seed=99)  # warm up
    cpu = portal.cpu_seconds()
    result = load.closed_loop(portal.port, clients=8, seconds=SECONDS, seed=os.getpid())
    cpu = (portal.cpu_seconds() - cpu) / max(1, len(result.latencies_ms)) * 1000
    p50, p95 = load.percentile(result.latencies_ms, 0.5), load.percentile(result.latencies_ms, 0.95)
    refused = f", refused {result.refused}" if result.refused else ""
    return Line(
        "POST a report, 8 at once",
        "8.6/s, p95 1100 ms",
        f">= {floor}/s, p95 < 60 ms",
        f"{result.rate:.0f}/s, p50 {p50:.0f}, p95 {p95:.0f} ms ({cpu:.1f} ms of CPU each){refused}",
        result.rate >= floor and p95 < 60 and not set(result.refused) - {422},
    )


def accepted_to_routed(portal: Portal) -> Line:
    """How long a report waits for its department at 30 reports a second."""
    before = inside(portal, "last_id")["id"]
    sent = load.open_loop(portal.port, per_second=30, seconds=SECONDS)
    portal.env["BENCH_AFTER_ID"] = str(before)
    deadline = time.monotonic() + ROUTED_WITHIN_S
    while (found := inside(portal, "routed"))["unrouted"] and time.monotonic() < deadline:
        time.sleep(1)
    return Line(
        "accepted -> routed, 30/s",
        "p50 7300, p95 9200 ms",
        "p95 < 500 ms, none lost",
        f"p50 {found['p50']:.0f}, p95 {found['p95']:.0f} ms; {len(sent.latencies_ms)} accepted, "
        f"{found['unrouted']} unrouted",
        found["p95"] < 500 and not found["unrouted"] and found["reports"] == len(sent.latencies_ms),
    )


def inside(portal: Portal, name: str) -> dict:
    return json.loads(portal.python("benchmarks/inside.py", name))[name]


def looking(portal: Portal) -> list[Line]:
    """The map of the city and the list with each filter, and the pages about places."""
    rows = [
        json.loads(line) for line in portal.python("benchmarks/looking.py").splitlines() if line[:1] == "{"
    ]
    return [
        Line(
            row["what"],
            "1070 ms" if row["what"].startswith("map") else "",
            "p95 < 30 ms",
            f"p50 {row['p50']:.1f}, p95 {row['p95']:.1f} ms (CPU {row['cpu_p95']:.1f}), "
            f"{row['queries']} queries",
            row["p95"] < 30,
        )
        for row in rows
    ]


def staff(portal: Portal) -> list[Line]:
    """Every page that staff open all day, and every way of searching, by role."""
    rows = [
        json.loads(line)
        for line in portal.python("benchmarks/bench_staff.py").splitlines()
        if line[:1] == "{"
    ]
    return [
        Line(
            row["what"],
            "1600 ms, 716 queries" if row["what"].endswith("queue") else "",
            "p95 < 100 ms, <= 12 queries" if row["is_list"] else "p95 < 100 ms",
            f"p50 {row['p50']:.0f}, p95 {row['p95']:.0f} ms (CPU {row['cpu_p95']:.0f}), "
            f"{row['queries']} queries",
            row["p95"] < 100 and (row["queries"] <= 12 or not row["is_list"]),
        )
        for row in rows
    ]


def measured(portal: Portal, name: str, title: str, peer: str, limit_ms: float) -> Line:
    found = inside(portal, name)
    return Line(
        title,
        peer,
        f"p95 < {limit_ms:g} ms",
        f"p50 {found['p50']:.2f}, p95 {found['p95']:.2f} ms (CPU {found['cpu_p95']:.2f}), "
        f"{found['queries']} queries",
        found["p95"] < limit_ms,
    )


def memory(portal: Portal) -> Line:
    mb = portal.web_memory_mb()
    return Line("memory of one web worker", "250 MB", "< 150 MB", f"{mb:.0f} MB", mb < 150)


def on(kind: str, server_url: str, floor: int) -> list[Line]:
    """Everything on one kind of database."""
    with Portal(server_url) as portal:
        print(f"{kind}: {portal.manage('seed_reports', str(REPORTS)).strip()}", file=sys.stderr)
        inside(portal, "analyze")
        lines = [
            measured(portal, "staff_queue", "staff queue, page of 100", "1600 ms, 716 queries", 100),
            measured(portal, "city_map", "city map, a pan", "1070 ms", 30),
            *looking(portal),
            *staff(portal),
            measured(portal, "similar_nearby", "similar reports nearby", "20 ms", 5),
            measured(portal, "join_flood", "which incident is a flood part of", "", 10),
            measured(portal, "similar_in_form", "the same as the form shows it", "", 20),
            measured(portal, "suggest", "own words -> kinds", "", 20),
            measured(portal, "public_page", "GET 100 public reports", "", 100),
            measured(portal, "locate", "point -> kelurahan", "", 1),
        ]
        portal.start(with_worker=False)
        lines += [post(portal, floor), memory(portal)]
        portal.stop()
        portal.start(with_worker=True)
        time.sleep(5)  # the worker is ready and has taken up what the load before left
        drain(portal)
        lines.append(accepted_to_routed(portal))
    return lines


def drain(portal: Portal) -> None:
    """Wait until the worker has routed everything that the load before left behind."""
    portal.env["BENCH_AFTER_ID"] = "0"
    deadline = time.monotonic() + 10 * ROUTED_WITHIN_S
    while inside(portal, "routed")["unrouted"] and time.monotonic() < deadline:
        time.sleep(2)


def show(kind: str, lines: list[Line]) -> None:
    print(f"\n{kind}, {REPORTS:,} reports")
    rows = [("what", "peer", "target", "ours", "")]
    rows += [(item.name, item.peer, item.target, item.ours, _mark(item.good)) for item in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _mark(good: bool | None) -> str:
    return {True: "ok", False: "MISSED", None: ""}[good]


def main() -> None:
    server_url = os.environ.pop("DATABASE_URL", "")
    show("SQLite (embedded)", on("SQLite", "", 300))
    if server_url:
        show("PostgreSQL", on("PostgreSQL", server_url, 400))


if __name__ == "__main__":
    main()
