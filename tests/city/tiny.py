"""A whole city pack of a few lines, for tests that break it."""

import json
from pathlib import Path

PACK_YAML = """\
name: Kota Mini
name_en: Mini City
title: Lapor Mini
title_en: Report Mini
time_zone: Asia/Jakarta
default_calendar: mini-kantor
centre: [1.01, 100.01]
bounds: [100.0, 1.0, 100.02, 1.02]
emergency_numbers:
  - {number: "112", name: Darurat, name_en: Emergency}
"""
CALENDARS_YAML = """\
calendars:
  - code: mini-kantor
    name: Kantor
    holidays_of: ID
    hours:
      monday: [08:00-12:00, 13:00-16:00]
      friday: [07:30-14:00]
    periods:
      - name: Ramadan
        from: 2026-02-19
        to: 2026-03-20
        hours:
          monday: [08:00-15:15]
      - name: Tutup
        from: 2026-07-01
        closed: true
"""
DEPARTMENTS_YAML = """\
departments:
  - code: MINI-PU
    name: Dinas Mini
    name_en: Mini Works
    website: https://mini.example
    email: pu@mini.example
  - code: MINI-SUNGAI
    name: Balai Sungai
    name_en: River Office
    kind: external
  - code: MINI-KEC
    name: Kecamatan Satu
    name_en: District One
    kind: subdistrict
    area: M.1
"""
CATEGORIES_YAML = """\
questions:
  how_deep:
    text: Seberapa dalam?
    text_en: How deep?
    choices:
      - {value: low, label: Dangkal, label_en: Shallow}
      - {value: high, label: Dalam, label_en: Deep, severity: 5, danger: true}
  anyone:
    text: Ada orang?
    text_en: Anyone there?
    kind: yes_no
    yes: {severity: 4}
groups:
  - code: mini
    name: Mini
    name_en: Mini
    icon: flood
    ask: [anyone]
    kinds:
      - code: mini-banjir
        name: Banjir
        name_en: Flood
        icon: flood
        synonyms: [air, banyu]
        severity: 3
        network: water
        ask: [how_deep]
      - code: mini-lampu
        name: Lampu
        name_en: Lamp
        icon: lamp
        severity: 2
"""
STATISTICS_CSV = """\
code,name,population,slum_hectares
M.1,Satu,1000,
M.1.1,Barat,,2.5
"""
ROADS_CSV = """\
code,name,kecamatan,length_m,condition,owner,basis
mini-mawar,Jl. Mawar,M.1,120,Baik,MINI-PU,Daftar
mini-melati,Jl. Melati,M.1,80,Rusak,,Belum diketahui
"""


def square(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def line(*points: tuple[float, float]) -> dict:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def features(*items: tuple[dict, dict]) -> str:
    lines = [json.dumps({"type": "Feature", "properties": p, "geometry": g}) for p, g in items]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


FILES = {
    "pack.yaml": PACK_YAML,
    "calendars.yaml": CALENDARS_YAML,
    "departments.yaml": DEPARTMENTS_YAML,
    "categories.yaml": CATEGORIES_YAML,
    "areas/statistics.csv": STATISTICS_CSV,
    "city_roads.csv": ROADS_CSV,
    "areas/city.geojson": features(({"code": "M", "name": "Kota Mini"}, square(100, 1, 100.02, 1.02))),
    "areas/kecamatan.geojson": features(
        ({"code": "M.1", "name": "Satu", "parent": "M"}, square(100, 1, 100.02, 1.02))
    ),
    "areas/kelurahan.geojson": features(
        ({"code": "M.1.1", "name": "Barat", "parent": "M.1"}, square(100, 1, 100.01, 1.02)),
        ({"code": "M.1.2", "name": "Timur", "parent": "M.1"}, square(100.01, 1, 100.02, 1.02)),
    ),
    "areas/neighbours.geojson": features(
        ({"code": "N.1", "name": "Sebelah", "regency": "Kabupaten Lain"}, square(100.02, 1, 100.04, 1.02))
    ),
    "roads.geojson": features(
        (
            {"code": "mini-raya", "name": "Jalan Raya", "owner": "MINI-PU", "basis": "SK", "accuracy_m": 30},
            line((100.0, 1.01), (100.02, 1.01)),
        ),
    ),
    "waterways.geojson": features(
        (
            {
                "code": "mini-kali",
                "name": "Kali Mini",
                "owner": "",
                "basis": "Belum diketahui",
                "accuracy_m": 30,
            },
            line((100.005, 1.0), (100.005, 1.02)),
        ),
    ),
}
SOURCE = "title: Uji\nsource: Rekaan\nlicence: bebas\n"


def write_tiny_pack(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.with_name(path.name + ".source.yaml").write_text(SOURCE)
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the first occurrence; it must be there."""
    path = folder / name
    text = path.read_text()
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1))
