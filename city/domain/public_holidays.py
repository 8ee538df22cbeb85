"""Public holidays and joint-leave days of a country, as a container of dates."""

from datetime import date

import holidays

# The joint decree's holidays and its joint-leave days (cuti bersama), on which offices are closed too.
_CATEGORIES = ("public", "government")


class PublicHolidays:
    """`day in PublicHolidays("ID")`. A year is worked out when it is first asked for; thread-safe."""

    def __init__(self, country: str):
        self._country = country
        self._years: dict[int, frozenset[date]] = {}

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        known = self._years.get(day.year)
        if known is None:
            # Two threads may both work it out; they find the same and either result may stay.
            known = self._years[day.year] = holidays_of(self._country, day.year)
        return day in known


def holidays_of(country: str, year: int) -> frozenset[date]:
    """All days off in a year, joint leave included where the country has it."""
    supported = holidays.country_holidays(country).supported_categories
    categories = tuple(name for name in _CATEGORIES if name in supported)
    return frozenset(holidays.country_holidays(country, years=year, categories=categories))


def is_known(country: str) -> bool:
    """Whether this is an ISO 3166 code of a country whose holidays are known."""
    return country in holidays.list_supported_countries()
