"""The boxes that a crew fills in by hand at the foot of a work order."""

from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib.units import mm

_LEFT_MM, _RIGHT_MM = 12.0, 198.0


def labels() -> list[list[str]]:
    """Row by row; the page and the PDF have the same."""
    return [
        [_("Crew"), _("Arrived (date, time)"), _("Done (date, time)")],
        [_("What was done, what is left")],
        [_("Materials and amounts")],
        [_("Name and signature, crew"), _("Name and signature, supervisor")],
    ]


_HEIGHTS = (0.18, 0.32, 0.22, 0.28)


def draw_boxes(sheet, top: float, bottom: float, style) -> None:
    """Boxes from `top` to `bottom` millimetres, over the whole width, their names in `style`."""
    span = bottom - top
    sheet.canvas.setLineWidth(0.6)
    sheet.canvas.setStrokeGray(0)
    for row, share in zip(labels(), _HEIGHTS, strict=True):
        height, width = span * share, (_RIGHT_MM - _LEFT_MM) / len(row)
        for number, words in enumerate(row):
            left = _LEFT_MM + number * width
            sheet.canvas.rect(left * mm, sheet.y(top + height), width * mm, height * mm, stroke=1, fill=0)
            sheet.text(left + 1.2, top + 0.6, width - 2, escape(words), style)
        top += height
