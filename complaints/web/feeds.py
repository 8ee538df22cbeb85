"""Atom feeds (RFC 4287) of public reports: what one report, one area or one kind of problem brings."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints import selectors
from complaints.domain import privacy, text
from complaints.models import Event, Report
from complaints.web import share, site, story_words, words

MAX_ENTRIES = 50
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
# A feed without entries has not changed since it can be asked for; any fixed time says so.
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class _Feed(Atom1Feed):
    """Django's, but an empty feed is not new at every look, so that "unchanged" can be answered."""

    def latest_post_date(self):
        dates = [item["updateddate"] or item["pubdate"] for item in self.items]
        return max(dates, default=_LONG_AGO)


def _feed(title: str, link: str, feed_path: str, subtitle: str) -> _Feed:
    address = share.absolute(feed_path)
    return _Feed(
        title=_safe(title),
        link=link,
        description=_safe(subtitle),
        subtitle=_safe(subtitle),
        language=translation.get_language(),
        author_name=site.current().title,
        author_link=share.absolute("/"),
        feed_url=address,
        feed_guid=address,
    )


def _safe(value: str) -> str:
    """Text that XML can hold and the public may read."""
    return privacy.mask(text.clean(value))


def _written(feed: _Feed) -> tuple[bytes, datetime]:
    return feed.writeString("utf-8").encode(), feed.latest_post_date()


def of_report(report: Report, feed_path: str, now: datetime) -> tuple[bytes, datetime]:
    """The newest steps of a public report, newest first; with its last change. One query."""
    url = share.public_url(report)
    name = f"{story_words.title(report)} ({report.spoken_code})"
    feed = _feed(name, url, feed_path, story_words.standing(report, now))
    events = Event.objects.filter(report=report, is_public=True).exclude(kind=Event.Kind.SUPPORTED)
    for event in events.select_related("department").order_by("-id")[:MAX_ENTRIES]:
        lines = [*words.event_details(event), event.text, *words.event_reasons(event)]
        feed.add_item(
            title=_safe(words.event(event)),
            link=url,
            description=_html(lines),
            unique_id=f"{url}#peristiwa-{event.pk}",
            pubdate=event.at,
            updateddate=event.at,
        )
    return _written(feed)


def of_reports(
    reports: Iterable[Report], title: str, link: str, feed_path: str, now: datetime
) -> tuple[bytes, datetime]:
    """Reports as entries, each with its state, office and promise; a change makes an entry new again."""
    feed = _feed(title, link, feed_path, _("New reports and what becomes of them"))
    for report in reports:
        url = share.public_url(report)
        status = words.status_name(report)
        feed.add_item(
            title=_safe(f"{story_words.category_name(report)} – {story_words.place(report)} – {status}"),
            link=url,
            description=_html([story_words.standing(report, now), report.description]),
            unique_id=url,
            pubdate=report.created_at,
            updateddate=report.updated_at,
            categories=(story_words.category_name(report),),
        )
    return _written(feed)


def _html(lines: Iterable[str]) -> str:
    """The content of an entry is HTML to its readers: what people typed is escaped."""
    cleaned = [_safe(line) for line in lines if line]
    return "".join(f"<p>{escape(line).replace(chr(10), '<br>')}</p>" for line in cleaned)


def area_ids(code: str) -> list[int]:
    """A kelurahan, or all of a kecamatan's; none for an unknown code."""
    areas = city.current().areas.values()
    return [area.id for area in areas if area.level == "kelurahan" and code in (area.code, area.parent_code)]


def category_ids(code: str) -> list[int]:
    """A kind, or all of a group's; none for an unknown code."""
    categories = city.current().categories.values()
    return [item.id for item in categories if code in (item.code, item.parent_code)]


def newest(**where) -> list[Report]:
    """The newest public reports. One query; names come from memory."""
    reports = selectors.public_reports().filter(**where).order_by("-created_at", "-id")
    return list(reports[:MAX_ENTRIES])
