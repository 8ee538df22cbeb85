"""Who asks for a report: anybody, or its reporter (by the private link or by the session that filed it)."""

from dataclasses import dataclass

from django.http import Http404

from complaints import links, selectors
from complaints.models import Report

_SESSION_KEY = "my_reports"  # code → link version, so that a revoked link is revoked here too
REMEMBERED = 200
# A citizen comes back after days; staff's sessions end with their working day (see lapor.apps).
_CITIZEN_SESSION_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Access:
    """`secret` is set when the link carried it: forms pass it on, so that no cookie is needed."""

    report: Report
    is_reporter: bool
    secret: str = ""


def remember(request, *reports: Report) -> None:
    """Let this session speak for the reporter, of at most REMEMBERED reports: the last ones named."""
    before = request.session.get(_SESSION_KEY, {})
    new = {report.code: report.link_version for report in reports}
    if all(before.get(code) == version for code, version in new.items()):
        return
    mine = {code: version for code, version in before.items() if code not in new} | new
    request.session[_SESSION_KEY] = dict(list(mine.items())[-REMEMBERED:])
    if not request.user.is_authenticated:
        request.session.set_expiry(_CITIZEN_SESSION_S)


def remembered(request) -> dict[str, int]:
    """What this session may speak for: code → link version, to be compared with the report's own."""
    return request.session.get(_SESSION_KEY, {})


def forget_all(request) -> None:
    """This browser speaks for nobody any more: for phones and computers that several people use."""
    request.session.pop(_SESSION_KEY, None)


def is_remembered(request, report: Report) -> bool:
    return remembered(request).get(report.code) == report.link_version


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
