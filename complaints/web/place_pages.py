"""What the pages about kelurahan, kecamatan and departments show beside their counted figures."""

from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from complaints import selectors, selectors_debt
from complaints.domain import figures
from complaints.models import Report
from complaints.services import place_figures
from complaints.web import cards, words
from complaints.web import filters as web_filters
from complaints.web.filters import Filters

OLDEST_SHOWN, DEBTS_SHOWN = 5, 5
_CHART_HEIGHT, _MONTH_WIDTH, _BAR_WIDTH = 120, 48, 18


def context(kind: str, place_id: int, filters: Filters, now: datetime) -> dict:
    """A place's figures and its longest open, newest finished and planned reports."""
    row = place_figures.of(kind, place_id)
    numbers = row.numbers if row else None
    oldest = web_filters.apply(filters, now).filter(is_open=True).order_by("created_at", "id")[:OLDEST_SHOWN]
    debts = selectors_debt.debts(area=filters.area, department=filters.department)[:DEBTS_SHOWN]
    return {
        "filters": filters,
        "as_of": row.as_of if row else None,
        "numbers": numbers,
        "shares": _shares(numbers) if numbers else None,
        "times": _times(numbers) if numbers else None,
        "chart": _chart(numbers["months"]) if numbers else None,
        "oldest": cards.dress(list(cards.with_photos(oldest))),
        "repairs": _repairs(numbers["repairs"]) if numbers else [],
        "debts": dress_debts(list(debts), now),
        "too_few": figures.TOO_FEW,
    }


def feed(name: str, code: str) -> str:
    """The address of a place's feed, or nothing if there is none."""
    try:
        return reverse(name, args=[code])
    except NoReverseMatch:
        return ""


def dress_debts(reports: list[Report], now: datetime) -> list[Report]:
    """Names for rows of the debt register, and whether their date has passed."""
    today = timezone.localtime(now).date()
    for report in reports:
        report.ready_photos = []
        report.is_past = report.scheduled_for < today
    return cards.dress(reports)


def _shares(numbers: dict) -> dict:
    """Shares in percent; None where there are too few to say."""
    closed = numbers["confirmed"] + numbers["unconfirmed"]
    return {
        "closed": closed,
        "confirmed": figures.share(numbers["confirmed"], closed),
        "unconfirmed": figures.share(numbers["unconfirmed"], closed),
        "reopened": figures.share(numbers["reopened"], numbers["finished"]),
    }


def _times(numbers: dict) -> dict:
    return {
        "resolve": words.hours(numbers["resolve_hours"]),
        "response": words.hours(numbers["response_hours"]),
    }


def _repairs(ids: list[int]) -> list[Report]:
    found = cards.with_photos(selectors.public_reports().filter(pk__in=ids)) if ids else []
    reports = {report.pk: report for report in cards.dress(list(found)) if cards.pair(report)}
    return [reports[pk] for pk in ids if pk in reports]


def _chart(months: list) -> dict | None:
    """Bars of the twelve months: whole numbers for an SVG, and the same as rows. None when there is hardly
    anything to draw."""
    most = max((max(reported, resolved) for _month, reported, resolved in months), default=0)
    if sum(reported for _month, reported, _resolved in months) < figures.TOO_FEW:
        return None
    bars = []
    for position, (month, reported, resolved) in enumerate(months):
        x = position * _MONTH_WIDTH + 4
        first = parse_date(f"{month}-01")
        bars.append(
            {
                "name": date_format(first, "F Y"),
                "short": date_format(first, "M"),
                "reported": reported,
                "resolved": resolved,
                "x": x,
                "x2": x + _BAR_WIDTH + 2,
                "middle": x + _BAR_WIDTH + 1,
                **_bar("reported", reported, most),
                **_bar("resolved", resolved, most),
            }
        )
    return {
        "bars": bars,
        "most": most,
        "width": len(months) * _MONTH_WIDTH,
        "height": _CHART_HEIGHT,
        "bar": _BAR_WIDTH,
        "sentence": _("In twelve months %(reported)d came in and %(resolved)d were resolved.")
        % {
            "reported": sum(bar["reported"] for bar in bars),
            "resolved": sum(bar["resolved"] for bar in bars),
        },
    }


def _bar(name: str, number: int, most: int) -> dict:
    height = round(_CHART_HEIGHT * number / most) if most else 0
    return {f"{name}_y": _CHART_HEIGHT - height, f"{name}_h": height}
