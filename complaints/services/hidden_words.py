"""The texts of a report's own row under the words that were hidden in it (`complaints.models.HiddenWords`).

Apart from `redaction`, so that `timeline.save` can keep every later writing covered too.
"""

from collections.abc import Iterable, Sequence

from city import snapshot as city
from complaints.domain.redaction import hide
from complaints.models import HiddenWords, Report

_COLUMNS = ("description", "street", "waiting_reason", "budget_line")
FIELDS = (*_COLUMNS, "answers")


def keep(report: Report, fields: Iterable[str]) -> None:
    """Cover the named fields of a locked report before they are saved, if words are hidden in it."""
    named = [name for name in FIELDS if name in set(fields)]
    row = HiddenWords.objects.filter(pk=report.pk).first() if named else None
    if row is None:
        return
    cover(report, row, row.words, named)
    row.save(update_fields=["originals"])


def cover(report: Report, row: HiddenWords, words: Sequence[str], fields: Sequence[str] = FIELDS) -> None:
    """Write the fields with `words` covered, from what they said; only on the objects, saving is the
    caller's.

    What somebody wrote since is what the field says now.
    """
    now_said = texts(report, fields)
    for key in [key for key in row.originals if key.partition(".")[0] in fields and key not in now_said]:
        del row.originals[key]  # emptied since
    for key, value in now_said.items():
        said = row.originals.pop(key, value)
        if hide(said, row.words) != value:
            said = value
        covered = hide(said, words)
        if covered != said:
            row.originals[key] = said
        _put(report, key, covered)


def texts(report: Report, fields: Sequence[str] = FIELDS) -> dict[str, str]:
    """The free texts among the fields: a column's name, or `answers.` and the question's code → the text."""
    found = {name: value for name, value in columns(report).items() if name in fields}
    if "answers" in fields:
        category = city.current().categories_by_id.get(report.category_id)
        free = (
            [question.code for question in category.questions if question.kind == "text"] if category else []
        )
        answers = {code: report.answers.get(code) for code in free}
        found |= {f"answers.{code}": value for code, value in answers.items() if isinstance(value, str)}
    return {key: value for key, value in found.items() if value}


def columns(report: Report) -> dict[str, str]:
    return {name: getattr(report, name) for name in _COLUMNS}


def _put(report: Report, key: str, value: str) -> None:
    column, _dot, code = key.partition(".")
    if code:
        report.answers = {**report.answers, code: value}
    else:
        setattr(report, column, value)
