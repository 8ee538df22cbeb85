"""What a picture's file says about how it came to be: a camera, an editor, a generator.

None of it is proof. Metadata can be removed, and an honest photo may carry none; what is found here is shown
to a person, never decided by.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Programs that change what is in a picture; cameras write names of their own into the same field.
_EDITORS = (
    *("photoshop", "lightroom", "adobe firefly", "gimp", "snapseed", "picsart", "canva", "pixelmator"),
    *("affinity", "paint.net", "paint shop", "meitu", "facetune", "faceapp", "remini", "youcam", "pixlr"),
    *("photopea", "inshot", "capcut", "lensa", "polarr", "vsco", "photodirector", "imagemagick", "krita"),
)
_GENERATORS = (
    *("stable diffusion", "midjourney", "dall-e", "dall·e", "dalle", "firefly", "comfyui", "novelai"),
    *("imagen", "gemini", "chatgpt", "openai", "grok", "leonardo.ai", "flux.1", "ideogram"),
)
# IPTC "digital source types" of pictures that a machine made or finished (cv.iptc.org/newscodes).
_MADE = re.compile(rb"(?:composite(?:With)?T|t)rainedAlgorithmicMedia|[^A-Za-z]algorithmicMedia")
_COMPOSED = re.compile(rb"compositeSynthetic|compositeCapture|[^A-Za-z]digitalArt|virtualRecording")
# The description box of a C2PA manifest store inside JUMBF (C2PA specification 2.1, 11.1.4).
_CREDENTIALS = re.compile(rb"jumdc2pa")
_CREATOR = re.compile(rb"(?:CreatorTool|softwareAgent|claim_generator)[^A-Za-z0-9]{1,12}([ -~]{2,60})")
_SCREEN = re.compile(rb"\bscreen ?shot\b", re.IGNORECASE)
# Text chunks that generators leave in PNG files.
_GENERATOR_CHUNKS = frozenset(
    {"parameters", "prompt", "workflow", "sd-metadata", "dream", "invokeai_metadata"}
)
_WITHOUT_CAMERA = frozenset({"PNG", "GIF", "WEBP"})


@dataclass(frozen=True, slots=True)
class Marks:
    """`editor` and `generator` are names as found, shortened; empty where there are none."""

    editor: str = ""
    generator: str = ""
    has_credentials: bool = False  # signed content credentials (C2PA): cameras write them too
    is_composed: bool = False
    is_screenshot: bool = False


def read(
    content: bytes, *, picture_format: str, tags: Mapping[str, str], chunks: frozenset[str] = frozenset()
) -> Marks:
    """The marks of a file. `tags`: EXIF's software, make, model, comment, description; `chunks`: names of a
    PNG's text chunks. Never raises: whatever cannot be read is not there."""
    software = " ".join(tags.get(name, "") for name in ("software", "description"))
    creator = b" ".join(_CREATOR.findall(content)).decode("ascii", "replace")
    named = f"{software} {creator} {tags.get('comment', '')}"
    made = _MADE.search(content)
    generator = _first(named, _GENERATORS) or (made and made[0].decode("ascii", "replace").strip('/"#: '))
    if not generator and (chunks & _GENERATOR_CHUNKS or _has_recipe(tags.get("comment", ""))):
        generator = "parameters"
    return Marks(
        editor=_first(named, _EDITORS),
        generator=generator or "",
        has_credentials=bool(_CREDENTIALS.search(content)),
        is_composed=bool(_COMPOSED.search(content)),
        is_screenshot=_is_screenshot(content, picture_format, tags),
    )


def _first(text: str, names: tuple[str, ...]) -> str:
    text = text.casefold()
    return next((name for name in names if name in text), "")


def _has_recipe(comment: str) -> bool:
    """The settings that Stable Diffusion's programs write into a picture's comment."""
    return "Sampler:" in comment and "Steps:" in comment


def _is_screenshot(content: bytes, picture_format: str, tags: Mapping[str, str]) -> bool:
    """Named so, or a kind of file that no camera writes."""
    if _SCREEN.search(tags.get("comment", "").encode()) or _SCREEN.search(content[:65_536]):
        return True
    return picture_format in _WITHOUT_CAMERA and not (tags.get("make") or tags.get("model"))
