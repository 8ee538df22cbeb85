"""Fonts for pictures we draw ourselves: those that come with a package we have anyway, nothing is fetched."""

from functools import lru_cache
from importlib.resources import files

from PIL import ImageFont

_WEIGHTS = {400: "Inter-Regular", 500: "Inter-Medium", 600: "Inter-SemiBold", 700: "Inter-Bold"}
_FOLDER = "static/unfold/fonts"


@lru_cache(maxsize=64)
def font(size: int, weight: int = 400) -> ImageFont.ImageFont:
    """Inter (SIL Open Font License) as the admin theme brings it; Pillow's own font where that is missing."""
    try:
        path = files("unfold") / _FOLDER / f"inter/{_WEIGHTS[weight]}.woff2"
        return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    except (ModuleNotFoundError, OSError):
        return ImageFont.load_default(size)


@lru_cache(maxsize=16)
def symbols(size: int) -> ImageFont.ImageFont | None:
    """Material Symbols (Apache 2.0), by code point; None where the theme does not bring it."""
    try:
        path = files("unfold") / _FOLDER / "material-symbols/Material-Symbols-Outlined.woff2"
        return ImageFont.truetype(str(path), size)
    except (ModuleNotFoundError, OSError):
        return None
