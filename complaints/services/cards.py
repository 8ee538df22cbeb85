"""The picture of a link's preview: place and state of a public report at a glance, 1200 × 630 pixels."""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from city.services import map_picture
from city.services.fonts import font, symbols

WIDTH_PX, HEIGHT_PX = 1200, 630
_PANEL_PX, _EDGE_PX = 660, 56
_TEXT_PX = _PANEL_PX - _EDGE_PX - 40
_TITLE_PX = (58, 50, 44, 38)
_DEEP, _PAPER, _INK, _INK_2, _ACTION = "#073b43", "#ffffff", "#15262b", "#47585d", "#ffb066"
# State → its colour, its soft ground, its symbol (a code point of Material Symbols): the portal's own tokens.
STATE_LOOK = {
    "new": ("#7f4600", "#fbecc9", "\ue156"),
    "working": ("#1b4b9b", "#e0e9f9", "\uf8cd"),
    "paused": ("#1b4b9b", "#e0e9f9", "\ue034"),
    "scheduled": ("#573a98", "#ebe5f7", "\ue935"),
    "done": ("#17633a", "#dcf0e3", "\ue86c"),
    "rejected": ("#4d5862", "#e6e8ea", "\ue5c9"),
    "late": ("#942f06", "#fdeadd", "\ue002"),
}
_COLOURS = 160  # of the palette: a map and a few words need no more, and the file is a third


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What stands on the card, in words that are masked and translated already."""

    portal: str
    code: str
    category: str
    place: str
    state: str
    look: str  # a key of STATE_LOOK
    department: str
    promise: str
    latitude: float
    longitude: float


def card(facts: CardFacts) -> bytes:
    """A PNG. About 100 ms: keep it."""
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _PAPER)
    place = map_picture.draw(
        facts.latitude,
        facts.longitude,
        (WIDTH_PX - _PANEL_PX, HEIGHT_PX),
        anchor=(0.5, 0.56),
        pin_colour=STATE_LOOK[facts.look][0],
    )
    image.paste(place, (_PANEL_PX, 0))
    pen = ImageDraw.Draw(image)
    _head(pen, facts)
    y = _state(pen, facts, 138)
    y = _title(pen, facts.category, y + 22)
    _paragraph(pen, facts.place, y + 8, font(30, 500), _INK_2, lines=2, step=38)
    _promise(pen, facts)
    return _png(image)


def place_picture(latitude: float, longitude: float, size: tuple[int, int]) -> bytes:
    """The map around a place alone, as a PNG for paper."""
    return _png(map_picture.draw(latitude, longitude, size, letters=1.5))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def _head(pen: ImageDraw.ImageDraw, facts: CardFacts) -> None:
    pen.rectangle((0, 0, _PANEL_PX, 92), fill=_DEEP)
    pen.rectangle((0, 92, _PANEL_PX, 98), fill=_ACTION)
    pen.text((_EDGE_PX, 46), facts.portal, font=font(32, 700), fill="white", anchor="lm")
    pen.text((_PANEL_PX - 40, 46), facts.code, font=font(26, 600), fill="#c5dcdd", anchor="rm")


def _state(pen: ImageDraw.ImageDraw, facts: CardFacts, y: int) -> int:
    colour, ground, sign = STATE_LOOK[facts.look]
    face, icons = font(30, 600), symbols(36)
    text = _cut(facts.state, face, _PANEL_PX - 2 * _EDGE_PX - 90)
    offset = 62 if icons else 24
    width = offset + face.getlength(text) + 26
    pen.rounded_rectangle((_EDGE_PX, y, _EDGE_PX + width, y + 58), radius=29, fill=ground)
    if icons:
        pen.text((_EDGE_PX + 38, y + 29), sign, font=icons, fill=colour, anchor="mm")
    pen.text((_EDGE_PX + offset, y + 29), text, font=face, fill=colour, anchor="lm")
    return y + 58


def _title(pen: ImageDraw.ImageDraw, text: str, y: int) -> int:
    """As large as two lines allow."""
    size = next((size for size in _TITLE_PX if len(_broken(text, font(size, 700), _TEXT_PX, 9)) <= 2), 38)
    return _paragraph(pen, text, y, font(size, 700), _INK, lines=2, step=round(size * 1.14))


def _promise(pen: ImageDraw.ImageDraw, facts: CardFacts) -> None:
    """With whom and by when, at the foot."""
    y = HEIGHT_PX - 168
    pen.line((_EDGE_PX, y, _PANEL_PX - 40, y), fill="#d8d5ca", width=2)
    y = _paragraph(pen, facts.department, y + 18, font(28, 600), _INK, lines=1, step=42)
    _paragraph(pen, facts.promise, y + 4, font(28, 400), _INK_2, lines=2, step=38)


def _paragraph(pen, text: str, y: int, face, colour: str, *, lines: int, step: int) -> int:
    """Text broken into lines of the panel's width, the rest cut with an ellipsis; returns where it ends."""
    for line in _broken(text, face, _TEXT_PX, lines):
        pen.text((_EDGE_PX, y), line, font=face, fill=colour, anchor="la")
        y += step
    return y


def _broken(text: str, face, width: float, lines: int) -> list[str]:
    words, found = text.split(), []
    while words and len(found) < lines:
        count = 1
        while count < len(words) and face.getlength(" ".join(words[: count + 1])) <= width:
            count += 1
        if len(found) == lines - 1:
            count = len(words)
        found.append(_cut(" ".join(words[:count]), face, width))
        words = words[count:]
    return found


def _cut(text: str, face, width: float) -> str:
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
