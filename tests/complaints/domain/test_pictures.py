"""Prints of pictures and marks in files: what is recognised, and what is not."""

import io
import itertools

import pytest
from PIL import Image, ImageDraw, ImageEnhance, PngImagePlugin

from complaints.domain import picture_marks, picture_print
from complaints.services import photos, picture_trace
from tests.conftest import make_jpeg, make_proof, scenery

SEEDS = range(12)


def bits_of(image: Image.Image) -> int:
    return picture_print.unsigned(picture_trace.pixels(image)["print"])


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue()))


def cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = int(image.width * share), int(image.height * share)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def captioned(image: Image.Image) -> Image.Image:
    image = image.copy()
    ImageDraw.Draw(image).rectangle((0, image.height - 40, 220, image.height), fill="black")
    return image


CHANGED = {
    "re-encoded": lambda image: jpeg(image, 50),
    "badly re-encoded": lambda image: jpeg(image, 20),
    "half as large": lambda image: image.resize((image.width // 2, image.height // 2)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "grey": lambda image: image.convert("L"),
    "cropped by 2 %": lambda image: cropped(image, 0.98),
    "with a caption": captioned,
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_picture_stays_the_same_picture(change):
    for seed in SEEDS:
        image = scenery(seed)
        apart = picture_print.distance(bits_of(image), bits_of(CHANGED[change](image)))
        assert apart <= picture_print.ALIKE_AT_MOST_BITS, (seed, apart)


def test_other_pictures_are_other_pictures():
    prints = [bits_of(scenery(seed)) for seed in range(40)]
    nearest = min(picture_print.distance(one, other) for one, other in itertools.combinations(prints, 2))
    assert nearest > 1.5 * picture_print.ALIKE_AT_MOST_BITS


def test_bands_find_whatever_is_within_the_threshold():
    bits = 0x0123_4567_89AB_CDEF
    for wrong in itertools.combinations(range(0, 64, 7), picture_print.ALIKE_AT_MOST_BITS):
        other = bits
        for bit in wrong:
            other ^= 1 << bit
        pairs = zip(picture_print.bands(bits), picture_print.bands(other), strict=True)
        assert any(theirs in picture_print.near(ours) for ours, theirs in pairs)


@pytest.mark.parametrize("bits", [0, 1, 2**63, 2**64 - 1, 0xF0F0_0F0F_1234_8765])
def test_a_print_survives_the_database(bits):
    assert -(2**63) <= picture_print.signed(bits) < 2**63
    assert picture_print.unsigned(picture_print.signed(bits)) == bits
    assert len(picture_print.bands(bits)) == 4


def test_nothing_to_see_and_only_a_few_colours():
    blank = picture_trace.pixels(Image.new("RGB", (640, 480), "seagreen"))
    assert blank == {"print": None, "is_blank": True, "is_drawing": True}
    logo = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(logo)
    pen.ellipse((100, 100, 500, 500), fill="navy")
    pen.polygon([(300, 150), (420, 420), (180, 420)], fill="gold")
    drawn = picture_trace.pixels(logo)
    assert (drawn["is_blank"], drawn["is_drawing"]) == (False, True)
    for seed in SEEDS:
        photo = picture_trace.pixels(scenery(seed))
        assert (photo["is_blank"], photo["is_drawing"]) == (False, False)


def marks(content: bytes = b"", picture_format: str = "JPEG", **tags) -> picture_marks.Marks:
    return picture_marks.read(content, picture_format=picture_format, tags=tags)


@pytest.mark.parametrize(
    ("content", "tags", "field", "value"),
    [
        (b"", {"software": "Adobe Photoshop 25.1 (Windows)"}, "editor", "photoshop"),
        (b"", {"software": "Snapseed 2.0"}, "editor", "snapseed"),
        (b"", {"software": "HDR+ 1.0.585804376zd"}, "editor", ""),
        (b"", {"software": "17.5.1"}, "editor", ""),
        (b"<xmp:CreatorTool>GIMP 2.10</xmp:CreatorTool>", {}, "editor", "gimp"),
        (b"", {"software": "Midjourney v6"}, "generator", "midjourney"),
        (
            b'DigitalSourceType="http://cv.iptc.org/x/trainedAlgorithmicMedia"',
            {},
            "generator",
            "trainedAlgorithmicMedia",
        ),
        (b"compositeWithTrainedAlgorithmicMedia", {}, "generator", "compositeWithTrainedAlgorithmicMedia"),
        (b"digitalsourcetype/digitalCapture", {}, "generator", ""),
        (b"", {"comment": "road, Steps: 20, Sampler: Euler a"}, "generator", "parameters"),
        (b"....jumb....jumdc2pa\x00\x11", {}, "has_credentials", True),
        (b"c2pa alone in the pixels", {}, "has_credentials", False),
        (b"newscodes/compositeSynthetic", {}, "is_composed", True),
        (b"", {"comment": "Screenshot"}, "is_screenshot", True),
    ],
)
def test_marks_of_editors_and_machines(content, tags, field, value):
    assert getattr(marks(content, **tags), field) == value


@pytest.mark.parametrize(("make", "expected"), [("", True), ("Canon", False)])
def test_a_png_without_a_camera_is_no_photo(make, expected):
    assert marks(picture_format="PNG", make=make).is_screenshot is expected
    assert marks(picture_format="JPEG", make=make).is_screenshot is False


def test_a_painted_png_is_told_by_its_recipe():
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a repaired road, Steps: 30")
    out = io.BytesIO()
    scenery(3).save(out, "PNG", pnginfo=info)
    trace = trace_of(out.getvalue())
    assert (trace["generator"], trace["is_screenshot"]) == ("parameters", True)


def trace_of(content: bytes) -> dict:
    image = photos.identify(content)
    return picture_trace.take(content, image, photos.upright(image))


def test_the_trace_of_a_cameras_photo():
    trace = trace_of(make_proof(software="Pixel 8"))
    assert (trace["camera"], trace["software"], trace["format"]) == ("Kamera K-1", "Pixel 8", "JPEG")
    assert not any(trace[name] for name in ("editor", "generator", "is_screenshot", "is_blank", "is_drawing"))


def test_turning_a_photo_by_its_tag_does_not_change_its_print():
    image = scenery(5)
    lying = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, "JPEG", quality=90, exif=exif)
    trace = trace_of(out.getvalue())
    assert picture_print.distance(picture_print.unsigned(trace["print"]), bits_of(image)) <= 3


@pytest.mark.parametrize("tag", [b"\xff\xfe\x00", b"", 7, "ä" * 500])
def test_odd_tags_break_nothing(tag):
    exif = Image.Exif()
    exif[0x0131] = tag if isinstance(tag, str) else str(tag)
    image = Image.open(io.BytesIO(make_jpeg()))
    image.getexif().update(exif)
    assert len(picture_trace.take(b"", image, image)["software"]) <= 120
