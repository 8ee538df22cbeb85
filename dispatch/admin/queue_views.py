"""Saved views of the queue, and what the page remembers of a person."""

from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBadRequest, HttpResponseRedirect, QueryDict
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from complaints import errors
from dispatch.admin import filters, work_cards
from dispatch.domain import casework, queue_query
from dispatch.models import SavedFilter
from dispatch.services import casework as casework_service
from dispatch.services import saved_filters, worklist


def list_url(query: str = "") -> str:
    return reverse("admin:complaints_report_changelist") + (f"?{query}" if query else "")


def _texts(request) -> dict[str, str]:
    """What the list's script says and asks."""
    return {
        "token": get_token(request),
        "quick": reverse("admin:complaints_report_quick", args=[0, "STEP"]),
        "people": reverse("admin:complaints_report_people", args=[0]),
        "failed": _("That did not work. Check your connection and try again, or open the case."),
        "nobody": _("This report’s department has no accounts yet."),
    }


class QueueViews:
    """The addresses of saved views and settings, and what the list's page shows of them."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("saringan/", view(self.saved_filters_view), name="complaints_report_views"),
            path("saringan/<int:view_id>/", view(self.saved_filter_view), name="complaints_report_view"),
            path("tampilan/", view(self.settings_view), name="complaints_report_settings"),
        ]
        return own + super().get_urls()

    def get_preserved_filters(self, request):
        """Also a list without a parameter goes along into a case: going back, and on to the next one, then
        mean this list and not the view with which the queue opens."""
        return super().get_preserved_filters(request) or self._from_bare_list(request)

    def _from_bare_list(self, request) -> str:
        match = request.resolver_match
        is_list = match is not None and match.url_name == "complaints_report_changelist"
        return f"_changelist_filters={queue_query.EVERYTHING_OPEN.replace('=', '%3D')}" if is_list else ""

    def view_to_open_with(self, request, kept):
        """Where a bare address of the list leads, if this person chose a view for it."""
        if request.method != "GET" or request.GET:
            return None
        view = saved_filters.first_view(request.user, kept)
        return HttpResponseRedirect(list_url(view.query)) if view else None

    def queue_context(self, request, kept) -> dict:
        """Cards and views above the list. Two queries."""
        current = queue_query.clean(request.GET.urlencode())
        views = saved_filters.of(request.user)
        params = {name: values[0] for name, values in parse_qs(current).items()}
        return {
            "setting": kept,
            "work_cards": work_cards.cards(request.user, timezone.now(), worklist.MY_CARDS, params),
            "views": views,
            "current_view": next((item for item in views if item.query == current), None),
            "current_query": current,
            "is_all_open": current == queue_query.EVERYTHING_OPEN,
            "may_share": saved_filters.may_share(request.user),
            "may_assign": casework.may(casework_service.role_of(request.user), casework.ASSIGN),
            "here": request.get_full_path(),
            "queue_texts": _texts(request),
        }

    def saved_filters_view(self, request):
        """One's views in a list; POST keeps the view that the queue showed."""
        self._check_view(request)
        if request.method != "POST":
            return self._views_page(request)
        query = queue_query.clean(request.POST.get("query", ""))
        try:
            view = saved_filters.save(
                request.user,
                name=request.POST.get("name", ""),
                query=query,
                is_shared=bool(request.POST.get("is_shared")),
                now=timezone.now(),
            )
        except errors.InvalidReport as exc:
            typed = {name: request.POST.get(name, "") for name in ("name", "is_shared", "opens")}
            return self._views_page(request, new={"query": query, **typed}, faults=exc.errors, status=422)
        if request.POST.get("opens"):
            saved_filters.open_with(request.user, view.pk)
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
        return HttpResponseRedirect(list_url(view.query))

    def saved_filter_view(self, request, view_id: int):
        """Change, move, delete one's own view, or open the queue with one that one may see."""
        self._check_view(request)
        back = HttpResponseRedirect(reverse("admin:complaints_report_views"))
        if request.method != "POST":
            return back
        action, now = request.POST.get("action", ""), timezone.now()
        try:
            if action == "delete":
                name = saved_filters.delete(request.user, view_id, now=now)
                messages.success(request, _("The view “%(name)s” was deleted.") % {"name": name})
            elif action == "up":
                saved_filters.move_up(request.user, view_id)
            elif action in ("open_with", "open_all"):
                saved_filters.open_with(request.user, view_id if action == "open_with" else None)
            else:
                return self._change_view(request, view_id, now) or back
        except SavedFilter.DoesNotExist as exc:
            raise Http404 from exc
        return back

    def _change_view(self, request, view_id: int, now):
        try:
            view = saved_filters.change(
                request.user,
                view_id,
                name=request.POST.get("name", ""),
                is_shared=bool(request.POST.get("is_shared")),
                now=now,
            )
        except errors.InvalidReport as exc:
            typed = {"pk": view_id, "name": request.POST.get("name", "")}
            return self._views_page(request, edited=typed, faults=exc.errors, status=422)
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
        return None

    def _views_page(self, request, *, new=None, edited=None, faults=None, status=200):
        kept = saved_filters.setting(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Saved views"),
            "rows": [self._view_row(request, view, edited) for view in saved_filters.of(request.user)],
            "first_view": saved_filters.first_view(request.user, kept),
            "may_share": saved_filters.may_share(request.user),
            "new": new,
            "edited": edited,
            "faults": {name: text for name, (_code, text) in (faults or {}).items()},
        }
        return TemplateResponse(request, "dispatch/admin/saved_views.html", context, status=status)

    def _view_row(self, request, view: SavedFilter, edited) -> dict:
        params = QueryDict(view.query)
        asked = filters.specs(self, request, params)
        is_edited = edited is not None and edited["pk"] == view.pk
        return {
            "view": view,
            "url": list_url(view.query),
            "chips": filters.chips(asked, params),
            "is_own": view.owner_id == request.user.pk,
            "name": edited["name"] if is_edited else view.name,
            "is_edited": is_edited,
        }

    def settings_view(self, request):
        """Remember how the queue looks and behaves for this person: one switch."""
        self._check_view(request)
        back = request.POST.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
        back = back if is_ours and urlsplit(back).path.startswith(reverse("admin:index")) else list_url()
        if request.method == "POST":
            name, is_on = request.POST.get("switch", ""), bool(request.POST.get("on"))
            try:
                saved_filters.switch(request.user, name, is_on)
            except KeyError:
                return HttpResponseBadRequest()
        return HttpResponseRedirect(back)

    def _check_view(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
