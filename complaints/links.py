"""The private link: who holds it may speak for the reporter."""

from django.conf import settings
from django.urls import reverse

from complaints.domain import codes


def secret_of(report) -> str:
    """The secret in a report's private link; derived from the signing key, never stored."""
    return codes.link_secret(report.code, report.link_version, settings.REPORT_LINK_KEYS[0])


def is_reporter(report, secret: str) -> bool:
    """Whether `secret` is this report's, under any signing key in force. Constant time."""
    return bool(secret) and codes.secret_matches(
        secret, report.code, report.link_version, settings.REPORT_LINK_KEYS
    )


def public_path(report) -> str:
    return reverse("report_detail", args=[report.code])


def private_path(report) -> str:
    return f"{public_path(report)}?kunci={secret_of(report)}"
