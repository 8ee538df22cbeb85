"""Looking over the proof of a repair, and keeping what was found with the resolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from complaints import selectors_alike
from complaints.domain import text
from complaints.errors import InvalidReport
from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import photos as photo_service
from dispatch import errors
from dispatch.domain import proof, second_look
from dispatch.models import RepairCheck, ReviewShare

REASON_MAX_CHARS = 500
_TOO_LONG = _("This text is too long; at most 500 characters fit.")
# Of one photo's many likenesses these few are enough to make a reviewer look.
_TWINS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be kept with the resolution."""

    findings: Sequence[proof.Finding]
    photos: Sequence[str]
    reason: str
    is_drawn: bool
    share_percent: float
    needs_second_person: bool


def look_over(report: Report, details, user, *, now: datetime) -> Look:
    """Look at the photos that are to prove this repair. Raises ProofDoubtful where something is odd and no
    reason was given, InvalidReport (`proof_reason` too long). Call it with the report locked."""
    reason = text.clean(details.proof_reason)
    if len(reason) > REASON_MAX_CHARS:
        raise InvalidReport({"proof_reason": ("too_long", _TOO_LONG)})
    staged = photo_service.take_staged(details.photos_key, details.photos) if details.photos_key else []
    work = _work(report)
    findings = proof.look(work, _pictures(report, staged, user), details.claim, now=now)
    doubts = proof.doubts(findings)
    if doubts and not reason:
        raise errors.ProofDoubtful(item.as_json() for item in doubts)
    percent = share(report)
    drawn = second_look.is_drawn(settings.SECRET_KEY.encode(), report.pk, report.reopen_count, percent)
    return Look(
        findings=findings,
        photos=[item.uuid.hex for item in staged],
        reason=reason if doubts else "",
        is_drawn=drawn,
        share_percent=percent,
        needs_second_person=bool(doubts) or drawn or _was_stopped(report, work.since),
    )


def keep(report: Report, look: Look, details, user, *, now: datetime) -> RepairCheck:
    """Record the look with the resolution, in its transaction. What waited from an earlier resolution of the
    report is over."""
    RepairCheck.objects.filter(report=report, state=RepairCheck.State.PENDING).update(
        state=RepairCheck.State.OVERTAKEN
    )
    claim = details.claim
    return RepairCheck.objects.create(
        report=report,
        at=now,
        resolved_by=user,
        department_id=report.department_id,
        photos=list(look.photos),
        findings=[item.as_json() for item in look.findings],
        reason=look.reason,
        claimed_latitude=claim.latitude if claim else None,
        claimed_longitude=claim.longitude if claim else None,
        claimed_accuracy_m=claim.accuracy_m if claim else None,
        claimed_at=claim.at if claim else None,
        is_drawn=look.is_drawn,
        share_percent=look.share_percent,
        state=RepairCheck.State.PENDING if look.needs_second_person else RepairCheck.State.CLEAN,
    )


def share(report: Report) -> float:
    """How many of a hundred resolutions of this department and kind are looked at twice."""
    return second_look.share_percent(
        ReviewShare.objects.values("department_id", "category_id", "percent"),
        department_id=report.department_id,
        category_id=report.category_id,
        default=settings.SECOND_LOOK_PERCENT,
    )


def _was_stopped(report: Report, since: datetime) -> bool:
    """Whether an earlier resolution of this round was sent back or withdrawn while somebody was to look at
    it: nobody gets past the second person by resolving again."""
    ended = (RepairCheck.State.REJECTED, RepairCheck.State.OVERTAKEN, RepairCheck.State.PENDING)
    return RepairCheck.objects.filter(report=report, at__gte=since, state__in=ended).exists()


def _work(report: Report) -> proof.Work:
    said_no = Event.objects.filter(report=report, kind=Event.Kind.REOPENED)
    reopened = said_no.exclude(to_status="").order_by("-id")  # not what was said of its primary while merged
    since = reopened.values_list("at", flat=True).first() if report.reopen_count else None
    return proof.Work(
        latitude=report.latitude,
        longitude=report.longitude,
        since=since or report.created_at,
        has_exact_place=report.place_source != Report.PlaceSource.AREA,
    )


def _pictures(report: Report, staged: list[StagedPhoto], user) -> list[proof.Picture]:
    together = [item.uuid for item in staged]
    return [
        proof.Picture(
            uuid=item.uuid.hex,
            latitude=item.gps_latitude,
            longitude=item.gps_longitude,
            taken_at=item.taken_at,
            trace=item.trace or {},
            twins=_twins(report, item, together, user),
        )
        for item in staged
    ]


def _twins(report: Report, item: StagedPhoto, together: list, user) -> list[proof.Twin]:
    found: dict[str, proof.Twin] = {}
    same = selectors_alike.same_bytes(item.sha256, without=together)
    alike = [selectors_alike.Alike(same, None)] if same else []
    bits = (item.trace or {}).get("print")
    if bits is not None:
        alike += selectors_alike.near_copies(bits, without=together)
    for one in alike:
        relation = _relation(report, one.photo, user)
        found.setdefault(relation, proof.Twin(relation, one.photo.report.spoken_code, one.bits_apart))
    return list(found.values())[:_TWINS_SHOWN]


def _relation(report: Report, photo: Photo, user) -> str:
    if photo.report_id == report.pk and photo.kind != Photo.Kind.REPAIR:
        return "before"
    return "own" if photo.by_staff_id == user.pk else "other"
