"""The record: who came in, looked at identities, exported, changed what. For administrators."""

import csv
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from city import triggers
from city.models import AuditEvent, User
from city.services import audit, lockout, signin
from complaints.domain import codes
from dispatch.admin import audit_words

PAGE_SIZE = 50
_LOCKS_SHOWN = 20
_PARAMETERS = ("orang", "jenis", "dari", "sampai", "objek")


def _require(request) -> None:
    if not request.user.has_perm("city.view_auditevent"):
        raise PermissionDenied


def _day(text: str, plus_days: int = 0) -> datetime | None:
    """The beginning of a day in the city's time; None for what is no day."""
    try:
        day = parse_date(text)
        return timezone.make_aware(datetime.combine(day + timedelta(days=plus_days), time())) if day else None
    except (ValueError, OverflowError):
        return None


def _filters(request) -> tuple[audit.Filters, dict[str, str]]:
    asked = {name: request.GET.get(name, "").strip()[:150] for name in _PARAMETERS}
    asked = {name: value.replace("\x00", "") for name, value in asked.items() if value}
    if asked.get("jenis") not in AuditEvent.Kind.values:
        asked.pop("jenis", None)
    name = asked.get("objek", "")
    code = codes.normalise(name)
    filters = audit.Filters(
        username=asked.get("orang", ""),
        kind=asked.get("jenis", ""),
        start=_day(asked.get("dari", "")),
        end=_day(asked.get("sampai", ""), plus_days=1),
        names=tuple({name, f"{code[:4]}-{code[4:]}"} if code else {name}) if name else (),
    )
    return filters, asked


def _after(request) -> audit.Place | None:
    """The line to go on from, out of `setelah=microseconds.id`; nonsense means from the start."""
    try:
        at, pk = (int(part) for part in request.GET.get("setelah", "").split("."))
        moment = datetime.fromtimestamp(0, tz=timezone.get_current_timezone()) + timedelta(microseconds=at)
    except (ValueError, OverflowError):
        return None
    return audit.Place(moment, pk) if 0 < pk < 2**63 else None


def _mark(line: AuditEvent) -> str:
    epoch = datetime.fromtimestamp(0, tz=line.at.tzinfo)
    return f"{(line.at - epoch) // timedelta(microseconds=1)}.{line.pk}"


def page(request):
    """Filters, one page of lines, and what is locked now. No line is counted."""
    _require(request)
    filters, asked = _filters(request)
    found = list(audit.lines(filters, _after(request))[: PAGE_SIZE + 1])
    lines, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": _("Record"),
        "lines": [audit_words.Line(line) for line in lines],
        "older": urlencode(asked | {"setelah": _mark(lines[-1])}) if more else "",
        "is_first": _after(request) is None,
        "first": urlencode(asked),
        "asked": asked,
        "kinds": AuditEvent.Kind.choices,
        "people": User.objects.order_by("username").values_list("username", flat=True),
        "locks": [audit_words.Lock(row) for row in lockout.shut_now(now=now, at_most=_LOCKS_SHOWN)],
        "kept_days": triggers.KEPT_DAYS,
    }
    return TemplateResponse(request, "dispatch/admin/audit.html", context)


class _Echo:
    """What csv writes into; gives the text back."""

    def write(self, text: str) -> str:
        return text


def harmless(value: str) -> str:
    """A cell that a spreadsheet takes for text and never for a formula (OWASP, CSV injection)."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def download(request):
    """What the filters show, all of it, as CSV; the export itself stands in the record."""
    _require(request)
    filters, asked = _filters(request)
    audit.record(
        audit.Kind.EXPORT,
        now=timezone.now(),
        actor=request.user,
        address=request.META.get("REMOTE_ADDR", ""),
        object_kind="city.auditevent",
        object_name=_("Record"),
        detail={"filters": asked},
    )
    response = StreamingHttpResponse(_csv(filters), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="catatan-{timezone.localdate():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _csv(filters: audit.Filters):
    writer = csv.writer(_Echo())
    yield "\ufeff"  # spreadsheets read UTF-8 by it
    yield writer.writerow(
        ["time", "kind", "username", "address", "object_kind", "object_key", "object", "details"]
    )
    for event in audit.every_line(filters):
        line = audit_words.Line(event)
        cells = [
            timezone.localtime(event.at).isoformat(),
            event.kind,
            event.actor.get_username() if event.actor else "",
            event.address,
            event.object_kind,
            event.object_key,
            event.object_name,
            str(line.detail),
        ]
        yield writer.writerow([harmless(cell) for cell in cells])


@require_POST
def unlock(request):
    """Lift one lock of the list."""
    if not request.user.has_perm("city.change_user"):
        raise PermissionDenied
    which = request.POST.get("lock", "")
    if which.isdecimal() and signin.unlock_door(int(which[:18]), by=request.user, now=timezone.now()):
        messages.success(request, _("The lock was lifted."))
    else:
        messages.warning(request, _("That lock is over already."))
    return redirect("admin:audit")
