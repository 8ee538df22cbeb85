"""Tags that the routing rules name."""

from collections.abc import Iterable
from datetime import datetime

from complaints.models import Report
from dispatch.models import ReportTag, Tag
from dispatch.services import tags_known


def from_rules(report: Report, codes: Iterable[str], *, now: datetime) -> None:
    """Put the tags on that the routing rules name: the city's, made where there is none of that code yet.
    Call it with the report locked. The decision says why, so the timeline need not."""
    codes = list(codes)
    if not codes:
        return
    known = {tag.code: tag for tag in Tag.objects.filter(code__in=codes, department=None)}
    for code in codes:
        if code not in known:
            own = {"name": code.replace("-", " ").capitalize()[:40]}
            known[code], _made = Tag.objects.get_or_create(code=code, department=None, defaults=own)
            tags_known.changed()
    rows = [ReportTag(report=report, tag=tag, at=now) for tag in known.values()]
    ReportTag.objects.bulk_create(rows, ignore_conflicts=True)
