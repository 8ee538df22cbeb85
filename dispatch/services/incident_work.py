"""What staff do with incidents: scope, role, then the service. Suggestions of what may be the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from city import roles
from city import snapshot as city
from complaints import errors, selectors, selectors_nearby
from complaints.domain import codes, incident, similarity
from complaints.domain.place import distance_m
from complaints.models import Merge, Report
from complaints.services import incidents
from dispatch.domain import casework
from dispatch.models import IncidentAlarm
from dispatch.services import casework as casework_service

SUGGESTED_AT_MOST = 5
_ALARM_SHOWN = timedelta(days=1)
_LOOK_BACK = timedelta(days=14)  # where a kind says nothing of its own
_UNKNOWN = _("No report with this code is among those you may see.")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A report that may tell of the same; `score` from 0 to 1, `words` that both use."""

    report: Report
    distance_m: float
    score: float
    words: tuple[str, ...]


def may_merge(user) -> bool:
    """Whether a person's role lets them join reports and take them apart."""
    return casework.may(casework_service.role_of(user), casework.MERGE)


def merge(
    user,
    report_id: int,
    primary_code: str,
    *,
    why: str,
    now: datetime,
    expected_version: int | None = None,
) -> Merge:
    """Join a report to the one with this code (in any writing). Both must be this person's to see.

    Raises NotPermitted, Report.DoesNotExist (not theirs to see), InvalidReport (`primary`), and what
    `incidents.merge_reports` raises.
    """
    if not may_merge(user):
        raise errors.NotPermitted(step=casework.MERGE)
    report = selectors.for_staff(user).get(pk=report_id)
    primary = find(user, primary_code)
    if primary is None:
        raise errors.InvalidReport({"primary": ("primary_unknown", _UNKNOWN)})
    return incidents.merge_reports(
        report.pk,
        primary.pk,
        actor=casework_service.actor_of(user),
        now=now,
        why=why,
        expected_version=report.version if expected_version is None else expected_version,
    )


def take_out(user, report_id: int, *, why: str, now: datetime, expected_version: int | None = None) -> Merge:
    """Take a report out of its incident. Whoever may see it or its primary may. Raises as `merge`."""
    if not may_merge(user):
        raise errors.NotPermitted(step=casework.MERGE)
    report = Report.objects.get(pk=report_id)
    theirs = selectors.for_staff(user).filter(pk__in=[report.pk, report.merged_into_id or 0])
    if not theirs.exists():
        raise Report.DoesNotExist
    return incidents.unmerge_report(
        report.pk,
        actor=casework_service.actor_of(user),
        now=now,
        why=why,
        expected_version=report.version if expected_version is None else expected_version,
    )


def find(user, typed: str) -> Report | None:
    """The report whose code was typed, if this person may see it."""
    code = codes.normalise(typed)
    rows = selectors.for_staff(user).select_related("category", "area", "department")
    return rows.defer("area__geometry").filter(code=code).first() if code else None


def is_told(user) -> bool:
    """Whether a person is among those who are told of bursts (`joining.told_by`), or may do everything."""
    told = (roles.ADMIN, roles.P3M, roles.DUTY_OFFICER, roles.DEPARTMENT_ADMIN)
    return casework_service.role_of(user) in told


def alarms(user, *, now: datetime) -> QuerySet[IncidentAlarm]:
    """The bursts of the last day that this person may see, the latest first, while their report is open."""
    rows = IncidentAlarm.objects.filter(raised_at__gte=now - _ALARM_SHOWN, report__is_open=True)
    return rows.filter(report__in=selectors.for_staff(user).values("pk")).order_by("-id")


def suggestions(user, report: Report, *, now: datetime) -> list[Suggestion]:
    """Open reports that may tell of the same, most alike first; nothing for what cannot be joined.

    By place, time, kind and words, among what this person may see. Two queries.
    """
    category = city.current().categories_by_id.get(report.category_id)
    if category is None or report.merged_into_id or report.status not in incident.MERGEABLE:
        return []
    days = category.similar_within_days
    since = report.created_at - (timedelta(days=days) if days else _LOOK_BACK)
    radius_m = category.nearby_radius_m
    codes_wanted = {category.code, *category.similar, category.parent_code or category.code}
    scope = selectors.for_staff(user).filter(is_open=True).exclude(pk=report.pk)
    found = selectors_nearby.among(
        scope, codes_wanted, report.latitude, report.longitude, radius_m, since=since
    )
    scored = [_scored(report, other, category, radius_m) for other in found]
    good = [item for item in scored if item.score >= similarity.SUGGEST_FROM]
    good = [item for item in good if not incident.fault(report, item.report)]
    return sorted(good, key=lambda item: (-item.score, item.report.pk))[:SUGGESTED_AT_MOST]


def _scored(report: Report, other: Report, category, radius_m: float) -> Suggestion:
    metres = distance_m(report.latitude, report.longitude, other.latitude, other.longitude)
    kind = city.current().categories_by_id.get(other.category_id)
    common = similarity.common_words(report.description, other.description)
    score = similarity.score(
        distance_m=metres,
        radius_m=radius_m,
        apart=abs(report.created_at - other.created_at),
        kinds=similarity.kinds(category, kind),
        words=similarity.words_alike(report.description, other.description),
    )
    return Suggestion(other, metres, score, common)
