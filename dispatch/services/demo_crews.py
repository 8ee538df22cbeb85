"""A crew for each office of the demonstration that has handlers: the field page shows a day's work."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from city import roles
from city.models import Crew, Department, User
from city.services import crews
from complaints.domain.actor import Actor
from complaints.models import Report
from complaints.services import status
from dispatch.services import fieldwork, worklist

STOPS = 8


@transaction.atomic
def send_out(*, now: datetime) -> int:
    """Give each office's handlers a crew and its crew the nearest promises of the demonstration; returns how
    many crews are new. Where somebody made crews already, nothing is added."""
    if Crew.objects.exists():
        return 0
    people = User.objects.filter(is_active=True, role=roles.HANDLER)
    offices = Department.objects.filter(pk__in=people.values("department")).order_by("code")
    with override("id"):
        for office in offices:
            members = people.filter(department=office)
            crew = crews.save(None, name=_("Field crew"), department=office, members=members)
            _give(crew, now)
    return len(offices)


def _give(crew: Crew, now: datetime) -> None:
    open_ones = Report.objects.filter(
        department=crew.department,
        channel=Report.Channel.DEMO,
        is_open=True,
        status__in=fieldwork.WORKABLE,
        crew=None,
    )
    actor = Actor("staff", department_id=crew.department_id)
    for report in open_ones.order_by(*worklist.by_promise())[:STOPS]:
        status.set_crew(report.pk, crew.pk, actor=actor, now=now)
