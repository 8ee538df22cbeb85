"""Template tags of the public pages: icons, states, words."""

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join

from complaints.domain import privacy, workflow
from complaints.web import options, words
from complaints.web import site as portal_site

register = template.Library()


@register.simple_tag
def site():
    """Title of the city's portal and whether it shows demonstration reports."""
    return portal_site.current()


@register.simple_tag
def icon(name: str, css: str = "", label: str = ""):
    """A symbol of static/icons.svg; decorative unless it has a label."""
    url = f"{static('icons.svg')}#{name or 'other'}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, url
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"/></svg>', css, url)


@register.simple_tag
def picture(name: str):
    """A drawing beside an answer: of static/pictures.svg if it is one of those, else an icon. The answer's
    words stand beside it, so it is silent."""
    if not name.startswith("pic-"):
        return icon(name)
    css = "pic" if name.startswith("pic-depth-") else "pic pic-wide"
    url = f"{static('pictures.svg')}#{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', css, url)


@register.simple_tag
def styles(bundle: str):
    """Links to a bundle of style sheets: one joined file, or its parts where files are not collected."""
    names = [bundle] if settings.HASHED_STATIC else settings.STYLE_BUNDLES[bundle]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names))


@register.simple_tag
def script(bundle: str):
    """A bundle's module: one joined file, or the entry module where files are not collected."""
    name = bundle if settings.HASHED_STATIC else settings.SCRIPT_BUNDLES[bundle]
    return format_html('<script type="module" src="{}"></script>', static(name))


@register.simple_tag
def state(report):
    """The report's status as word, icon and colour; not the colour of success for what nobody confirmed."""
    unconfirmed = words.is_unconfirmed(report)
    return format_html(
        '<span class="state state-{}" data-status="{}">{}{}</span>',
        "rejected" if unconfirmed else workflow.MAP_STATE[report.status],
        report.status,
        icon("info" if unconfirmed else words.STATUS_ICON[report.status]),
        words.status_name(report),
    )


@register.simple_tag
def late_badge(report):
    """A badge when the promise is broken, nothing otherwise."""
    now = timezone.now()
    if not words.is_late(report, now):
        return ""
    return format_html(
        '<span class="state state-late">{}{}</span>', icon("warning"), words.due(report, now).rstrip(".")
    )


@register.simple_tag
def status_meaning(report):
    return words.status_meaning(report)


@register.simple_tag
def due_sentence(report):
    return words.due(report, timezone.now())


@register.simple_tag
def due_fact(report):
    return words.due_fact(report, timezone.now())


@register.simple_tag
def event_sentence(event):
    return words.event(event)


@register.simple_tag
def event_details(event):
    return words.event_details(event)


@register.simple_tag
def event_reasons(event):
    return words.event_reasons(event)


@register.simple_tag
def event_icon(event):
    if event.kind == "status":
        return words.STATUS_ICON.get(event.to_status, "info")
    return words.EVENT_ICON.get(event.kind, "info")


@register.filter
def local(item, attribute: str = "name"):
    """`name`, or `name_en` for a reader of English."""
    return words.local(item, attribute) if item else ""


@register.filter
def moment(at):
    return words.moment(at) if at else ""


@register.filter
def span(delta):
    """A duration in words."""
    return words.span(delta)


@register.filter
def ago(at):
    return words.ago(at, timezone.now()) if at else ""


@register.filter
def distance(metres):
    return words.distance(metres)


@register.filter
def mask(text):
    """Text as the public may read it."""
    return privacy.mask(text or "")


@register.filter
def mask_marked(text):
    """The same, with what was masked pointed out: for the one who wrote it."""
    parts = privacy.mask(text or "").split(privacy.MASK)
    mark = format_html('<mark class="masked">{}</mark>', privacy.MASK)
    return format_html_join(mark, "{}", ((linebreaksbr(part),) for part in parts))


@register.filter
def get(mapping, key):
    """A dictionary's value by a key the template computed."""
    return mapping.get(key, "")


@register.filter
def number(value):
    """A whole number with the reader's thousands separator."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def unlocal(value):
    """A coordinate for a script: a point, whatever the language."""
    return f"{value:.6f}"


@register.filter
def mapstate(report):
    return workflow.MAP_STATE[report.status]


@register.simple_tag
def area_options(selected="", kecamatan_too=False):
    return options.areas(selected, kecamatan_too=kecamatan_too)


@register.simple_tag
def category_options(selected=""):
    return options.categories(selected)


@register.simple_tag
def department_options(selected=""):
    return options.departments(selected)
