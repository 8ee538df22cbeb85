"""Looking at who a reporter is: only for the roles that may, and every look leaves a record."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from complaints import errors, selectors
from complaints.models import Report, Reporter

LOOKED = "looked at the reporter's identity"


@transaction.atomic
def look_at_reporter(user, report_id: int, *, now: datetime) -> Reporter | None:
    """The reporter's contact, or None if they left none; the look is recorded either way (UU PDP 27/2022).

    Raises Report.DoesNotExist (not theirs to see), NotPermitted (a role that never sees identities).
    """
    report = selectors.for_staff(user).get(pk=report_id)
    if not selectors.may_see_identity(user):
        raise errors.NotPermitted(step="identity")
    LogEntry.objects.create(
        action_time=now,
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(Report),
        object_id=str(report.pk),
        object_repr=report.spoken_code,
        action_flag=CHANGE,
        change_message=LOOKED,
    )
    return Reporter.objects.filter(report=report).first()
