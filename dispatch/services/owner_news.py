"""Asking owners' systems what became of our referrals, and telling it.

A request is asked about no more often than its server's interval; a server that is down is left alone for
ever longer. Each thing they tell becomes one row (`OwnerUpdate`, unique) and at most one public event.

What "closed" means is decided by our rules of proof, not theirs: GeoReport closes duplicates and refusals
with the same word. So a report counts as repaired without anybody looking only if the server is set so
(`when_closed`), they say a sentence about it, and the kind of problem needs no photo of the repair; then its
reporter is asked as always. Else it stays open, the public reads what they said, and the desk checks it.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Min, Q, QuerySet

from complaints.domain import actor as actors
from complaints.domain import text, workflow
from complaints.models import Event, Report
from complaints.services import status as report_status
from complaints.services import timeline
from dispatch.domain import georeport
from dispatch.models import Forward, Outbox, OwnerEndpoint, OwnerUpdate, Referral
from dispatch.services import outbox, owners, referral_events
from dispatch.services.channels.base import PermanentError, TemporaryError
from dispatch.services.channels.open311 import Client, RefusedError

BUDGET_S = 10.0  # with one more call of 9 s less than a worker's lease
PAUSE_MAX = timedelta(hours=6)
_CLAIM = timedelta(minutes=2)  # a lost worker's asking is begun anew after that
_OVERLAP = timedelta(hours=1)  # updates that they date back a little are not missed
_SPAN_MAX = timedelta(days=30)
LOST_AFTER = 5


def queue_due(*, now: datetime) -> int:
    """Let workers ask the servers that have something to be asked; returns how many. One row a server."""
    count = 0
    free = Q(polling_until__isnull=True) | Q(polling_until__lte=now)
    awake = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    for endpoint in OwnerEndpoint.objects.filter(free & awake, is_active=True):
        if not _due(endpoint, now).exists():
            continue
        with transaction.atomic():
            mine = OwnerEndpoint.objects.filter(free, pk=endpoint.pk).update(polling_until=now + _CLAIM)
            if mine:
                outbox.enqueue(
                    queue=Outbox.Queue.NOTIFY,
                    topic="owner.poll",
                    report_id=None,
                    payload={"endpoint_id": endpoint.pk},
                    now=now,
                )
                count += 1
    return count


def _due(endpoint: OwnerEndpoint, now: datetime) -> QuerySet[Forward]:
    asked = (Forward.State.TOKEN, Forward.State.OPEN)
    due = Forward.objects.filter(endpoint=endpoint, state__in=asked, next_poll_at__lte=now)
    return due.filter(referral__ended_at__isnull=True)


def poll(endpoint_id: int, *, now: datetime) -> Callable[[], None]:
    """Ask one server about what is due, for about BUDGET_S; what is left is asked in the next minute.

    Runs outside any transaction; raises nothing that the server did: it is written down, and it is left alone
    for a while.
    """
    rows = OwnerEndpoint.objects.filter(pk=endpoint_id)
    endpoint = rows.get()
    try:
        client = owners.client_of(endpoint)
        if endpoint.reads == OwnerEndpoint.Reads.UPDATES:
            _read_updates(endpoint, client, now)
        _ask_each(endpoint, client, now)
    except (TemporaryError, PermanentError) as exc:
        _back_off(endpoint, str(exc), now)
    return lambda: rows.update(polling_until=None)


def _back_off(endpoint: OwnerEndpoint, error: str, now: datetime) -> None:
    """Twice as long each time in a row, from the interval to PAUSE_MAX (or the interval, if longer)."""
    interval = timedelta(minutes=endpoint.poll_minutes)
    pause = min(interval * 2 ** min(endpoint.failed_count, 10), max(PAUSE_MAX, interval))
    OwnerEndpoint.objects.filter(pk=endpoint.pk).update(
        failed_count=F("failed_count") + 1,
        paused_until=now + pause,
        last_error=error[: outbox.ERROR_MAX_CHARS],
    )


def _ask_each(endpoint: OwnerEndpoint, client: Client, now: datetime) -> None:
    by_number = endpoint.reads == OwnerEndpoint.Reads.REQUESTS
    due = _due(endpoint, now)
    due = due if by_number else due.filter(state=Forward.State.TOKEN)
    ends_at = time.monotonic() + BUDGET_S
    for forward in due.order_by("next_poll_at")[:500]:
        if time.monotonic() > ends_at:
            return
        # Committed before the call, so that a worker that dies does not ask again at once.
        later = {"next_poll_at": now + timedelta(minutes=endpoint.poll_minutes), "last_asked_at": now}
        if not _due(endpoint, now).filter(pk=forward.pk).update(**later):
            continue
        if forward.state == Forward.State.TOKEN:
            _ask_token(forward, client, now)
        else:
            _ask_number(forward, client, now)
        owners.note_answer(endpoint.pk, now)


def _ask_token(forward: Forward, client: Client, now: datetime) -> None:
    try:
        number = client.request_of_token(forward.token)
    except RefusedError as exc:
        return _missed(forward, exc, now)
    if number:
        take_number(forward.pk, number, now=now)


def _ask_number(forward: Forward, client: Client, now: datetime) -> None:
    try:
        entry = client.request(forward.service_request_id)
    except RefusedError as exc:
        return _missed(forward, exc, now)
    said = entry.get("status", "")
    if said:
        their_at = georeport.moment(entry.get("updated_datetime", ""))
        take(forward.pk, status=said, words=entry.get("status_notes", ""), their_at=their_at, now=now)


def _missed(forward: Forward, exc: RefusedError, now: datetime) -> None:
    """404 and 410 are about this one request; anything else is about the server. Raises the latter."""
    if exc.status not in (404, 410):
        raise exc
    Forward.objects.filter(pk=forward.pk).update(
        missed_count=F("missed_count") + 1, last_error=str(exc)[: outbox.ERROR_MAX_CHARS]
    )
    if forward.missed_count + 1 == LOST_AFTER:
        Referral.objects.filter(pk=forward.referral_id).update(claim=Referral.Claim.LOST, claimed_at=now)


def _read_updates(endpoint: OwnerEndpoint, client: Client, now: datetime) -> None:
    """Everything they told since the last time, in one call."""
    interval = timedelta(minutes=endpoint.poll_minutes)
    asked = endpoint.updates_asked_at
    if asked is not None and asked + interval > now:
        return
    waiting = _due(endpoint, now).filter(state=Forward.State.OPEN)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is None:
        return
    since = max(oldest, (asked or oldest) - _OVERLAP, now - _SPAN_MAX)
    waiting.update(next_poll_at=now + interval, last_asked_at=now)
    for entry in client.updates(since, now):
        open_ones = Forward.objects.filter(
            endpoint=endpoint,
            service_request_id=entry.get("service_request_id", "")[:80],
            state=Forward.State.OPEN,
            referral__ended_at__isnull=True,
        )
        for forward_id in open_ones.exclude(service_request_id="").values_list("pk", flat=True):
            take(
                forward_id,
                status=entry.get("status", ""),
                words=entry.get("description", ""),
                their_at=georeport.moment(entry.get("updated_datetime", "")),
                update_id=entry.get("update_id", ""),
                now=now,
            )
    OwnerEndpoint.objects.filter(pk=endpoint.pk).update(updates_asked_at=now)
    owners.note_answer(endpoint.pk, now)


def _locked(forward_id: int) -> tuple[Report, Forward]:
    report_id = Forward.objects.values_list("referral__report_id", flat=True).get(pk=forward_id)
    report = timeline.lock(report_id)
    rows = Forward.objects.select_for_update(of=("self",)).select_related("referral", "endpoint")
    return report, rows.get(pk=forward_id)


@transaction.atomic
def take_number(forward_id: int, number: str, *, now: datetime) -> None:
    """A token has become a number; told once. Locks the report, then the forward."""
    _report, forward = _locked(forward_id)
    if forward.service_request_id:
        return
    forward.service_request_id, forward.state, forward.last_heard_at = number, Forward.State.OPEN, now
    forward.missed_count = 0
    forward.save()
    forward.referral.reference = number
    forward.referral.save(update_fields=["reference"])
    referral_events.record(forward.referral, "taken", now)


@transaction.atomic
def take(
    forward_id: int,
    *,
    status: str,
    words: str,
    their_at: datetime | None,
    now: datetime,
    update_id: str = "",
) -> Event | None:
    """Take in what they say of one request; returns the public event it became, if it was news.

    With an `update_id` each id counts once; without, each change against what they said before. Locks the
    report, then the forward.
    """
    report, forward = _locked(forward_id)
    status, words = text.clean_line(status)[:60], text.clean(words)[: text.MESSAGE_MAX_CHARS]
    forward.last_heard_at, forward.missed_count = now, 0
    is_same = (status, words) == (forward.their_status, forward.their_text)
    if forward.referral.ended_at is not None or (is_same and not update_id):
        forward.save(update_fields=["last_heard_at", "missed_count"])
        return None
    key = _key(update_id or f"{forward.state_key}\n{status}\n{words}", is_id=bool(update_id))
    row = _first_time(forward, key, status, words, their_at, now)
    if row is None:
        forward.save(update_fields=["last_heard_at", "missed_count"])
        return None
    is_first = not forward.their_status
    before = georeport.meaning(forward.their_status) if forward.their_status else georeport.OPEN
    forward.state_key, forward.their_status, forward.their_text = key, status, words
    means = georeport.meaning(status)
    forward.state = Forward.State.OPEN if means == georeport.OPEN else Forward.State.CLOSED
    forward.save()
    if means == georeport.OPEN and not words and (is_first or before == means):
        return None  # "open", which everybody knows
    event = _tell(report, forward, means, words, now)
    if event is not None:
        OwnerUpdate.objects.filter(pk=row.pk).update(event_id=event.pk)
    return event


def _key(text: str, *, is_id: bool) -> str:
    return hashlib.sha256(f"{'id' if is_id else 'change'}\n{text}".encode()).hexdigest()


def _first_time(forward, key, status, words, their_at, now) -> OwnerUpdate | None:
    try:
        with transaction.atomic():
            return OwnerUpdate.objects.create(
                forward=forward, key=key, status=status, text=words, their_at=their_at, heard_at=now
            )
    except IntegrityError:
        return None


def _tell(report: Report, forward: Forward, means: str, words: str, now: datetime) -> Event | None:
    referral = forward.referral
    said = {"their_status": forward.their_status}
    if means == georeport.OPEN:
        return referral_events.record(referral, "news", now, message=words, **said)
    if means == georeport.DONE and _counts_as_repaired(report, forward, words):
        owner = actors.Actor(actors.SYSTEM, None, referral.department_id)
        report_status.change_status(report.pk, workflow.RESOLVED, actor=owner, now=now, message=words)
        return Event.objects.filter(report=report).order_by("-id").first()
    referral.claim = Referral.Claim.DONE if means == georeport.DONE else Referral.Claim.DECLINED
    referral.claimed_at = now
    referral.save(update_fields=["claim", "claimed_at"])
    return referral_events.record(referral, str(referral.claim), now, message=words, **said)


def _counts_as_repaired(report: Report, forward: Forward, words: str) -> bool:
    """See this module's first lines."""
    trusted = forward.endpoint.when_closed == OwnerEndpoint.WhenClosed.CITIZEN
    has_proof = bool(words) and not report.category.needs_repair_photo
    return trusted and has_proof and workflow.may_follow(report.status, workflow.RESOLVED)
