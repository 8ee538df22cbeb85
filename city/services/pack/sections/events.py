"""flood_events.csv and rob_events.csv: floods of the past, for planning and for the demonstration."""

from django.utils.translation import gettext as _

from city.services.pack.fields import Fields

FLOODS, ROBS = "flood_events.csv", "rob_events.csv"
FLOOD_COLUMNS = ("date", "place", "kelurahan", "latitude", "longitude")
ROB_COLUMNS = ("date", "kind", "places", "note", "source", "verification")


def validate(pack) -> None:
    if pack.files.exists(FLOODS):
        for row in pack.files.csv(FLOODS, FLOOD_COLUMNS) or []:
            fields = Fields(row, pack.mistakes)
            fields.day("date", required=True)
            fields.text("place", required=True)
            fields.known("kelurahan", pack.codes("kelurahan"), _("area"), required=True)
            fields.number("latitude", -90, 90, required=True)
            fields.number("longitude", -180, 180, required=True)
    if pack.files.exists(ROBS):
        for row in pack.files.csv(ROBS, ROB_COLUMNS) or []:
            fields = Fields(row, pack.mistakes)
            fields.text("date", required=True)
            fields.text("places", required=True)
            fields.url("source")


def apply(parsed, merge) -> None:
    """They are read from the pack when they are needed; nothing of them is in the database."""
