"""Errors of the dispatch room."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from complaints.errors import DomainError
from dispatch.domain.proof import Finding


class ProofDoubtful(DomainError):
    """Something about the photo of the repair is odd, and the officer has given no reason yet."""

    code = "proof_doubtful"
    message = _(
        "Please look at the photo of the repair again: take another one on the spot, or say why it is right. "
        "With a reason it is sent, and a second person looks at it."
    )

    def __init__(self, findings: Sequence[Finding]):
        self.findings = list(findings)
        super().__init__(findings=[item.as_json() for item in self.findings])
