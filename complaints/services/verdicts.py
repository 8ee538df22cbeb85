"""What a reporter adds to a confirmation that was one tap: stars and a sentence, once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import text
from complaints.domain.actor import THE_REPORTER
from complaints.models import Event, Feedback, Report
from complaints.services import incidents, timeline

_RATING = _("A rating is a number from 1 to 5.")
_NOTHING = _("Please choose stars or write a sentence.")
_TOO_LONG = _("This text is too long; at most 2,000 characters fit.")
_RATED = _("You have rated this repair already. Thank you.")


def may_rate(report: Report) -> bool:
    """Whether the reporter confirmed the repair and has said no more than that."""
    return report.closure == Report.Closure.CONFIRMED and _bare_confirmation(report) is not None


def _bare_confirmation(report: Report) -> Feedback | None:
    last = Feedback.objects.filter(report=report).order_by("-id").first()
    is_bare = last is not None and last.verdict == Feedback.Verdict.FIXED and not (last.rating or last.text)
    return last if is_bare else None


@transaction.atomic
def rate(report_id: int, *, now: datetime, rating: int | None, message: str = "") -> None:
    """Add stars (1 to 5), a sentence, or both, to a confirmation; the sentence joins the timeline.

    Raises InvalidReport (`rating`, `text`), TransitionNotAllowed (not confirmed, or rated before). Locks the
    report's row.
    """
    message = text.clean(message)
    if rating is None and not message:
        raise errors.InvalidReport({"rating": ("rating_missing", _NOTHING)})
    if rating is not None and rating not in range(1, 6):
        raise errors.InvalidReport({"rating": ("rating_invalid", _RATING)})
    if len(message) > text.MESSAGE_MAX_CHARS:
        raise errors.InvalidReport({"text": ("text_too_long", _TOO_LONG)})
    report, work = incidents.lock_work(report_id)
    feedback = _bare_confirmation(report) if work.closure == Report.Closure.CONFIRMED else None
    if feedback is None:
        raise errors.TransitionNotAllowed(_RATED, status=work.status, to="rated", version=report.version)
    feedback.rating, feedback.text = rating, message
    feedback.save(update_fields=["rating", "text"])
    timeline.save(report, now)
    if message:
        timeline.record(report, Event.Kind.COMMENT, THE_REPORTER, now, text=message)
