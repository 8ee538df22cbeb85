"""Tags on reports: who sees and gives which, and changing those of one report. For staff only."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from city import roles
from complaints import errors, selectors
from complaints.models import Event, Report
from complaints.services import timeline
from dispatch.domain import casework
from dispatch.models import ReportTag, Tag
from dispatch.services import casework as casework_service

_UNKNOWN = _("Please choose tags that your department uses.")


def visible(user) -> QuerySet[Tag]:
    """The tags a person sees: the city's, and their own department's; city-wide roles see all."""
    if user.is_superuser or user.role in roles.CITY_WIDE:
        return Tag.objects.all()
    return Tag.objects.filter(Q(department=None) | Q(department_id=user.department_id))


def may_tag(user) -> bool:
    return casework.may(casework_service.role_of(user), casework.TAG)


def of_reports(user, report_ids: Iterable[int]) -> dict[int, list[Tag]]:
    """The tags this person sees on each of these reports. One query."""
    rows = ReportTag.objects.filter(report__in=list(report_ids), tag__in=visible(user).values("pk"))
    found: dict[int, list[Tag]] = {}
    for row in rows.select_related("tag").order_by("tag__name", "tag_id"):
        found.setdefault(row.report_id, []).append(row.tag)
    return found


@transaction.atomic
def change(
    user,
    report_id: int,
    *,
    add: Iterable[int] = (),
    remove: Iterable[int] = (),
    now: datetime,
    expected_version: int | None = None,
) -> tuple[list[int], list[int]]:
    """Put tags on a report and take others off; returns the ids of what was really put on and taken off.

    The report itself does not change: nobody who is writing to it just now is made to start again. Raises
    Report.DoesNotExist (not theirs to see), NotPermitted, Conflict, InvalidReport (`tags`). Locks the row.
    """
    if not may_tag(user):
        raise errors.NotPermitted(step=casework.TAG)
    selectors.for_staff(user).get(pk=report_id)
    report = timeline.lock(report_id, expected_version)
    add, remove = set(add), set(remove)
    known = visible(user)
    if known.filter(pk__in=add, is_active=True).count() < len(add):
        raise errors.InvalidReport({"tags": ("tag_unknown", _UNKNOWN)})
    if known.filter(pk__in=remove).count() < len(remove):
        raise errors.InvalidReport({"tags": ("tag_unknown", _UNKNOWN)})
    has = set(ReportTag.objects.filter(report=report).values_list("tag_id", flat=True))
    return _write(report, sorted(add - has), sorted(remove & has), user, now)


def _write(report: Report, added: list[int], removed: list[int], user, now: datetime):
    if not added and not removed:
        return [], []
    names = dict(Tag.objects.filter(pk__in=[*added, *removed]).values_list("pk", "name"))
    ReportTag.objects.filter(report=report, tag__in=removed).delete()
    ReportTag.objects.bulk_create([ReportTag(report=report, tag_id=pk, by=user, at=now) for pk in added])
    data = {"added": [names[pk] for pk in added], "removed": [names[pk] for pk in removed]}
    actor = casework_service.actor_of(user)
    timeline.record(report, Event.Kind.TAGGED, actor, now, data=data, is_public=False)
    return added, removed


@transaction.atomic
def put_back(user, report_id: int, *, added: list[int], removed: list[int], now: datetime) -> None:
    """Undo `change`, exactly. Raises CannotTakeBack if somebody has changed one of these tags since."""
    report = timeline.lock(report_id)
    has = set(ReportTag.objects.filter(report=report).values_list("tag_id", flat=True))
    if not set(added) <= has or has & set(removed):
        raise errors.CannotTakeBack
    _write(report, removed, added, user, now)
