"""The second person's pages: which proofs of repair wait, and one of them, before beside after."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from city.office import OfficePages
from complaints import errors, selectors
from complaints.models import Photo
from complaints.web.map_setup import map_setup
from dispatch import proof_words
from dispatch.admin.bulk import person_name
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.domain import proof, second_look
from dispatch.models import RepairCheck, ReviewShare
from dispatch.services import casework, redaction
from dispatch.services import second_look as service

SHOWN_AT_MOST = 100
_REPORT = ("report__category", "report__area__parent", "report__department", "resolved_by")
_HEAVY = ("report__area__geometry", "report__area__parent__geometry")


@admin.register(RepairCheck)
class RepairCheckAdmin(ReadOnlyAdmin):
    """The list is the queue of proofs; each has a page of its own, on which it is judged."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = path(
            "<int:pk>/putusan/<slug:verdict>/", view(self.judge_view), name="dispatch_repaircheck_judge"
        )
        return [own, *super().get_urls()]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and service.may_look(request.user)

    def has_change_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        waiting = service.waiting_for(request.user)
        rows = waiting.select_related(*_REPORT).defer(*_HEAVY)[: SHOWN_AT_MOST + 1]
        context = self._context(request, _("Second look at repairs"))
        context["rows"] = [_row(check) for check in rows[:SHOWN_AT_MOST]]
        context["has_more"] = len(rows) > SHOWN_AT_MOST
        context["shown_at_most"] = SHOWN_AT_MOST
        return TemplateResponse(request, "dispatch/admin/second_look_list.html", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, self._check(request, object_id))

    def judge_view(self, request, pk: int, verdict: str):
        """Approve (`sah`) or send back (`kembali`), then on to the next proof that waits."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        check = self._check(request, pk)
        try:
            if verdict == "sah":
                service.approve(request.user, check.pk, now=timezone.now())
            elif verdict == "kembali":
                service.reject(request.user, check.pk, request.POST.get("message", ""), now=timezone.now())
            else:
                raise Http404
        except errors.NotPermitted as exc:
            raise PermissionDenied from exc
        except errors.InvalidReport as invalid:
            return self._page(request, check, fault=invalid.errors["message"][1], status=422)
        except (errors.Conflict, errors.TransitionNotAllowed):
            messages.error(
                request, _("Somebody was faster, or the report has moved on. Nothing was changed.")
            )
            return HttpResponseRedirect(reverse("admin:dispatch_repaircheck_changelist"))
        done = (
            _("The proof stands; the reporter is asked now.") if verdict == "sah" else _("Sent back to work.")
        )
        messages.success(request, done)
        return self._on(request)

    def _on(self, request):
        following = service.waiting_for(request.user).values_list("pk", flat=True).first()
        if following is None:
            return HttpResponseRedirect(reverse("admin:dispatch_repaircheck_changelist"))
        return HttpResponseRedirect(reverse("admin:dispatch_repaircheck_change", args=[following]))

    def _check(self, request, object_id) -> RepairCheck:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return (
                RepairCheck.objects.filter(report__in=selectors.for_staff(request.user).values("pk"))
                .select_related(*_REPORT, "reviewed_by")
                .defer(*_HEAVY)
                .get(pk=int(object_id))
            )
        except (RepairCheck.DoesNotExist, ValueError, OverflowError) as exc:
            raise Http404 from exc

    def _page(self, request, check: RepairCheck, *, fault="", status=200):
        report, user = check.report, request.user
        waits = check.state == RepairCheck.State.PENDING and report.checking_since is not None
        may_judge = waits and second_look.may_review(
            casework.role_of(user),
            is_own_department=user.department_id == report.department_id,
            is_own_work=check.resolved_by_id == user.pk,
        )
        pictures = _pictures(check)
        redaction.cover_for(user, report, [pictures["resolution"]] if pictures["resolution"] else [])
        context = {
            **self._context(request, _("Second look: %(code)s") % {"code": report.spoken_code}),
            **_row(check),
            "report": report,
            "may_judge": may_judge,
            "is_own_work": check.resolved_by_id == user.pk,
            "waiting_count": service.waiting_for(user)[: SHOWN_AT_MOST + 1].count(),
            "map": map_setup(),
            "fault": fault,
            "typed": request.POST.get("message", ""),
            **pictures,
        }
        return TemplateResponse(request, "dispatch/admin/second_look.html", context, status=status)

    def _context(self, request, title: str) -> dict:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _row(check: RepairCheck) -> dict:
    doubts = [item for item in check.findings if item["code"] not in proof.NOTES]
    notes = [item for item in check.findings if item["code"] in proof.NOTES]
    return {
        "check": check,
        "findings": proof_words.sentences(doubts, to_officer=False),
        "notes": proof_words.sentences(notes, to_officer=False),
        "officer": person_name(check.resolved_by),
    }


def _pictures(check: RepairCheck) -> dict:
    """Before and after, each after-photo with what it says about place and time."""
    photos = list(check.report.photos.exclude(state=Photo.State.REFUSED).order_by("id"))
    after = [item for item in photos if item.uuid.hex in check.photos]
    points = [
        (item.gps_latitude, item.gps_longitude, "photo") for item in after if item.gps_latitude is not None
    ]
    if check.claimed_latitude is not None:
        points.append((check.claimed_latitude, check.claimed_longitude, "phone"))
    return {
        "before": [item for item in photos if item.kind == Photo.Kind.REPORT],
        "after": [{"photo": item, "away": _away(check, item)} for item in after],
        "resolution": check.report.events.filter(at=check.at, to_status="resolved").first(),
        "points": ";".join(f"{latitude:.6f},{longitude:.6f},{kind}" for latitude, longitude, kind in points),
        "claim_away": _away_of(check, check.claimed_latitude, check.claimed_longitude),
    }


def _away(check: RepairCheck, photo: Photo) -> float | None:
    return _away_of(check, photo.gps_latitude, photo.gps_longitude)


def _away_of(check: RepairCheck, latitude: float | None, longitude: float | None) -> float | None:
    if latitude is None or longitude is None:
        return None
    return proof.distance_m(check.report.latitude, check.report.longitude, latitude, longitude)


@admin.register(ReviewShare)
class ReviewShareAdmin(OfficePages, ModelAdmin):
    """What share of repairs without findings is looked at twice."""

    list_display = ("department", "category", "percent")
    list_select_related = ("department", "category")
    list_filter = ("department",)
