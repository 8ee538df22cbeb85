"""Names of the city's things in the reader's language, without joins."""

from typing import Any

from django.utils.translation import get_language

from city import snapshot as city
from city.models import Category, Department
from complaints.api.schemas import Named


def local(thing: Any, name: str) -> str:
    """The field `name` of a thing that has `name` and `name_en`."""
    english = getattr(thing, f"{name}_en", "") if (get_language() or "").startswith("en") else ""
    return english or getattr(thing, name)


class CityNames:
    """Looks ids up in the snapshot; what the city no longer uses is asked from the database, once a page."""

    def __init__(self, category_ids=(), department_ids=()):
        self.snap = city.current()
        self._categories = self.snap.categories_by_id
        self._departments = self.snap.departments_by_id
        self._old_categories = _missing(Category, category_ids, self._categories)
        self._old_departments = _missing(Department, department_ids, self._departments)

    def category(self, category_id: int) -> Named:
        thing = self._categories.get(category_id) or self._old_categories[category_id]
        return Named(thing.code, local(thing, "name"))

    def department(self, department_id: int | None) -> Named | None:
        if department_id is None:
            return None
        thing = self._departments.get(department_id) or self._old_departments[department_id]
        return Named(thing.code, local(thing, "name"))

    def area(self, area_id: int) -> tuple[Named, Named | None]:
        """A kelurahan and its kecamatan."""
        area = self.snap.areas_by_id[area_id]
        parent = self.snap.areas.get(area.parent_code) if area.parent_code else None
        return Named(area.code, area.name), Named(parent.code, parent.name) if parent else None


def _missing(model, ids, known) -> dict[int, Any]:
    missing = {pk for pk in ids if pk is not None and pk not in known}
    return model.objects.in_bulk(missing) if missing else {}
