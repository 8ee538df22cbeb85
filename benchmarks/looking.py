"""What looking at many reports costs: the map with each filter, the list, a kelurahan's and an office's page.

    .venv/bin/python benchmarks/looking.py [name …]

Runs in a process of its own with the portal's environment (DATABASE_URL, DATA_DIR) on whatever reports are
there, and prints one JSON line a measure: milliseconds of wall clock (p50, p95), of this process's processor
time (cpu_p95), and the number of queries.
"""

import json
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.db.models import Count
from django.test import Client

from benchmarks.inside import somewhere, timed
from city import snapshot
from complaints.models import Report

REPEAT = int(os.environ.get("BENCH_REPEAT", "40"))
CITY_BOX = "110.2,-7.2,110.6,-6.9"
CLIENT = Client(HTTP_HOST="localhost")


def get(path: str, query: dict) -> None:
    answer = CLIENT.get(path, query)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:200]}")


def busiest(column: str) -> int:
    rows = Report.objects.filter(**{f"{column}__isnull": False}).order_by().values_list(column)
    return rows.annotate(number=Count("id")).order_by("-number")[0][0]


def _filters(office: str, kelurahan: str, kecamatan: str) -> dict[str, dict]:
    """Each filter alone, and three together."""
    return {
        "all": {},
        "state": {"status": "new"},
        "states": {"status": ["new", "working", "scheduled"]},
        "category": {"kategori": "jalan-lubang"},
        "group": {"kategori": "jalan"},
        "office": {"dinas": office},
        "kelurahan": {"wilayah": kelurahan},
        "kecamatan": {"wilayah": kecamatan},
        "today": {"umur": "hari-ini"},
        "7-days": {"umur": "7-hari"},
        "30-days": {"umur": "30-hari"},
        "open-30": {"umur": "terbuka-30"},
        "open-90": {"umur": "terbuka-90"},
        "late": {"hanya": "telat"},
        "reopened": {"hanya": "dibuka-lagi"},
        "office-kecamatan-state": {"dinas": office, "wilayah": kecamatan, "status": "new"},
    }


def measures():
    """Name → a function that asks once."""
    snap = snapshot.current()
    office = snap.departments_by_id[busiest("department_id")].code
    kelurahan = snap.areas_by_id[busiest("area_id")]
    kecamatan = kelurahan.parent_code
    filters = _filters(office, kelurahan.code, kecamatan)
    rng = random.Random(7)

    def pan(query):
        latitude, longitude = somewhere(rng)
        zoom = rng.choice((11, 12, 13, 14, 15, 16))
        half = 0.4 / 2 ** (zoom - 10)
        box = f"{longitude - half},{latitude - half},{longitude + half},{latitude + half}"
        get("/peta/data.json", {"bbox": box, "zoom": zoom, **query})

    for name, query in filters.items():
        yield (
            f"map-city {name}",
            lambda query=query: get("/peta/data.json", {"bbox": CITY_BOX, "zoom": 11, **query}),
        )
        yield f"map-pan {name}", lambda query=query: pan(query)
        yield f"list {name}", lambda query=query: get("/laporan/", query)
    yield "list longest open", lambda: get("/laporan/", {"urut": "lama"})
    yield "list near", lambda: get("/laporan/", {"dekat": "{:.3f},{:.3f}".format(*somewhere(rng))})
    yield "list box", lambda: get("/laporan/", {"bbox": "110.41,-7.0,110.43,-6.98"})
    yield "page kelurahan", lambda: get(f"/wilayah/{kelurahan.code}/", {})
    yield "page kecamatan", lambda: get(f"/wilayah/{kecamatan}/", {})
    yield "page office", lambda: get(f"/dinas/{office}/", {})
    yield "debt register", lambda: get("/utang/", {})
    yield "debt register office", lambda: get("/utang/", {"dinas": office})


def main() -> None:
    wanted = sys.argv[1:]
    for name, work in measures():
        if not wanted or any(word in name for word in wanted):
            print(json.dumps({"what": name, **timed(work, REPEAT)}), flush=True)


if __name__ == "__main__":
    main()
