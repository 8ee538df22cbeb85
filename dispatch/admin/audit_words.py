"""Lines of the record in words."""

from django.contrib.admin.models import LogEntry
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from city.models import AuditEvent, SignInCounter
from city.roles import ROLE_CHOICES
from city.services import history
from dispatch.services import resend

Kind = AuditEvent.Kind
_ICONS = {
    Kind.SIGN_IN: "user",
    Kind.SIGN_OUT: "arrow",
    Kind.SIGN_IN_FAILED: "warning",
    Kind.LOCKED: "lock",
    Kind.UNLOCKED: "lock",
    Kind.IDENTITY_LOOK: "eye",
    Kind.CONTACT_SEARCH: "search",
    Kind.ORIGINAL_LOOK: "eye",
    Kind.EXPORT: "send",
    Kind.ADDED: "plus",
    Kind.CHANGED: "edit",
    Kind.DELETED: "x",
}
_MOST_CHARS = 300  # of one value; the whole stands in the history of the entry
_WARNINGS = frozenset({Kind.SIGN_IN_FAILED, Kind.LOCKED, Kind.FACTOR_RESET, Kind.FACTOR_REMOVED})
# Pages of objects by their kind, where there is one.
_PAGES = {"complaints.report": "admin:complaints_report_change", "city.user": "admin:city_user_change"}


class Line:
    """An AuditEvent as the page and the export show it."""

    def __init__(self, event: AuditEvent):
        self.event = event

    @property
    def icon(self) -> str:
        return _ICONS.get(self.event.kind, "shield")

    @property
    def is_warning(self) -> bool:
        return self.event.kind in _WARNINGS

    @property
    def object_url(self) -> str:
        name = _PAGES.get(self.event.object_kind)
        try:
            return reverse(name, args=[self.event.object_key]) if name and self.event.object_key else ""
        except NoReverseMatch:
            return ""

    @cached_property
    def detail(self) -> str:
        """What the kind does not say yet."""
        said = self.event.detail or {}
        if history.values_of(self.event):
            return " · ".join(self._before_and_after())
        if "message" in said:  # of the admin's own log
            if said["message"] == resend.SENT_AGAIN:
                return _("sent a message again")
            flag = {"added": 1, "changed": 2, "deleted": 3}.get(self.event.kind, 2)
            return LogEntry(action_flag=flag, change_message=said["message"]).get_change_message()
        return " · ".join(part for part in self._parts(said) if part)

    def _before_and_after(self):
        via = (self.event.detail or {}).get("via")
        if via:
            yield _VIA[via]() if via in _VIA else str(via)
        yield from filter(None, [(self.event.detail or {}).get("why", "")])
        for change in history.changes_of(self.event):
            before, after = (text[:_MOST_CHARS] for text in (change.before, change.after))
            if self.event.kind == Kind.CHANGED:
                yield f"{change.label}: {before} → {after}"
            else:
                yield f"{change.label}: {before if self.event.kind == Kind.DELETED else after}"

    def _parts(self, said: dict):
        yield _VIA[said["via"]]() if said.get("via") in _VIA else ""
        yield _WHY[said["why"]]() if said.get("why") in _WHY else str(said.get("why", ""))
        yield _door_words(said["by"]) if said.get("by") else ""
        if self.event.kind == Kind.CONTACT_SEARCH:
            yield _contact_words(said)
        if "count" in said:
            count = said["count"]
            yield ngettext("%(count)d session", "%(count)d sessions", count) % {"count": count}
        yield str(said.get("browser", ""))
        yield str(said.get("address", ""))
        if "filters" in said:
            yield ", ".join(f"{name}={value}" for name, value in said["filters"].items())
        yield from _changes(said.get("changes") or {})


_VIA = {
    "oidc": lambda: _("by single sign-on"),
    "command": lambda: _("on the command line"),
    "load_city": lambda: _("by loading the city pack"),
}
_WHY = {
    "second_factor": lambda: _("wrong code"),
    "refused": lambda: _("the sign-on service refused"),
    "unknown": lambda: _("no account for this person"),
    "ambiguous": lambda: _("more than one account for this person"),
    "unverified": lambda: _("e-mail address not verified"),
}


def _changes(changes: dict):
    """Role, department and the like: before → after."""
    roles = {role: str(name) for role, name in ROLE_CHOICES}
    names = {"role": _("role"), "department": _("department"), "is_active": _("active")}
    for field, (before, after) in changes.items():
        words = [roles.get(value, value) if field == "role" else value for value in (before, after)]
        shown = [_("yes") if w is True else _("no") if w is False else str(w or "–") for w in words]
        yield f"{names.get(field, field)}: {' → '.join(shown)}"


def _contact_words(said: dict) -> str:
    """By what was searched, and how many reports it found; the address only as the letters of its hash."""
    by = _("phone number") if said.get("by_what") == "phone" else _("e-mail address")
    found = said.get("found", 0)
    number = ngettext("%(count)d report", "%(count)d reports", found) % {"count": found}
    return f"{by} {said.get('hash', '')}: {number}"


def _door_words(kind: str) -> str:
    return {
        SignInCounter.Kind.PAIR: _("the account from this address"),
        SignInCounter.Kind.ADDRESS: _("this address"),
        SignInCounter.Kind.CODE: _("codes of the account"),
    }.get(kind, kind)


class Lock:
    """A door that is shut now."""

    def __init__(self, row: SignInCounter):
        self.pk, self.until, self.address, self.user = row.pk, row.locked_until, row.address, row.user
        self.words = _door_words(row.kind)
