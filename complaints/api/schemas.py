"""The shapes of the API: each is parsed or written by msgspec and documented from the same definition."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop
from msgspec import Meta, Struct, field

from complaints.api.schemas_incident import Incident
from complaints.domain import workflow
from complaints.models import Event, Photo, Report

CODE_EXAMPLE = "K7QM4TPX"
Status = Literal[tuple(workflow.STATUSES)]
MapState = Literal[tuple(workflow.MAP_STATES)]


def _text(description: str, *examples: Any) -> Meta:
    return Meta(description=description, examples=list(examples) or None)


# --- What clients send. Unknown fields are refused: a mistyped `is_private` must not publish a report. ---


class NewContact(Struct, forbid_unknown_fields=True):
    """Who reports, all optional. Shown only to the desk that may write back, never in public."""

    name: Annotated[str | None, _text(gettext_noop("Name, at most 120 characters"), "Warga Contoh")] = None
    email: Annotated[str | None, _text(gettext_noop("E-mail address"), "warga@contoh.example")] = None
    phone: Annotated[str | None, _text(gettext_noop("Phone number in any writing"), "0812 3456 7890")] = None
    phone_channel: Annotated[str | None, _text(gettext_noop("whatsapp, sms or none: calls"), "sms")] = None


class NewReport(Struct, forbid_unknown_fields=True):
    """A problem at a place: a category, coordinates or a kelurahan, and a description or a photo."""

    category: Annotated[str | None, _text(gettext_noop("Code of the kind of problem"), "jalan-lubang")] = None
    latitude: Annotated[float | None, _text(gettext_noop("WGS84 degrees"), -6.9903)] = None
    longitude: Annotated[float | None, _text(gettext_noop("WGS84 degrees"), 110.4229)] = None
    description: Annotated[
        str | None,
        _text(gettext_noop("What is wrong, at most 5,000 characters"), "Lubang besar di depan halte."),
    ] = None
    observed_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        _text(
            gettext_noop(
                "When the problem was seen, with its offset from UTC; within the last year. Left out: now"
            ),
            "2026-11-24T08:30:00+07:00",
        ),
    ] = None
    answers: Annotated[
        dict[str, str | bool | int] | None,
        _text(
            gettext_noop("Answers to the category's questions: question code → value"), {"size": "over_60"}
        ),
    ] = None
    area: Annotated[
        str | None,
        _text(gettext_noop("Code of the kelurahan, where there are no coordinates"), "33.74.01.1001"),
    ] = None
    street: Annotated[str | None, _text(gettext_noop("Street or landmark, at most 200 characters"))] = None
    place_source: Annotated[
        Literal["device", "map", "photo", "area"] | None,
        _text(gettext_noop("Where the coordinates come from"), "device"),
    ] = None
    accuracy_m: Annotated[float | None, _text(gettext_noop("Accuracy of the coordinates in metres"), 12)] = (
        None
    )
    is_anonymous: Annotated[
        bool | None,
        _text(
            gettext_noop(
                "Hide the name from the public; left out: yes. Those who handle the report never see it"
            )
        ),
    ] = None
    is_private: Annotated[
        bool | None,
        _text(gettext_noop("Hide the whole report from the public; left out: as the category says")),
    ] = None
    contact: NewContact | None = None


class NewSupport(Struct, forbid_unknown_fields=True):
    """ "I have this problem too", once per device."""

    token: Annotated[
        str | None,
        _text(
            gettext_noop(
                "16 to 200 characters that stay the same on one device and tell nothing about its owner"
            )
        ),
    ] = None


class NewSupportWords(NewSupport, forbid_unknown_fields=True):
    """The same with words and photos, which join the public timeline with personal data masked."""

    text: Annotated[str | None, _text(gettext_noop("At most 2,000 characters"), "Di gang kami juga.")] = None


class NewFeedback(Struct, forbid_unknown_fields=True):
    """The reporter's verdict on a resolved report."""

    verdict: Annotated[
        Literal["fixed", "not_fixed"] | None, _text(gettext_noop("Whether it is fixed"), "fixed")
    ] = None
    rating: Annotated[int | None, _text(gettext_noop("1 to 5, with fixed"), 5)] = None
    text: Annotated[str | None, _text(gettext_noop("A sentence; needed with not_fixed"))] = None


class NewComment(Struct, forbid_unknown_fields=True):
    """Something to add, in words or with photos. Also answers a department that waits for the reporter."""

    text: Annotated[str | None, _text(gettext_noop("At most 2,000 characters"), "Lubangnya makin lebar.")] = (
        None
    )


# --- What the portal answers. ---


class Named(Struct):
    """A code and its name in the reader's language."""

    code: str
    name: str


class Links(Struct):
    """Addresses of a report; who holds the private one may speak for the reporter."""

    public: str
    private: str
    self_: str = field(name="self")


class Promise(Struct):
    """Who acts and by when."""

    department: Named | None
    promised_at: datetime | None
    acknowledge_by: datetime | None
    make_safe_by: datetime | None
    resolve_by: datetime | None


class Created(Struct):
    """An accepted report, as it was at that moment: sending the same again gives the same bytes again."""

    code: Annotated[
        str, _text(gettext_noop("Eight letters and digits that can be read over the phone"), CODE_EXAMPLE)
    ]
    secret: Annotated[str, _text(gettext_noop("Opens the report for its reporter; keep it"))]
    status: Status
    promise: Annotated[
        Promise | None, _text(gettext_noop("Null: it is made within seconds, read the report again"))
    ]
    links: Links
    created_at: datetime


class ReportItem(Struct, kw_only=True):
    """A report in a list."""

    code: Annotated[
        str, _text(gettext_noop("Eight letters and digits that can be read over the phone"), CODE_EXAMPLE)
    ]
    category: Named
    status: Status
    status_name: str
    state: Annotated[MapState, _text(gettext_noop("The status in five groups, as on the map"))]
    is_open: Annotated[bool, _text(gettext_noop("Somebody still has to do something"))]
    severity: Annotated[int, _text(gettext_noop("1 planned … 5 danger to life"), 3)]
    latitude: float
    longitude: float
    area: Annotated[Named, _text(gettext_noop("Kelurahan"))]
    kecamatan: Named | None
    street: str
    department: Annotated[Named | None, _text(gettext_noop("Who is responsible; null until that is decided"))]
    description: Annotated[
        str, _text(gettext_noop("Phone and identity numbers and e-mail addresses are hidden"))
    ]
    resolve_by: datetime | None
    supporter_count: int
    photo: Annotated[str | None, _text(gettext_noop("Address of a small picture"))]
    created_at: datetime
    updated_at: datetime
    links: dict[str, str]


class ReportPage(Struct):
    """One page, newest first."""

    results: list[ReportItem]
    next: Annotated[str | None, _text(gettext_noop("Address of the next page; null on the last one"))]


class PhotoItem(Struct):
    """A picture, re-encoded and without any metadata."""

    kind: Literal[tuple(Photo.Kind.values)]
    small: str
    large: str
    width: int | None
    height: int | None
    created_at: datetime


class EventItem(Struct):
    """One line of the timeline."""

    kind: Literal[tuple(Event.Kind.values)]
    name: str
    at: datetime
    by: Literal[tuple(Event.ActorKind.values)]
    department: Named | None
    from_status: str
    to_status: str
    text: str


class Answer(Struct):
    """A question of the category and what was answered."""

    code: str
    question: str
    value: str | bool
    answer: str


class Waiting(Struct):
    """On whom or what the department waits."""

    on: Literal[tuple(Report.WaitingOn.values)]
    reason: str


class ReportDetail(ReportItem, kw_only=True):
    """One report with everything that its reader may see."""

    version: Annotated[int, _text(gettext_noop("Rises with every change"))]
    is_yours: Annotated[bool, _text(gettext_noop("Whether the secret fitted"))]
    is_private: bool
    observed_at: Annotated[
        datetime | None, _text(gettext_noop("When it was seen; null: when it was reported"))
    ]
    answers: list[Answer]
    promise: Promise | None
    routing_reasons: Annotated[
        list[str], _text(gettext_noop("Why this department is responsible, in sentences"))
    ]
    waiting: Waiting | None
    scheduled_for: date | None
    resolved_at: datetime | None
    closed_at: datetime | None
    closure: Annotated[
        Literal[("", *Report.Closure.values)],
        _text(
            gettext_noop("How it was closed: confirmed by the reporter, or unconfirmed after ten silent days")
        ),
    ]
    reopen_count: int
    photos: list[PhotoItem]
    photos_pending: Annotated[int, _text(gettext_noop("Photos that are still being prepared"))]
    timeline: list[EventItem]
    incident: Incident | None


class Supported(Struct):
    """Whether this was counted now (false: it had been before)."""

    counted: bool
    supporter_count: int


class PhotosAdded(Struct):
    """Photos that were accepted; they show in the report as soon as they are prepared."""

    accepted: int
    already_there: int


class Commented(Struct):
    """The comment as it stands in the timeline."""

    event: EventItem
    photos: int


class ChoiceItem(Struct):
    value: str
    label: str
    severity: int | None
    danger: Annotated[bool, _text(gettext_noop("Show the emergency number 112 at once"))]


class QuestionItem(Struct):
    code: str
    text: str
    kind: Literal["choice", "yes_no", "text"]
    is_required: bool
    choices: list[ChoiceItem]


class CategoryItem(Struct):
    """A kind of problem."""

    code: str
    name: str
    hint: str
    icon: str
    synonyms: list[str]
    severity: int
    nearby_radius_m: int
    is_private_by_default: bool
    questions: list[QuestionItem]


class CategoryGroup(Struct):
    """A group of kinds; reports carry kinds, filters take both."""

    code: str
    name: str
    hint: str
    icon: str
    categories: list[CategoryItem]


class CategoryTree(Struct):
    version: Annotated[int, _text(gettext_noop("Rises when the city's data change"))]
    groups: list[CategoryGroup]


class AreaItem(Struct, omit_defaults=True):
    code: str
    name: str
    level: Literal["city", "kecamatan", "kelurahan"]
    parent: str | None
    latitude: float
    longitude: float
    bbox: Annotated[
        list[float] | None, _text(gettext_noop("min longitude, min latitude, max longitude, max latitude"))
    ]
    population: int | None
    geometry: Annotated[dict[str, Any] | None, _text(gettext_noop("GeoJSON, with geometry=1"))] = None


class AreaList(Struct):
    version: int
    results: list[AreaItem]


class SuggestionItem(Struct):
    """A kind that the words may mean."""

    code: str
    name: str
    hint: str
    icon: str
    score: Annotated[float, _text(gettext_noop("The share of what was said that fits, 0 to 1"))]


class SuggestionList(Struct):
    version: int
    results: Annotated[
        list[SuggestionItem], _text(gettext_noop("Likeliest first; empty if no word is known"))
    ]


class NearbyItem(ReportItem, kw_only=True):
    """A report, and how far it is from the place that was asked about."""

    distance_m: float


class NearbyList(Struct):
    radius_m: Annotated[int, _text(gettext_noop("Within so many metres reports of this kind count as near"))]
    results: Annotated[list[NearbyItem], _text(gettext_noop("Nearest first"))]


class DepartmentItem(Struct):
    code: str
    name: str
    short_name: str
    kind: Literal["city", "subdistrict", "external"]
    is_external: Annotated[bool, _text(gettext_noop("Not under the city's orders: reports are referred"))]
    area: Annotated[str | None, _text(gettext_noop("The kecamatan it looks after"))]


class DepartmentList(Struct):
    version: int
    results: list[DepartmentItem]


class NewPhotos(Struct, forbid_unknown_fields=True):
    """Only files."""
