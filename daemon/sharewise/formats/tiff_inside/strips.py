"""See what is hidden in strips and tiles: behind a packed stream, in pieces that are too many.

Source: TIFF 6.0, sections 3, 14 and 15; TIFF Technical Note 3 draft (deflate).
"""

from __future__ import annotations

from collections.abc import Sequence

from sharewise.formats.coded import ends_in_words
from sharewise.formats.contract import Inflate, Span, Steps
from sharewise.formats.engine import BATCH_REQUESTS
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import jpegs, tags
from sharewise.formats.tiff_inside.walk import Directory, Scheme, numbers

_DEFLATED = frozenset({8, 32946})
_PLAIN = frozenset({1, 32773}) | jpegs.COMPRESSIONS
"""Of these every byte is counted, or their ends look like words when the picture does."""
_LAST_BYTES = 48
_BITS_LIMIT = 64


def hides_bytes(
    reader: Reader, scheme: Scheme, directory: Directory, pixels: Sequence[Span], path: str
) -> Steps[bool]:
    """Return whether the pixels of a directory hold bytes that no decoder reads."""
    if _has_too_many(scheme, directory):
        return True
    compression = directory.number(scheme, tags.COMPRESSION, 1)
    if compression in _DEFLATED:
        entry = directory.find(tags.BITS)
        depths: tuple[int, ...] = (1,)
        if entry is not None:
            depths = yield from numbers(reader, scheme, entry, path)
        limit = _piece_bytes(scheme, directory, max(depths, default=_BITS_LIMIT))
        for first in range(0, len(pixels), BATCH_REQUESTS):
            batch = pixels[first : first + BATCH_REQUESTS]
            sizes = yield tuple(Inflate((span,), limit) for span in batch)
            if any(size is None for size in sizes):
                return True
    elif compression not in _PLAIN:
        ends = [_end(span) for span in pixels]
        for data in (yield from reader.read_all(ends, path)):
            if ends_in_words(data):
                return True
    return False


def _end(span: Span) -> Span:
    length = min(_LAST_BYTES, span.length)
    return Span(span.offset + span.length - length, length)


def _piece_bytes(scheme: Scheme, directory: Directory, bits: int) -> int:
    """Return the most that one piece may hold once it is unpacked."""
    width = directory.number(scheme, tags.TILE_WIDTH, directory.number(scheme, tags.WIDTH, 1))
    height = directory.number(scheme, tags.HEIGHT, 1)
    rows = directory.number(
        scheme, tags.TILE_HEIGHT, min(directory.number(scheme, tags.ROWS, height), height)
    )
    samples = directory.number(scheme, tags.SAMPLES, 1)
    planes = samples if directory.number(scheme, tags.PLANAR, 1) == 2 else 1
    return rows * -(-width * bits * samples // planes // 8)


def _has_too_many(scheme: Scheme, directory: Directory) -> bool:
    """Return whether there are more strips or tiles than the picture takes."""
    width = directory.number(scheme, tags.WIDTH, 0)
    height = directory.number(scheme, tags.HEIGHT, 0)
    samples = directory.number(scheme, tags.SAMPLES, 1)
    planes = samples if directory.number(scheme, tags.PLANAR, 1) == 2 else 1
    strips, tiles = directory.find(tags.STRIP_OFFSETS), directory.find(tags.TILE_OFFSETS)
    if strips is not None and height:
        rows = min(directory.number(scheme, tags.ROWS, height), height)
        return bool(rows) and strips.count > planes * -(-height // rows)
    across = directory.number(scheme, tags.TILE_WIDTH, 0)
    down = directory.number(scheme, tags.TILE_HEIGHT, 0)
    if tiles is None or not (width and height and across and down):
        return False
    return tiles.count > planes * -(-width // across) * -(-height // down)
