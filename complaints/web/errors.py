"""What happens to a form that was kept open for too long."""

from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from complaints.models import StagedPhoto
from complaints.web import form_context, uploads, views_form

# A stale form on these pages is shown again with everything that was typed; elsewhere it is only explained.
_REPEATABLE = frozenset(
    {
        "report_comment",
        "report_confirm",
        "report_reopen",
        "report_support",
        "follow",
        "report_edit",
        "report_withdraw",
        "report_erase",
        "my_reports_code",
    }
)
_WITH_PHOTOS = frozenset({"report_comment", "report_confirm", "report_reopen", "report_support"})
_NOT_REPEATED = frozenset({"csrfmiddlewaretoken", "key"})


def csrf_failure(request, reason=""):
    """A form whose token has gone stale: shown again, filled in, photos kept, with a fresh token.

    Nothing is filed here: the person presses the button again, so a foreign page still cannot act.
    """
    if request.path == reverse("report_new") and request.method == "POST":
        state, faults = views_form.receive(request)
        page = form_context.FormPage(
            state,
            faults,
            notice=_(
                "This page had been open for a long time. Everything you typed is still here; "
                "please press the button below again."
            ),
        )
        return render(request, "complaints/report_new.html", form_context.build(page), status=403)
    name = resolve(request.path).url_name
    context = {"can_repeat": name in _REPEATABLE, "path": request.path}
    if name in _REPEATABLE:
        context |= _sent(request, name)
    return render(request, "complaints/stale.html", context, status=403)


def _sent(request, name: str) -> dict:
    """What came with the form, to be sent again; its photos are kept under its key."""
    key = uploads.key_of(request)
    faults = uploads.stage(request, key) if name in _WITH_PHOTOS and request.method == "POST" else []
    fields = [
        (field, value)
        for field, values in request.POST.lists()
        if field not in _NOT_REPEATED
        for value in values
    ]
    return {
        "fields": [*fields, ("key", str(key))],
        "photo_faults": " ".join(str(fault.message) for fault in faults),
        "photo_count": StagedPhoto.objects.filter(draft_key=key).count(),
    }
