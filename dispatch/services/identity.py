"""Looking at who a reporter is, and searching by it: for the roles that may, and each time is recorded."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from city.services import audit
from complaints import errors, selectors, selectors_search
from complaints.models import Report, Reporter
from complaints.services import subscriptions

# So many letters of an address's keyed hash tell searches apart without telling whose address it was.
_HASH_LETTERS = 8


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


@transaction.atomic
def find_by_contact(user, reports: QuerySet[Report], address: str, *, now: datetime) -> QuerySet[Report]:
    """Those of `reports` that were filed with this phone number (E.164) or e-mail address; the search is
    recorded like a look, the address itself is not (UU PDP 27/2022). Raises NotPermitted."""
    if not selectors.may_see_identity(user):
        raise errors.NotPermitted(step="identity")
    found = selectors_search.by_contact(reports, address)
    audit.record(
        audit.Kind.CONTACT_SEARCH,
        now=now,
        actor=user,
        detail={
            "by_what": "email" if "@" in address else "phone",
            "hash": subscriptions.address_hashes(address)[0][:_HASH_LETTERS],
            "found": found.order_by().count(),
        },
    )
    return found
