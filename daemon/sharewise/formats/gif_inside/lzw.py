"""Walk the codes of a GIF's picture: where they end, and which colours they name.

Nothing is drawn: the lengths of the strings that codes stand for say how many dots there are.
Source: GIF89a specification (CompuServe, 1990), appendix F.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CODE_BITS = 12
"""No code is longer."""
_SIZES = range(1, 9)
_RUN_CODES = 1024


@dataclass(frozen=True, slots=True)
class Walked:
    """What the codes of one picture say."""

    used_bytes: int
    """Bytes up to the end of the last code that decoders read."""
    colours: frozenset[int]
    """The places in the table of colours that dots have."""
    is_damaged: bool = False
    """Whether a code stands for nothing."""


def walk_codes(data: bytes, code_size: int, dots: int) -> Walked:
    """Return where the codes end that give so many dots; `data` are the joined sub-blocks."""
    if code_size not in _SIZES:
        return Walked(0, frozenset(), is_damaged=True)
    clear = 1 << code_size
    end = clear + 1
    fresh = [1] * clear + [0, 0]
    lengths = list(fresh)
    colours: set[int] = set()
    left, bit, width, before = dots, 0, code_size + 1, 0
    total = 8 * len(data)
    while left > 0 and bit + width <= total:
        count = min(_RUN_CODES, (total - bit) // width, _until_wider(len(lengths), width, before))
        for code in _codes(data, bit, width, count):
            bit += width
            if code == clear:
                lengths, before, width = list(fresh), 0, code_size + 1
                break
            if code == end:
                return Walked((bit + 7) // 8, frozenset(colours))
            if code > len(lengths) or (code == len(lengths) and not before):
                return Walked((bit + 7) // 8, frozenset(colours), is_damaged=True)
            if before and len(lengths) < 1 << CODE_BITS:
                lengths.append(before + 1)
            if code < clear:
                colours.add(code)
            before = lengths[code]
            left -= before
            if left <= 0:
                break
        if len(lengths) == 1 << width and width < CODE_BITS:
            width += 1
    return Walked(_with_end((bit + 7) // 8, data, bit, width, end), frozenset(colours))


def _until_wider(known: int, width: int, before: int) -> int:
    """Return how many codes there are until they get longer."""
    return max(1, (1 << width) - known + (0 if before else 1)) if width < CODE_BITS else 1 << 30


def _codes(data: bytes, bit: int, width: int, count: int) -> Iterator[int]:
    """Yield codes of one width from a place, counted in bits; the lowest bits come first."""
    start, stop = bit // 8, (bit + width * count + 7) // 8
    number = int.from_bytes(data[start:stop], "little") >> bit % 8
    digits = f"{number & (1 << width * count) - 1:0{width * count}b}"
    for at in range(len(digits), 0, -width):
        yield int(digits[at - width : at], 2)


def _with_end(used: int, data: bytes, bit: int, width: int, end: int) -> int:
    """Return the bytes used with the code that ends the picture, if it stands there."""
    if bit + width > 8 * len(data):
        return used
    (code,) = _codes(data, bit, width, 1)
    return (bit + width + 7) // 8 if code == end else used
