"""Errors of the complaints room: a code for programmes, a sentence for people, data for both."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """`message` says what to do next, translated when shown; `code` is stable; `data` is JSON-able."""

    code = "error"
    message: Any = _("Something went wrong. Please try again.")

    def __init__(self, message: Any = None, *, code: str | None = None, **data: Any):
        self.message = message if message is not None else type(self).message
        self.code = code or type(self).code
        self.data = data
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class InvalidReport(DomainError):
    """Fields that need the person's attention: `errors` maps a field name to (code, sentence)."""

    code = "invalid"
    message = _("Some details need your attention.")

    def __init__(self, errors: Mapping[str, tuple[str, Any]]):
        self.errors = dict(errors)
        super().__init__(fields=sorted(self.errors))

    def __str__(self) -> str:
        faults = "; ".join(f"{field}: {sentence}" for field, (_code, sentence) in self.errors.items())
        return f"{self.message} {faults}"


class OutsideCity(DomainError):
    """The place lies outside the city: data names the neighbouring regency and its portal, if known."""

    code = "outside_city"
    message = _(
        "This place is outside the city. Your text is kept: move the pin if it is in the wrong place, "
        "or tell the neighbouring regency. In danger, call 112."
    )


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    message = _("Another report was already sent with this key. Make a new key for a new report.")


class PhotoRefused(DomainError):
    """A file that is not a photo we can use; `code` says why."""

    code = "photo_refused"


class Conflict(DomainError):
    """Somebody else changed the report meanwhile; data carries the current version and status."""

    code = "conflict"
    message = _(
        "Somebody else changed this report meanwhile. Look at it again, then repeat what you meant to do."
    )


class TransitionNotAllowed(DomainError):
    code = "transition_not_allowed"
    message = _("A report in this state cannot be changed that way.")


class PartOfIncident(DomainError):
    """The report is merged into another one, which carries the work; data names its id."""

    code = "part_of_incident"
    message = _("This report is part of an incident. Change its primary report, or take this one out first.")


class CannotMerge(DomainError):
    """These two reports cannot be joined; `code` says why."""

    code = "cannot_merge"
    message = _("These two reports cannot be joined.")


class MissingReason(DomainError):
    code = "reason_missing"
    message = _("Please write a sentence that says why; the citizen will read it.")


class CannotTakeBack(DomainError):
    """A step that cannot be taken back (any more); `code` says why."""

    code = "changed_since"
    message = _("Something else has happened to this report since. It was left as it is.")


class NotPermitted(DomainError):
    code = "not_permitted"
    message = _("This is not yours to change.")


class WindowClosed(DomainError):
    """The reporter came too late to change or withdraw; other ways stay open."""

    code = "too_late"
    message = _(
        "The 15 minutes for changes are over. You can still add a comment, and the office will read it."
    )


class CodeRefused(DomainError):
    """A one-time code that does not fit, is used up or has expired; `code` says which."""

    code = "code_wrong"


class TooManyCodes(DomainError):
    code = "too_many_codes"
    message = _(
        "Three codes were asked for with this address within an hour. Please use the latest one, "
        "or try again in an hour."
    )
