"""What can go wrong with the city's reference data."""


class CityError(Exception):
    """Base of this room's errors."""


class UnknownPack(CityError):
    """There is no folder of this name under city/packs/."""


class BadPack(CityError):
    """A city pack has mistakes; nothing was changed. `mistakes` names each with its file and line."""

    def __init__(self, mistakes):
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = list(mistakes)


class CalendarNeverOpens(CityError):
    """A work calendar has no working time in the years that were looked at."""


class BoundaryChanged(CityError):
    """Somebody changed one of these boundaries since they were looked at; nothing was saved."""
