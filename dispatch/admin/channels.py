"""How each way to citizens does, and a test mail to oneself. For the complaints desk and administrators."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dispatch.services import channel_states, message_edit


def page(request):
    if not message_edit.may_edit(request.user):
        raise PermissionDenied
    now = timezone.now()
    if request.method == "POST":
        fault = channel_states.send_test(request.user, language=translation.get_language(), now=now)
        if fault:
            messages.error(request, _("The test mail did not go out: %(why)s") % {"why": fault})
        else:
            messages.success(
                request, _("The test mail went out to %(address)s.") % {"address": request.user.email}
            )
        return HttpResponseRedirect(reverse("admin:channels"))
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    context = {
        **admin.site.each_context(request),
        "title": _("Channels"),
        "states": channel_states.states(now=now),
    }
    return TemplateResponse(request, "dispatch/admin/channels.html", context)
