"""Checking the answers to a category's questions, and what they say about severity and danger."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from city.domain.info import CategoryInfo, QuestionInfo

TEXT_MAX_CHARS = 500
YES, NO = "yes", "no"


class ErrorCode(StrEnum):
    REQUIRED = "required"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_QUESTION = "unknown_question"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """`answers` holds only what passed; `severity` is 1 planned … 5 danger to life."""

    answers: dict[str, Any]
    severity: int
    danger: bool
    errors: dict[str, ErrorCode] = field(default_factory=dict)


def check(category: CategoryInfo, answers: dict[str, Any]) -> CheckedAnswers:
    """Check `answers` (question code → value) against the category's questions.

    Empty answers count as not given. Severity is the highest of the category's own and those of the
    chosen answers: an answer can lift a report, never lower it below what its kind deserves.
    """
    questions = {question.code: question for question in category.questions}
    kept: dict[str, Any] = {}
    errors = {str(code): ErrorCode.UNKNOWN_QUESTION for code in answers if code not in questions}
    severity, danger = category.severity, category.severity >= 5
    for code, question in questions.items():
        value = _plain(question, answers.get(code))
        if value is None:
            if question.is_required:
                errors[code] = ErrorCode.REQUIRED
            continue
        fault, choice = _judge(question, value)
        if fault is not None:
            errors[code] = fault
            continue
        kept[code] = value
        if choice is not None:
            severity = max(severity, choice.severity or 0)
            danger = danger or choice.danger
    return CheckedAnswers(kept, severity, danger, errors)


def _plain(question: QuestionInfo, value: Any) -> Any:
    """The value as it is stored, or None for nothing. JSON's true and false are yes and no."""
    if question.kind == "yes_no" and isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _judge(question: QuestionInfo, value: Any):
    if not isinstance(value, str):
        return ErrorCode.UNKNOWN_CHOICE, None
    if question.kind == "text":
        return (ErrorCode.TOO_LONG if len(value) > TEXT_MAX_CHARS else None), None
    choice = next((choice for choice in question.choices if choice.value == value), None)
    if choice is None and not (question.kind == "yes_no" and value in (YES, NO)):
        return ErrorCode.UNKNOWN_CHOICE, None
    return None, choice
