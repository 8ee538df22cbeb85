"""What a report's page shows: the context of its template."""

import hashlib
import uuid

from django.db.models import Q
from django.utils import timezone

from city import snapshot as city
from complaints import selectors_incident
from complaints.domain import privacy, workflow
from complaints.models import Photo, Report, Reporter, Supporter
from complaints.services import elsewhere
from complaints.web import access, form_context, reporter_box, story_parts
from complaints.web.map_setup import map_setup

SUPPORT_COOKIE = "dukungan"


def story(request, found: access.Access, **extra) -> dict:
    own = found.report
    report, part_of = selectors_incident.shown(own), selectors_incident.of_public(own)
    category = city.current().categories_by_id.get(report.category_id)
    pictures = [
        p for p in Photo.objects.filter(pictures_of(own)).order_by("id") if p.state != Photo.State.REFUSED
    ]
    now = timezone.now()
    has_supported = _has_supported(request, report)
    events = selectors_incident.timeline(own)
    days_since = (now - report.status_since).days
    return {
        "report": report,
        "incident": part_of,
        "category": category,
        "answers": form_context.answered(category, report.answers) if category else [],
        "is_reporter": found.is_reporter,
        "secret": found.secret,
        "events": events,
        "elsewhere": elsewhere.of(report),
        **story_parts.parts(report, events, pictures, now),
        "photos_before": [p for p in pictures if p.kind == Photo.Kind.REPORT],
        "photos_after": [p for p in pictures if p.kind == Photo.Kind.REPAIR],
        "reporter_name": _public_name(report),
        "can_confirm": found.is_reporter and report.status in workflow.AWAITING_CONFIRMATION,
        "can_reopen": found.is_reporter
        and report.status in workflow.REOPENABLE
        and days_since < workflow.REOPEN_WITHIN_DAYS,
        "can_support": report.is_open and not found.is_reporter and not has_supported,
        "has_supported": has_supported,
        **(reporter_box.context(report, events, now) if found.is_reporter else {}),
        "map": map_setup(),
        "photos_key": uuid.uuid4(),
        "typed": {},
        "support_texts": form_context.privacy_texts(),
        "errors": {},
        **extra,
    }


def pictures_of(report: Report) -> Q:
    """The report's own pictures, and those of the repair that its public primary shows."""
    primary = selectors_incident.primary_of(report)
    own = Q(report=report)
    if primary is None or primary.is_private:
        return own
    return own | Q(report=primary, kind=Photo.Kind.REPAIR)


def _public_name(report: Report) -> str:
    """The reporter's name, only if they gave it and chose not to be anonymous."""
    if report.is_anonymous or report.is_private:
        return ""
    name = Reporter.objects.filter(report=report).values_list("name", flat=True).first()
    return privacy.mask(name or "")


def _has_supported(request, report: Report) -> bool:
    token = request.COOKIES.get(SUPPORT_COOKIE)
    if not token:
        return False
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    return Supporter.objects.filter(report=report, token_hash=token_hash).exists()
