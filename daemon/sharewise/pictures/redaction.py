"""Blacks parts of a picture out: the pixels themselves are gone, nothing lies underneath."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

MAX_BOXES = 1000
MAX_PIXELS = 250_000_000


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels from the picture's upper left corner; may reach over its edges."""

    x: int
    y: int
    width: int
    height: int


def redacted(file: BinaryIO, areas: Sequence[Area]) -> bytes:
    """Return a new PNG of the picture's pixels with the areas in black, and nothing else.

    No metadata, no profile, no transparency and no second frame of the original is in it.
    Raises SharewiseError: INVALID_PARAMS for areas that cover nothing of the picture, BAD_PART
    for what is no picture, TOO_LARGE.
    """
    from PIL import Image, UnidentifiedImageError  # loads for a tenth of a second

    if not 0 < len(areas) <= MAX_BOXES:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS, f"Mark between 1 and {MAX_BOXES} places to black out."
        )
    try:
        with Image.open(file, formats=("PNG",)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise SharewiseError(
                    ErrorCode.TOO_LARGE, "This picture is too large to be redacted here."
                )
            flat = Image.new("RGB", opened.size, "white")
            over = opened.convert("RGBA")
            flat.paste(over, mask=over.getchannel("A"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise SharewiseError(
            ErrorCode.BAD_PART, "This file is no picture that can be redacted."
        ) from error
    for area in areas:
        box = (
            max(0, area.x),
            max(0, area.y),
            min(flat.width, area.x + area.width),
            min(flat.height, area.y + area.height),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            raise SharewiseError(
                ErrorCode.INVALID_PARAMS,
                "One of the marked places lies outside the picture. Nothing was made.",
            )
        flat.paste((0, 0, 0), box)
    content = io.BytesIO()
    flat.save(content, "PNG", compress_level=6)
    return content.getvalue()
