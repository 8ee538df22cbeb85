""" "Laporan saya": the reports this browser speaks for, and a one-time code to see them on another device."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints import errors, selectors
from complaints.models import Subscription
from complaints.services import one_time_codes, subscriptions
from complaints.web import access, limits, my_list
from complaints.web.replies import private

_ASKED = "code_asked"  # session: what was typed and the ticket of its code
_TOO_MANY = gettext_lazy("Too many at once. Please wait a few minutes.")


def _channels() -> set[str]:
    """Where a code can be sent: e-mail always, a phone where a channel for it is offered."""
    return {Subscription.Channel.EMAIL, *subscriptions.phone_channels()}


def _takes_phones() -> bool:
    return bool(subscriptions.phone_channels())


@never_cache
@require_safe
def my_reports(request):
    """The list, and below it the way to see one's reports on another device."""
    return _list_page(request)


def _list_page(request, *, typed="", error="", status=200):
    number = request.GET.get("hal", "")
    page = my_list.page(
        access.remembered(request),
        int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
        timezone.now(),
    )
    context = {"page": page, "typed": typed, "error": error, "takes_phones": _takes_phones()}
    response = render(request, "complaints/my_reports.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(limits.WINDOW_S)
    return private(response)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_reports_code(request):
    """POST with `address` asks for a code, with `digits` uses it; GET shows where the digits are typed."""
    if request.method == "POST":
        return _use(request) if "digits" in request.POST else _ask(request)
    if _ASKED not in request.session:
        return redirect("my_reports")
    return _digits_page(request)


def _ask(request):
    typed = request.POST.get("address", "")[:300]
    if limits.is_bot(request) or limits.too_many(request, "code"):
        return _list_page(request, typed=typed, error=_TOO_MANY, status=429)
    try:
        address = one_time_codes.read_address(typed, _channels())
    except errors.InvalidReport as invalid:
        return _list_page(request, typed=typed, error=invalid.errors["address"][1], status=422)
    asked = {"typed": address.value, "ticket": one_time_codes.ticket_of(address)}
    try:
        one_time_codes.request_code(address, now=timezone.now(), language=(get_language() or "id")[:2])
    except errors.TooManyCodes as refused:
        # The digits of the last message may still be typed in.
        request.session[_ASKED] = asked
        return _digits_page(request, error=refused.message, status=429)
    request.session[_ASKED] = asked
    return redirect("my_reports_code")


def _use(request):
    asked = request.session.get(_ASKED)
    if asked is None:
        messages.error(request, _("Please ask for a code first."))
        return redirect("my_reports")
    if limits.is_bot(request) or limits.too_many(request, "code"):
        return _digits_page(request, error=_TOO_MANY, status=429)
    try:
        address = one_time_codes.verify(asked["ticket"], request.POST["digits"][:40], now=timezone.now())
    except errors.CodeRefused as refused:
        return _digits_page(request, error=refused.message, is_over=refused.code == "code_over", status=422)
    reports = list(
        selectors.by_address(address).only("code", "link_version").order_by("-id")[: access.REMEMBERED]
    )
    request.session.cycle_key()
    del request.session[_ASKED]
    access.remember(request, *reversed(reports))
    found = ngettext("%(count)d report was found.", "%(count)d reports were found.", len(reports))
    messages.success(request, found % {"count": len(reports)})
    return redirect("my_reports")


def _digits_page(request, *, error="", is_over=False, status=200):
    context = {"address": request.session[_ASKED]["typed"], "error": error, "is_over": is_over}
    response = render(request, "complaints/my_reports_code.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(limits.WINDOW_S)
    return private(response)


@require_POST
def my_reports_forget(request):
    """This browser forgets; the reports stay."""
    access.forget_all(request)
    request.session.pop(_ASKED, None)
    messages.success(request, _("Forgotten on this device. The reports themselves stay."))
    return redirect("my_reports")
