"""A picture's fingerprint: 64 bits that stay nearly the same when it is re-encoded, resized or brightened.

A difference hash ("dHash"): of each two neighbours in a 9 × 8 grid of greys, which is lighter. What it
finds and what it misses was measured; the figures and the reasons for the threshold: docs/adr/0003-proof.md.
"""

from collections.abc import Sequence
from itertools import pairwise

GRID = (9, 8)  # columns, rows of the greys that `of_greys` takes
BITS = 64
# Two pictures are "nearly the same" up to this many different bits.
ALIKE_AT_MOST_BITS = 7
BANDS, BAND_BITS = 4, 16
_BAND = (1 << BAND_BITS) - 1
# With less contrast than this (standard deviation of the greys, of 255) the bits are noise, not a picture.
_BLANK_BELOW = 5.0
# A drawing: so few colours (of 512) make up so much of the picture.
_DRAWING_COLOURS, _DRAWING_SHARE = 3, 0.9


def of_greys(greys: Sequence[int]) -> int:
    """The print of 72 greys (0 to 255), row by row, as an unsigned 64-bit number."""
    columns, rows = GRID
    bits = 0
    for row in range(rows):
        line = greys[row * columns : (row + 1) * columns]
        for left, right in pairwise(line):
            bits = bits << 1 | (left > right)
    return bits


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return (one ^ other).bit_count()


def signed(bits: int) -> int:
    """The print as databases hold it: a signed 64-bit number."""
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits


def unsigned(stored: int) -> int:
    return stored & ((1 << BITS) - 1)


def bands(bits: int) -> tuple[int, ...]:
    """The print cut into BANDS numbers of BAND_BITS bits, for the index."""
    return tuple(bits >> (BAND_BITS * index) & _BAND for index in reversed(range(BANDS)))


def near(band: int) -> list[int]:
    """A band's own value and all that differ in one bit.

    Seven wrong bits in four bands leave at least one band with no more than one: looking these 17 values up
    per band misses nothing within ALIKE_AT_MOST_BITS (multi-index hashing, Norouzi, Punjani, Fleet 2012).
    """
    return [band, *(band ^ 1 << bit for bit in range(BAND_BITS))]


def is_blank(greys: Sequence[int]) -> bool:
    """Whether there is next to nothing to see: a wall, a finger, a sheet of paper."""
    mean = sum(greys) / len(greys)
    return (sum((grey - mean) ** 2 for grey in greys) / len(greys)) ** 0.5 < _BLANK_BELOW


def is_drawing(colour_counts: Sequence[int]) -> bool:
    """Whether a few flat colours make up the picture, as in a logo, a letterhead or a notice.

    `colour_counts`: how many pixels each of the coarse colours (8 steps a channel) has.
    """
    total = sum(colour_counts)
    most = sorted(colour_counts, reverse=True)[:_DRAWING_COLOURS]
    return total > 0 and sum(most) >= _DRAWING_SHARE * total
