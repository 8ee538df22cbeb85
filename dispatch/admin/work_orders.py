"""The work order on the staff's pages: a sheet to print, and the same as PDF, one case or many."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from city.services import paper_map
from complaints import errors
from complaints.web import qr
from dispatch.services import paper_boxes, work_order

LIST = "admin:complaints_report_changelist"


class WorkOrderPages:
    """Mix-in of the reports' admin. Who may see a case may take its order along."""

    def get_urls(self):
        def view(function):
            return self.admin_site.admin_view(never_cache(require_safe(function)))

        name = "complaints_report_work_order"
        own = [
            path("<int:report_id>/cetak/", view(self.work_order_view), name=name),
            path("<int:report_id>/perintah-kerja.pdf", view(self.work_order_pdf_view), name=f"{name}_pdf"),
            path("perintah-kerja.pdf", view(self.work_orders_view), name=f"{name}s"),
        ]
        return own + super().get_urls()

    def work_order_view(self, request, report_id: int):
        """The sheet: one A4 page for most cases."""
        report = self._report(request, report_id)
        order = work_order.of_report(request.user, report.pk, now=timezone.now())
        label = _("Map of the place: %(place)s") % {"place": order.place}
        context = {
            "order": order,
            "case_url": self._address(request, report.pk),
            "pdf_url": reverse("admin:complaints_report_work_order_pdf", args=[report.pk]),
            "map": paper_map.svg(order.map, label),
            "overview": paper_map.svg(order.overview, label),
            "scales": [f"1:{drawn.scale:,}".replace(",", ".") for drawn in (order.map, order.overview)],
            "qr": qr.svg(order.address, _("Code that leads to the case")),
            "boxes": paper_boxes.labels(),
            "now": timezone.now(),
        }
        return TemplateResponse(request, "dispatch/admin/work_order.html", context)

    def work_order_pdf_view(self, request, report_id: int):
        report = self._report(request, report_id)
        order = work_order.of_report(request.user, report.pk, now=timezone.now())
        return _pdf([order])

    def work_orders_view(self, request):
        """Several cases: `?kode=A&kode=B`, or in one parameter with commas between."""
        if not self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        typed = [code for part in request.GET.getlist("kode") for code in part.split(",")]
        try:
            orders = work_order.of_codes(request.user, typed, now=timezone.now())
        except errors.DomainError as error:
            said = getattr(error, "errors", {})
            messages.error(request, " ".join(str(text) for _code, text in said.values()) or str(error))
            return HttpResponseRedirect(reverse(LIST))
        return _pdf(orders)


def _pdf(orders) -> HttpResponse:
    from dispatch.services import work_order_pdf  # its library is loaded when the first PDF is asked for

    response = HttpResponse(work_order_pdf.write(orders, now=timezone.now()), content_type="application/pdf")
    name = orders[0].code if len(orders) == 1 else f"{len(orders)}"
    response["Content-Disposition"] = f'inline; filename="perintah-kerja-{name}.pdf"'
    return response


def address_of_many(codes) -> str:
    """Where the orders of these cases come as one PDF; at most `work_order.MANY`."""
    return f"{reverse('admin:complaints_report_work_orders')}?kode={','.join(codes)}"
