"""What a reporter adds afterwards, with the report's secret; and "I have this problem too"."""

import hashlib
import uuid

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema

from complaints import selectors
from complaints.api import docs, parsing, render, schemas
from complaints.api.access import own, readable
from complaints.api.base import ApiView, json
from complaints.api.names import CityNames
from complaints.api.problems import Problem
from complaints.api.staging import stage_all
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.models import Photo, Report
from complaints.services import conversation
from complaints.services import photos as photo_service

_TOKEN_CHARS = range(16, 201)
_TOKEN = _("Make a random text of 16 to 200 characters once per device and send it every time.")
_PHOTO_MISSING = _("Send at least one photo in the field photos.")
_VERDICT = _("Say fixed or not_fixed.")


def _read(request, schema, *, with_photos: bool = False) -> parsing.Body:
    body = parsing.read(request, schema, with_photos=with_photos)
    if body.errors:
        raise Problem("invalid", errors=body.errors)
    return body


def _new_photos(report: Report, contents: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Those that the report does not have: a client that heard no answer sends again."""
    hashes = {hashlib.sha256(content).hexdigest(): content for content in contents}
    known = Photo.objects.filter(report=report, sha256__in=hashes).values_list("sha256", flat=True)
    return tuple(content for sha256, content in hashes.items() if sha256 not in set(known))


class Photos(ApiView):
    """Photos of a report."""

    @extend_schema(**docs.PHOTOS_CREATE)
    def post(self, request, code: str) -> HttpResponse:
        report, _secret = own(request, code)
        body = _read(request, schemas.NewPhotos, with_photos=True)
        if not body.photos:
            raise Problem("invalid", errors={"photos": ("missing", _PHOTO_MISSING)})
        now, key = timezone.now(), parsing.idempotency_key(request)
        new = _new_photos(report, body.photos)
        staging = stage_all(new, key, now)
        if staging.uuids:
            photo_service.add_photos(report.pk, key, staging.uuids, actor=THE_REPORTER, now=now)
        return json(schemas.PhotosAdded(len(new), len(body.photos) - len(new)), status=201)


class Comments(ApiView):
    """The reporter's words on the timeline."""

    @extend_schema(**docs.COMMENT_CREATE)
    def post(self, request, code: str) -> HttpResponse:
        report, _secret = own(request, code)
        body = _read(request, schemas.NewComment, with_photos=True)
        now, key = timezone.now(), parsing.idempotency_key(request)
        staging = stage_all(_new_photos(report, body.photos), key, now)
        try:
            event = conversation.add_comment(
                report.pk,
                body.value.text or "",
                actor=THE_REPORTER,
                now=now,
                photos=staging.uuids,
                photos_key=key,
            )
        except Exception:
            staging.drop()
            raise
        item = render.event_item(event, CityNames(), is_yours=True)
        return json(schemas.Commented(item, len(staging.uuids)), status=201)


class FeedbackView(ApiView):
    """The reporter's verdict."""

    @extend_schema(**docs.FEEDBACK_CREATE)
    def post(self, request, code: str) -> HttpResponse:
        report, secret = own(request, code)
        verdict = _read(request, schemas.NewFeedback).value
        now = timezone.now()
        if verdict.verdict is None:
            raise Problem("invalid", errors={"verdict": ("missing", _VERDICT)})
        if verdict.verdict == "fixed":
            conversation.confirm_fixed(report.pk, now=now, rating=verdict.rating, message=verdict.text or "")
        else:
            conversation.reopen(report.pk, verdict.text or "", now=now)
        report = selectors.by_code(report.code)
        photos = list(Photo.objects.filter(report=report).exclude(state=Photo.State.REFUSED).order_by("id"))
        return json(render.detail(report, photos, secret), status=201)


class Support(ApiView):
    """Somebody else with the same problem."""

    @extend_schema(**docs.SUPPORT_CREATE)
    def post(self, request, code: str) -> HttpResponse:
        report, secret = readable(request, code)
        body = _read(request, schemas.NewSupportWords, with_photos=True)
        token = (body.value.token or "").strip()
        if len(token) not in _TOKEN_CHARS:
            raise Problem("invalid", errors={"token": ("token_invalid", _TOKEN)})
        actor, now = THE_REPORTER if secret else A_CITIZEN, timezone.now()
        counted = self._support(report, token, body, actor, now)
        count = Report.objects.values_list("supporter_count", flat=True).get(pk=report.pk)
        return json(schemas.Supported(counted, count), status=201 if counted else 200)

    def _support(self, report, token: str, body: parsing.Body, actor, now) -> bool:
        """Count; photos that were not taken (counted before, refused) are not kept."""
        key = uuid.uuid4()
        staging = stage_all(_new_photos(report, body.photos), key, now)
        try:
            counted = conversation.support(
                report.pk,
                f"api:{token}",
                actor=actor,
                now=now,
                message=body.value.text or "",
                photos=staging.uuids,
                photos_key=key,
            )
        except Exception:
            staging.drop()
            raise
        if not counted:
            staging.drop()
        return counted
