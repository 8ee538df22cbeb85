"""Errors of the dispatch room."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.errors import DomainError


class ProofDoubtful(DomainError):
    """Something about the photo of the repair is odd, and the officer has given no reason yet."""

    code = "proof_doubtful"
    message = _(
        "Please look at the photo of the repair again: take another one on the spot, or say why it is right. "
        "With a reason it is sent, and a second person looks at it."
    )

    def __init__(self, findings: Iterable[Mapping[str, Any]]):
        """`findings` as JSON: code, photo, data (dispatch.domain.proof)."""
        super().__init__(findings=list(findings))


class KeyTaken(DomainError):
    """A phone sent another step with a key under which one was taken already."""

    code = "idempotency_key_reused"
    message = _("This step was sent before and has been taken. What was changed afterwards was not.")


class NoLongerYours(DomainError):
    code = "no_longer_yours"
    message = _("This case is no longer yours: somebody else has it now. Nothing was changed.")


class PhotosMissing(DomainError):
    """Photos of a step that the portal does not have (any more); data names them."""

    code = "photos_missing"
    message = _("Some photos must be sent again.")
