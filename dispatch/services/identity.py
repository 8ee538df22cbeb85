"""Looking at who a reporter is: only for the roles that may, and every look leaves a record."""

from datetime import datetime

from django.db import transaction

from city.services import audit
from complaints import errors, selectors
from complaints.models import Reporter


@transaction.atomic
def look_at_reporter(user, report_id: int, *, now: datetime) -> Reporter | None:
    """The reporter's contact, or None if they left none; the look is recorded either way (UU PDP 27/2022).

    Raises Report.DoesNotExist (not theirs to see), NotPermitted (a role that never sees identities).
    """
    report = selectors.for_staff(user).get(pk=report_id)
    if not selectors.may_see_identity(user):
        raise errors.NotPermitted(step="identity")
    audit.record(
        audit.Kind.IDENTITY_LOOK,
        now=now,
        actor=user,
        object_kind="complaints.report",
        object_key=report.pk,
        object_name=report.spoken_code,
    )
    return Reporter.objects.filter(report=report).first()
