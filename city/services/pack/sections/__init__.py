"""The city's own sections of a pack, in the order in which they build on one another."""

from city.services.pack.sections import (
    areas,
    calendars,
    categories,
    city,
    departments,
    events,
    landmarks,
    lines,
    quiet_hours,
    sources,
    words,
)

# (name, validate, apply)
OWN = [
    ("calendars", calendars.validate, calendars.apply),
    ("areas", areas.validate, areas.apply),
    ("departments", departments.validate, departments.apply),
    ("lines", lines.validate, lines.apply),
    ("categories", categories.validate, categories.apply),
    ("city", city.validate, city.apply),
    ("landmarks", landmarks.validate, landmarks.apply),
    ("events", events.validate, events.apply),
    ("words", words.validate, words.apply),
    ("quiet_hours", quiet_hours.validate, quiet_hours.apply),
    ("sources", sources.validate, sources.apply),
]
