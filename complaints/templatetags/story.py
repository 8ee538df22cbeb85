"""Template tags of the report's story: its clock, its pictures, its codes to scan."""

from django import template
from django.utils import timezone

from complaints.web import qr, story_words

register = template.Library()


@register.filter
def percent(value) -> str:
    """A length of an SVG in percent: a point, whatever the language."""
    return f"{value:.3f}%"


@register.simple_tag
def photo_alt(report, photo, number: int = 0, count: int = 0) -> str:
    return story_words.photo_alt(report, photo, number, count)


@register.simple_tag
def next_step(report) -> str:
    return story_words.next_step(report, timezone.now())


@register.filter
def day(at) -> str:
    return story_words.day(at) if at else ""


@register.simple_tag
def qr_code(address: str, label: str):
    """A code to scan as inline SVG; `label` says it to who cannot see it."""
    return qr.svg(address, label)
