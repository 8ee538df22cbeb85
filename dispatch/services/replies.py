"""Prepared texts: which fit a report and a step, how they read about it, and how often they are used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints import links
from complaints.domain import privacy
from complaints.domain.text import MESSAGE_MAX_CHARS
from complaints.models import Report
from complaints.web import words as public_words
from dispatch.domain import casework, merge_fields
from dispatch.models import ReplyTemplate
from dispatch.services import message_texts

# The closed list of what may stand in a template: nothing that is not public of a public report.
FIELDS = ("code", "category", "area", "street", "department", "due", "portal", "link")
_LISTED_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A template in one language, as it is offered; `key` names both, as `12-id`."""

    key: str
    name: str
    language: str
    steps: tuple[str, ...]


def faults(text: str, *, may_be_empty: bool = False) -> list[str]:
    """What is wrong with a template's text, in sentences."""
    found = merge_fields.problems(
        text, allowed=FIELDS, max_chars=MESSAGE_MAX_CHARS, is_one_line=False, may_be_empty=may_be_empty
    )
    return [message_texts.sentence(problem, FIELDS) for problem in found]


def choices(report: Report, steps: Iterable[str]) -> list[Choice]:
    """What fits this report and any of the steps: the office's own first, then the special. One query."""
    wanted = {step for step in steps if step in casework.TELLING}
    if not wanted:
        return []
    found = []
    for row in sorted(_fitting(report), key=_rank):
        fits = tuple(step for step in row.steps if step in wanted)
        texts = (("id", row.text), ("en", row.text_en))
        found += [Choice(f"{row.pk}-{code}", row.name, code, fits) for code, text in texts if fits and text]
    return found


def _fitting(report: Report) -> list[ReplyTemplate]:
    category = city.current().categories_by_id.get(report.category_id)
    codes = [category.code, category.parent_code or category.code] if category else []
    about = Q(category=None) | Q(category__code__in=codes)
    whose = Q(department=None) | Q(department_id=report.department_id)
    return list(ReplyTemplate.objects.filter(about, whose, is_active=True)[:_LISTED_AT_MOST])


def _rank(row: ReplyTemplate) -> tuple:
    return (row.department_id is None, row.category_id is None, row.order, row.name)


def filled(report: Report, step: str, key: str) -> str | None:
    """The template as it reads about this report; None if it is not among its choices for the step."""
    pk, language = _parts(key)
    row = next((row for row in _fitting(report) if row.pk == pk and step in row.steps), None)
    text = {"id": row.text, "en": row.text_en}.get(language, "") if row else ""
    return merge_fields.fill(text, values(report, language)) if text else None


def values(report: Report, language: str) -> dict[str, str]:
    """What the fields stand for, in a language. What a person wrote stands as the public may read it."""
    with translation.override(language):
        snap = city.current()
        area = snap.areas_by_id.get(report.area_id)
        category = snap.categories_by_id.get(report.category_id)
        department = snap.departments_by_id.get(report.department_id)
        return {
            "code": report.spoken_code,
            "category": public_words.local(category) if category else "",
            "area": area.name if area else "",
            "street": privacy.mask(report.street) or _("the place of the report"),
            "department": public_words.local(department) if department else _("the complaints desk"),
            "due": _due(report, timezone.now()),
            "portal": public_words.local(snap.city, "title"),
            "link": settings.PUBLIC_BASE_URL.rstrip("/") + links.public_path(report),
        }


def _due(report: Report, now: datetime) -> str:
    """The promised date; a note to the officer where nothing, or what has passed, is promised."""
    if report.due_at is None:
        return _("(no date yet)")
    if report.due_at < now:
        return _("(write a new date)")
    return date_format(timezone.localtime(report.due_at), "j F Y")


def count_use(key: str, *, now: datetime) -> None:
    """A step was taken with this template chosen, whatever was made of it. Unknown keys count nothing."""
    ReplyTemplate.objects.filter(pk=_parts(key)[0]).update(used_count=F("used_count") + 1, last_used_at=now)


def _parts(key: str) -> tuple[int, str]:
    pk, _dash, language = key.partition("-")
    is_number = pk.isascii() and pk.isdigit() and len(pk) < 10
    return (int(pk), language) if is_number else (0, "")
