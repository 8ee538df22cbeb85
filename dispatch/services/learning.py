"""Learning from what staff confirmed: every night, and used only where it beats the rules alone.

Learned from are the texts of reports that an office accepted or resolved, with the kind and the office they
ended with. Tested is on the most recent weeks, which the tested model has not seen. The text stays here.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from city import snapshot as city
from city.domain.suggest import Suggestion
from complaints.domain import workflow
from complaints.models import Report
from dispatch.domain import learning
from dispatch.domain.learning import Model
from dispatch.models import RoutingDecision, TextModel

TEST_WEEKS = 4
MOST_SAMPLES = 100_000
KEPT_MODELS = 30
_CHECK_EVERY_S = 60.0
# Invented texts teach nothing.
_INVENTED = (Report.Channel.DEMO, Report.Channel.SEED)


@dataclass(frozen=True, slots=True)
class Sample:
    """A confirmed report: `rules` is what the rules alone said of it, likeliest first."""

    text: str
    label: str
    created_at: datetime
    rules: tuple[str, ...]


def train_all(*, now: datetime) -> list[TextModel]:
    """The nightly step: one model for kinds, one for departments."""
    return [train(target, now=now) for target in TextModel.Target.values]


def train(target: str, *, now: datetime) -> TextModel:
    """Learn, test on the newest weeks, keep the result; it is used from now on if it wins, else nothing is.

    Takes seconds to a minute of one core for MOST_SAMPLES reports.
    """
    samples = list(_samples(target))
    since = now - timedelta(weeks=TEST_WEEKS)
    older = [sample for sample in samples if sample.created_at < since]
    newer = [sample for sample in samples if sample.created_at >= since]
    tried = learning.train((sample.text, sample.label) for sample in older)
    learned = learning.measure((_together(tried, sample), sample.label) for sample in newer)
    rules = learning.measure((sample.rules, sample.label) for sample in newer)
    is_used = learning.wins(learned, rules)
    final = learning.train((sample.text, sample.label) for sample in samples) if is_used else None
    return _keep(target, now, since, len(samples), learned, rules, final)


def _together(model: Model, sample: Sample) -> list[str]:
    return learning.together(_labels(model, sample.text), sample.rules, 3)


def _labels(model: Model, text: str, limit: int = 3) -> list[str]:
    return [guess.label for guess in model.guess(text, limit)]


@transaction.atomic
def _keep(target, now, since, samples, learned, rules, final: Model | None) -> TextModel:
    TextModel.objects.filter(target=target, is_used=True).update(is_used=False, content=None)
    row = TextModel.objects.create(
        target=target,
        trained_at=now,
        samples=samples,
        tested=learned.tested,
        tested_since=since,
        top_1=learned.top_1,
        top_3=learned.top_3,
        rules_top_1=rules.top_1,
        rules_top_3=rules.top_3,
        is_used=final is not None,
        content=final.to_bytes() if final else None,
    )
    old = TextModel.objects.filter(target=target, is_used=False).order_by("-id")
    TextModel.objects.filter(pk__in=list(old.values_list("pk", flat=True)[KEPT_MODELS:])).delete()
    return row


def _samples(target: str) -> Iterator[Sample]:
    """Confirmed reports, newest first, at most MOST_SAMPLES."""
    rows = (
        Report.objects.filter(acknowledged_at__isnull=False, department__isnull=False)
        .exclude(channel__in=_INVENTED)
        .exclude(status=workflow.REJECTED)
        .exclude(description="")
        .order_by("-id")
        .values_list("pk", "description", "category_id", "department_id", "created_at")[:MOST_SAMPLES]
    )
    snap = city.current()
    kinds = {item.id: item.code for item in snap.categories.values()}
    offices = {item.id: item.code for item in snap.departments.values()}
    first = _first_departments(offices) if target == TextModel.Target.DEPARTMENT else {}
    for pk, text, category_id, department_id, created_at in rows:
        if target == TextModel.Target.CATEGORY:
            rules = tuple(item.code for item in snap.suggest_categories(text, 3))
            label = kinds.get(category_id)
        else:
            rules, label = first.get(pk, ()), offices.get(department_id)
        if label:
            yield Sample(text, label, created_at, rules)


def _first_departments(offices: dict[int, str]) -> dict[int, tuple[str, ...]]:
    """Report → the department that the rules named, if they named one."""
    rows = (
        RoutingDecision.objects.exclude(rule_code="")
        .order_by("-id")
        .values_list("report_id", "department_id")[: 2 * MOST_SAMPLES]
    )
    return {
        report_id: (offices[department_id],) for report_id, department_id in rows if department_id in offices
    }


# --- Using what was learned ------------------------------------------------------------------------------


class _InUse:
    """The model in use, read once per process and looked for at most every _CHECK_EVERY_S seconds."""

    def __init__(self, target: str, clock: Callable[[], float] = time.monotonic):
        self.target, self._clock = target, clock
        self._looked_at = float("-inf")
        self._pk: int | None = None
        self._model: Model | None = None

    def get(self) -> Model | None:
        if self._clock() - self._looked_at < _CHECK_EVERY_S:
            return self._model
        self._looked_at = self._clock()
        used = TextModel.objects.filter(target=self.target, is_used=True)
        pk = used.values_list("pk", flat=True).first()
        if pk != self._pk:
            content = used.filter(pk=pk).values_list("content", flat=True).first() if pk else None
            self._pk, self._model = pk, _unpacked(content)
        return self._model

    def forget(self) -> None:
        self._looked_at = float("-inf")


def _unpacked(content) -> Model | None:
    try:
        return Model.from_bytes(bytes(content)) if content else None
    except (ValueError, zlib.error):  # from another version of the code: the rules alone do
        return None


_kinds = _InUse(TextModel.Target.CATEGORY)
_offices = _InUse(TextModel.Target.DEPARTMENT)


def improve(text: str, limit: int, rules: list[Suggestion]) -> list[Suggestion]:
    """The search words' suggestions and what was learned, together; unchanged while nothing was."""
    model = _kinds.get()
    if model is None:
        return rules
    known = city.current().categories
    learned = [code for code in _labels(model, text, limit) if code in known]
    scores = {item.code: item.score for item in rules}
    order = learning.together(learned, [item.code for item in rules], limit)
    top = max(scores.values(), default=1.0)
    return [Suggestion(code, scores.get(code, round(top / (rank + 1), 3))) for rank, code in enumerate(order)]


def likely_departments(text: str, limit: int = 3) -> Sequence[str]:
    """Codes of the departments that such texts ended with; for the complaints desk, which decides.

    Empty while nothing better than the rules was learned.
    """
    model = _offices.get()
    known = city.current().departments
    return [code for code in _labels(model, text, limit) if code in known] if model else []


def forget() -> None:
    """Look for the models in use anew (tests)."""
    _kinds.forget()
    _offices.forget()
