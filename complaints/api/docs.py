"""What the documentation says about each address. English here; the docs page translates it."""

from typing import Any

from django.utils.translation import gettext_noop
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from complaints.api import schemas, schemas_problem
from complaints.api.filters import DEFAULT_LIMIT, MAX_LIMIT
from complaints.api.parsing import FORM, JSON
from complaints.api.problems import CATALOGUE, CONTENT_TYPE
from complaints.domain import workflow

_LANGUAGE = OpenApiParameter(
    "Accept-Language",
    str,
    OpenApiParameter.HEADER,
    description=gettext_noop("id (default) or en"),
    enum=["id", "en"],
)
_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description=gettext_noop("A UUID made once per report; sent again with every attempt"),
)
_SECRET = OpenApiParameter(
    "X-Report-Secret",
    str,
    OpenApiParameter.HEADER,
    description=gettext_noop("The report's secret, as its reporter got it"),
)
_NEEDED_SECRET = OpenApiParameter(
    "X-Report-Secret", str, OpenApiParameter.HEADER, required=True, description=_SECRET.description
)
_CODE = OpenApiParameter(
    "code",
    str,
    OpenApiParameter.PATH,
    description=gettext_noop("The report's code in any writing, k7qm-4tpx too"),
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description=gettext_noop("The ETag you have; 304 if nothing changed"),
)


def _query(name: str, description: str, type_: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type_, OpenApiParameter.QUERY, description=description, **more)


def _problems(*codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals of an address, one response for each status with an example for each code."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, "key_invalid", "scope_missing", "too_many_requests", "server_error"):
        by_status.setdefault(CATALOGUE[code][0], []).append(code)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            schemas_problem.ProblemBody,
            description=", ".join(f"`{code}`" for code in members),
            examples=[_problem_example(code) for code in members],
        )
        for status, members in sorted(by_status.items())
    }


def _untranslated(text: Any) -> str:
    """The English of a lazy text: the document is the same in every process and language."""
    from django.utils import translation

    with translation.override(None):
        return str(text)


def _problem_example(code: str) -> OpenApiExample:
    status, title, detail = CATALOGUE[code]
    value = {
        "type": f"/api/docs/#problem-{code}",
        "title": _untranslated(title),
        "status": status,
        "detail": _untranslated(detail),
        "code": code,
    }
    if code == "invalid":
        value["errors"] = {"description": {"code": "description_missing", "message": "…"}}
    if code == "parameters_invalid":
        value["errors"] = {"area": {"code": "area_unknown", "message": "…"}}
    if code == "outside_city":
        value |= {"regency": "Kabupaten Demak", "portal": None}
    return OpenApiExample(
        code, value=value, response_only=True, status_codes=[str(status)], media_type=CONTENT_TYPE
    )


def _example(name: str, value: Any, status: int | None = None, media_type: str = JSON) -> OpenApiExample:
    if status is None:
        return OpenApiExample(name, value=value, request_only=True, media_type=media_type)
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


def _form_of(schema: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A multipart body: the same fields as texts, and files."""
    return {
        "type": "object",
        "description": f"The fields of {schema} as texts; objects as `answers.size`, `contact.email`.",
        "properties": {
            **fields,
            "photos": {"type": "array", "maxItems": 5, "items": {"type": "string", "format": "binary"}},
        },
    }


_MINIMAL = {
    "category": "jalan-lubang",
    "latitude": -6.9903,
    "longitude": 110.4229,
    "description": "Lubang besar di depan halte.",
}
_CREATED = {
    "code": schemas.CODE_EXAMPLE,
    "secret": "q3b7m2k5n4xw6zr2ta5ydhje7",
    "status": "received",
    "promise": None,
    "links": {
        "public": f"http://localhost:8000/laporan/{schemas.CODE_EXAMPLE}/",
        "private": f"http://localhost:8000/laporan/{schemas.CODE_EXAMPLE}/?kunci=q3b7m2k5n4xw6zr2ta5ydhje7",
        "self": f"http://localhost:8000/api/v1/reports/{schemas.CODE_EXAMPLE}/",
    },
    "created_at": "2026-09-15T02:00:00Z",
}
_FORM_FIELDS = {
    name: {"type": kind}
    for name, kind in (
        ("category", "string"),
        ("latitude", "number"),
        ("longitude", "number"),
        ("description", "string"),
    )
}

REPORT_CREATE = {
    "operation_id": "reports_create",
    "summary": gettext_noop("File a report"),
    "description": gettext_noop(
        "Accepted whole or not at all. It is routed within seconds: read the report again to see the promise."
    ),
    "parameters": [_KEY, _LANGUAGE],
    "request": {JSON: schemas.NewReport, FORM: _form_of("NewReport", _FORM_FIELDS)},
    "responses": {
        201: schemas.Created,
        **_problems(
            "malformed",
            "idempotency_key_invalid",
            "idempotency_key_reused",
            "too_large",
            "media_type",
            "invalid",
            "outside_city",
            "unavailable",
        ),
    },
    "examples": [_example("Minimal", _MINIMAL), _example("Created", _CREATED, 201)],
    "tags": ["reports"],
}
REPORT_LIST = {
    "operation_id": "reports_list",
    "summary": gettext_noop("List public reports"),
    "description": gettext_noop("Newest first, page by page: follow next until it is null."),
    "parameters": [
        _query(
            "bbox",
            gettext_noop("minLon,minLat,maxLon,maxLat in degrees"),
            examples=[OpenApiExample("bbox", "110.40,-7.00,110.44,-6.96")],
        ),
        _query("category", gettext_noop("Codes, separated by commas; a group covers its kinds")),
        _query("status", gettext_noop("Statuses, separated by commas") + ": " + ", ".join(workflow.STATUSES)),
        _query("area", gettext_noop("Codes, separated by commas; a kecamatan covers its kelurahan")),
        _query("department", gettext_noop("Codes, separated by commas")),
        _query("since", gettext_noop("Reported at or after this time"), OpenApiTypes.DATETIME),
        _query(
            "limit",
            gettext_noop("Reports on a page"),
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        ),
        _query("cursor", gettext_noop("From next; leave it as it is")),
        _LANGUAGE,
    ],
    "responses": {200: schemas.ReportPage, **_problems("parameters_invalid")},
    "tags": ["reports"],
}
REPORT_READ = {
    "operation_id": "reports_read",
    "summary": gettext_noop("Read one report"),
    "description": gettext_noop(
        "With the secret also a private one, and texts unmasked. Unknown and private reports look alike."
    ),
    "parameters": [_CODE, _SECRET, _IF_NONE_MATCH, _LANGUAGE],
    "responses": {
        200: schemas.ReportDetail,
        304: OpenApiResponse(description=gettext_noop("Nothing changed since your ETag")),
        **_problems("not_found"),
    },
    "tags": ["reports"],
}
PHOTOS_CREATE = {
    "operation_id": "reports_photos_create",
    "summary": gettext_noop("Add photos"),
    "description": gettext_noop(
        "JPEG, PNG, WebP, GIF or HEIC, at most 15 MB each, 5 at once. They are re-encoded without "
        "metadata before anybody sees them."
    ),
    "parameters": [_CODE, _NEEDED_SECRET, _LANGUAGE],
    "request": {FORM: _form_of("NewPhotos", {})},
    "responses": {
        201: schemas.PhotosAdded,
        **_problems("malformed", "not_found", "too_large", "media_type", "invalid"),
    },
    "tags": ["reporter"],
}
COMMENT_CREATE = {
    "operation_id": "reports_comments_create",
    "summary": gettext_noop("Add a comment"),
    "description": gettext_noop("Appears in the public timeline, with personal data masked."),
    "parameters": [_CODE, _NEEDED_SECRET, _LANGUAGE],
    "request": {JSON: schemas.NewComment, FORM: _form_of("NewComment", {"text": {"type": "string"}})},
    "responses": {
        201: schemas.Commented,
        **_problems("malformed", "not_found", "too_large", "media_type", "invalid"),
    },
    "examples": [_example("Comment", {"text": "Lubangnya makin lebar."})],
    "tags": ["reporter"],
}
FEEDBACK_CREATE = {
    "operation_id": "reports_feedback_create",
    "summary": gettext_noop("Say whether it is fixed"),
    "description": gettext_noop(
        "fixed closes a resolved report; not_fixed reopens one that ended within the last 30 days "
        "and needs a sentence."
    ),
    "parameters": [_CODE, _NEEDED_SECRET, _LANGUAGE],
    "request": {JSON: schemas.NewFeedback},
    "responses": {
        201: schemas.ReportDetail,
        **_problems("malformed", "not_found", "transition_not_allowed", "too_large", "media_type", "invalid"),
    },
    "examples": [_example("Fixed", {"verdict": "fixed", "rating": 5, "text": "Terima kasih."})],
    "tags": ["reporter"],
}
SUPPORT_CREATE = {
    "operation_id": "reports_support_create",
    "summary": gettext_noop("I have this problem too"),
    "description": gettext_noop(
        "Counted once per token: 201 the first time, 200 afterwards. Words and photos are taken the first "
        "time only, and everybody can see them."
    ),
    "parameters": [_CODE, _LANGUAGE],
    "request": {
        JSON: schemas.NewSupportWords,
        FORM: _form_of("NewSupportWords", {"token": {"type": "string"}, "text": {"type": "string"}}),
    },
    "responses": {
        (200, JSON): schemas.Supported,
        (201, JSON): schemas.Supported,
        **_problems("malformed", "not_found", "transition_not_allowed", "too_large", "media_type", "invalid"),
    },
    "examples": [_example("Support", {"token": "5f0c7f6e-3a0b-4a1e-9a51-0d3a6f1c2b7e"})],
    "tags": ["reports"],
}
CATEGORY_LIST = {
    "operation_id": "categories_list",
    "summary": gettext_noop("What can be reported"),
    "description": gettext_noop(
        "The tree of kinds with their questions. Keep it and ask again with the ETag."
    ),
    "parameters": [_IF_NONE_MATCH, _LANGUAGE],
    "responses": {200: schemas.CategoryTree, **_problems()},
    "tags": ["city"],
}
CATEGORY_SUGGEST = {
    "operation_id": "categories_suggest",
    "summary": gettext_noop("Which kind is meant"),
    "description": gettext_noop(
        "For a person's own words, in Indonesian or Javanese, with typing errors: the kinds they may mean. "
        "Offer them, and let the person choose."
    ),
    "parameters": [
        _query("q", gettext_noop("What is wrong; the first 300 characters count"), required=True),
        _query("limit", gettext_noop("At most so many"), {"type": "integer", "minimum": 1, "maximum": 10}),
        _LANGUAGE,
    ],
    "responses": {200: schemas.SuggestionList, **_problems("parameters_invalid")},
    "tags": ["city"],
}
REPORT_NEARBY = {
    "operation_id": "reports_nearby",
    "summary": gettext_noop("Open reports of the same trouble nearby"),
    "description": gettext_noop(
        "Ask before filing: whoever has the same problem supports that report instead of filing it twice. "
        "Kinds that people choose for the same trouble are included."
    ),
    "parameters": [
        _query("category", gettext_noop("Code of the kind of problem"), required=True),
        _query("latitude", gettext_noop("WGS84 degrees"), float, required=True),
        _query("longitude", gettext_noop("WGS84 degrees"), float, required=True),
        _query("limit", gettext_noop("At most so many"), {"type": "integer", "minimum": 1, "maximum": 20}),
        _LANGUAGE,
    ],
    "responses": {200: schemas.NearbyList, **_problems("parameters_invalid")},
    "tags": ["reports"],
}
AREA_LIST = {
    "operation_id": "areas_list",
    "summary": gettext_noop("Kecamatan and kelurahan"),
    "description": gettext_noop("With their centre and box; with their boundary on request."),
    "parameters": [
        _query("level", gettext_noop("Only this level"), enum=["city", "kecamatan", "kelurahan"]),
        _query("parent", gettext_noop("Only the parts of this area")),
        _query("geometry", gettext_noop("1 adds the boundary as GeoJSON"), enum=["0", "1"]),
        _IF_NONE_MATCH,
    ],
    "responses": {200: schemas.AreaList, **_problems("parameters_invalid")},
    "tags": ["city"],
}
DEPARTMENT_LIST = {
    "operation_id": "departments_list",
    "summary": gettext_noop("Who can be responsible"),
    "description": gettext_noop("The city's departments, the sub-districts, and owners outside the city."),
    "parameters": [_IF_NONE_MATCH, _LANGUAGE],
    "responses": {200: schemas.DepartmentList, **_problems()},
    "tags": ["city"],
}
