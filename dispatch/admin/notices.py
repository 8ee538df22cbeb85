"""Between colleagues: who is named in a note, who else has a case open, and the page “for me”."""

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints import selectors
from complaints.models import Event
from dispatch.admin.bulk import person_name
from dispatch.domain import casework
from dispatch.services import casework as casework_service
from dispatch.services import mentions, presence


class NoticePages:
    """Mix-in of the reports' admin."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("untuk-saya/", view(self.for_me_view), name="complaints_report_for_me"),
            path("<int:report_id>/kolega/", view(self.colleagues_view), name="complaints_report_colleagues"),
            path("<int:report_id>/hadir/", view(self.presence_view), name="complaints_report_presence"),
        ]
        return own + super().get_urls()

    def for_me_view(self, request):
        """Where I was named, the latest first; POST: I have read them all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            mentions.read(request.user, now=timezone.now())
            return HttpResponseRedirect(reverse("admin:complaints_report_for_me"))
        # Not by a join: events are read by their own manager, which covers hidden words.
        events = Event.objects.select_related("actor", "report__category", "report__area")
        covered = Prefetch("event", events.defer("report__area__geometry"))
        rows = list(mentions.of(request.user).prefetch_related(covered)[: mentions.LISTED_AT_MOST])
        ids = [row.event.report_id for row in rows]
        visible = set(selectors.for_staff(request.user).filter(pk__in=ids).values_list("pk", flat=True))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("For me"),
            "rows": [
                {
                    "row": row,
                    "who": person_name(row.event.actor),
                    "is_visible": row.event.report_id in visible,
                }
                for row in rows
            ],
            "has_unread": any(row.read_at is None for row in rows),
            "limit": mentions.LISTED_AT_MOST if len(rows) == mentions.LISTED_AT_MOST else 0,
        }
        return TemplateResponse(request, "dispatch/admin/for_me.html", context)

    def colleagues_view(self, request, report_id: int):
        """Names that complete `@…`, for who may write a note: colleagues who may see the report."""
        report = self._report(request, report_id)
        if not casework.may(casework_service.role_of(request.user), casework.NOTE):
            raise PermissionDenied
        people = mentions.suggested(request.user, report, request.GET.get("q", ""))
        found = [
            {"username": user.username, "name": person_name(user), "role": str(user.get_role_display())}
            for user in people
        ]
        return JsonResponse({"people": found})

    def presence_view(self, request, report_id: int):
        """A page says that it is open (or that it closes) and hears who else is there."""
        report = self._report(request, report_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if request.POST.get("leaving"):
            presence.left(request.user, report)
            return JsonResponse({})
        is_writing = bool(request.POST.get("writing"))
        people = presence.here(request.user, report, now=timezone.now(), is_writing=is_writing)
        return JsonResponse({"lines": lines(people), "version": report.version})


def lines(people: list[presence.Colleague]) -> list[str]:
    """Who is there, in sentences."""
    return [
        (_("%(who)s is writing here right now.") if item.is_writing else _("%(who)s has this case open too."))
        % {"who": person_name(item.user)}
        for item in people
    ]
