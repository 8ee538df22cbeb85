#!/usr/bin/env python
"""Make the map files of city/packs/semarang/ from the published sources, once or when they change.

    .venv/bin/python scripts/build_pack.py SOURCES [--pack city/packs/semarang]

SOURCES is a folder with `areas/`, `roads/`, `water/` and `stats/` as they were published. Only what the
portal needs is taken over, under our own keys and with coordinates rounded to about a metre; the files
that people write by hand (departments, categories, calendars, pack.yaml) are not touched.
"""

import argparse
import csv
import json
import re
import unicodedata
from pathlib import Path

import shapely
from shapely.geometry import mapping, shape

DECIMALS = 5  # degrees; 0.00001 is about 1.1 m
DEFAULT_PORTAL = "https://www.lapor.go.id/"
POPULATION_YEAR = 2022

ROAD_OWNERS = {
    "national": "BBPJN",
    "toll": "JASAMARGA",
    "provincial": "DPUBMCK",
    "city": "DPU",
    "unknown": "",
}
ROAD_BASIS = {
    "name list": "Daftar nama ruas dalam sumber publik; periksa dengan SK status jalan",
    "osm class": "Dugaan dari kelas jalan OpenStreetMap dan letaknya; periksa dengan SK status jalan",
}
UNKNOWN_BASIS = "Belum diketahui: sumber tidak menyebut atau saling berbeda"
# A smooth line drawn between known points is no survey; the routing trusts it within its accuracy only.
BBWS_WATERS = re.compile(r"banjir kanal|\bbabon\b|pengkol|tenggang|sringin|garang", re.IGNORECASE)
BBWS_BASIS = "Sungai dan kanal yang dikelola BBWS Pemali Juana menurut sumber publik"
CITY_WATER_BASIS = "Dugaan: drainase kota (saluran atau kanal bernama di dalam kota); belum ada SK"
NAMED_RIVER_BASIS = "Belum diketahui: sungai bernama tanpa keterangan pengelola dalam sumber"
# The national rivers all have names; what has none is a ditch, a pond's inlet or a brook inside the city.
SMALL_WATER_BASIS = "Dugaan: alur kecil tanpa nama di dalam kota, dianggap drainase kota; belum ada SK"
# Named watercourses that the city's drainage plan lists as its own drainage systems.
CITY_DRAINS = re.compile(r"kali banger|sungai semarang|kampung kali|kalibanger|kaliputh", re.IGNORECASE)
IRRIGATION_BASIS = "Belum diketahui: saluran irigasi, pengelola tidak disebut dalam sumber"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--pack", type=Path, default=Path("city/packs/semarang"))
    options = parser.parse_args()
    (options.pack / "areas").mkdir(parents=True, exist_ok=True)
    build_areas(options.sources, options.pack / "areas")
    build_statistics(options.sources / "stats", options.pack / "areas")
    build_roads(options.sources / "roads", options.pack)
    build_waterways(options.sources / "water", options.pack)
    build_floods(options.sources / "water", options.pack)


def read_features(path: Path) -> list[dict]:
    return json.loads(path.read_text())["features"]


def write_features(path: Path, features: list[tuple[dict, object]]) -> None:
    """One feature a line: `git diff` shows what changed, and a mistake has a line of its own."""
    lines = []
    for properties, geometry in features:
        feature = {"type": "Feature", "properties": properties, "geometry": plain(geometry)}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text)


def write_rows(path: Path, header: list[str], rows: list[list]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def plain(geometry) -> dict:
    found = mapping(geometry)
    return {"type": found["type"], "coordinates": rounded(found["coordinates"])}


def rounded(value):
    return round(value, DECIMALS + 1) if isinstance(value, float) else [rounded(item) for item in value]


def quantised(geometry):
    """Rounded coordinates that still make a valid shape; shared borders stay shared, rounded alike."""
    given = shape(geometry)
    result = shapely.remove_repeated_points(shapely.transform(given, lambda xy: xy.round(DECIMALS)))
    if shapely.is_valid(result) and not result.is_empty and (result.length > 0):
        return result
    repaired = shapely.set_precision(given, 10**-DECIMALS, mode="valid_output")
    return given if repaired.is_empty else repaired


def build_areas(sources: Path, target: Path) -> None:
    source = sources / "areas"
    for level, parent in (("kota", None), ("kecamatan", "33.74"), ("kelurahan", "")):
        features = []
        for feature in read_features(source / f"semarang_{level}.geojson"):
            given = feature["properties"]
            properties = {"code": given["code"], "name": given["name"]}
            if parent is not None:
                properties["parent"] = parent or given["kecamatan_code"]
            if "area_km2" in given:
                properties["area_km2"] = round(given["area_km2"], 3)
            features.append((properties, quantised(feature["geometry"])))
        features.sort(key=lambda item: item[0]["code"])
        write_features(target / f"{'city' if level == 'kota' else level}.geojson", features)
    build_neighbours(source, target)


def build_neighbours(source: Path, target: Path) -> None:
    features = []
    for feature in read_features(source / "semarang_neighbours.geojson"):
        given = feature["properties"]
        properties = {
            "code": f"BPS-{given['bps_code']}",
            "name": given["kecamatan"],
            "regency": f"Kabupaten {given['kabupaten']}",
            "portal_url": DEFAULT_PORTAL,
        }
        features.append((properties, quantised(feature["geometry"])))
    features.sort(key=lambda item: item[0]["code"])
    write_features(target / "neighbours.geojson", features)


def build_statistics(source: Path, target: Path) -> None:
    rows: dict[str, list] = {}
    with (source / "semarang_kecamatan_stats.csv").open() as file:
        for row in csv.DictReader(file):
            rows[row["code"]] = [row["code"], row["kecamatan"], row[f"pop_{POPULATION_YEAR}"], ""]
    with (source / "semarang_kelurahan_kumuh_2023.csv").open() as file:
        for row in csv.DictReader(file):
            rows[row["code"]] = [row["code"], row["kelurahan"], "", row["slum_ha"]]
    whole = sum(int(row[2]) for row in rows.values() if row[2])
    rows["33.74"] = ["33.74", "Kota Semarang", whole, ""]
    write_rows(
        target / "statistics.csv",
        ["code", "name", "population", "slum_hectares"],
        [rows[code] for code in sorted(rows)],
    )


def slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")


class Numbered:
    """Codes made from names; the second of a name gets `-2`, and so on."""

    def __init__(self):
        self._seen: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        base = slug(text)[:60]
        self._seen[base] = count = self._seen.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"


def build_roads(source: Path, pack: Path) -> None:
    code_for, features = Numbered(), []
    for feature in read_features(source / "semarang_main_roads.geojson"):
        given = feature["properties"]
        owner = ROAD_OWNERS[given["owner_guess"]]
        properties = {
            "code": code_for(given["name"]),
            "name": given["name"],
            "class": given["hw"],
            "owner": owner,
            "basis": ROAD_BASIS[given["owner_basis"]] if owner else UNKNOWN_BASIS,
            "quality": given["quality"],
            "accuracy_m": given["accuracy_m"],
            "length_m": round(given["length_km"] * 1000),
        }
        if given.get("note"):
            properties["note"] = given["note"]
        features.append((properties, quantised(feature["geometry"])))
    write_features(pack / "roads.geojson", features)
    build_named_roads(source, pack)


def build_named_roads(source: Path, pack: Path) -> None:
    code_for, rows = Numbered(), []
    with (source / "semarang_city_roads_dpu_2024.csv").open() as file:
        for row in csv.DictReader(file):
            code = code_for(f"dpu {row['kecamatan_code']} {row['name']}")
            length_m, width_m = round(float(row["length_m"])), f"{float(row['width_m']):g}"
            rows.append([code, row["name"], row["kecamatan_code"], length_m, width_m, row["condition"]])
    basis = "Daftar jalan kota DPU 2024"
    write_rows(
        pack / "city_roads.csv",
        ["code", "name", "kecamatan", "length_m", "width_m", "condition", "owner", "basis"],
        [[*row, "DPU", basis] for row in rows],
    )


def water_owner(name: str, kind: str) -> tuple[str, str]:
    """Who probably looks after a watercourse, and why we think so."""
    if BBWS_WATERS.search(name):
        return "BBWS", BBWS_BASIS
    if name.lower().startswith("irigasi"):
        return "", IRRIGATION_BASIS
    if kind in ("canal", "drain") or CITY_DRAINS.search(name):
        return "DPU", CITY_WATER_BASIS
    if not name:
        return "DPU", SMALL_WATER_BASIS
    return "", NAMED_RIVER_BASIS


def build_waterways(source: Path, pack: Path) -> None:
    features = []
    for feature in read_features(source / "semarang_waterways_osm.geojson"):
        given = feature["properties"]
        name = given["name"] or ""
        owner, basis = water_owner(name, given["fclass"])
        properties = {
            "code": f"osm-{given['osm_id']}",
            "name": name[:1].upper() + name[1:],
            "class": given["fclass"],
            "owner": owner,
            "basis": basis,
            "quality": "osm",
            "accuracy_m": 30,
        }
        features.append((properties, quantised(feature["geometry"])))
    features.sort(key=lambda item: item[0]["code"])
    write_features(pack / "waterways.geojson", features)


def build_floods(source: Path, pack: Path) -> None:
    """Past floods, for the demonstration data and for planning."""
    with (source / "semarang_flood_events_2020_2023.csv").open() as file:
        rows = [
            [
                iso_day(row["date"]),
                row["place"],
                row["code"],
                f"{float(row['lat']):.5f}",
                f"{float(row['lon']):.5f}",
            ]
            for row in csv.DictReader(file)
        ]
    write_rows(
        pack / "flood_events.csv", ["date", "place", "kelurahan", "latitude", "longitude"], sorted(rows)
    )
    with (source / "semarang_rob_events.csv").open() as file:
        rows = [
            [row["date"], row["kind"], row["places"], row["note"], row["source_url"], row["verification"]]
            for row in csv.DictReader(file)
        ]
    write_rows(pack / "rob_events.csv", ["date", "kind", "places", "note", "source", "verification"], rows)


def iso_day(text: str) -> str:
    month, day, year = (int(part) for part in text.split("/"))
    return f"20{year:02}-{month:02}-{day:02}"


if __name__ == "__main__":
    main()
