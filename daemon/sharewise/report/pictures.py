"""Pictures as a report shows them: cut where a page ends, or blurred beyond recognition."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 250_000_000
"""A larger picture is not opened: it would take a gigabyte of memory."""
MAX_WIDTH = 1200
"""Pixels in the report; 170 mm of paper show no more."""
MAX_SLICES = 40
JPEG_QUALITY = 82
BLURRED_WIDTH = 24
"""What is left of a blurred picture, stretched again: shapes of colour, no face and no word."""
SEARCHED_SHARE = 0.12
"""How much of a slice's end is looked at for a place to cut."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a picture that fits on a page."""

    jpeg: bytes
    width: int
    height: int
    """In pixels."""
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Slices:
    """A picture cut into pages."""

    slices: tuple[Slice, ...]
    width: int
    height: int
    """Of the picture itself."""
    is_cut_off: bool
    """Whether the picture goes on below the last slice."""


class NotShownError(Exception):
    """A picture cannot be shown; the text says why, as the end of a sentence."""


def slices_of(file: BinaryIO, *, tallest: float, first_tallest: float, is_blurred: bool) -> Slices:
    """Return the picture cut into parts of at most `tallest` times its width.

    The first part has to fit beside text, so it may have another bound. Raises NotShownError.
    """
    with _opened(file) as whole:
        width, height = whole.size
        if is_blurred:
            return _blurred(whole, first_tallest)
        scaled = _scaled(whole)
        cuts = list(_cuts(scaled, tallest, first_tallest))
        shown = cuts[:MAX_SLICES]
        parts = tuple(
            Slice(_jpeg(part), part.width, part.height, number, len(shown))
            for number, (begin, end) in enumerate(shown, start=1)
            for part in [scaled.crop((0, begin, scaled.width, end))]
        )
        return Slices(parts, width, height, is_cut_off=len(cuts) > len(shown))


def _opened(file: BinaryIO) -> Image:
    from PIL import Image, UnidentifiedImageError  # costs a tenth of a second

    try:
        with_limits = Image.open(file, formats=("PNG", "JPEG", "WEBP"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise NotShownError("it cannot be opened") from error
    if with_limits.width * with_limits.height > MAX_PIXELS:
        with_limits.close()
        raise NotShownError("it is too large to be printed")
    return with_limits


def _scaled(whole: Image) -> Image:
    """Return the picture in plain RGB, no wider than the report shows."""
    from PIL import Image

    try:
        flat = whole.convert("RGB") if whole.mode not in {"RGBA", "LA", "PA", "P"} else None
        if flat is None:
            over = whole.convert("RGBA")
            flat = Image.new("RGB", whole.size, "white")
            flat.paste(over, mask=over.getchannel("A"))
    except (OSError, SyntaxError, ValueError) as error:
        raise NotShownError("it is damaged") from error
    if flat.width > MAX_WIDTH:
        height = max(1, round(flat.height * MAX_WIDTH / flat.width))
        flat = flat.resize((MAX_WIDTH, height), Image.Resampling.LANCZOS)
    return flat


def _blurred(whole: Image, tallest: float) -> Slices:
    """Return one slice that shows nothing but where something is."""
    from PIL import Image, ImageFilter

    scaled = _scaled(whole)
    top = scaled.crop((0, 0, scaled.width, min(scaled.height, int(scaled.width * tallest))))
    small = top.resize(
        (BLURRED_WIDTH, max(1, round(BLURRED_WIDTH * top.height / top.width))), Image.Resampling.BOX
    )
    size = (400, max(1, round(400 * top.height / top.width)))
    soft = small.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(12))
    one = Slice(_jpeg(soft), *size, number=1, count=1)
    return Slices((one,), *whole.size, is_cut_off=top.height < scaled.height)


def _cuts(picture: Image, tallest: float, first_tallest: float) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each slice, in rows; a cut goes where the rows are most alike."""
    begin = 0
    limit = max(1, int(picture.width * first_tallest))
    while begin < picture.height:
        end = min(picture.height, begin + limit)
        if end < picture.height:
            end = _quietest(picture, begin + int(limit * (1 - SEARCHED_SHARE)), end)
        yield begin, end
        begin = end
        limit = max(1, int(picture.width * tallest))


def _quietest(picture: Image, low: int, high: int) -> int:
    """Return the row in which the fewest pixels differ from their neighbours: between lines."""
    from PIL import Image, ImageChops

    if high - low < 3:
        return high
    strip = picture.crop((0, low, picture.width, high)).convert("L")
    moved = ImageChops.offset(strip, 1, 0)
    busy = ImageChops.difference(strip, moved).resize((1, strip.height), Image.Resampling.BOX)
    rows = list(busy.tobytes())
    best = min(range(len(rows)), key=lambda row: (rows[row], -row))
    return low + best + 1


def _jpeg(picture: Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return content.getvalue()
