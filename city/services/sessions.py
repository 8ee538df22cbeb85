"""Staff's open sessions: which count, which are listed, and ending them.

What decides stands in the session itself (signed in when, seen when, second factor asked or not), so that a
request costs no query for it. The list is kept beside it, and ending a session deletes the session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from city.domain import browsers, network
from city.models import StaffSession, User
from city.services import audit, second_factor

KEY = "staff"  # in the session: {"row", "at", "seen", "factor"}, times in seconds
_TOUCH_EVERY_S = 300


def _store(session_key: str):
    return import_module(settings.SESSION_ENGINE).SessionStore(session_key)


def opened(request, user: User, *, now: datetime) -> None:
    """A session has begun (signal `user_logged_in`): list and record it."""
    session = request.session
    if not session.session_key:
        session.create()
    address = request.META.get("REMOTE_ADDR", "")
    with transaction.atomic():
        row = StaffSession.objects.create(
            user=user,
            session_key=session.session_key,
            browser=browsers.in_words(request.META.get("HTTP_USER_AGENT", ""))[:60],
            address=network.shortened(address),
            created_at=now,
            last_seen_at=now,
        )
        via = getattr(request, "sign_in_via", "password")
        audit.record(audit.Kind.SIGN_IN, now=now, actor=user, address=address, detail={"via": via})
    seconds = int(now.timestamp())
    session[KEY] = {"row": row.pk, "at": seconds, "seen": seconds, "factor": False}


def factor_passed(session) -> None:
    """The second factor was asked for and given in this session."""
    session[KEY] = {**session[KEY], "factor": True}


def closed(request, user: User, *, now: datetime) -> None:
    """Somebody signs out (signal `user_logged_out`)."""
    mine = request.session.get(KEY) or {}
    StaffSession.objects.filter(pk=mine.get("row"), user=user).delete()
    address = request.META.get("REMOTE_ADDR", "")
    audit.record(audit.Kind.SIGN_OUT, now=now, actor=user, address=address)


def is_good(session, user: User, *, now: datetime) -> bool:
    """Whether the session still speaks for this account: not too old, not idle too long, and with the
    second factor if one is asked of the account now."""
    mine = session.get(KEY)
    if not mine:
        return False
    seconds = now.timestamp()
    if seconds - mine["at"] >= settings.STAFF_SESSION_S or seconds - mine["seen"] >= settings.STAFF_IDLE_S:
        return False
    return mine["factor"] or not second_factor.is_asked_of(user)


def touch(session, *, now: datetime) -> None:
    """Remember that the session is in use: two small writes every few minutes."""
    mine, seconds = session[KEY], int(now.timestamp())
    if seconds - mine["seen"] < min(_TOUCH_EVERY_S, settings.STAFF_IDLE_S / 10):
        return
    session[KEY] = {**mine, "seen": seconds}
    StaffSession.objects.filter(pk=mine["row"]).update(last_seen_at=now)


def replaced(session) -> None:
    """Somebody signs in over an open session, which Django empties."""
    StaffSession.objects.filter(pk=(session.get(KEY) or {}).get("row")).delete()


def forget(session) -> None:
    """The session speaks for nobody any more; the rest of it stays (a citizen's own reports)."""
    mine = session.pop(KEY, None) or {}
    StaffSession.objects.filter(pk=mine.get("row")).delete()
    for name in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY):
        session.pop(name, None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the list of sessions."""

    row: StaffSession
    is_this: bool


def of(user: User, session=None, *, now: datetime) -> list[Shown]:
    """The open sessions of an account, this one first, then the last used."""
    mine = ((session.get(KEY) if session is not None else None) or {}).get("row")
    alive = StaffSession.objects.filter(
        user=user,
        created_at__gt=now - timedelta(seconds=settings.STAFF_SESSION_S),
        last_seen_at__gt=now - timedelta(seconds=settings.STAFF_IDLE_S),
    )
    shown = [Shown(row, row.pk == mine) for row in alive.order_by("-last_seen_at", "-id")]
    return sorted(shown, key=lambda line: not line.is_this)


@transaction.atomic
def end(user: User, row_id: int, *, by: User, now: datetime) -> bool:
    """End one session of an account; False if it is over already."""
    row = StaffSession.objects.select_for_update().filter(pk=row_id, user=user).first()
    if row is None:
        return False
    _end([row])
    said = {"browser": row.browser, "address": row.address}
    audit.record(audit.Kind.SESSION_ENDED, now=now, actor=by, detail=said, **audit.about(user))
    return True


@transaction.atomic
def end_all(user: User, *, by: User | None, now: datetime, but=None) -> int:
    """End all sessions of an account, `but` the one that asks for it; returns how many."""
    mine = ((but.get(KEY) if but is not None else None) or {}).get("row")
    rows = list(StaffSession.objects.select_for_update().filter(user=user).exclude(pk=mine))
    if rows:
        _end(rows)
        audit.record(
            audit.Kind.SESSION_ENDED, now=now, actor=by, detail={"count": len(rows)}, **audit.about(user)
        )
    return len(rows)


def _end(rows: list[StaffSession]) -> None:
    for row in rows:
        _store(row.session_key).delete()
    StaffSession.objects.filter(pk__in=[row.pk for row in rows]).delete()


@transaction.atomic
def password_changed(request, user: User, *, now: datetime) -> None:
    """After one's own new password: the other sessions end, this one got a new key."""
    audit.record(
        audit.Kind.PASSWORD_CHANGED,
        now=now,
        actor=user,
        address=request.META.get("REMOTE_ADDR", ""),
        **audit.about(user),
    )
    end_all(user, by=user, now=now, but=request.session)
    mine = request.session.get(KEY) or {}
    StaffSession.objects.filter(pk=mine.get("row")).update(session_key=request.session.session_key)


def sweep(*, now: datetime) -> int:
    """Delete lines of sessions that are over by time; returns how many."""
    limit = now - timedelta(seconds=settings.STAFF_IDLE_S)
    return StaffSession.objects.filter(last_seen_at__lt=limit).delete()[0]
