"""What the city itself refers to by code: its usual work calendar (pack.yaml)."""

from django.utils.translation import gettext as _

from city import snapshot
from city.models import WorkCalendar
from city.services import usage


def register() -> None:
    usage.register("city.workcalendar", _usual)


def _usual(calendar: WorkCalendar) -> list[tuple[str, int]]:
    return [(_("The city’s usual calendar"), int(calendar.code == snapshot.current().city.default_calendar))]
