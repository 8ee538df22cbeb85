"""Where the demonstration's reports lie and what they say: real places of the city pack, invented words."""

import csv
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from city import snapshot as city
from city.models import Road

_PACKS = Path(settings.BASE_DIR) / "city" / "packs"
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Coordinates, or a kelurahan code and a street; `name` is what a citizen would call it."""

    name: str
    latitude: float | None = None
    longitude: float | None = None
    area: str = ""
    street: str = ""


class Stories:
    """The words of a pack's `demo.yaml` and the places they can happen at."""

    def __init__(self, pack: str):
        self.folder = _PACKS / pack
        self.words: dict[str, dict[str, Any]] = yaml.safe_load((self.folder / "demo.yaml").read_text("utf-8"))

    @classmethod
    def available(cls, pack: str) -> bool:
        """Whether a pack brings a demonstration."""
        return (_PACKS / pack / "demo.yaml").exists()

    def pick(self, dice: random.Random) -> tuple[str, dict[str, Any]]:
        """A category and its words, as often as its weight says."""
        common = self.words["common"]
        stories = self.words["stories"]
        code = dice.choices(list(stories), weights=[story["weight"] for story in stories.values()])[0]
        return code, common | stories[code]

    def place(self, kind: str, dice: random.Random) -> Place:
        """A place of a kind: `flood` events, `damaged` roads, a main `road`, or any `kelurahan`."""
        return getattr(self, f"_{kind}")(dice)

    def _flood(self, dice: random.Random) -> Place:
        event = dice.choice(self._flood_events)
        return self._near(float(event["latitude"]), float(event["longitude"]), 60, event["place"], dice)

    def _damaged(self, dice: random.Random) -> Place:
        road = dice.choice(self._damaged_roads)
        kelurahan = dice.choice(
            sorted(a.code for a in city.current().areas.values() if a.parent_code == road[1])
        )
        return Place(road[0], area=kelurahan, street=road[0])

    def _road(self, dice: random.Random) -> Place:
        snap = city.current()
        for _attempt in range(_TRIES):
            name, line = dice.choice(self._main_roads)
            longitude, latitude = dice.choice(line)
            if hasattr(snap.locate(latitude, longitude), "area_code"):
                return self._near(latitude, longitude, 12, name, dice)
        return self._kelurahan(dice)

    def _kelurahan(self, dice: random.Random) -> Place:
        kelurahan = [area for area in city.current().areas.values() if area.level == "kelurahan"]
        area = dice.choice(sorted(kelurahan, key=lambda one: one.code))
        return self._near(area.centre_latitude, area.centre_longitude, 350, f"Kelurahan {area.name}", dice)

    def _near(
        self, latitude: float, longitude: float, radius_m: float, name: str, dice: random.Random
    ) -> Place:
        """The point itself or one around it, inside the city."""
        snap = city.current()
        for _attempt in range(_TRIES):
            lat = latitude + dice.gauss(0, radius_m / 2) / 111_195
            lon = longitude + dice.gauss(0, radius_m / 2) / 110_400
            if hasattr(snap.locate(lat, lon), "area_code"):
                return Place(name, round(lat, 6), round(lon, 6))
        return Place(name, latitude, longitude)

    @cached_property
    def _flood_events(self) -> list[dict[str, str]]:
        with (self.folder / "flood_events.csv").open(encoding="utf-8", newline="") as lines:
            events = [row for row in csv.DictReader(lines) if row["latitude"] and row["longitude"]]
        snap = city.current()
        return [
            row
            for row in events
            if hasattr(snap.locate(float(row["latitude"]), float(row["longitude"])), "area_code")
        ]

    @cached_property
    def _damaged_roads(self) -> list[tuple[str, str]]:
        return list(
            Road.objects.filter(condition__startswith="Rusak", area__isnull=False)
            .order_by("code")
            .values_list("name", "area__code")
        )

    @cached_property
    def _main_roads(self) -> list[tuple[str, list]]:
        roads = []
        for name, shape in (
            Road.objects.filter(geometry__isnull=False).order_by("code").values_list("name", "geometry")
        ):
            parts = shape["coordinates"] if shape["type"] == "MultiLineString" else [shape["coordinates"]]
            roads += [(name, part) for part in parts if name]
        return roads
