"""Filing reports and reading them."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema

from city import snapshot as city
from complaints import errors, selectors, selectors_incident
from complaints.api import docs, filters, parsing, render, schemas
from complaints.api.access import readable
from complaints.api.base import ApiView, json, not_modified, with_etag
from complaints.api.problems import Problem, named_as_in_api
from complaints.api.staging import stage_all
from complaints.domain.draft import Contact, ReportDraft
from complaints.models import Photo, Report
from complaints.services.submit import Submission, check_draft, submit_report


class Reports(ApiView):
    """The city's reports."""

    @extend_schema(**docs.REPORT_CREATE)
    def post(self, request) -> HttpResponse:
        now = timezone.now()
        key = parsing.idempotency_key(request)
        body = parsing.read(request, schemas.NewReport, with_photos=True)
        draft = _draft(body.value, key, self.client)
        if body.errors:
            raise Problem("invalid", errors=_all_errors(body, draft))
        submission = (
            _submit_with_photos(draft, body.photos, now) if body.photos else submit_report(draft, now=now)
        )
        made = render.created(submission.report, submission.secret)
        headers = {"Location": made.links.self_, "Cache-Control": "no-store", "Idempotency-Key": str(key)}
        if not submission.created:
            headers["Idempotent-Replayed"] = "true"
        return json(made, status=201, headers=headers)

    @extend_schema(**docs.REPORT_LIST)
    def get(self, request) -> HttpResponse:
        wanted = filters.read(request.GET)
        rows = list(wanted.rows(selectors.public_reports()).only(*render.ITEM_FIELDS))
        reports = rows[: wanted.limit]
        page = schemas.ReportPage(results=render.items(reports), next=None)
        if len(rows) > wanted.limit:
            last = filters.Cursor(reports[-1].created_at, reports[-1].pk)
            query = urlencode({**request.GET.dict(), "cursor": last.encode()})
            page.next = render.absolute(f"{request.path}?{query}")
        return json(page, headers={"Vary": "Accept-Language", "Cache-Control": "no-cache"})


def _draft(new: schemas.NewReport, key, client) -> ReportDraft:
    contact = new.contact or schemas.NewContact()
    return ReportDraft(
        category=new.category or "",
        latitude=new.latitude,
        longitude=new.longitude,
        area=new.area or "",
        description=new.description or "",
        observed_at=new.observed_at,
        answers=new.answers or {},
        place_source=new.place_source or "map",
        accuracy_m=new.accuracy_m,
        street=new.street or "",
        is_anonymous=True if new.is_anonymous is None else new.is_anonymous,
        is_private=new.is_private,
        contact=Contact(
            contact.name or "", contact.email or "", contact.phone or "", contact.phone_channel or ""
        ),
        channel=Report.Channel.API,
        language=(get_language() or "id")[:2],
        idempotency_key=key,
        api_client_id=client.pk if client else None,
    )


def _all_errors(body: parsing.Body, draft: ReportDraft) -> dict:
    """The shape's faults, and what the service finds in the fields that could be read."""
    try:
        check_draft(draft, photo_count=len(body.photos))
        return body.errors
    except errors.InvalidReport as invalid:
        found = named_as_in_api(invalid.errors)
    except errors.DomainError:
        return body.errors
    if body.errors.keys() & {"latitude", "longitude"}:
        found = {name: fault for name, fault in found.items() if name not in ("latitude", "longitude")}
    if "answers" in body.errors:  # none could be read, so none is missing
        found = {name: fault for name, fault in found.items() if not name.startswith("answers.")}
    return {**found, **body.errors}


def _submit_with_photos(draft: ReportDraft, contents: tuple[bytes, ...], now) -> Submission:
    """Check first, so that a faulty report leaves no files; then keep the photos, then file the report."""
    try:
        check_draft(draft, photo_count=len(contents))
    except errors.DomainError:
        # What was accepted once stays accepted, whatever the city knows now: the service decides.
        if not Report.objects.filter(idempotency_key=draft.idempotency_key).exists():
            raise
    staging = stage_all(contents, draft.idempotency_key, now)
    try:
        submission = submit_report(ReportDraft(**{**_fields_of(draft), "photos": staging.uuids}), now=now)
    except errors.DomainError:
        staging.drop()
        raise
    if not submission.created:
        staging.drop()
    return submission


def _fields_of(draft: ReportDraft) -> dict:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


class OneReport(ApiView):
    """One report, by its code in any writing."""

    @extend_schema(**docs.REPORT_READ)
    def get(self, request, code: str) -> HttpResponse:
        report, secret = readable(request, code)
        photos = list(Photo.objects.filter(report=report).exclude(state=Photo.State.REFUSED).order_by("id"))
        etag = _etag(report, photos, secret)
        response = not_modified(request, etag) or with_etag(json(render.detail(report, photos, secret)), etag)
        if secret:
            response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ("X-Report-Secret",))
        return response


def _etag(report: Report, photos: list[Photo], secret: str) -> str:
    """Photos being prepared and supporters do not raise the report's version, so they stand beside it."""
    ready = sum(photo.state == Photo.State.READY for photo in photos)
    language = (get_language() or "id")[:2]
    incident = selectors_incident.of_public(report)
    parts = (report.version, report.supporter_count, ready, len(photos), city.current().version, language)
    if incident:
        parts += (incident.reports, incident.people, incident.primary.version if incident.primary else 0)
    return f'W/"{"-".join(map(str, parts))}{"-own" if secret else ""}"'
