"""Reading reports: who may see what is decided here and nowhere else."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Upper

from city import roles
from city.models import Area, User
from complaints.domain import codes, workflow
from complaints.domain.contact import is_same_email
from complaints.models import Event, Photo, Report, Reporter


def for_staff(user) -> QuerySet[Report]:
    """The reports a member of staff may see (invariant 6).

    City-wide roles see all; everybody else their own department's, narrowed to their areas if they have
    any; somebody without a department sees none.
    """
    if not (user.is_active and user.is_staff):
        return Report.objects.none()
    if user.is_superuser or user.role in roles.CITY_WIDE:
        return Report.objects.all()
    if user.department_id is None:
        return Report.objects.none()
    reports = Report.objects.filter(department_id=user.department_id)
    area_ids = staff_area_ids(user)
    if area_ids:
        reports = reports.filter(Q(area_id__in=area_ids) | Q(area__parent_id__in=area_ids))
    return reports


def staff_who_see(report: Report) -> QuerySet[User]:
    """The members of staff who may see a report: `for_staff`, read the other way round."""
    seeing = Q(is_superuser=True) | Q(role__in=roles.CITY_WIDE)
    if report.department_id is not None:
        parent_id = Area.objects.filter(pk=report.area_id).values("parent_id")
        theirs = User.areas.through.objects.filter(user_id=OuterRef("pk"))
        here = theirs.filter(Q(area_id=report.area_id) | Q(area_id__in=parent_id))
        seeing |= Q(department_id=report.department_id) & (~Exists(theirs) | Exists(here))
    return User.objects.filter(seeing, is_active=True, is_staff=True)


def staff_area_ids(user) -> list[int]:
    """The areas a user is limited to; asked once per request, since the user object lives that long."""
    if not hasattr(user, "_area_ids"):
        user._area_ids = list(user.areas.values_list("id", flat=True))
    return user._area_ids


def may_see_identity(user) -> bool:
    """Whether this member of staff may see who a reporter is."""
    return user.is_active and user.is_staff and (user.is_superuser or user.role in roles.SEE_IDENTITY)


def public_reports() -> QuerySet[Report]:
    """What lists, maps and figures for everybody are made of: an incident once, as its primary report. A
    merged report has its own page still, which leads to the primary."""
    return Report.objects.filter(is_private=False, merged_into=None)


def by_code(text: str) -> Report | None:
    """The report whose code a person typed, private ones included: the caller checks who asks."""
    code = codes.normalise(text)
    if code is None:
        return None
    return (
        Report.objects.select_related("category__parent", "area__parent", "department")
        .defer("area__geometry", "area__parent__geometry")  # boundaries are large; the snapshot has them
        .filter(code=code)
        .first()
    )


def timeline(report: Report, *, public: bool = True) -> list[Event]:
    """A report's events, oldest first; internal notes only where `public` is False.

    In public each supporter is counted, not listed: a storm brings hundreds to one report.
    """
    events = Event.objects.filter(report=report).select_related("department", "actor").order_by("id")
    return list(events.filter(is_public=True).exclude(kind=Event.Kind.SUPPORTED) if public else events)


def statuses_of_map_state(state: str) -> list[str]:
    """The statuses that the public sees as this map state."""
    return [status for status, group in workflow.MAP_STATE.items() if group == state]


def reporters_photos(report: Report) -> QuerySet[Photo]:
    """The photos that the reporter sent, with the report or later; not those of staff or supporters.

    A photo that was added later belongs to whoever wrote the event of the same moment.
    """
    said_at = Event.objects.filter(report=report, actor_kind=Event.ActorKind.REPORTER).values("at")
    theirs = Q(kind=Photo.Kind.REPORT) | Q(kind=Photo.Kind.COMMENT, created_at__in=said_at)
    return Photo.objects.filter(theirs, report=report, by_staff=None).order_by("id")


def by_address(address: str) -> QuerySet[Report]:
    """The reports that were filed with this e-mail address (in any case) or phone number (E.164)."""
    if not address:
        return Report.objects.none()
    if "@" not in address:
        filed = Reporter.objects.filter(phone=address)
        return Report.objects.filter(pk__in=filed.values("report_id"))
    # The database finds them by its index; its idea of upper case is too generous to decide (is_same_email).
    found = Reporter.objects.alias(upper=Upper("email")).filter(upper=Upper(Value(address)))
    rows = found.values_list("report_id", "email")
    return Report.objects.filter(pk__in=[pk for pk, email in rows if is_same_email(email, address)])
