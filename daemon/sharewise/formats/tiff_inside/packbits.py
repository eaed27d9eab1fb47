"""Tell where packed strips (PackBits) end: what stands behind the last run draws nothing.

Source: TIFF 6.0, section 9.
"""

from __future__ import annotations

from collections.abc import Sequence

from sharewise.formats.contract import Span, Steps
from sharewise.formats.reading import Reader

COMPRESSION = 32773
UNPACKED_BYTES = 4 * 1024 * 1024
"""The most packed bytes of one file that are walked through, run by run."""
_NOTHING = 128


def shortened(
    reader: Reader, pixels: Sequence[Span], sizes: Sequence[int], path: str
) -> Steps[list[Span] | None]:
    """Return the pieces as far as they hold `sizes` bytes once they are unpacked.

    None if a run goes on past that: then bytes that draw nothing stand amid those that do. Pieces
    that are too many to be walked through, or hold less than they should, stay as they are.
    """
    if len(sizes) != len(pixels) or sum(span.length for span in pixels) > UNPACKED_BYTES:
        return list(pixels)
    found: list[Span] = []
    for span, size in zip(pixels, sizes, strict=True):
        data = b"".join((yield from reader.stream((span,), path)))
        end = end_of(data, size)
        if end is None:
            return None
        found.append(Span(span.offset, end))
    return found


def end_of(data: bytes, size: int) -> int | None:
    """Return how many bytes of packed data come to `size`, all if they come to less.

    None if the last run that is needed goes on past it.
    """
    at = unpacked = 0
    while unpacked < size and at < len(data):
        count = data[at]
        if count < _NOTHING:
            at += 2 + count
            unpacked += 1 + count
        elif count > _NOTHING:
            at += 2
            unpacked += 257 - count
        else:
            at += 1
    return None if unpacked > size else min(at, len(data))
