"""Exports of the list: columns chosen, sent at once or made by a worker, a link for their owner alone."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints import errors, selectors
from dispatch.admin import filters
from dispatch.domain import export
from dispatch.models import Export
from dispatch.services import bulk_work, export_rows, exports

OWN_SHOWN = 20
_RUNNING = (Export.State.QUEUED, Export.State.RUNNING)
_TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportPages:
    """Mix-in of the reports' admin. Whoever sees the list may export what they see of it."""

    def get_urls(self):
        view, name = self.admin_site.admin_view, "complaints_report_export"
        own = [
            path("ekspor/", view(self.export_view), name=name),
            path("ekspor/<int:pk>/", view(self.export_one_view), name=f"{name}_one"),
            path("ekspor/<int:pk>/unduh/", view(self.export_download_view), name=f"{name}_file"),
        ]
        return own + super().get_urls()

    def export_view(self, request):
        """Choose columns and format; POST begins."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = self._matching(request)
        if request.method == "POST":
            return self._export(request, ids)
        may_see = selectors.may_see_identity(request.user)
        names = (*export.COLUMNS, *export.IDENTITY) if may_see else export.COLUMNS
        context = {
            **self._frame(request, _("Export reports")),
            "total": min(len(ids), export.AT_MOST),
            "is_too_many": len(ids) > export.AT_MOST,
            "at_most": export.AT_MOST,
            "columns": [
                (name, *export_rows.HEADINGS[name], name in export.USUAL, name in export.IDENTITY)
                for name in names
            ],
            "formats": Export.Format.choices,
            "query": request.GET.urlencode(),
            "own": exports.of_person(request.user)[:OWN_SHOWN],
            "hours": export.KEPT.total_seconds() / 3600,
        }
        return TemplateResponse(request, "dispatch/admin/export.html", context)

    def _matching(self, request) -> list[int]:
        """The reports that the list shows for this address, in its order; one more than fit, if there are."""
        found = filters.narrowed(self, request, request.GET.copy())
        order = filters.ORDERS[filters.wanted_order(request)][1]
        return list(found.order_by(*order).values_list("pk", flat=True)[: export.AT_MOST + 1])

    def _export(self, request, ids: list[int]):
        chosen = request.POST.get("format", "")
        try:
            made = exports.ask(
                request.user,
                ids,
                format=chosen if chosen in Export.Format.values else Export.Format.CSV,
                columns=request.POST.getlist("columns"),
                query=request.GET.urlencode(),
                address=request.META.get("REMOTE_ADDR", ""),
                language=get_language() or "id",
                now=timezone.now(),
            )
        except errors.InvalidReport as exc:
            messages.error(request, bulk_work.sentence(exc))
            return HttpResponseRedirect(request.get_full_path())
        if not exports.is_sent_at_once(made):
            return HttpResponseRedirect(reverse("admin:complaints_report_export_one", args=[made.pk]))
        exports.sent(made, now=timezone.now())
        response = StreamingHttpResponse(
            exports.csv_lines(made, request.user), content_type=_TYPES[Export.Format.CSV]
        )
        return _as_file(response, made)

    def export_one_view(self, request, pk: int):
        """How far it is, and the link; `?format=json` for the page's own script."""
        made = exports.of_person(request.user).filter(pk=pk).first()
        if made is None:
            raise Http404
        is_running = made.state in _RUNNING
        if request.GET.get("format") == "json":
            return JsonResponse({"state": made.state, "done": made.done, "is_running": is_running})
        context = {
            **self._frame(request, _("Export reports")),
            "made": made,
            "is_running": is_running,
            "has_file": exports.downloadable(request.user, pk, now=timezone.now()) is not None,
        }
        return TemplateResponse(request, "dispatch/admin/export_one.html", context)

    def export_download_view(self, request, pk: int):
        made = exports.downloadable(request.user, pk, now=timezone.now())
        if made is None:
            raise Http404
        return _as_file(FileResponse(made.file.open("rb"), content_type=_TYPES[made.format]), made)


def _as_file(response, made: Export):
    day = timezone.localtime(made.created_at)
    response["Content-Disposition"] = f'attachment; filename="laporan-{day:%Y-%m-%d-%H%M}.{made.format}"'
    response["Cache-Control"] = "no-store"
    return response
