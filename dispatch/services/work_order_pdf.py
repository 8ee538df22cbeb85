"""Work orders as PDF: one A4 page each, text that can be selected, readable in black and white."""

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from xml.sax.saxutils import escape

import segno
from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from city import snapshot as city
from complaints.models import Photo
from complaints.web import words as public_words
from dispatch.services.paper_boxes import draw_boxes
from dispatch.services.paper_map_pdf import draw_map
from dispatch.services.work_order import MAP_MM, OVERVIEW_MM, WorkOrder

BODY, BOLD = "Vera", "VeraBd"  # Bitstream Vera, which the PDF library brings; embedded as far as it is used
_WIDTH_MM, _HEIGHT_MM = A4[0] / mm, A4[1] / mm
_EDGE_MM, _GAP_MM = 12.0, 3.0
_PHOTO_MM = (64.0, 48.0)
_COLUMN_MM = 94.0


@cache
def _register_fonts() -> None:
    rl_config.warnOnMissingFontGlyphs = 0
    for name in (BODY, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFontFamily(BODY, normal=BODY, bold=BOLD, italic=BODY, boldItalic=BOLD)


def _style(size: float = 8.5, *, bold: bool = False, lead: float = 1.3) -> ParagraphStyle:
    name = BOLD if bold else BODY
    return ParagraphStyle(f"{name}{size}", fontName=name, fontSize=size, leading=size * lead)


class Sheet:
    """A page being written from the top down; millimetres from the upper left corner."""

    def __init__(self, canvas: Canvas):
        self.canvas = canvas

    def y(self, top: float) -> float:
        return (_HEIGHT_MM - top) * mm

    def text(
        self, left: float, top: float, width: float, words: str, style=None, *, most: float = 999.0
    ) -> float:
        """Words broken to the width, cut where `most` millimetres are full; returns where they end."""
        paragraph = Paragraph(words, style or _style())
        _width, height = paragraph.wrap(width * mm, 10_000)
        while height > most * mm and words:
            words = words[: max(0, int(len(words) * most * mm / height) - 3)].rsplit(" ", 1)[0]
            paragraph = Paragraph(f"{words} …", style or _style())
            _width, height = paragraph.wrap(width * mm, 10_000)
            if len(words) < 4:
                break
        paragraph.drawOn(self.canvas, left * mm, self.y(top) - height)
        return top + height / mm

    def heading(self, left: float, top: float, width: float, words: str) -> float:
        return self.text(left, top, width, f"<b>{escape(words)}</b>", _style(9, bold=True)) + 0.6

    def rule(self, top: float, weight: float = 0.6) -> None:
        self.canvas.setLineWidth(weight)
        self.canvas.line(_EDGE_MM * mm, self.y(top), (_WIDTH_MM - _EDGE_MM) * mm, self.y(top))


def write(orders: Sequence[WorkOrder], *, now: datetime) -> bytes:
    """The orders, a page each. Nothing of who made it or of any reporter is in the file's
    metadata."""
    _register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=translation.get_language() or "id", pageCompression=1)
    codes = ", ".join(order.code for order in orders[:3]) + (" …" if len(orders) > 3 else "")
    canvas.setTitle(_("Work order %(code)s") % {"code": codes})
    canvas.setAuthor(public_words.local(city.current().city, "title"))
    canvas.setSubject("")
    canvas.setCreator("")
    canvas.setProducer("")
    for order in orders:
        canvas.bookmarkPage(order.code)
        canvas.addOutlineEntry(f"{order.code} · {order.kind}", order.code)
        _page(Sheet(canvas), order, now)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(sheet: Sheet, order: WorkOrder, now: datetime) -> None:
    top = _head(sheet, order)
    draw_map(sheet.canvas, order.map, _EDGE_MM, top, _HEIGHT_MM)
    right = _WIDTH_MM - _EDGE_MM - OVERVIEW_MM[0]
    draw_map(sheet.canvas, order.overview, right, top, _HEIGHT_MM)
    top += MAP_MM[1] + 1
    scale = _("Scale 1:%(scale)s · © OpenStreetMap contributors, BPS/HDX")
    small = _style(6.5)
    sheet.text(_EDGE_MM, top, MAP_MM[0], scale % {"scale": f"{order.map.scale:,}".replace(",", ".")}, small)
    sheet.text(right, top, OVERVIEW_MM[0], f"1:{order.overview.scale:,}".replace(",", "."), small)
    top += 4.5
    left_end = _story(sheet, order, top)
    right_end = _photos(sheet, order, top)
    boxes_top = max(left_end, right_end, _HEIGHT_MM - 76) + 1
    draw_boxes(sheet, boxes_top, _HEIGHT_MM - _EDGE_MM - 5, _style(7))
    foot = _("Printed %(moment)s. Keep it from others and destroy it after use.")
    sheet.text(
        _EDGE_MM,
        _HEIGHT_MM - _EDGE_MM - 3,
        _WIDTH_MM - 2 * _EDGE_MM,
        escape(foot % {"moment": public_words.moment(now)}),
        small,
    )


def _head(sheet: Sheet, order: WorkOrder) -> float:
    """Title, code, place and promise beside the code to scan."""
    portal = public_words.local(city.current().city, "title")
    width = _WIDTH_MM - 2 * _EDGE_MM - 32
    top = sheet.text(_EDGE_MM, _EDGE_MM - 2, width, escape(f"{portal} · {order.department}"), _style(8))
    title = f"{_('Work order')} {order.code}"
    top = sheet.text(_EDGE_MM, top, width, f"<b>{escape(title)}</b>", _style(17, bold=True, lead=1.15)) + 0.8
    top = sheet.text(_EDGE_MM, top, width, f"<b>{escape(order.kind)}</b>", _style(12, bold=True)) + 0.5
    top = sheet.text(_EDGE_MM, top, width, escape(order.place), _style(10)) + 0.5
    facts = [
        (_("Coordinates"), order.coordinates),
        (_("Severity"), order.severity),
        (_("State"), order.state),
        (_("Reported"), order.reported),
        *order.deadlines,
        (_("Handler"), order.handler),
    ]
    line = " &nbsp; ".join(f"{escape(name)}: <b>{escape(value)}</b>" for name, value in facts)
    top = sheet.text(_EDGE_MM, top, width, line, _style(8, lead=1.35))
    _qr(sheet, order.address)
    top = max(top, _EDGE_MM + 32) + 1.5
    sheet.rule(top)
    return top + 2


def _qr(sheet: Sheet, address: str) -> None:
    side, left = 28.0, _WIDTH_MM - _EDGE_MM - 28.0
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    cell = side / len(rows)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                sheet.canvas.rect(
                    (left + x * cell) * mm,
                    sheet.y(_EDGE_MM - 2 + (y + 1) * cell),
                    cell * mm * 1.02,
                    cell * mm * 1.02,
                    stroke=0,
                    fill=1,
                )
    sheet.text(left - 2, _EDGE_MM - 2 + side + 0.6, 30, escape(_("Scan to open the case")), _style(7))


def _story(sheet: Sheet, order: WorkOrder, top: float) -> float:
    """What was said, answered, done before; and what to mind."""
    left, width = _EDGE_MM, _COLUMN_MM
    limit = _HEIGHT_MM - 78
    if order.description:
        top = sheet.heading(left, top, width, _("What was reported"))
        words = escape(order.description).replace("\n", "<br/>")
        top = sheet.text(left, top, width, words, most=max(8.0, min(40.0, limit - top - 20))) + 1.5
    rows = [f"{escape(question)} <b>{escape(answer)}</b>" for question, answer in order.answers]
    if order.also_affected:
        rows.append(f"{escape(_('Also affected'))}: <b>{order.also_affected}</b>")
    top = _rows(sheet, left, top, width, _("Answers"), rows, limit)
    return _rows(sheet, left, top, width, _("Earlier at this spot"), map(escape, order.earlier), limit)


def _rows(sheet: Sheet, left, top, width, heading, rows, limit) -> float:
    rows = list(rows)
    if not rows or top > limit - 6:
        return top
    top = sheet.heading(left, top, width, heading)
    for row in rows:
        if top > limit - 4:
            return sheet.text(left, top, width, "…") + 1
        top = sheet.text(left, top, width, f"• {row}", _style(8)) + 0.4
    return top + 1.2


def _photos(sheet: Sheet, order: WorkOrder, top: float) -> float:
    left = _EDGE_MM + _COLUMN_MM + _GAP_MM * 2
    width = _WIDTH_MM - _EDGE_MM - left
    for number, photo in enumerate(order.photos, start=1):
        room = (width, _PHOTO_MM[1] if len(order.photos) == 1 else _PHOTO_MM[1] * 0.72)
        top = _photo(sheet, photo, left, top, room) + 0.8
        top = sheet.text(left, top, width, escape(_("Photo %(number)s") % {"number": number}), _style(7)) + 1
    return _rows(sheet, left, top, width, _("Mind your safety"), map(escape, order.safety), _HEIGHT_MM - 74)


def _photo(sheet: Sheet, photo: Photo, left: float, top: float, room: tuple[float, float]) -> float:
    """The small served copy, 190 dots an inch on paper, as JPEG; a file that is missing leaves no gap."""
    try:
        with photo.small.open("rb") as handle:
            image = Image.open(handle).convert("RGB")
    except OSError:
        return top
    factor = min(room[0] / image.width, room[1] / image.height)
    width, height = image.width * factor, image.height * factor
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=78)
    sheet.canvas.drawImage(ImageReader(packed), left * mm, sheet.y(top + height), width * mm, height * mm)
    return top + height
