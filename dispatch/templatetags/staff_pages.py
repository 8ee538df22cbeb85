"""Template tags of the staff pages."""

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints.templatetags.portal import icon
from complaints.web import words as public_words
from dispatch import words
from dispatch.services import mentions

register = template.Library()


@register.simple_tag(takes_context=True)
def my_notices(context):
    """The list “for me” and how much of it is unread; nothing for who sees no reports."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.has_perm("complaints.view_report"):
        return None
    return {"url": reverse("admin:complaints_report_for_me"), "unread": mentions.unread_count(user)}


@register.filter
def is_late(report, now):
    return words.is_late(report, now)


@register.simple_tag
def late_badge(report):
    """As on the public pages, and where danger should have been ended: staff pages load this one last."""
    now = timezone.now()
    if not words.is_late(report, now):
        return ""
    badge = '<span class="state state-late">{}{}</span>'
    return format_html(badge, icon("warning"), words.due(report, now).rstrip("."))


@register.filter
def severity_word(report):
    return words.SEVERITY.get(report.severity, report.severity)


@register.simple_tag
def due_words(report, now):
    """How the report stands to its promise, without the full stop."""
    return words.due(report, now).rstrip(".")


@register.simple_tag
def age(report, now):
    return public_words.span(now - report.created_at)


@register.filter
def short_moment(at):
    """`Sel 3 Mar, 14.05`, with the year only when it is not this one."""
    if not at:
        return ""
    at = timezone.localtime(at)
    is_this_year = at.year == timezone.localtime().year
    clock = at.strftime("%H.%M" if (get_language() or "id").startswith("id") else "%H:%M")
    return f"{date_format(at, 'D j M' if is_this_year else 'D j M Y')}, {clock}"


@register.simple_tag
def page_links(cl):
    """Addresses of the pages beside this one, filters included."""
    number, last = cl.page_num, cl.paginator.num_pages
    return {
        "previous": cl.get_query_string({PAGE_VAR: number - 1}) if number > 1 else "",
        "next": cl.get_query_string({PAGE_VAR: number + 1}) if number < last else "",
    }


@register.simple_tag
def escalation_sentence(row, now):
    return words.escalation(row, now)


@register.simple_tag
def share(row):
    """A share in whole per cent, or a dash where too few cases stand behind it."""
    return "–" if row.share is None else f"{row.share * 100:.0f} %"


@register.simple_tag
def digest_heading(section):
    return words.DIGEST[section.name] % {"count": section.total}


@register.filter
def typed(attempt_typed, name):
    """What was typed into a field of a step that did not succeed."""
    return attempt_typed.get(name, "") if attempt_typed else ""


@register.filter
def fault(faults, name):
    return faults.get(name, "") if faults else ""


@register.filter
def place_degrees(value):
    """Coordinates for programmes and for reading aloud: a point, five places (about a metre)."""
    return f"{value:.5f}"


@register.simple_tag
def portal_role(user):
    """The officer's role in words, with their department."""
    role = user.get_role_display() if user.role else (_("Administrator") if user.is_superuser else "")
    if user.department_id:
        return f"{role}, {user.department.short_name or user.department.name}"
    return role
