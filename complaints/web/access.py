"""Who asks for a report: anybody, or its reporter (by the private link or by the session that filed it)."""

from dataclasses import dataclass

from django.http import Http404

from complaints import links, selectors
from complaints.models import Report

_SESSION_KEY = "my_reports"  # code → link version, so that a revoked link is revoked here too
_REMEMBERED = 30


@dataclass(frozen=True, slots=True)
class Access:
    """`secret` is set when the link carried it: forms pass it on, so that no cookie is needed."""

    report: Report
    is_reporter: bool
    secret: str = ""


def remember(request, report: Report) -> None:
    """Let this session speak for the reporter."""
    mine = dict(request.session.get(_SESSION_KEY, {}))
    if mine.get(report.code) == report.link_version:
        return
    mine[report.code] = report.link_version
    request.session[_SESSION_KEY] = dict(list(mine.items())[-_REMEMBERED:])


def is_remembered(request, report: Report) -> bool:
    return request.session.get(_SESSION_KEY, {}).get(report.code) == report.link_version


def code_to_open(request, typed: str) -> str | None:
    """The code in what a person typed, if its report would open for them; a private report of somebody
    else's is as unknown as one that does not exist."""
    report = selectors.by_code(typed)
    if report is None or (report.is_private and not is_remembered(request, report)):
        return None
    return report.code


def get(request, code: str) -> Access:
    """The report for whoever asks. Raises Http404 alike for unknown codes and for private reports."""
    report = selectors.by_code(code)
    if report is None:
        raise Http404
    secret = request.POST.get("kunci") or request.GET.get("kunci") or ""
    by_link = links.is_reporter(report, secret)
    if by_link:
        remember(request, report)
    is_reporter = by_link or is_remembered(request, report)
    if report.is_private and not is_reporter:
        raise Http404
    return Access(report, is_reporter, secret if by_link else "")
