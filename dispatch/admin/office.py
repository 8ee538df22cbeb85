"""The page of a department's head: the load of today, and the last quarter week by week."""

from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import roles
from city import snapshot as city
from city.models import User
from complaints.domain import figures
from dispatch import words
from dispatch.services import office_figures, worklist

PERMISSION = "dispatch.view_officeweek"
_HEIGHT, _WEEK_WIDTH, _BAR_WIDTH = 120, 56, 20
_HOURS_A_DAY = 24


def page(request):
    """One's own department; city-wide roles choose one with `?dinas=CODE`."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    now = timezone.now()
    department = _department(request)
    context = {
        **admin.site.each_context(request),
        "departments": _choices(request.user),
        "department": department,
        "now": now,
    }
    if department is not None:
        context |= _figures(request.user, department, now)
    return TemplateResponse(request, "dispatch/admin/office.html", context)


def _is_city_wide(user) -> bool:
    return user.is_superuser or user.role in roles.CITY_WIDE


def _choices(user) -> list:
    """The departments a person may choose among; none where there is no choice."""
    if not _is_city_wide(user):
        return []
    found = [item for item in city.current().departments.values() if item.is_active]
    return sorted(found, key=lambda item: (item.is_external, item.name))


def _department(request):
    """The department asked for. Raises PermissionDenied for another one's, Http404 for an unknown code."""
    code, snap = request.GET.get("dinas", ""), city.current()
    own = snap.departments_by_id.get(request.user.department_id)
    if not _is_city_wide(request.user):
        if own is None or (code and code != own.code):
            raise PermissionDenied
        return own
    if code and code not in snap.departments:
        raise Http404
    return snap.departments.get(code) or own


def _figures(user, department, now) -> dict:
    load = office_figures.load(user, department.id, now=now)
    counted = office_figures.of(department.id)
    by_monday = {row.monday: row.numbers for row in counted}
    rows = [_week(monday, by_monday.get(monday)) for monday in office_figures.weeks(now)]
    return {
        "cards": _cards(load.numbers, department, _is_city_wide(user)),
        "handlers": _handlers(load.handlers),
        "as_of": counted[-1].as_of if counted else None,
        "rows": rows,
        "total": {name: sum(row[name] for row in rows) for name in office_figures.NUMBERS}
        | {"kept_share": _share(rows, "kept", "promised"), "right_share": _share(rows, "right", "decided")},
        "flow": _bars(rows, ("received", "resolved")) if _has(rows, ("received", "resolved")) else None,
        "days": _bars(rows, ("median_days", "slow_days")) if _has(rows, ("median_days",)) else None,
        "too_few": figures.TOO_FEW,
    }


def _week(monday, numbers: dict | None) -> dict:
    """A row of the table; a missing week is one in which nothing happened."""
    numbers = numbers or {}
    row = {name: numbers.get(name, 0) for name in office_figures.NUMBERS}
    return row | {
        "monday": monday,
        "name": date_format(monday, "j M Y"),
        "short": date_format(monday, "j M"),
        "median_days": _days(numbers.get("median_hours")),
        "slow_days": _days(numbers.get("slow_hours")),
        "kept_share": figures.share(row["kept"], row["promised"]),
        "right_share": figures.share(row["right"], row["decided"]),
    }


def _days(hours: float | None) -> float | None:
    return None if hours is None else round(hours / _HOURS_A_DAY, 1)


def _share(rows: list[dict], part: str, whole: str) -> int | None:
    return figures.share(sum(row[part] for row in rows), sum(row[whole] for row in rows))


def _has(rows: list[dict], names: tuple[str, ...]) -> bool:
    return any(row[name] for row in rows for name in names)


def _bars(rows: list[dict], names: tuple[str, str]) -> dict:
    """Two bars a week, as whole numbers for an SVG."""
    most = max(row[name] or 0 for row in rows for name in names)
    bars = []
    for position, row in enumerate(rows):
        x = position * _WEEK_WIDTH + 6
        pair = [_bar(row[name], most, x + n * (_BAR_WIDTH + 2)) for n, name in enumerate(names)]
        bars.append({"first": pair[0], "second": pair[1], "middle": x + _BAR_WIDTH + 1, "row": row})
    return {
        "bars": bars,
        "width": len(rows) * _WEEK_WIDTH,
        "height": _HEIGHT,
        "top": 18,
        "bar": _BAR_WIDTH,
        "label_y": _HEIGHT + 35,
        "full": _HEIGHT + 42,
        "base": _HEIGHT + 18,
    }


def _bar(value: float | None, most: float, x: int) -> dict:
    height = round(_HEIGHT * value / most) if most and value else 0
    top = _HEIGHT + 18 - height
    return {"x": x, "y": top, "h": height, "value": value, "text_x": x + _BAR_WIDTH // 2, "text_y": top - 4}


def _cards(numbers: dict[str, int], department, is_city_wide: bool) -> list[dict]:
    """What lies with the office now, each leading to its list."""
    place = {"dinas": department.code} if is_city_wide else {}
    cards = [("open", _("Open"), {})]
    for name, wanted in worklist.CARDS:
        if name in numbers:
            params = {"tenggat": wanted["due"]} if "due" in wanted else {"status": wanted["state"]}
            cards.append((name, words.CARD[name][0], params))
    address = reverse("admin:complaints_report_changelist")
    return [
        {
            "name": name,
            "label": label,
            "count": numbers[name],
            "url": f"{address}?{urlencode(params | place)}",
            "is_bad": name == "overdue" and numbers[name] > 0,
        }
        for name, label, params in cards
    ]


def _handlers(rows: list[tuple[int | None, int, int]]) -> list[dict]:
    """Open and overdue per person, so that work can be shared out; no ranking of anybody's results."""
    users = User.objects.in_bulk([pk for pk, _open, _late in rows if pk])
    return [
        {
            "name": (users[pk].get_full_name() or users[pk].username) if pk in users else "",
            "open": number,
            "late": late,
        }
        for pk, number, late in rows
    ]
