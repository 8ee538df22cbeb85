"""calendars.yaml: office hours, and the days on which they differ."""

from django.utils.translation import gettext as _

from city.domain.public_holidays import is_known
from city.models import CalendarPeriod, WorkCalendar
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table

FILE = "calendars.yaml"
CALENDARS = Table("calendar", WorkCalendar, lambda row, keys: row.code)
PERIODS = Table(
    "calendar period",
    CalendarPeriod,
    lambda row, keys: f"{keys[WorkCalendar][row.calendar_id]}/{row.first_day}/{row.last_day}",
    references={"calendar": WorkCalendar},
    removal="delete",
)


def validate(pack):
    content = pack.files.yaml(FILE)
    calendars, periods = [], []
    if content is None:
        return calendars, periods
    top = Fields(content, pack.mistakes)
    top.only(["calendars"])
    for block in top.blocks("calendars", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(["code", "name", "holidays_of", "hours", "periods"])
        code = fields.code(slug=True, max_length=40)
        if code in pack.codes("calendar"):
            fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
            continue
        pack.codes("calendar").add(code)
        country = fields.text("holidays_of", max_length=2)
        if country and not is_known(country):
            fields.fault(
                "holidays_of",
                "unknown_country",
                _("No holidays are known for “%(country)s”. Use a country's two letters, like ID.")
                % {"country": country},
            )
        hours = fields.weekly_hours("hours")
        if not any(hours):
            fields.fault("hours", "bad_hours", _("This calendar never opens."))
        values = {"name": fields.text("name", required=True, max_length=120), "country": country}
        calendars.append(Item(code, {"code": code, **values, "weekly_hours": hours}, at(block)))
        periods += _periods(fields, code)
    return calendars, periods


def _periods(calendar: Fields, calendar_code: str) -> list[Item]:
    items, seen = [], set()
    for block in calendar.blocks("periods"):
        fields = Fields(block, calendar.mistakes)
        fields.only(["name", "from", "to", "hours", "closed", "also_on_holidays"])
        first = fields.day("from", required=True)
        last = fields.day("to") or first
        closed = fields.flag("closed")
        if closed == ("hours" in block):
            fields.fault(None, "bad_period", _("A period has either `hours` or `closed: true`."))
        hours = fields.weekly_hours("hours") if "hours" in block else None
        if first is None:
            continue
        if last < first:
            fields.fault("to", "bad_period", _("This period ends before it begins."))
        key = f"{calendar_code}/{first}/{last}"
        if key in seen:
            fields.fault("from", "doubled_code", _("A period of the same days stands here twice."))
        seen.add(key)
        values = {
            "calendar": calendar_code,
            "name": fields.text("name", required=True, max_length=120),
            "first_day": first,
            "last_day": last,
            "weekly_hours": hours,
            "overrides_holidays": fields.flag("also_on_holidays"),
        }
        items.append(Item(key, values, at(block)))
    return items


def apply(parsed, merge: Merge) -> None:
    calendars, periods = parsed
    merge.sync(CALENDARS, calendars)
    merge.sync(PERIODS, periods)
