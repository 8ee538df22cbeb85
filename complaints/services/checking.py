"""A second person has looked at the proof of a repair: it stands, or the work goes on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import Actor
from complaints.models import Event, Report
from complaints.services import status, timeline

_WHY = _("Please write what is wrong with the proof; the citizen and the crew will read it.")
_TOO_LONG = _("This text is too long; at most 2,000 characters fit.")
REJECTED = "check_failed"


@transaction.atomic
def approve(report_id: int, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Report:
    """The proof stands: the reporter is asked, and their ten days begin now.

    `resolved_at` stays: the department kept its promise on the day it did the work. Raises Conflict,
    TransitionNotAllowed (nothing is being checked). Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    _check_waits(report)
    report.checking_since, report.status_since = None, now
    timeline.save(report, now, "checking_since", "status_since")
    timeline.record(report, Event.Kind.CHECKED, actor, now)
    return report


@transaction.atomic
def reject(
    report_id: int, message: str, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Report:
    """The proof does not show the repair: back to in progress, with the reason in public.

    Raises Conflict, TransitionNotAllowed, InvalidReport (`message`). Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    _check_waits(report)
    message = text.clean(message)
    if not message:
        raise errors.InvalidReport({"message": ("message_missing", _WHY)})
    if len(message) > text.MESSAGE_MAX_CHARS:
        raise errors.InvalidReport({"message": ("too_long", _TOO_LONG)})
    return status.change_status(
        report.pk, workflow.IN_PROGRESS, actor=actor, now=now, message=message, reason_code=REJECTED
    )


def _check_waits(report: Report) -> None:
    if report.status != workflow.RESOLVED or report.checking_since is None:
        raise errors.TransitionNotAllowed(status=report.status, to="checked", version=report.version)
