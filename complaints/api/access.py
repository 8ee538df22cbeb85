"""Who may see or change a report through the API. Unknown, foreign and private all look the same: 404."""

from complaints import links, selectors
from complaints.api.problems import Problem
from complaints.models import Report


def readable(request, code: str) -> tuple[Report, str]:
    """The report and the secret, if it was sent and fits. Raises Problem("not_found")."""
    report = selectors.by_code(code)
    secret = request.META.get("HTTP_X_REPORT_SECRET") or request.GET.get("kunci") or ""
    if report is None:
        raise Problem("not_found")
    if not links.is_reporter(report, secret):
        secret = ""
    if report.is_private and not secret:
        raise Problem("not_found")
    return report, secret


def own(request, code: str) -> tuple[Report, str]:
    """The same, only for the reporter."""
    report, secret = readable(request, code)
    if not secret:
        raise Problem("not_found")
    return report, secret
