"""One's own account: second factor and open sessions; and other people's sessions, for administrators."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from city.models import User
from city.services import second_factor, sessions


def page(request):
    """For everybody on the staff."""
    user, now = request.user, timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": _("My account"),
        "account": user,
        "is_own": True,
        "sessions": sessions.of(user, request.session, now=now),
        "end_url": reverse("admin:account_end_session"),
        "must_have": second_factor.must_have(user),
        "codes_left": second_factor.codes_left(user) if user.second_factor_since else 0,
    }
    return TemplateResponse(request, "dispatch/admin/account.html", context)


@require_POST
def end(request):
    """End one of one's own sessions, or all others."""
    return _end(request, request.user, reverse("admin:account"))


def _somebody(request, user_id: int) -> User:
    if not request.user.has_perm("city.change_user"):
        raise PermissionDenied
    return get_object_or_404(User, pk=user_id)


def others_page(request, user_id: int):
    """Somebody's open sessions, for whoever manages accounts."""
    person = _somebody(request, user_id)
    context = {
        **admin.site.each_context(request),
        "title": _("Sessions of %(name)s") % {"name": person.get_username()},
        "account": person,
        "is_own": False,
        "sessions": sessions.of(person, request.session, now=timezone.now()),
        "end_url": reverse("admin:staff_end_session", args=[person.pk]),
    }
    return TemplateResponse(request, "dispatch/admin/account.html", context)


@require_POST
def end_others(request, user_id: int):
    person = _somebody(request, user_id)
    return _end(request, person, reverse("admin:staff_sessions", args=[person.pk]))


def _end(request, person: User, back: str):
    now, which = timezone.now(), request.POST.get("session", "")
    if which == "all":
        count = sessions.end_all(person, by=request.user, now=now, but=request.session)
        text = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", count)
        messages.success(request, text % {"count": count})
    elif which.isdecimal() and sessions.end(person, int(which[:18]), by=request.user, now=now):
        messages.success(request, _("The session was ended."))
    else:
        messages.warning(request, _("That session is over already."))
    return redirect(back)
