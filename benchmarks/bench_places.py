"""How long a search for a place takes, at several sizes of the gazetteer; no database, no server.

    .venv/bin/python benchmarks/bench_places.py [--entries 1500 10000 50000]

The names are made of Semarang's own (from its pack) and numbered on, so that words repeat as they do in a
real city. Queries are whole names, beginnings, abbreviations, slips and nonsense. Prints one JSON line a size
with milliseconds (`cpu`: of this thread alone, which a busy machine stretches less); target: p95 below
10 ms at 10,000 entries.
"""

import argparse
import csv
import json
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import percentile  # noqa: E402
from city.domain.gazetteer import Entry, Gazetteer  # noqa: E402

PACK = ROOT / "city/packs/semarang"
TARGET_MS = 10.0
QUERIES = 2_000


def names() -> list[str]:
    found = []
    for file in ("city_roads.csv", "landmarks.csv"):
        with (PACK / file).open(encoding="utf-8") as rows:
            found += [row["name"] for row in csv.DictReader(rows)]
    return found


def gazetteer(size: int) -> Gazetteer:
    rng, known = random.Random(1), names()
    words = sorted({word for name in known for word in name.split() if word.isalpha() and len(word) > 3})
    entries = []
    for number in range(size):
        name = known[number] if number < len(known) else " ".join(rng.sample(words, 2)) + f" {number % 20}"
        kind = ("street", "landmark", "road", "kelurahan")[number % 4]
        entries.append(Entry(f"k{number}", kind, name, -7.0, 110.4, 50.0, True, f"a{number % 177}"))
    return Gazetteer(
        entries, {f"a{number}": f"{words[number]} {words[number % 16]}" for number in range(177)}
    )


def query(rng: random.Random, known: list[str]) -> str:
    name = rng.choice(known)
    way = rng.random()
    if way < 0.3:
        return name
    if way < 0.6:  # while somebody types
        return name[: rng.randint(2, len(name))]
    if way < 0.85:  # a slip
        at = rng.randrange(len(name))
        return name[:at] + rng.choice("aeiounrst") + name[at + 1 :]
    if way < 0.95:
        return f"depan {name.replace('Jl.', 'jln')} dekat {rng.choice(known)}"
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz ", k=12))


def measure(size: int) -> dict:
    started = time.perf_counter()
    places = gazetteer(size)
    built_s = time.perf_counter() - started
    rng, known = random.Random(2), names()
    times, cpu, found = [], [], 0
    for _ in range(QUERIES):
        typed = query(rng, known)
        began, cpu_began = time.perf_counter(), time.thread_time()
        found += bool(places.search(typed))
        cpu.append((time.thread_time() - cpu_began) * 1000)
        times.append((time.perf_counter() - began) * 1000)
    return {
        "entries": size,
        "built_s": round(built_s, 2),
        "queries": QUERIES,
        "answered": found,
        "p50_ms": round(percentile(times, 0.5), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "max_ms": round(max(times), 2),
        "cpu_p50_ms": round(percentile(cpu, 0.5), 2),
        "cpu_p95_ms": round(percentile(cpu, 0.95), 2),
        "cpu_max_ms": round(max(cpu), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, nargs="+", default=[1_500, 10_000, 50_000])
    for size in parser.parse_args().entries:
        result = measure(size)
        if size == 10_000:
            result["target"] = f"p95 < {TARGET_MS:g} ms: {'ok' if result['p95_ms'] < TARGET_MS else 'MISSED'}"
        print(json.dumps(result))


if __name__ == "__main__":
    main()
