"""Decisions per second on one core: facts from the map, the whole rule table, sentences; no database.

    DATA_DIR=/tmp/bench .venv/bin/python benchmarks/bench_decisions.py --reports 5000

Reads the city and the rules of the database that DATABASE_URL or DATA_DIR names (loaded by `load_city`),
makes up reports of all kinds at places on and beside its lines, and decides each. Prints one JSON line.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lapor.settings")
TEXTS = (
    "Ada lubang besar di depan halte, motor sering oleng kalau malam.",
    "Trotoar dipakai parkir motor, pejalan kaki terpaksa turun ke jalan raya.",
    "Got mampet penuh sampah, kalau hujan air meluap ke rumah warga.",
    "Lampu jalan mati sudah tiga hari, gelap sekali.",
    "",
)


def made_up(count: int, snap) -> list[SimpleNamespace]:
    """The same reports for the same city."""
    rng = Random(7)
    kinds = sorted((c for c in snap.categories.values() if c.parent_code), key=lambda item: item.code)
    areas = sorted((a for a in snap.areas.values() if a.level == "kelurahan"), key=lambda item: item.code)
    reports = []
    for number in range(count):
        kind, area = rng.choice(kinds), rng.choice(areas)
        asked = [question for question in kind.questions if question.choices and rng.random() < 0.5]
        reports.append(
            SimpleNamespace(
                category_id=kind.id,
                area_id=area.id,
                severity=kind.severity,
                answers={question.code: rng.choice(question.choices).value for question in asked},
                latitude=area.centre_latitude + rng.gauss(0, 0.004),
                longitude=area.centre_longitude + rng.gauss(0, 0.004),
                street="",
                place_source="map",
                accuracy_m=None,
                description=TEXTS[number % len(TEXTS)],
                channel="web",
                created_at=datetime(2026, 9, 15, number % 24, tzinfo=UTC),
                observed_at=None,
            )
        )
    return reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    arguments = parser.parse_args()
    import django

    django.setup()
    from city import snapshot
    from dispatch.domain import routing
    from dispatch.services import facts, rules

    snap = snapshot.current()
    book = rules.current(snap)
    reports = made_up(arguments.reports, snap)
    best_s, gathering_s = float("inf"), float("inf")
    for _run in range(arguments.repeat):
        began = time.process_time()
        found = [facts.gather(report, snap) for report in reports]
        gathered = time.process_time()
        for item in found:
            routing.decide(item, book.rules)
        best_s = min(best_s, time.process_time() - began)
        gathering_s = min(gathering_s, gathered - began)
    result = {
        "decisions": len(reports),
        "rules": len(book.rules),
        "decisions_per_s": round(len(reports) / best_s),
        "gathering_us": round(gathering_s / len(reports) * 1e6),
        "deciding_us": round((best_s - gathering_s) / len(reports) * 1e6),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
