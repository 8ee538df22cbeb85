"""Drawn pictures for the demonstration: no photo of a real place or person is needed to show a living city.

Each scene exists as the problem and as its repair, so that before and after can be compared.
"""

import io
import random
from functools import lru_cache
from math import cos, sin

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH_PX, HEIGHT_PX = 1200, 900
_HORIZON_PX = 380
_SKIES = ((176, 205, 222), (206, 214, 218), (232, 214, 190), (150, 170, 190))
SCENES = ("road", "flood", "lamp", "tree", "waste", "drain")


@lru_cache(maxsize=256)
def draw(scene: str, *, repaired: bool, seed: int, caption: str) -> bytes:
    """A JPEG of a scene (one of SCENES), `caption` in its corner. The same seed draws the same place."""
    dice = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    image = _sky_and_street(dice)
    pen = ImageDraw.Draw(image, "RGBA")
    _houses(pen, dice)
    _road(pen)
    _DRAWERS[scene](pen, dice, repaired)
    image = image.filter(ImageFilter.BoxBlur(1))
    image = Image.blend(image, _grain(), 0.06)
    _caption(ImageDraw.Draw(image, "RGBA"), caption)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


@lru_cache(maxsize=1)
def _grain() -> Image.Image:
    return Image.effect_noise((WIDTH_PX, HEIGHT_PX), 20).convert("RGB")


def _sky_and_street(dice: random.Random) -> Image.Image:
    sky = dice.choice(_SKIES)
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX))
    pen = ImageDraw.Draw(image)
    for y in range(_HORIZON_PX):
        pale = y / _HORIZON_PX * 0.35
        pen.line([(0, y), (WIDTH_PX, y)], fill=tuple(int(c + (255 - c) * pale) for c in sky))
    for y in range(_HORIZON_PX, HEIGHT_PX):
        depth = (y - _HORIZON_PX) / (HEIGHT_PX - _HORIZON_PX)
        pen.line(
            [(0, y), (WIDTH_PX, y)], fill=(int(120 - 30 * depth), int(132 - 30 * depth), int(98 - 20 * depth))
        )
    return image


def _houses(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    x = -40
    while x < WIDTH_PX:
        width, height = dice.randint(110, 220), dice.randint(90, 230)
        shade = dice.randint(150, 225)
        wall = (shade, shade - dice.randint(0, 25), shade - dice.randint(10, 55))
        top = _HORIZON_PX + 12 - height
        pen.rectangle([x, top, x + width, _HORIZON_PX + 14], fill=wall)
        roof = dice.choice(((142, 74, 52), (110, 62, 50), (92, 96, 100)))
        pen.polygon([(x - 12, top), (x + width / 2, top - 46), (x + width + 12, top)], fill=roof)
        for window in range(x + 22, x + width - 34, 52):
            pen.rectangle([window, top + 28, window + 26, top + 62], fill=(70, 88, 100))
        x += width + dice.randint(6, 40)


def _road(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon(
        [(430, _HORIZON_PX + 10), (770, _HORIZON_PX + 10), (1350, HEIGHT_PX), (-150, HEIGHT_PX)],
        fill=(86, 88, 92),
    )
    pen.polygon(
        [(415, _HORIZON_PX + 10), (430, _HORIZON_PX + 10), (-150, HEIGHT_PX), (-260, HEIGHT_PX)],
        fill=(168, 164, 156),
    )
    pen.polygon(
        [(770, _HORIZON_PX + 10), (785, _HORIZON_PX + 10), (1460, HEIGHT_PX), (1350, HEIGHT_PX)],
        fill=(168, 164, 156),
    )
    for step in range(6):
        y, nearer = _HORIZON_PX + 24 + step * step * 16, _HORIZON_PX + 44 + step * step * 19
        pen.polygon(
            [(598 - step, y), (602 + step, y), (604 + 2 * step, nearer), (596 - 2 * step, nearer)],
            fill=(226, 224, 214),
        )


def _blob(pen, dice, x, y, rx, ry, fill) -> None:
    points = 22
    edge = []
    for index in range(points):
        angle = index / points * 6.2832
        wobble = dice.uniform(0.82, 1.12)
        edge.append((x + rx * wobble * cos(angle), y + ry * wobble * sin(angle)))
    pen.polygon(edge, fill=fill)


def _draw_road(pen, dice, repaired) -> None:
    x, y = dice.randint(380, 760), dice.randint(640, 760)
    if repaired:
        pen.polygon(
            [(x - 190, y - 52), (x + 180, y - 58), (x + 230, y + 62), (x - 230, y + 66)], fill=(52, 53, 56)
        )
        return
    _blob(pen, dice, x, y, 190, 58, (70, 66, 60))
    _blob(pen, dice, x + 8, y + 6, 150, 42, (46, 42, 38))
    _blob(pen, dice, x + 20, y + 12, 96, 22, (112, 104, 90))


def _draw_flood(pen, dice, repaired) -> None:
    level = dice.randint(470, 560)
    if repaired:
        _blob(pen, dice, 420, 780, 130, 16, (104, 112, 118))
        return
    pen.rectangle([0, level, WIDTH_PX, HEIGHT_PX], fill=(122, 108, 84, 238))
    for _wave in range(60):
        x, y = dice.randint(0, WIDTH_PX), dice.randint(level + 6, HEIGHT_PX)
        pen.line([(x, y), (x + dice.randint(40, 150), y)], fill=(156, 142, 116, 200), width=3)


def _draw_lamp(pen, dice, repaired) -> None:
    pen.rectangle([0, 0, WIDTH_PX, HEIGHT_PX], fill=(12, 18, 38, 176))
    pen.rectangle([842, 150, 858, 720], fill=(70, 74, 80))
    pen.line([(850, 160), (720, 130)], fill=(70, 74, 80), width=12)
    pen.ellipse([690, 122, 742, 148], fill=(255, 236, 176) if repaired else (48, 50, 56))
    if repaired:
        pen.polygon([(716, 140), (470, 760), (990, 760)], fill=(255, 232, 160, 78))


def _draw_tree(pen, dice, repaired) -> None:
    if repaired:
        pen.ellipse([880, 690, 960, 730], fill=(150, 112, 72))
        pen.ellipse([896, 698, 944, 722], fill=(190, 152, 104))
        return
    pen.line([(960, 640), (240, 800)], fill=(92, 66, 44), width=44)
    for _leaf in range(26):
        _blob(
            pen,
            dice,
            dice.randint(120, 470),
            dice.randint(660, 850),
            60,
            42,
            (52, dice.randint(86, 128), 50, 235),
        )


def _draw_waste(pen, dice, repaired) -> None:
    if repaired:
        return
    for _bag in range(46):
        x, y = dice.randint(820, 1130), dice.randint(610, 760)
        shade = dice.choice(((38, 40, 44), (214, 214, 210), (60, 104, 160), (176, 62, 52), (206, 170, 70)))
        _blob(pen, dice, x, y, dice.randint(24, 54), dice.randint(18, 36), shade)


def _draw_drain(pen, dice, repaired) -> None:
    pen.polygon([(160, 560), (250, 560), (40, HEIGHT_PX), (-140, HEIGHT_PX)], fill=(58, 60, 60))
    if repaired:
        pen.polygon([(186, 580), (226, 580), (10, HEIGHT_PX), (-80, HEIGHT_PX)], fill=(88, 120, 132))
        return
    for _rubbish in range(34):
        y = dice.randint(590, 880)
        x = 205 - (y - 560) * 0.62 + dice.randint(-50, 50)
        _blob(
            pen,
            dice,
            x,
            y,
            dice.randint(16, 40),
            dice.randint(10, 22),
            dice.choice(((96, 84, 60), (150, 150, 140), (70, 92, 60))),
        )


_DRAWERS = {
    "road": _draw_road,
    "flood": _draw_flood,
    "lamp": _draw_lamp,
    "tree": _draw_tree,
    "waste": _draw_waste,
    "drain": _draw_drain,
}


def _caption(pen: ImageDraw.ImageDraw, caption: str) -> None:
    font = ImageFont.load_default(size=26)
    left, top, right, bottom = pen.textbbox((28, HEIGHT_PX - 62), caption, font=font)
    pen.rounded_rectangle([left - 14, top - 10, right + 14, bottom + 10], 8, fill=(255, 255, 255, 225))
    pen.text((28, HEIGHT_PX - 62), caption, font=font, fill=(40, 40, 40))
