"""A `city.services.paper_map` drawn into a PDF, in greys that a black and white printer keeps apart."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from city.services import paper_map
from city.services.paper_map import PaperMap

# Kind → grey (0 black), width in millimetres, dashes.
_LOOK = {
    paper_map.BORDER: (0.45, 0.25, (1.4, 1.0)),
    paper_map.WATER: (0.55, 0.5, (3.0, 0.8)),
    paper_map.RIVER: (0.62, 1.4, ()),
    paper_map.STREET: (0.25, 0.7, ()),
    paper_map.ROAD: (0.1, 1.3, ()),
}
_NAME = {
    paper_map.AREA_NAME: ("VeraBd", 6.5, 0.35),
    paper_map.LINE_NAME: ("Vera", 6.0, 0.0),
    paper_map.LANDMARK: ("Vera", 6.0, 0.2),
}


def draw_map(canvas: Canvas, drawn: PaperMap, left: float, top: float, page_height: float) -> None:
    """Draw with the upper left corner at (left, top) millimetres."""
    canvas.saveState()
    canvas.translate(left * mm, (page_height - top) * mm)
    frame = canvas.beginPath()
    frame.rect(0, 0, drawn.width * mm, -drawn.height * mm)
    canvas.saveState()
    canvas.clipPath(frame, stroke=0, fill=0)
    for stroke in drawn.strokes:
        _stroke(canvas, stroke)
    for name in drawn.names:
        _name(canvas, name)
    canvas.restoreState()
    canvas.setLineWidth(0.6)
    canvas.rect(0, 0, drawn.width * mm, -drawn.height * mm, stroke=1, fill=0)
    _place(canvas, drawn)
    _north(canvas, drawn)
    _bar(canvas, drawn)
    canvas.restoreState()


def _stroke(canvas: Canvas, stroke: paper_map.Stroke) -> None:
    grey, width, dashes = _LOOK[stroke.kind]
    canvas.setStrokeGray(grey)
    canvas.setLineWidth(width * mm)
    canvas.setDash([part * mm for part in dashes] if dashes else [])
    canvas.setLineJoin(1)
    path = canvas.beginPath()
    (x, y), *rest = stroke.points
    path.moveTo(x * mm, -y * mm)
    for x, y in rest:
        path.lineTo(x * mm, -y * mm)
    canvas.drawPath(path, stroke=1, fill=0)


def _name(canvas: Canvas, name: paper_map.Name) -> None:
    face, size, grey = _NAME[name.kind]
    canvas.setFont(face, size)
    width = canvas.stringWidth(name.text, face, size)
    canvas.setFillGray(1)
    canvas.rect(name.x * mm - width / 2 - 1, -name.y * mm - 1.6, width + 2, size + 1, stroke=0, fill=1)
    canvas.setFillGray(grey)
    canvas.drawCentredString(name.x * mm, -name.y * mm, name.text)
    canvas.setFillGray(0)


def _place(canvas: Canvas, drawn: PaperMap) -> None:
    """A ring with a point: what lies under it stays visible."""
    x, y = drawn.width / 2 * mm, -drawn.height / 2 * mm
    canvas.setDash([])
    for grey, width in ((1, 1.6), (0, 0.8)):
        canvas.setStrokeGray(grey)
        canvas.setLineWidth(width * mm)
        canvas.circle(x, y, 3 * mm, stroke=1, fill=0)
    canvas.setFillGray(0)
    canvas.circle(x, y, 0.7 * mm, stroke=0, fill=1)


def _north(canvas: Canvas, drawn: PaperMap) -> None:
    x = (drawn.width - 5) * mm
    canvas.setFillGray(1)
    canvas.rect(x - 3.4 * mm, -13 * mm, 6.8 * mm, 12.4 * mm, stroke=0, fill=1)
    canvas.setFillGray(0)
    arrow = canvas.beginPath()
    arrow.moveTo(x, -2 * mm)
    for dx, y in ((2.2, -8), (0, -6.6), (-2.2, -8)):
        arrow.lineTo(x + dx * mm, y * mm)
    arrow.close()
    canvas.drawPath(arrow, stroke=0, fill=1)
    canvas.setFont("VeraBd", 7)
    canvas.drawCentredString(x, -11.6 * mm, paper_map.north_letter())


def _bar(canvas: Canvas, drawn: PaperMap) -> None:
    y, bar = -(drawn.height - 3) * mm, drawn.bar * mm
    canvas.setFillGray(1)
    canvas.rect(1.5 * mm, y - 1.6 * mm, bar + 17 * mm, 4.6 * mm, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.8)
    path = canvas.beginPath()
    path.moveTo(3 * mm, y + 1.6 * mm)
    path.lineTo(3 * mm, y)
    path.lineTo(3 * mm + bar, y)
    path.lineTo(3 * mm + bar, y + 1.6 * mm)
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setFont("Vera", 6.5)
    canvas.drawString(bar + 4.5 * mm, y, f"{drawn.bar_m} m")
