"""What the complaints desk does for reports that lie with owners outside the city: letters, asking again."""

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints import errors, links, selectors
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import Referral
from dispatch.services import forward_words, referrals


class ReferralForm(forms.Form):
    """Shape only; the rules are the service's."""

    reference = forms.CharField(required=False)
    message = forms.CharField(required=False, strip=False)
    check_back_on = forms.DateField(required=False)


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    list_display = (
        "report",
        "department",
        "channel",
        "sent_at",
        "check_back_on",
        "claim",
        "last_heard",
        "reference",
    )
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "claim", "channel", "department")
    search_fields = ("=report__code", "reference")
    list_select_related = ("report", "department", "forward")
    ordering = ("check_back_on", "id")

    def get_queryset(self, request):
        visible = selectors.for_staff(request.user).values("pk")
        return super().get_queryset(request).filter(report__in=visible)

    @admin.display(description=_("last heard"))
    def last_heard(self, referral):
        forward = getattr(referral, "forward", None)
        return forward.last_heard_at if forward else None

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/terkirim/", view(self.sent_view), name="dispatch_referral_sent"),
            path("<int:pk>/tanya-lagi/", view(self.ask_view), name="dispatch_referral_ask"),
            path("<int:pk>/cara-lain/", view(self.otherwise_view), name="dispatch_referral_otherwise"),
            path("<int:pk>/kirim-ulang/", view(self.forward_view), name="dispatch_referral_forward"),
            path("<int:pk>/surat/", view(self.letter_view), name="dispatch_referral_letter"),
        ]
        return own + super().get_urls()

    def has_change_permission(self, request, obj=None):
        return False

    def sent_view(self, request, pk: int):
        def act(data):
            referrals.mark_sent(request.user, pk, now=timezone.now(), reference=data["reference"])

        return self._act(request, pk, act, gettext("Marked as sent."))

    def ask_view(self, request, pk: int):
        def act(data):
            referrals.ask_again(request.user, pk, now=timezone.now(), **data)

        return self._act(request, pk, act, gettext("Noted. The citizen sees when the city asks again."))

    def otherwise_view(self, request, pk: int):
        def act(_data):
            referrals.send_otherwise(request.user, pk, now=timezone.now())

        return self._act(request, pk, act, gettext("The owner is told by e-mail or letter instead."))

    def forward_view(self, request, pk: int):
        def act(_data):
            referrals.forward_again(request.user, pk, now=timezone.now())

        return self._act(request, pk, act, gettext("It is tried once more."))

    def _act(self, request, pk: int, act, done: str):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        referral = Referral.objects.filter(pk=pk).first()
        if referral is None:
            raise Http404
        form = ReferralForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("This is not a date. Write it like 2026-12-31."))
            return self._back(referral)
        try:
            act(form.cleaned_data)
            messages.success(request, done)
        except Referral.DoesNotExist as exc:
            raise Http404 from exc
        except errors.NotPermitted as exc:
            raise PermissionDenied from exc
        except errors.InvalidReport as invalid:
            messages.error(request, " ".join(str(text) for _code, text in invalid.errors.values()))
        return self._back(referral)

    def _back(self, referral: Referral):
        return HttpResponseRedirect(
            reverse("admin:complaints_report_change", args=[referral.report_id]) + "#rujukan"
        )

    def letter_view(self, request, pk: int):
        """The letter, ready to be printed on the city's paper."""
        if not referrals.may_care(request.user):
            raise PermissionDenied
        visible = selectors.for_staff(request.user).values("pk")
        rows = Referral.objects.select_related("report__category", "report__area__parent", "department")
        referral = (
            rows.defer("report__area__geometry", "report__area__parent__geometry")
            .filter(pk=pk, report__in=visible)
            .first()
        )
        if referral is None:
            raise Http404
        report = referral.report
        link = "" if report.is_private else settings.PUBLIC_BASE_URL.rstrip("/") + links.public_path(report)
        context = {
            "referral": referral,
            "report": report,
            "now": timezone.now(),
            "link": link,
            "qr": segno.make(link, error="m").svg_inline(scale=3, border=2, omitsize=False) if link else "",
        }
        return TemplateResponse(request, "dispatch/admin/letter.html", context)


def panel(user, report) -> dict:
    """What the case page shows of a referral: `referral` is the open one, if any."""
    rows = Referral.objects.filter(report=report, ended_at__isnull=True)
    referral = rows.select_related("department", "forward__endpoint").first()
    forward = getattr(referral, "forward", None)
    today = timezone.localdate()
    return {
        "referral": referral,
        "forward": forward,
        "forward_why": forward_words.why(forward.failed_why, forward.last_error) if forward else "",
        "is_reminded_by_mail": referral is not None and referrals.is_reminded_by_mail(referral),
        "may_care": referrals.may_care(user),
        "is_check_due": referral is not None and referral.check_back_on <= today,
    }
