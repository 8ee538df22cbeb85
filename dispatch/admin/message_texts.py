"""The texts of messages to citizens: a list of all messages, and one page to change and preview each."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import errors
from dispatch.admin.bulk import person_name
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import MessageText, MessageTextVersion
from dispatch.services import message_edit, message_preview, message_texts
from dispatch.services import message_standards as standards

_HISTORY_SHOWN = 10
_GROUPS = {
    standards.REPORTER: gettext_lazy("To the reporter"),
    standards.FOLLOWER: gettext_lazy("To followers"),
    "": gettext_lazy("Other messages"),
}
FIELDS = {
    "code": gettext_lazy("the report’s code"),
    "category": gettext_lazy("the kind of problem"),
    "area": gettext_lazy("the kelurahan"),
    "department": gettext_lazy("the office’s short name"),
    "headline": gettext_lazy("what happened, as above"),
    "what": gettext_lazy("what happened, in the portal’s words"),
    "portal": gettext_lazy("the portal’s name"),
    "link": gettext_lazy("the person’s own link"),
    "digits": gettext_lazy("the six digits"),
    "minutes": gettext_lazy("how long they count"),
}


@admin.register(MessageText)
class MessageTextAdmin(ReadOnlyAdmin):
    def get_urls(self):
        view = self.admin_site.admin_view(self.edit_view)
        own = path("<slug:key>/teks/", view, name="dispatch_messagetext_edit")
        return [own, *super().get_urls()]

    def has_change_permission(self, request, obj=None):
        return message_edit.may_edit(request.user)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        raise Http404

    def changelist_view(self, request, extra_context=None):
        """All messages with their sentence in the reader's language, and which of them were edited."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edited: dict[str, list[str]] = {}
        for key, language in MessageText.objects.order_by("language").values_list("key", "language"):
            edited.setdefault(key, []).append(language)
        book = message_texts.book(translation.get_language())
        groups = [
            (_GROUPS[role], [_row(key, book, edited.get(key, [])) for key in keys])
            for role, keys in standards.keys().items()
        ]
        return self._page(request, "dispatch/admin/message_texts.html", _("Texts of messages"), groups=groups)

    def edit_view(self, request, key: str):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if key not in [known for keys in standards.keys().values() for known in keys]:
            raise Http404
        if request.method == "POST":
            return self._posted(request, key)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        rows = MessageText.objects.filter(key=key).values_list("language", "parts")
        return self._form(request, key, dict(rows))

    def _posted(self, request, key: str):
        if not message_edit.may_edit(request.user):
            raise PermissionDenied
        edited = {
            language: message_texts.written(key, language, _typed(request.POST, language))
            for language in message_texts.LANGUAGES
        }
        action = request.POST.get("action", "")
        if action.startswith("standard-"):
            language = action.removeprefix("standard-")
            edited = {language: {}} if language in message_texts.LANGUAGES else {}
        elif action != "save":
            wrong = message_edit.check(key, edited)
            return self._form(request, key, edited, faults=wrong, is_preview=True)
        seen = {
            language: _number(request.POST.get(f"seen-{language}")) for language in message_texts.LANGUAGES
        }
        try:
            changed = message_edit.save(request.user, key, edited, seen=seen, now=timezone.now())
        except errors.InvalidReport as invalid:
            wrong = {name: str(text) for name, (_code, text) in invalid.errors.items()}
            return self._form(request, key, edited, faults=wrong, status=422)
        except errors.Conflict:
            return self._form(request, key, edited, is_conflict=True, status=409)
        messages.success(request, _("Saved. The next message says it so.") if changed else _("No change."))
        return HttpResponseRedirect(reverse("admin:dispatch_messagetext_edit", args=[key]))

    def _form(self, request, key, edited, *, faults=None, is_preview=False, is_conflict=False, status=200):
        versions = message_edit.versions_of(key)
        history = MessageTextVersion.objects.filter(key=key).select_related("changed_by")
        return self._page(
            request,
            "dispatch/admin/message_text.html",
            standards.label(key),
            status=status,
            key=key,
            to=_GROUPS[key.partition("-")[0] if "-" in key else ""],
            languages=[
                _language(key, code, name, edited.get(code, {}), faults or {}, versions[code])
                for code, name in message_preview.languages()
            ],
            faults=faults,
            is_preview=is_preview,
            is_conflict=is_conflict,
            may_edit=message_edit.may_edit(request.user),
            history=[(row, person_name(row.changed_by)) for row in history[:_HISTORY_SHOWN]],
            list_url=reverse("admin:dispatch_messagetext_changelist"),
        )

    def _page(self, request, template: str, title: str, *, status: int = 200, **context):
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, common | context, status=status)


def _row(key: str, book: message_texts.Book, edited: list[str]) -> dict:
    part = "short" if key in (standards.ASK, standards.CODE) else "headline"
    return {"key": key, "label": standards.label(key), "text": book.text(key, part), "edited": edited}


def _typed(data, language: str) -> dict[str, str]:
    start = f"{language}-"
    return {name.removeprefix(start): data[name] for name in data if name.startswith(start)}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _language(key: str, code: str, name: str, edited: dict, faults: dict, version: int) -> dict:
    """One language's half of the page: what can be typed, and how it will look."""
    with translation.override(code):
        normal = {part.name: standards.standard(key, part.name) for part in standards.parts(key)}
    parts = [
        {
            "name": f"{code}-{part.name}",
            "label": part.label,
            "text": edited.get(part.name, normal[part.name]),
            "standard": normal[part.name],
            "is_edited": part.name in edited,
            "fields": [(f"{{{field}}}", FIELDS[field], field in part.required) for field in part.fields],
            "max_chars": part.max_chars,
            "rows": 1 if part.max_chars <= 60 else 2 if part.is_one_line else 4,
            "fault": faults.get(f"{code}-{part.name}", ""),
        }
        for part in standards.parts(key)
    ]
    seen = message_preview.preview(key, code, edited)
    return {
        "code": code,
        "name": name,
        "version": version,
        "parts": parts,
        "preview": seen,
        "is_edited": bool(edited),
    }
