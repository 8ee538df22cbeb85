#!/usr/bin/env python
"""Draws the icons of the installed app into static/icons/: python scripts/app_icons.py

The portal's mark (static/logo.svg) on the deep accent, drawn large and made small so that edges are smooth.
The maskable one fills its square: phones cut it to their own shape.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "static" / "icons"
DEEP, PIN, WAVE = "#073b43", "#ffb066", "#bfe3e3"
LARGE_PX = 2048
MARK_SIDE = 32  # static/logo.svg is drawn on so many units


def icon(*, is_maskable: bool) -> Image.Image:
    """The mark on its ground, LARGE_PX wide; within the middle four fifths, which no phone cuts away."""
    image = Image.new("RGBA", (LARGE_PX, LARGE_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    corner = 0 if is_maskable else LARGE_PX * 0.22
    pen.rounded_rectangle((0, 0, LARGE_PX - 1, LARGE_PX - 1), corner, fill=DEEP)
    scale = LARGE_PX * (0.62 if is_maskable else 0.74) / MARK_SIDE

    def at(x: float, y: float) -> tuple[float, float]:
        return LARGE_PX / 2 + (x - MARK_SIDE / 2) * scale, LARGE_PX / 2 + (y - MARK_SIDE / 2) * scale

    def stroke(points: list[tuple[float, float]], colour: str, width: float) -> None:
        placed = [at(*point) for point in points]
        pen.line(placed, fill=colour, width=round(width * scale), joint="curve")
        for x, y in (placed[0], placed[-1]):
            half = width * scale / 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    pen.ellipse((*at(6.6, 2.4), *at(25.4, 21.2)), fill=PIN)
    pen.polygon([at(8.2, 16.8), at(23.8, 16.8), at(19.2, 23), at(12.8, 23)], fill=PIN)
    stroke([(11.7, 11.8), (14.8, 14.9), (20.4, 8.9)], DEEP, 2.6)
    wave = [(3 + step * 0.25, 25.3 - 0.8 * math.cos(step * 0.25 * math.pi / 4.3)) for step in range(105)]
    stroke(wave, WAVE, 2.3)
    stroke([(9.5, 29.5), (22.5, 29.5)], WAVE, 2.3)
    return image


def write(name: str, side_px: int, *, is_maskable: bool = False) -> None:
    small = icon(is_maskable=is_maskable).resize((side_px, side_px), Image.Resampling.LANCZOS)
    small.quantize(64, method=Image.Quantize.FASTOCTREE).save(FOLDER / name, optimize=True)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    write("app-192.png", 192)
    write("app-512.png", 512)
    write("app-maskable-512.png", 512, is_maskable=True)


if __name__ == "__main__":
    main()
