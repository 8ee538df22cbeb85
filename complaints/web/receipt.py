"""What a device keeps of a report that was sent from it, so that its reporter does not lose it."""

from django.conf import settings
from django.urls import reverse

from city import snapshot as city
from complaints import links
from complaints.models import Report
from complaints.web import words


def of(report: Report) -> dict:
    """What the reporter keeps; the promise comes from the status address as soon as it is made."""
    category = city.current().categories_by_id.get(report.category_id)
    return {
        "code": report.code,
        "spoken_code": report.spoken_code,
        "link": settings.PUBLIC_BASE_URL.rstrip("/") + links.private_path(report),
        "path": links.private_path(report),
        "thanks": reverse("report_thanks", args=[report.code]),
        "status": f"{reverse('report_status', args=[report.code])}?kunci={links.secret_of(report)}",
        "category": words.local(category) if category else "",
        "sent_at": report.created_at.isoformat(),
    }
