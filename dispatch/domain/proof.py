"""Whether the photo that proves a repair deserves belief: findings in words of a table, never a verdict.

Cases were closed with a photo of the city's logo, and elsewhere a report with a picture that a machine had
painted (Lapor Semar complaints 2023–2025). So every proof is looked over, and what is odd goes to a second
person. None of these rules accuses: phones lose positions, and honest photos lose their metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from complaints.domain.place import distance_m

NEAR_M = 100.0  # "taken on site": issue 5
# No position excuses more than this, however vague it says it is.
SLACK_AT_MOST_M = 100.0
VAGUE_FROM_M = 200.0
# EXIF and the phone's own word may lie this far apart: somebody walked back to the car.
PLACES_AGREE_M = 300.0
FRESH = timedelta(days=3)
# A camera's clock may be a little off.
CLOCK_OFF = timedelta(minutes=10)

# Findings: each asks for another photo or a reason, and a second person.
NO_PLACE = "no_place"
FAR = "far"
VAGUE = "vague"
PLACES_DISAGREE = "places_disagree"
NO_TIME = "no_time"
BEFORE_REPORT = "before_report"
TOO_OLD = "too_old"
IN_FUTURE = "in_future"
EDITED = "edited"
GENERATED = "generated"
COMPOSED = "composed"
SCREENSHOT = "screenshot"
BLANK = "blank"
DRAWING = "drawing"
SAME_AS_BEFORE = "same_as_before"
SAME_AS_OWN = "same_as_own"
SAME_AS_OTHER = "same_as_other"
# Notes: the reviewer reads them, nobody is asked for anything.
PLACE_CLAIMED = "place_claimed"
TIME_CLAIMED = "time_claimed"
PLACE_UNKNOWN = "place_unknown"
CREDENTIALS = "credentials"

NOTES = frozenset({PLACE_CLAIMED, TIME_CLAIMED, PLACE_UNKNOWN, CREDENTIALS})


@dataclass(frozen=True, slots=True)
class Claim:
    """What the phone's page said of its own position when the photo was chosen: a claim, no more."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """An earlier photo that is the same or nearly. `relation`: before, own, other."""

    relation: str
    code: str  # of the report that has it
    bits_apart: int | None  # None: the very same bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """One after-photo. `trace` as complaints.services.picture_trace.take made it."""

    uuid: str
    latitude: float | None = None
    longitude: float | None = None
    taken_at: datetime | None = None
    trace: dict[str, Any] = field(default_factory=dict)
    twins: Sequence[Twin] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """The report. `has_exact_place` False: its point is only the middle of a kelurahan. `since`: when it was
    reported, or reopened last."""

    latitude: float
    longitude: float
    since: datetime
    has_exact_place: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """`data` holds JSON-able figures for the sentence."""

    code: str
    photo: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_note(self) -> bool:
        return self.code in NOTES

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "photo": self.photo, **({"data": self.data} if self.data else {})}


def look(work: Work, pictures: Sequence[Picture], claim: Claim | None, *, now: datetime) -> list[Finding]:
    """Everything odd about the photos of one resolution, the photos in their order."""
    found: list[Finding] = []
    for picture in pictures:
        parts = (_place(work, picture, claim), _time(work, picture, claim, now), _origin(picture))
        for part in (*parts, _content(picture)):
            found += [Finding(code, picture.uuid, data) for code, data in part]
    return found


def doubts(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are more than notes."""
    return [item for item in findings if not item.is_note]


def _place(work: Work, picture: Picture, claim: Claim | None) -> list[tuple[str, dict]]:
    if not work.has_exact_place:
        return [(PLACE_UNKNOWN, {})]
    has_gps = picture.latitude is not None and picture.longitude is not None
    if not has_gps and claim is None:
        return [(NO_PLACE, {})]
    found = []
    if has_gps:
        here = (picture.latitude, picture.longitude, picture.trace.get("accuracy_m"))
    else:
        here = (claim.latitude, claim.longitude, claim.accuracy_m)
        found.append((PLACE_CLAIMED, {}))
    found += _away(work, *here)
    if has_gps and claim is not None:
        apart = distance_m(picture.latitude, picture.longitude, claim.latitude, claim.longitude)
        if apart - min(claim.accuracy_m or 0.0, SLACK_AT_MOST_M) > PLACES_AGREE_M:
            found.append((PLACES_DISAGREE, {"apart_m": round(apart)}))
    return found


def _away(work: Work, latitude: float, longitude: float, accuracy_m: float | None) -> list[tuple[str, dict]]:
    away_m = distance_m(work.latitude, work.longitude, latitude, longitude)
    slack_m = min(accuracy_m or 0.0, SLACK_AT_MOST_M)
    if away_m - slack_m > NEAR_M:
        return [(FAR, {"away_m": round(away_m)})]
    if (accuracy_m or 0.0) > VAGUE_FROM_M:
        return [(VAGUE, {"accuracy_m": round(accuracy_m)})]
    return []


def _time(work: Work, picture: Picture, claim: Claim | None, now: datetime) -> list[tuple[str, dict]]:
    at, found = picture.taken_at, []
    if at is None and claim is not None and claim.at is not None:
        at, found = claim.at, [(TIME_CLAIMED, {})]
    if at is None:
        return [(NO_TIME, {})]
    data = {"at": at.isoformat()}
    if at > now + CLOCK_OFF:
        return [*found, (IN_FUTURE, data)]
    if at < work.since - CLOCK_OFF:
        return [*found, (BEFORE_REPORT, data)]
    if at < now - FRESH:
        return [*found, (TOO_OLD, data)]
    return found


def _origin(picture: Picture) -> list[tuple[str, dict]]:
    trace, found = picture.trace, []
    if trace.get("generator"):
        found.append((GENERATED, {"name": trace["generator"]}))
    if trace.get("editor"):
        found.append((EDITED, {"name": trace["editor"]}))
    if trace.get("is_composed"):
        found.append((COMPOSED, {}))
    if trace.get("is_screenshot"):
        found.append((SCREENSHOT, {}))
    if trace.get("has_credentials"):
        found.append((CREDENTIALS, {}))
    return found


_TWIN = {"before": SAME_AS_BEFORE, "own": SAME_AS_OWN, "other": SAME_AS_OTHER}


def _content(picture: Picture) -> list[tuple[str, dict]]:
    found: list[tuple[str, dict]] = []
    if picture.trace.get("is_blank"):
        found.append((BLANK, {}))
    elif picture.trace.get("is_drawing"):
        found.append((DRAWING, {}))
    for twin in picture.twins:
        found.append((_TWIN[twin.relation], {"code": twin.code, "bits_apart": twin.bits_apart}))
    return found
