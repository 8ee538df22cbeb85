"""What leaves of a report when it is filed in an owner's system: problem and place, never a person."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from city import snapshot as city
from complaints import links
from complaints.domain import privacy
from complaints.models import Photo, Report
from complaints.web import story_words
from dispatch.domain import georeport
from dispatch.models import OwnerEndpoint


def service_code(endpoint: OwnerEndpoint, report: Report) -> str:
    """Their service for this report; empty if none is set."""
    group = report.category.parent.code if report.category.parent else ""
    codes, default = endpoint.service_codes, endpoint.default_service_code
    return georeport.service_code(codes, report.category.code, group, default)


def build(endpoint: OwnerEndpoint, report: Report) -> georeport.Request:
    """The request in the city's language. Texts are masked; name and contact of the reporter are not read."""
    link = settings.PUBLIC_BASE_URL.rstrip("/") + links.public_path(report)
    with translation.override(settings.LANGUAGE_CODE):
        reference = gettext("Our number: %(code)s") % {"code": report.spoken_code}
        words = f"{report.category.name}\n\n{privacy.mask(report.description)}".strip()
        return georeport.Request(
            service_code=service_code(endpoint, report),
            latitude=report.latitude,
            longitude=report.longitude,
            description=georeport.description(words, f"{reference}\n{link}"),
            address=story_words.place(report),
            media_url=_photo(report),
            attributes=georeport.attribute_values(endpoint.attributes, _facts(report, link)),
        )


def _photo(report: Report) -> str:
    """The first photo: the protocol knows one. All others are on the page that the description names."""
    ready = report.photos.filter(kind=Photo.Kind.REPORT, state=Photo.State.READY).order_by("id").first()
    return (
        settings.PUBLIC_BASE_URL.rstrip("/") + reverse("photo", args=[ready.uuid, "large"]) if ready else ""
    )


def _facts(report: Report, link: str) -> dict[str, str]:
    snap = city.current()
    area = snap.areas_by_id.get(report.area_id)
    parent = snap.areas.get(area.parent_code) if area and area.parent_code else None
    answers = {
        f"answer.{code}": privacy.mask(str(value))
        for code, value in report.answers.items()
        if isinstance(value, str | int | float | bool)
    }
    return {
        "code": report.code,
        "link": link,
        "category": report.category.code,
        "severity": str(report.severity),
        "street": privacy.mask(report.street),
        "kelurahan": area.name if area else "",
        "kecamatan": parent.name if parent else "",
        **answers,
    }
