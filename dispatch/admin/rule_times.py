"""The time window of a routing rule as form fields: hours, days, months, the calendar."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from city import snapshot as city
from city.forms import DAYS
from dispatch.domain import times
from dispatch.services import time_words

_MONTHS = (
    *((1, _("January")), (2, _("February")), (3, _("March")), (4, _("April")), (5, _("May"))),
    *((6, _("June")), (7, _("July")), (8, _("August")), (9, _("September")), (10, _("October"))),
    *((11, _("November")), (12, _("December"))),
)
# What a window's keys are called on the form; `open` and `closed` share one select.
_FIELD = {"from": "first_day", "until": "last_day", "open": "office", "closed": "office"}
FIELDS = ("hours", "weekdays", "months", "first_day", "last_day", "office", "holiday", "period")


class _Day(forms.DateField):
    """A date as browsers pick and send it; the window keeps it as ISO text already."""

    def __init__(self, **kwargs: Any):
        widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        super().__init__(required=False, input_formats=["%Y-%m-%d"], widget=widget, **kwargs)


class TimesForm(forms.ModelForm):
    """Mix-in: the fields, from and to the rule's `times`."""

    hours = forms.CharField(
        label=_("hours"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("By the city’s clock, like 18:00-05:30; several separated by commas. Empty: always."),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("days of the week"),
        required=False,
        choices=DAYS,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    months = forms.TypedMultipleChoiceField(
        label=_("months"),
        required=False,
        coerce=int,
        choices=_MONTHS,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("For the rainy season, for example. None chosen: all year."),
    )
    first_day = _Day(label=_("from this day"))
    last_day = _Day(label=_("until this day"))
    office = forms.ChoiceField(label=_("office hours"), required=False, widget=UnfoldAdminSelectWidget)
    holiday = forms.ChoiceField(
        label=_("public holidays"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[("", _("does not matter")), ("yes", _("only on public holidays")), ("no", _("not on them"))],
    )
    period = forms.CharField(
        label=_("period of the calendar"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A word from the name of a period in the city’s work calendar, like: Ramadan"),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [("", _("does not matter")), *_offices()]
        if self.instance.pk and isinstance(self.instance.times, dict):
            self.initial |= _initial(self.instance.times)

    def times_of(self, data: dict[str, Any]) -> dict[str, Any]:
        """The window that was filled in; notes what cannot be read beside its field."""
        state, _sign, calendar = (data.get("office") or "").partition(":")
        filled = {
            "hours": [part.strip() for part in (data.get("hours") or "").split(",") if part.strip()],
            "weekdays": data.get("weekdays"),
            "months": data.get("months"),
            "from": data["first_day"].isoformat() if data.get("first_day") else "",
            "until": data["last_day"].isoformat() if data.get("last_day") else "",
            state or "open": calendar,
            "period": data.get("period"),
        }
        window = {key: value for key, value in filled.items() if value}
        if data.get("holiday"):
            window["holiday"] = data["holiday"] == "yes"
        for fault in times.faults(window):
            self.add_error(_FIELD.get(fault.key, fault.key), time_words.FAULTS[fault.fault])
        return window


def _offices() -> list[tuple[str, Any]]:
    return [
        choice
        for code in city.current().calendars
        for choice in (
            (f"closed:{code}", _("outside the hours of “%(calendar)s”") % {"calendar": code}),
            (f"open:{code}", _("within the hours of “%(calendar)s”") % {"calendar": code}),
        )
    ]


def _initial(window: dict[str, Any]) -> dict[str, Any]:
    state = next((key for key in ("open", "closed") if key in window), "")
    return {
        "hours": ", ".join(map(str, window.get("hours") or ())),
        "weekdays": window.get("weekdays") or [],
        "months": window.get("months") or [],
        "first_day": window.get("from"),
        "last_day": window.get("until"),
        "office": f"{state}:{window[state]}" if state else "",
        "holiday": {True: "yes", False: "no"}.get(window.get("holiday"), ""),
        "period": window.get("period", ""),
    }
