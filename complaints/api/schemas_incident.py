"""The shape of an incident: what a report is handled together with."""

from typing import Annotated

from django.utils.translation import gettext_noop
from msgspec import Meta, Struct, field


class Incident(Struct):
    """Several reports of the same thing. A merged one shows its primary's state, promise and timeline."""

    is_primary: Annotated[
        bool, Meta(description=gettext_noop("Whether this report carries the work of the others"))
    ]
    primary: Annotated[
        str | None, Meta(description=gettext_noop("The code of the report that does; null: it is private"))
    ]
    reports: Annotated[int, Meta(description=gettext_noop("Public reports, the primary among them"))]
    people: Annotated[int, Meta(description=gettext_noop("These, and who else is affected"))]
    self_: str | None = field(name="self")
