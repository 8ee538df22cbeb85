"""The city's reference data: what can be reported, where, and who is responsible."""

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema

from city import snapshot as city
from city.models import Area
from complaints.api import docs, schemas
from complaints.api.base import ApiView, json, not_modified, with_etag
from complaints.api.filters import SENTENCES
from complaints.api.names import local
from complaints.api.problems import Problem
from complaints.api.schemas import AreaItem, CategoryItem, ChoiceItem, DepartmentItem, QuestionItem

_LEVELS = ("city", "kecamatan", "kelurahan")
# A phone asks again after a minute at the earliest, and then only whether anything changed.
_CACHE_CONTROL = "public, max-age=60"


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "id"


def _answer(request, name: str, make) -> HttpResponse:
    """304, or what `make(snapshot)` says about the city as it is now."""
    snap = city.current()
    etag = f'W/"{name}-{snap.version}-{_language()}"'
    response = not_modified(request, etag)
    return response or with_etag(json(make(snap)), etag, _CACHE_CONTROL)


class Categories(ApiView):
    """What can be reported."""

    @extend_schema(**docs.CATEGORY_LIST)
    def get(self, request) -> HttpResponse:
        return _answer(request, "categories", _tree)


def _tree(snap) -> schemas.CategoryTree:
    by_order = sorted(snap.categories.values(), key=lambda item: (item.order, item.code))
    groups = [
        schemas.CategoryGroup(
            code=group.code,
            name=local(group, "name"),
            hint=local(group, "hint"),
            icon=group.icon,
            categories=[_category(item) for item in by_order if item.parent_code == group.code],
        )
        for group in by_order
        if group.parent_code is None
    ]
    return schemas.CategoryTree(version=snap.version, groups=groups)


def _category(info) -> CategoryItem:
    return CategoryItem(
        code=info.code,
        name=local(info, "name"),
        hint=local(info, "hint"),
        icon=info.icon,
        synonyms=list(info.synonyms),
        severity=info.severity,
        nearby_radius_m=info.nearby_radius_m,
        is_private_by_default=info.is_private_by_default,
        questions=[_question(question) for question in info.questions],
    )


def _question(info) -> QuestionItem:
    choices = [
        ChoiceItem(choice.value, local(choice, "label"), choice.severity, choice.danger)
        for choice in info.choices
    ]
    return QuestionItem(info.code, local(info, "text"), info.kind, info.is_required, choices)


class Areas(ApiView):
    """The city's areas."""

    @extend_schema(**docs.AREA_LIST)
    def get(self, request) -> HttpResponse:
        level, parent, with_geometry = _area_parameters(request.GET)
        name = f"areas-{level}-{parent}-{with_geometry}"
        return _answer(request, name, lambda snap: _areas(snap, level, parent, with_geometry))


def _area_parameters(params) -> tuple[str, str, bool]:
    level, parent, geometry = params.get("level", ""), params.get("parent", ""), params.get("geometry", "")
    faults = {
        name: ("parameter_unknown", SENTENCES["parameter_unknown"])
        for name in params
        if name not in ("level", "parent", "geometry")
    }
    if level and level not in _LEVELS:
        faults["level"] = ("level_unknown", SENTENCES["level_unknown"])
    if parent and parent not in city.current().areas:
        faults["parent"] = ("area_unknown", SENTENCES["area_unknown"])
    if faults:
        raise Problem("parameters_invalid", errors=faults)
    return level, parent, geometry.lower() in ("1", "true")


def _areas(snap, level: str, parent: str, with_geometry: bool) -> schemas.AreaList:
    chosen = [
        area
        for area in sorted(snap.areas.values(), key=lambda item: item.code)
        if area.level in _LEVELS
        and (not level or area.level == level)
        and (not parent or area.parent_code == parent)
    ]
    shapes = {}
    if with_geometry:
        ids = [area.id for area in chosen]
        shapes = dict(Area.objects.filter(pk__in=ids).values_list("id", "geometry"))
    return schemas.AreaList(snap.version, [_area(area, shapes.get(area.id)) for area in chosen])


def _area(info, geometry) -> AreaItem:
    return AreaItem(
        code=info.code,
        name=info.name,
        level=info.level,
        parent=info.parent_code,
        latitude=info.centre_latitude,
        longitude=info.centre_longitude,
        bbox=list(info.bbox) if info.bbox else None,
        population=info.population,
        geometry=geometry,
    )


class Departments(ApiView):
    """Who can be responsible."""

    @extend_schema(**docs.DEPARTMENT_LIST)
    def get(self, request) -> HttpResponse:
        return _answer(request, "departments", _departments)


def _departments(snap) -> schemas.DepartmentList:
    items = [
        DepartmentItem(
            code=item.code,
            name=local(item, "name"),
            short_name=item.short_name,
            kind=item.kind,
            is_external=item.is_external,
            area=item.area_code,
        )
        for item in sorted(snap.departments.values(), key=lambda item: item.code)
    ]
    return schemas.DepartmentList(snap.version, items)
