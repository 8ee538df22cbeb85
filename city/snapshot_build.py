"""Reading the database into a CitySnapshot."""

from dataclasses import fields
from datetime import time
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry import shape

from city.domain import gazetteer_entries as entries
from city.domain.calendar import Calendar, Period, parse_weekly_hours
from city.domain.gazetteer import Gazetteer
from city.domain.info import (
    AreaInfo,
    CategoryInfo,
    ChoiceInfo,
    CityInfo,
    DepartmentInfo,
    Landmark,
    NamedRoad,
    QuestionInfo,
)
from city.domain.places import Projection
from city.domain.public_holidays import PublicHolidays
from city.domain.quiet import QuietWindow
from city.domain.suggest import SearchWords
from city.models import (
    Area,
    Category,
    CityVersion,
    Department,
    PackRecord,
    Question,
    QuietHours,
    Road,
    Waterway,
    WorkCalendar,
)
from city.snapshot import CitySnapshot, Places

WORDS_RECORD = "words"  # likewise for words.yaml
PACK_RECORD = "city"  # the PackRecord kind (and key) that holds a pack's pack.yaml
LANDMARKS_RECORD = "landmarks"  # the same of its landmarks.csv


def versions() -> tuple[int, int]:
    """The version of the data and of the boundaries; zeros where no city was loaded."""
    return CityVersion.objects.values_list("version", "boundaries_version").first() or (0, 0)


def build(version: int, boundaries_version: int) -> CitySnapshot:
    """Read everything. About ten queries; 0.2 s for a city of 177 areas and 1,400 lines."""
    city = _city()
    calendars = _calendars(ZoneInfo(city.time_zone))
    areas, shapes = _areas()
    lines = {"road": _lines(Road), "water": _lines(Waterway)}
    named_roads = _named_roads()
    landmarks = _landmarks(city.pack)
    return CitySnapshot(
        version=version,
        boundaries_version=boundaries_version,
        city=city,
        categories=_categories(),
        departments=_departments(),
        areas=areas,
        places=_places(city, areas, shapes, lines, named_roads),
        calendars=calendars,
        landmarks=landmarks,
        make_gazetteer=lambda: _gazetteer(city, areas, shapes, lines, named_roads, landmarks),
        words=_words(),
        quiet_hours=_quiet_hours(),
    )


def _words() -> SearchWords:
    """The search words of the pack; none for a pack without."""
    pack = CityVersion.objects.values_list("pack", flat=True).first() or ""
    record = PackRecord.objects.filter(pack=pack, kind=WORDS_RECORD).first()
    values = record.values if record else {}
    return SearchWords(frozenset(values.get("stop_words", ())), dict(values.get("short_forms", {})))


def _quiet_hours() -> dict[str, QuietWindow]:
    return {
        row.code: QuietWindow(time.fromisoformat(row.starts_at), time.fromisoformat(row.ends_at))
        for row in QuietHours.objects.all()
    }


def _city() -> CityInfo:
    pack = CityVersion.objects.values_list("pack", flat=True).first() or ""
    record = PackRecord.objects.filter(pack=pack, kind=PACK_RECORD).first()
    values = dict(record.values) if record else {}
    known = {field.name for field in fields(CityInfo)} - {"pack", "extra"}
    plain = {key: value for key, value in values.items() if key in known and value is not None}
    for key in ("bounds", "emergency_numbers", "attributions"):
        if key in plain:
            plain[key] = tuple(plain[key])
    return CityInfo(pack=pack, **plain)


def _departments() -> list[DepartmentInfo]:
    return [
        DepartmentInfo(
            id=row.pk,
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            short_name=row.short_name,
            kind=row.kind,
            is_external=row.is_external,
            calendar_code=row.calendar.code if row.calendar else None,
            area_code=row.area.code if row.area else None,
            handles=row.handles,
            handles_en=row.handles_en,
            website=row.website,
            phone=row.phone,
            is_active=row.is_active,
        )
        for row in Department.objects.select_related("calendar", "area").defer("area__geometry")
    ]


def _categories() -> list[CategoryInfo]:
    questions: dict[int, list[QuestionInfo]] = {}
    for row in Question.objects.order_by("order", "code"):
        questions.setdefault(row.category_id, []).append(_question(row))
    rows = {row.pk: row for row in Category.objects.filter(is_active=True).order_by("order", "code")}
    infos = []
    for row in rows.values():
        if row.parent_id and row.parent_id not in rows:
            continue  # a kind of a group that was switched off
        own = questions.get(row.pk, [])
        own_codes = {question.code for question in own}
        inherited = [item for item in questions.get(row.parent_id, []) if item.code not in own_codes]
        infos.append(_category(row, rows, tuple(own + inherited)))
    return infos


def _category(row: Category, rows: dict[int, Category], questions: tuple[QuestionInfo, ...]) -> CategoryInfo:
    return CategoryInfo(
        id=row.pk,
        code=row.code,
        parent_code=rows[row.parent_id].code if row.parent_id else None,
        name=row.name,
        name_en=row.name_en,
        hint=row.hint,
        hint_en=row.hint_en,
        icon=row.icon,
        synonyms=tuple(str(word) for word in row.synonyms),
        severity=row.severity,
        network=row.network,
        nearby_radius_m=row.nearby_radius_m,
        similar=tuple(str(code) for code in row.similar),
        similar_within_days=row.similar_within_days,
        is_private_by_default=row.is_private_by_default,
        needs_repair_photo=row.needs_repair_photo,
        order=row.order,
        questions=questions,
    )


def _question(row: Question) -> QuestionInfo:
    choices = tuple(
        ChoiceInfo(
            value=str(choice["value"]),
            label=choice.get("label", ""),
            label_en=choice.get("label_en", ""),
            severity=choice.get("severity"),
            danger=bool(choice.get("danger", False)),
            picture=choice.get("picture", ""),
        )
        for choice in row.choices
    )
    return QuestionInfo(row.code, row.text, row.text_en, row.kind, row.is_required, choices)


def _areas() -> tuple[list[AreaInfo], dict[str, object]]:
    rows = list(Area.objects.order_by("code"))
    codes = {row.pk: row.code for row in rows}
    shapes = {row.code: shape(row.geometry) for row in rows}
    infos = [
        AreaInfo(
            id=row.pk,
            code=row.code,
            name=row.name,
            level=row.level,
            parent_code=codes.get(row.parent_id),
            centre_latitude=row.centre_latitude,
            centre_longitude=row.centre_longitude,
            population=row.population,
            slum_hectares=row.slum_hectares,
            area_km2=row.area_km2,
            bbox=tuple(float(value) for value in shapely.bounds(shapes[row.code])),
            regency=row.regency,
            portal_url=row.portal_url,
        )
        for row in rows
    ]
    return infos, shapes


def _places(city: CityInfo, areas: list[AreaInfo], shapes: dict, lines, named_roads) -> Places:
    def of_level(level: str):
        return [(area.code, shapes[area.code]) for area in areas if area.level == level]

    return Places(
        projection=Projection(city.centre_latitude, city.centre_longitude),
        kelurahan=of_level(Area.Level.KELURAHAN),
        neighbours=of_level(Area.Level.NEIGHBOUR),
        neighbour_infos={area.code: area for area in areas if area.level == Area.Level.NEIGHBOUR},
        lines=lines,
        named_roads=named_roads,
    )


def places_before_and_after(changed: dict[str, object]) -> tuple[Places, Places]:
    """The look-up of areas as it is, and as it were with other boundaries (code → shape), without lines."""
    city = _city()
    areas, shapes = _areas()
    return tuple(_places(city, areas, shapes | other, lines={}, named_roads=[]) for other in ({}, changed))


def _landmarks(pack: str) -> list[Landmark]:
    record = PackRecord.objects.filter(pack=pack, kind=LANDMARKS_RECORD).first()
    items = record.values["items"] if record else []
    return [Landmark(**{**item, "aliases": tuple(item["aliases"])}) for item in items]


def _gazetteer(city: CityInfo, areas: list[AreaInfo], shapes, lines, named_roads, landmarks) -> Gazetteer:
    """Every named place; 0.1 s for 200 areas and 1,400 lines."""
    known = {area.code: area for area in areas if area.level in ("kecamatan", "kelurahan")}
    projection = Projection(city.centre_latitude, city.centre_longitude)
    ground = entries.Ground(projection, known, {code: shapes[code] for code in known})
    drawn = {kind: [_named_line(*line) for line in items] for kind, items in lines.items()}
    found = [
        *entries.of_areas(areas),
        *entries.of_landmarks(landmarks, ground),
        *entries.of_lines("road", drawn["road"], ground),
        *entries.of_crossings(drawn["road"], ground),
        *entries.of_lines("water", drawn["water"], ground),
    ]
    found += entries.of_streets(named_roads, known, found)
    return Gazetteer(found, entries.context_names(known))


def _named_line(geometry, values: dict, _first_day, _last_day) -> entries.NamedLine:
    return entries.NamedLine(values["name"], values["line_class"], values["accuracy_m"], geometry)


def _lines(model) -> list[tuple]:
    """(geometry, a LineHit's values but for the distance, first day, last day) per line with a geometry."""
    lines = []
    for row in model.objects.exclude(quality="none").select_related("owner").order_by("code"):
        if row.geometry is None:
            continue
        values = {
            "code": row.code,
            "name": row.name,
            "line_class": row.line_class,
            "owner_code": row.owner.code if row.owner else None,
            "owner_basis": row.owner_basis,
            "accuracy_m": row.accuracy_m,
            "quality": row.quality,
        }
        lines.append((shape(row.geometry), values, row.valid_from, row.valid_to))
    return lines


def _named_roads() -> list[NamedRoad]:
    rows = Road.objects.filter(quality="none").select_related("owner").order_by("code")
    areas = dict(Area.objects.filter(level=Area.Level.KECAMATAN).values_list("pk", "code"))
    return [
        NamedRoad(
            code=row.code,
            name=row.name,
            kecamatan_code=areas.get(row.area_id),
            owner_code=row.owner.code if row.owner else None,
            owner_basis=row.owner_basis,
            condition=row.condition,
            length_m=row.length_m,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    ]


def _calendars(tz: ZoneInfo) -> dict[str, Calendar]:
    calendars, countries = {}, {}
    for row in WorkCalendar.objects.prefetch_related("periods"):
        if row.country and row.country not in countries:
            countries[row.country] = PublicHolidays(row.country)
        calendars[row.code] = Calendar(
            parse_weekly_hours(row.weekly_hours),
            holidays=countries.get(row.country, frozenset()),
            tz=tz,
            periods=[
                Period(
                    period.first_day,
                    period.last_day,
                    None if period.weekly_hours is None else parse_weekly_hours(period.weekly_hours),
                    period.overrides_holidays,
                    period.name,
                )
                for period in row.periods.all()
            ],
        )
    return calendars
