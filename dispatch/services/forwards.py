"""Referrals into an owner's own system by Open311, filed once as far as the protocol allows.

GeoReport v2 knows no idempotency key. So `begun_at` is committed before a request leaves, and cleared when it
certainly was not taken. Whoever finds it set (a worker died, an answer never came) first looks for our code
in the owner's list, and files again only if that list can be read and does not have it. Where it cannot be
read, nothing is filed again: the owner is told by e-mail or letter, and staff read why. What remains: a list
that shows new requests late makes a second one, which is counted in `unsure_count` and noted for staff.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F

from complaints.models import Photo, Report
from complaints.services import timeline
from dispatch.models import Forward, Outbox, OwnerEndpoint, Referral
from dispatch.services import forward_request, forward_words, outbox, owners, referral_events
from dispatch.services.channels.base import PermanentError, TemporaryError
from dispatch.services.channels.http import NotReachedError
from dispatch.services.channels.open311 import Filed, NotTakenError, RefusedError
from dispatch.services.forward_words import NO_SERVICE, PRIVATE, REFUSED, SWITCHED_OFF, UNREACHED, UNSURE

log = logging.getLogger(__name__)

Effect = Callable[[], None]

# Photos are prepared within seconds; the owner's copy of the report waits so long for them.
PHOTOS_WITHIN = timedelta(minutes=2)
# How far around the first try their list is searched.
_SEARCH_MARGIN = timedelta(hours=1)


def endpoint_for(report: Report) -> OwnerEndpoint | None:
    """The server that takes this report. Never one for a private report: what others' systems show is theirs
    to decide."""
    if report.is_private:
        return None
    return OwnerEndpoint.objects.filter(department_id=report.department_id, is_active=True).first()


def begin(referral: Referral, endpoint: OwnerEndpoint, *, now: datetime) -> Forward:
    """Queue a referral's way into the owner's system, in the caller's transaction."""
    forward = Forward.objects.create(referral=referral, endpoint=endpoint, created_at=now)
    _queue(forward, now)
    return forward


def again(forward: Forward, *, now: datetime) -> None:
    """Queue it once more, in the caller's transaction, with the referral locked."""
    forward.state, forward.failed_why = Forward.State.PENDING, ""
    forward.save(update_fields=["state", "failed_why"])
    Referral.objects.filter(pk=forward.referral_id).update(channel=Referral.Channel.OPEN311, last_error="")
    _queue(forward, now)


def listen_again(referral: Referral, *, now: datetime) -> None:
    """What they had ended is asked about again: the desk was not satisfied with it."""
    Forward.objects.filter(referral=referral, state=Forward.State.CLOSED).update(
        state=Forward.State.OPEN, next_poll_at=now
    )


def _queue(forward: Forward, now: datetime) -> None:
    outbox.enqueue(
        queue=Outbox.Queue.NOTIFY,
        topic="owner.forward",
        report_id=forward.referral.report_id,
        payload={"forward_id": forward.pk},
        now=now,
    )


def send(forward_id: int, *, now: datetime) -> Effect | None:
    """File one referral with its owner; returns what to write down once they have it, or have refused it.

    Runs outside any transaction. Raises TemporaryError: try again later.
    """
    forward = _read(forward_id)
    referral, report = forward.referral, forward.referral.report
    if forward.state != Forward.State.PENDING or referral.ended_at is not None:
        return None
    if why := _may_not_go(forward, report):
        return _falling_back(forward, why, "", now)
    if _waits_for_photos(forward, report, now):
        raise TemporaryError("the photos are being prepared")
    try:
        return _send(forward, report, now)
    except PermanentError as exc:
        return _falling_back(forward, REFUSED, str(exc), now)
    except TemporaryError as exc:
        _note_error(forward, str(exc))
        raise


def _read(forward_id: int) -> Forward:
    rows = Forward.objects.select_related("endpoint", "referral__report__category__parent")
    return rows.get(pk=forward_id)


def _may_not_go(forward: Forward, report: Report) -> str:
    """Why it must not leave this way after all; much can happen while it waits."""
    if report.is_private:
        return PRIVATE
    if not forward.endpoint.is_active:
        return SWITCHED_OFF
    return "" if forward_request.service_code(forward.endpoint, report) else NO_SERVICE


def _waits_for_photos(forward: Forward, report: Report, now: datetime) -> bool:
    if now - forward.created_at > PHOTOS_WITHIN:
        return False
    return report.photos.filter(kind=Photo.Kind.REPORT, state=Photo.State.PENDING).exists()


def _send(forward: Forward, report: Report, now: datetime) -> Effect:
    client = owners.client_of(forward.endpoint)
    request = forward_request.build(forward.endpoint, report)
    if forward.begun_at is not None:
        try:
            found = client.find(
                report.code,
                service_code=forward.service_code or request.service_code,
                since=forward.begun_at - _SEARCH_MARGIN,
                until=now + _SEARCH_MARGIN,
            )
        except RefusedError as exc:
            return _falling_back(forward, UNSURE, str(exc), now)
        if found:
            return lambda: _filed(forward.pk, Filed(service_request_id=found), now)
    begun = _mark_begun(forward, request.service_code, now)
    try:
        filed = client.file(request)
    except (NotReachedError, NotTakenError, RefusedError):
        begun.update(begun_at=forward.begun_at)  # certainly not taken this time
        raise
    return lambda: _filed(forward.pk, filed, now)


def _mark_begun(forward: Forward, service_code: str, now: datetime):
    """Commit that a request is about to leave. Returns the rows to take that back on."""
    mine = Forward.objects.filter(pk=forward.pk)
    if forward.begun_at is not None:
        log.warning("forward %s leaves again: their list does not show the first", forward.pk)
        mine.update(unsure_count=F("unsure_count") + 1)
    mine.update(begun_at=forward.begun_at or now, service_code=service_code)
    return mine


def _note_error(forward: Forward, error: str) -> None:
    Forward.objects.filter(pk=forward.pk).update(last_error=error[: outbox.ERROR_MAX_CHARS])
    owners.note_failure(forward.endpoint_id, error)


def _locked(forward_id: int) -> Forward:
    """The forward with its referral; the report is locked first, as everywhere."""
    report_id = Forward.objects.values_list("referral__report_id", flat=True).get(pk=forward_id)
    timeline.lock(report_id)
    rows = Forward.objects.select_for_update(of=("self",))
    return rows.select_related("referral__department", "endpoint").get(pk=forward_id)


def _filed(forward_id: int, filed: Filed, now: datetime) -> None:
    """They have it. Also told when staff chose another way meanwhile: it has happened."""
    forward = _locked(forward_id)
    if forward.service_request_id or forward.token:
        return
    referral = forward.referral
    forward.service_request_id, forward.token = filed.service_request_id, filed.token
    forward.state = Forward.State.OPEN if filed.service_request_id else Forward.State.TOKEN
    forward.last_heard_at, forward.last_error, forward.failed_why = now, "", ""
    forward.next_poll_at = now + timedelta(minutes=forward.endpoint.poll_minutes)
    forward.save()
    referral.channel, referral.last_error = Referral.Channel.OPEN311, ""
    referral.sent_at = referral.sent_at or now
    referral.reference = filed.service_request_id or referral.reference
    referral.save(update_fields=["channel", "last_error", "sent_at", "reference"])
    owners.note_answer(forward.endpoint_id, now)
    referral_events.record(referral, "sent", now)
    if forward.unsure_count:
        referral_events.note(referral, forward_words.may_be_twice(), now)


def _falling_back(forward: Forward, why: str, error: str, now: datetime) -> Effect:
    return lambda: fall_back(forward.pk, why, error, now=now)


def fall_back(forward_id: int, why: str, error: str = "", *, now: datetime) -> None:
    """The owner is told by e-mail or letter instead; staff read why. In the caller's transaction."""
    forward = _locked(forward_id)
    if forward.state != Forward.State.PENDING:
        return
    referral = forward.referral
    forward.state, forward.failed_why = Forward.State.FAILED, why
    forward.last_error = error or forward.last_error
    forward.save(update_fields=["state", "failed_why", "last_error"])
    if referral.ended_at is not None or referral.sent_at is not None:
        return
    has_address = bool(referral.department.email)
    referral.channel = Referral.Channel.EMAIL if has_address else Referral.Channel.LETTER
    note = forward_words.fell_back(why, forward.last_error, by_mail=has_address)
    referral.last_error = note
    referral.save(update_fields=["channel", "last_error"])
    if has_address:
        referral_events.queue_mail(referral, 0, now)
    referral_events.note(referral, note, now)


def give_up(forward_id: int, *, now: datetime) -> None:
    """The outbox has given up after many hours."""
    forward = Forward.objects.get(pk=forward_id)
    fall_back(forward_id, UNSURE if forward.begun_at else UNREACHED, now=now)
