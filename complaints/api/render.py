"""Reports as the API tells them."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from complaints import links, selectors_incident, selectors_nearby
from complaints.api import schemas
from complaints.api.names import CityNames, local
from complaints.domain import workflow
from complaints.domain.privacy import mask
from complaints.models import Event, Photo, Report

ITEM_FIELDS = (
    "id",
    "code",
    "category_id",
    "status",
    "is_open",
    "severity",
    "latitude",
    "longitude",
    "area_id",
    "street",
    "department_id",
    "description",
    "due_at",
    "supporter_count",
    "created_at",
    "updated_at",
)


def absolute(path: str) -> str:
    return settings.PUBLIC_BASE_URL.rstrip("/") + path


def created(report: Report, secret: str) -> schemas.Created:
    """The answer to a new report, made only from what never changes afterwards."""
    return schemas.Created(
        code=report.code,
        secret=secret,
        status=workflow.RECEIVED,
        promise=None,
        links=schemas.Links(
            public=absolute(links.public_path(report)),
            private=absolute(links.private_path(report)),
            self_=self_link(report.code),
        ),
        created_at=report.created_at,
    )


def self_link(code: str) -> str:
    return absolute(reverse("api:report", args=[code]))


def items(reports: list[Report]) -> list[schemas.ReportItem]:
    """Reports for a list, with one query for all their pictures."""
    names = CityNames({r.category_id for r in reports}, {r.department_id for r in reports})
    pictures = _first_pictures([report.pk for report in reports])
    return [schemas.ReportItem(**_common(report, names, pictures.get(report.pk))) for report in reports]


def near_items(found: list[selectors_nearby.Near]) -> list[schemas.NearbyItem]:
    """Reports with their distance, with one query for all their pictures."""
    reports = [near.report for near in found]
    names = CityNames({r.category_id for r in reports}, {r.department_id for r in reports})
    pictures = _first_pictures([report.pk for report in reports])
    return [
        schemas.NearbyItem(
            **_common(near.report, names, pictures.get(near.report.pk)), distance_m=round(near.distance_m, 1)
        )
        for near in found
    ]


def _first_pictures(report_ids: list[int]) -> dict[int, str]:
    found = selectors_nearby.first_pictures(report_ids)
    return {report_id: picture(uuid, "small") for report_id, uuid in found.items()}


def picture(uuid, size: str, secret: str = "") -> str:
    path = absolute(reverse("photo", args=[uuid, size]))
    return f"{path}?kunci={secret}" if secret else path


def _common(report: Report, names: CityNames, photo: str | None, *, is_yours: bool = False) -> dict[str, Any]:
    area, kecamatan = names.area(report.area_id)
    return {
        "code": report.code,
        "category": names.category(report.category_id),
        "status": report.status,
        "status_name": str(Report.Status(report.status).label),
        "state": workflow.MAP_STATE[report.status],
        "is_open": report.is_open,
        "severity": report.severity,
        "latitude": report.latitude,
        "longitude": report.longitude,
        "area": area,
        "kecamatan": kecamatan,
        "street": report.street if is_yours else mask(report.street),
        "department": names.department(report.department_id),
        "description": report.description if is_yours else mask(report.description),
        "resolve_by": report.due_at,
        "supporter_count": report.supporter_count,
        "photo": photo,
        "created_at": report.created_at,
        "updated_at": report.updated_at,
        "links": {"self": self_link(report.code), "public": absolute(links.public_path(report))},
    }


def detail(report: Report, photos: list[Photo], secret: str = "") -> schemas.ReportDetail:
    """One report; `secret` (checked by the caller) makes it the reporter's own view."""
    is_yours = bool(secret)
    events = selectors_incident.timeline(report)
    own, report = report, selectors_incident.shown(report)
    names = CityNames({report.category_id}, {report.department_id, *(e.department_id for e in events)})
    ready = [photo for photo in photos if photo.state == Photo.State.READY]
    key = secret if report.is_private else ""
    first = next((photo for photo in ready if photo.kind == Photo.Kind.REPORT), None)
    common = _common(report, names, picture(first.uuid, "small", key) if first else None, is_yours=is_yours)
    return schemas.ReportDetail(
        **common,
        version=report.version,
        is_yours=is_yours,
        is_private=report.is_private,
        observed_at=report.observed_at,
        answers=answers(report, names, is_yours=is_yours),
        promise=_promise(report, names),
        routing_reasons=routing_reasons(events),
        waiting=_waiting(report, is_yours=is_yours),
        scheduled_for=report.scheduled_for,
        resolved_at=report.resolved_at,
        closed_at=report.closed_at,
        closure=report.closure,
        reopen_count=report.reopen_count,
        photos=[_photo(photo, key) for photo in ready],
        photos_pending=sum(photo.state == Photo.State.PENDING for photo in photos),
        timeline=[
            event_item(event, names, is_yours=is_yours and event.report_id == own.pk) for event in events
        ],
        incident=_incident(own),
    )


def _incident(report: Report) -> schemas.Incident | None:
    found = selectors_incident.of_public(report)
    if found is None:
        return None
    primary = found.primary
    return schemas.Incident(
        is_primary=found.is_primary,
        primary=primary.code if primary else None,
        reports=found.reports,
        people=found.people,
        self_=self_link(primary.code) if primary else None,
    )


def _waiting(report: Report, *, is_yours: bool) -> schemas.Waiting | None:
    if not report.waiting_on:
        return None
    reason = report.waiting_reason
    return schemas.Waiting(report.waiting_on, reason if is_yours else mask(reason))


def _promise(report: Report, names: CityNames) -> schemas.Promise | None:
    if report.promised_at is None:
        return None
    return schemas.Promise(
        department=names.department(report.department_id),
        promised_at=report.promised_at,
        acknowledge_by=report.acknowledge_due_at,
        make_safe_by=report.make_safe_due_at,
        resolve_by=report.due_at,
    )


def _photo(photo: Photo, secret: str) -> schemas.PhotoItem:
    return schemas.PhotoItem(
        kind=photo.kind,
        small=picture(photo.uuid, "small", secret),
        large=picture(photo.uuid, "large", secret),
        width=photo.width,
        height=photo.height,
        created_at=photo.created_at,
    )


def event_item(event: Event, names: CityNames, *, is_yours: bool) -> schemas.EventItem:
    return schemas.EventItem(
        kind=event.kind,
        name=str(Event.Kind(event.kind).label),
        at=event.at,
        by=event.actor_kind,
        department=names.department(event.department_id),
        from_status=event.from_status,
        to_status=event.to_status,
        text=event.text if is_yours else mask(event.text),
    )


def answers(report: Report, names: CityNames, *, is_yours: bool) -> list[schemas.Answer]:
    """The answers in words, as far as the category still asks these questions."""
    category = names.snap.categories_by_id.get(report.category_id)
    told = []
    for question in category.questions if category else ():
        value = report.answers.get(question.code)
        if value is None:
            continue
        labels = {choice.value: local(choice, "label") for choice in question.choices}
        value = value if is_yours or not isinstance(value, str) else mask(value)
        answer = labels.get(value, str(value))
        told.append(schemas.Answer(question.code, local(question, "text"), value, answer))
    return told


def routing_reasons(events: Iterable[Event]) -> list[str]:
    """Why the report is where it is, from the last decision in its public timeline."""
    key = "reasons_en" if (get_language() or "").startswith("en") else "reasons"
    for event in reversed(list(events)):
        if event.data.get(key):
            return [str(reason) for reason in event.data[key]]
    return []
