"""The shape of every refusal."""

from typing import Annotated

from django.utils.translation import gettext_noop
from msgspec import Meta, Struct


class FieldError(Struct):
    """What is wrong with one field: a code for programmes, a sentence for people."""

    code: str
    message: str


class ProblemBody(Struct, omit_defaults=True):
    """Every refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: Annotated[
        dict[str, FieldError] | None,
        Meta(description=gettext_noop("Field or parameter → what is wrong with it")),
    ] = None
