"""Forgetting a person while the case stays: the right to erasure of UU PDP 27/2022, article 8."""

from datetime import datetime

from django.db import transaction

from city import snapshot as city
from complaints import selectors
from complaints.domain import privacy
from complaints.domain.actor import REPORTER, THE_REPORTER
from complaints.models import Event, Feedback, HiddenWords, Merge, OneTimeCode, Report, Reporter, Subscription
from complaints.services import photo_files, redaction, subscriptions, timeline


@transaction.atomic
def erase_personal_data(report_id: int, *, now: datetime, with_words: bool = False) -> Report:
    """Erase who the reporter is; kind, place, state, department and promise stay, and the timeline's steps.

    Gone: name and addresses, the reporter's subscriptions and one-time codes, where and when their photos
    were taken, and the private link (a new link version ends the sessions that used it as well).
    `with_words`: also their description, free answers, words in the timeline and photos, files included.
    What staff blacked out can never be shown again: the originals of photos and words are destroyed.
    Messages not yet sent find no address and are not sent. A second time changes nothing. Locks the report.
    """
    report = timeline.lock(report_id)
    if report.erased_at is not None:
        return report
    _forget_addresses(report)
    photos = selectors.reporters_photos(report)
    if with_words:
        photo_files.remove(report, list(photos), now=now)
        _forget_words(report)
    else:
        redaction.destroy_kept(report, photos.values_list("pk", flat=True), now=now)
        photos.update(taken_at=None, gps_latitude=None, gps_longitude=None)
    # Covered for good: the words go on hiding what the timeline says, nobody can look at them any more.
    HiddenWords.objects.filter(report=report).update(originals={})
    report.is_anonymous, report.erased_at = True, now
    report.link_version += 1
    report.body_hash = ""  # made of name and addresses, too
    timeline.save(
        report,
        now,
        *("is_anonymous", "erased_at", "link_version", "body_hash", "description", "street", "answers"),
    )
    timeline.record(report, Event.Kind.ERASED, THE_REPORTER, now, data={"with_words": with_words})
    return report


def _forget_addresses(report: Report) -> None:
    reporter = Reporter.objects.filter(report=report).first()
    if reporter is not None:
        hashes = [
            address_hash
            for address in (reporter.email, reporter.phone)
            if address
            for address_hash in subscriptions.address_hashes(address)
        ]
        OneTimeCode.objects.filter(address_hash__in=hashes).delete()
        Subscription.objects.filter(report=report, address_hash__in=hashes).delete()
        reporter.delete()
    Subscription.objects.filter(report=report, role=Subscription.Role.REPORTER).delete()


def _forget_words(report: Report) -> None:
    """The trigger of migration 0008 lets the words of citizens, and nothing else of an event, be blanked."""
    report.description, report.street = "", privacy.mask(report.street)
    category = city.current().categories_by_id.get(report.category_id)
    free = {question.code for question in category.questions if question.kind == "text"} if category else ()
    report.answers = {code: value for code, value in report.answers.items() if code not in free}
    Feedback.objects.filter(report=report).update(text="")
    said = Event.objects.filter(report=report, actor_kind=REPORTER).exclude(data__has_key="from_report_id")
    said.exclude(text="").update(text="")
    # What they said as part of an incident stands in its primary's timeline as well.
    primaries = Merge.objects.filter(report=report).values("primary_id")
    passed_on = Event.objects.filter(report__in=primaries, data__from_report_id=report.pk)
    passed_on.filter(actor_kind=REPORTER).exclude(text="").update(text="")
