"""PDQ: 256 bits that stay nearly the same when a picture is resized or saved again.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019),
2 and 3. Written with Pillow alone: `pdqhash` comes as source without wheels for every system, and
numpy for one small matrix would weigh more than the rest of the program. The bench holds it
against `pdqhash`.
"""

from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image

BITS = 256
MAX_DISTANCE = 31
"""Bits in which two hashes of one picture differ at most. Source: the same paper, 3.4."""
MIN_QUALITY = 50
"""Of 100; below it a picture is so plain that its hash says nothing. Source: the same, 3.3."""
MAX_PIXELS = 120_000_000
MIN_SIDE = 32

TRIMS: tuple[tuple[float, float, float, float], ...] = (
    *((share, share, share, share) for share in (0.02, 0.04, 0.06, 0.08, 0.1, 0.12)),
    *((share, 0, 0, 0) for share in (0.04, 0.08, 0.12, 0.16)),
    *((0, share, 0, 0) for share in (0.04, 0.08, 0.12, 0.16)),
    *((0, 0, share, 0) for share in (0.04, 0.08, 0.12, 0.16)),
    *((0, 0, 0, share) for share in (0.04, 0.08, 0.12, 0.16)),
)
"""Shares that are cut off left, above, right and below for the fingerprints of a known picture:
PDQ itself forgives hardly two of a hundred."""

_SIDE = 64
_COEFFICIENTS = 16


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a picture; the picture cannot be drawn from it."""

    hash: bytes
    """32 bytes."""
    quality: int
    """0 to 100: how much there is in the picture to tell it by."""

    @property
    def is_telling(self) -> bool:
        """Whether a match with it means anything."""
        return self.quality >= MIN_QUALITY


def distance(one: bytes, other: bytes) -> int:
    """Return in how many bits two hashes differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def nearest(known: bytes, seen: bytes) -> int:
    """Return the smallest distance of a hash to those that `known_hashes` gave for a picture."""
    size = BITS // 8
    return min(distance(known[at : at + size], seen) for at in range(0, len(known), size))


def known_hashes(file: BinaryIO) -> bytes | None:
    """Return the hashes of a picture of the person's and of its trimmed copies, one after another.

    None for what is no picture, too small, too large, or too plain for a match to mean anything.
    """
    grey = _opened(file)
    if grey is None:
        return None
    whole = _fingerprint(grey)
    if not whole.is_telling:
        return None
    width, height = grey.size
    trimmed = (
        grey.crop(
            (
                round(width * left),
                round(height * above),
                round(width * (1 - right)),
                round(height * (1 - below)),
            )
        )
        for left, above, right, below in TRIMS
    )
    return whole.hash + b"".join(_fingerprint(one).hash for one in trimmed)


def fingerprint(file: BinaryIO) -> Fingerprint | None:
    """Return a picture's fingerprint, None for what is no picture, too small or too large."""
    grey = _opened(file)
    return None if grey is None else _fingerprint(grey)


def _opened(file: BinaryIO) -> Image | None:
    """Return the picture as it is seen, in grey."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # loads for 0.1 s

    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")) as opened:
            width, height = opened.size
            if min(width, height) < MIN_SIDE or width * height > MAX_PIXELS:
                return None
            opened.draft("L", (8 * _SIDE, 8 * _SIDE))
            upright = ImageOps.exif_transpose(opened)
            return _luminance(upright)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _luminance(picture: Image) -> Image:
    """Return the picture in grey, on white where it can be seen through."""
    from PIL import Image

    if "A" in picture.getbands() or "transparency" in picture.info:
        over = picture.convert("RGBA")
        flat = Image.new("RGB", over.size, "white")
        flat.paste(over, mask=over.getchannel("A"))
        picture = flat
    return picture.convert("RGB").convert("L") if picture.mode != "L" else picture


def _fingerprint(grey: Image) -> Fingerprint:
    rows = _samples(grey)
    matrix = _cosines()
    by_columns = [
        [_dot(weights, column) for column in zip(*rows, strict=True)] for weights in matrix
    ]
    found = [_dot(weights, row) for row in by_columns for weights in matrix]
    median = statistics.median_low(found)
    number = 0
    for value in found:
        number = number << 1 | (value > median)
    return Fingerprint(number.to_bytes(BITS // 8, "big"), _quality(rows))


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(map(mul, one, other))


def _samples(grey: Image) -> list[array[float]]:
    """Return 64 by 64 samples, 0 to 255.

    PDQ blurs with two boxes of a 128th of the side, which is a tent, and takes the middle of each
    64th. Scaling to 128ths with a tent does both; a half of one cut off at each end moves the
    centres to where they are taken, and every second is one.
    """
    from PIL import Image

    width, height = grey.size
    count = 2 * _SIDE - 1
    edge = (width / (4 * _SIDE), height / (4 * _SIDE))
    box = (edge[0], edge[1], width - edge[0], height - edge[1])
    small = grey.convert("F").resize((count, count), Image.Resampling.BILINEAR, box)
    values = array("f", small.tobytes())
    return [values[row * count : (row + 1) * count : 2] for row in range(0, count, 2)]


@cache
def _cosines() -> tuple[tuple[float, ...], ...]:
    """Return the rows 1 to 16 of the cosine transform; row 0, the mean, is not used."""
    scale = math.sqrt(2 / _SIDE)
    return tuple(
        tuple(
            scale * math.cos(math.pi / 2 / _SIDE * (row + 1) * (2 * column + 1))
            for column in range(_SIDE)
        )
        for row in range(_COEFFICIENTS)
    )


def _quality(rows: Sequence[Sequence[float]]) -> int:
    """Return how much neighbours differ, as the paper counts it."""
    total = 0
    for row in rows:
        total += sum(abs(int((a - b) * 100 / 255)) for a, b in pairwise(row))
    for upper, lower in pairwise(rows):
        total += sum(abs(int((a - b) * 100 / 255)) for a, b in zip(upper, lower, strict=True))
    return min(100, total // 90)
