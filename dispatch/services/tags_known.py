"""The tags there are, in memory: a page of the list must not ask for them again and again.

Read anew whenever the city's version rises, which every change of a tag sees to (`changed`).
"""

from collections.abc import Iterable

from django.db.models import Aggregate, CharField, OuterRef, QuerySet, Subquery

from city import roles
from city import snapshot as city
from city.services import versions
from dispatch.models import ReportTag, Tag

_kept: tuple[city.CitySnapshot, tuple[Tag, ...]] | None = None


class _Joined(Aggregate):
    """Numbers as one text, with commas."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="string_agg(%(expressions)s::text, ',')", **context)


def changed() -> None:
    """Say that a tag was made or changed, in the transaction that does it: every process reads them anew."""
    versions.bump(boundaries=False)


def visible(user, snap: city.CitySnapshot) -> list[Tag]:
    """The tags a person sees (`tags.visible`), by name."""
    sees_all = user.is_superuser or user.role in roles.CITY_WIDE
    return [tag for tag in _all(snap) if sees_all or tag.department_id in (None, user.department_id)]


def _all(snap: city.CitySnapshot) -> tuple[Tag, ...]:
    global _kept
    if _kept is None or _kept[0] is not snap:
        _kept = snap, tuple(Tag.objects.select_related("department").order_by("name", "code"))
    return _kept[1]


def with_tags(reports: QuerySet) -> QuerySet:
    """The reports with the ids of their tags as text (`tag_ids`), for `on`: no query of its own."""
    own = ReportTag.objects.filter(report=OuterRef("pk")).order_by().values("report")
    return reports.annotate(tag_ids=Subquery(own.annotate(ids=_Joined("tag_id")).values("ids")))


def on(tag_ids: str | None, seen: Iterable[Tag]) -> list[Tag]:
    """The tags of a report that somebody sees."""
    if not tag_ids:
        return []
    wanted = {int(pk) for pk in tag_ids.split(",")}
    return [tag for tag in seen if tag.pk in wanted]
