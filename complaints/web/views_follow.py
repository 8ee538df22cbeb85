"""Following a report: by e-mail or phone (asked first), or by this browser's notifications."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from city import snapshot as city
from complaints import errors
from complaints.models import Subscription
from complaints.services import subscriptions
from complaints.web import access, devices, limits
from complaints.web.replies import private

_ASKS_SHARE = 6  # ten addresses a browser in ten minutes: each is written to
_PUSH = Subscription.Channel.WEB_PUSH


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request, code: str):
    """The page for following, and what its forms send.

    POST carries `address` (e-mail or phone) and `phone_channel`; or `channel` webpush with `endpoint`,
    `p256dh`, `auth` and `action` (follow, stop, state), answered as JSON; or, from the reporter, `action`
    stop or resume with the `subscription`.
    """
    found = access.get(request, code)
    devices.of(request)
    if request.method != "POST":
        return _page(request, found)
    if request.POST.get("channel") == _PUSH:
        return _by_push(request, found)
    if "subscription" in request.POST:
        return _change_own(request, found)
    return _by_address(request, found)


def _page(request, found: access.Access, *, status: int = 200, **extra):
    category = city.current().categories_by_id.get(found.report.category_id)
    context = {
        "report": found.report,
        "category": category,
        "is_reporter": found.is_reporter,
        "secret": found.secret,
        **extra,
    }
    return private(render(request, "complaints/follow.html", context, status=status))


def _role(found: access.Access) -> str:
    return Subscription.Role.REPORTER if found.is_reporter else Subscription.Role.SUPPORTER


def _language() -> str:
    return (translation.get_language() or "id")[:2]


def _by_address(request, found: access.Access):
    typed = request.POST.get("address", "").strip()[:300]
    offered = subscriptions.channels_offered()
    chosen = request.POST.get("phone_channel", "")
    channel = chosen if chosen in offered else next(iter(subscriptions.phone_channels()), "")
    if "@" in typed or not channel:
        channel = Subscription.Channel.EMAIL
    kept = {"typed": {"address": typed, "phone_channel": channel}}
    if limits.is_bot(request) or limits.too_many(request, "ask", share=_ASKS_SHARE):
        faults = {"address": _("Too many at once. Please wait a few minutes.")}
        return _page(request, found, status=429, errors={"follow": faults}, **kept)
    try:
        subscriptions.follow(
            found.report.pk, channel, typed, role=_role(found), language=_language(), now=timezone.now()
        )
    except errors.InvalidReport as invalid:
        return _page(request, found, status=422, errors={"follow": {"address": _first(invalid)}}, **kept)
    messages.success(
        request,
        _(
            "We have written to %(address)s. Tap the button in that message, and you follow this report. If "
            "this address follows it already, there is nothing more to do."
        )
        % {"address": typed},
    )
    return _back(found)


def _back(found: access.Access):
    query = f"?kunci={found.secret}" if found.secret else ""
    return redirect(f"{reverse('follow', args=[found.report.code])}{query}")


def _change_own(request, found: access.Access):
    """The reporter stops or resumes one of their own; anybody else changes nothing."""
    wanted = request.POST["subscription"]
    mine = (
        {str(item.pk): item for item in subscriptions.of_reporter(found.report)} if found.is_reporter else {}
    )
    if wanted in mine:
        if request.POST.get("action") == "resume":
            subscriptions.resume(mine[wanted].pk)
            messages.success(request, _("Messages come again."))
        else:
            subscriptions.stop(mine[wanted].pk, now=timezone.now())
            messages.success(request, _("No more messages come there. You can turn them on again here."))
    return _back(found)


def _by_push(request, found: access.Access):
    endpoint, action = request.POST.get("endpoint", ""), request.POST.get("action", "follow")
    if limits.too_many(request, "follow"):
        return _json(error=_("Too many at once. Please wait a few minutes."), status=429)
    if action == "stop":
        subscriptions.stop_push(found.report.pk, endpoint, now=timezone.now())
    elif action == "follow":
        keys = {name: request.POST.get(name, "") for name in ("p256dh", "auth")}
        common = {"role": _role(found), "language": _language(), "now": timezone.now()}
        try:
            subscriptions.follow_by_push(found.report.pk, endpoint, keys, **common)
        except errors.DomainError as refused:
            return _json(error=_first(refused), status=422)
    return _json(following=subscriptions.hears_by_push(found.report.pk, endpoint))


def _first(error: errors.DomainError) -> str:
    if isinstance(error, errors.InvalidReport):
        return str(next(iter(error.errors.values()))[1])
    return str(error.message)


def _json(*, status: int = 200, **body) -> JsonResponse:
    return private(JsonResponse(body, status=status))


@csrf_exempt
@require_POST
def push_moved(request):
    """A browser has got another push address (`pushsubscriptionchange`): what came to the old one comes to
    the new one. Whoever knows the old endpoint, which nobody can guess, is that browser."""
    if limits.too_many(request, "follow"):
        return HttpResponse(status=429)
    keys = {name: request.POST.get(name, "") for name in ("p256dh", "auth")}
    try:
        subscriptions.move_push(request.POST.get("old", ""), request.POST.get("endpoint", ""), keys)
    except errors.InvalidReport:
        return HttpResponse(status=422)
    return HttpResponse(status=204)
