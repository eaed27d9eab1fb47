"""A small picture of a capture, made in memory when it is sealed and encrypted like the rest."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from typing import BinaryIO

from sharewise.artefacts.png import sides_of_png

SIDES = (360, 240)
MAX_PIXELS = 60_000_000
MEDIA_TYPE = "image/webp"
SOURCES = ("screenshot-window.png", "screenshot-full.png")


def thumbnail_of(names: Collection[str], open_part: Callable[[str], BinaryIO]) -> bytes | None:
    """Return a WebP at most `SIDES` large of the first of `SOURCES` that there is and can be read.

    Pillow is imported here: the daemon's start must not pay for it.
    """
    from PIL import Image

    for name in SOURCES:
        if name not in names:
            continue
        with open_part(name) as content:
            sides = sides_of_png(content)
            if sides is None or not 0 < sides[0] * sides[1] <= MAX_PIXELS:
                continue
            content.seek(0)
            try:
                with Image.open(content, formats=("PNG",)) as opened:
                    picture = opened.convert("RGB")
            except (OSError, SyntaxError, ValueError):
                continue
        width, height = picture.size
        top = picture.crop((0, 0, width, min(height, width * SIDES[1] // SIDES[0] or 1)))
        top.thumbnail(SIDES)
        output = io.BytesIO()
        top.save(output, "WEBP", quality=60, method=2)
        return output.getvalue()
    return None


def size_of(thumbnail: bytes) -> tuple[int, int]:
    """Return width and height of a thumbnail of ours."""
    from PIL import Image

    with Image.open(io.BytesIO(thumbnail), formats=("WEBP",)) as opened:
        return opened.size
