"""Look into the pictures of a GIF for bytes behind their codes, and for words in colours.

Source: GIF89a specification (CompuServe, 1990), 18 to 22.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.coded import are_words
from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.gif_inside.lzw import walk_codes
from sharewise.formats.metadata.words import amount
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader

CODES_BYTES = 32 * 1024 * 1024
"""The most that is looked through of all pictures of a file."""
_DESCRIPTOR = struct.Struct("<BHHHHB")
_EMPTY_BYTES = 8
"""Zeros behind the codes up to here are padding that some encoders write."""


@dataclass(slots=True)
class Table:
    """A table of colours and which of them dots have."""

    place: Span
    used: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Looked:
    """What a look into the pictures found."""

    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    read_bytes: int = 0

    @property
    def is_too_much(self) -> bool:
        """Whether there was more than is looked through."""
        return self.read_bytes > CODES_BYTES


def look_into(reader: Reader, looked: Looked, block: Span, shared: Table, path: str) -> Steps[None]:
    """Look into one picture. Raises Malformed if its codes make no sense."""
    looked.read_bytes += block.length
    if looked.is_too_much:
        return
    data = b"".join((yield from reader.stream((block,), path)))
    _, _, _, width, height, flags = _DESCRIPTOR.unpack_from(data)
    if not width or not height:
        raise Malformed(path=path, at_byte=block.offset, why="a picture in it has no size")
    table = shared
    at = _DESCRIPTOR.size
    if flags & 0x80:
        length = 3 << (flags & 7) + 1
        table = Table(Span(block.offset + at, length))
        looked.tables.append(table)
        at += length
    parts = _sub_blocks(data, at + 1)
    ends = parts[-1][0] + parts[-1][1] if parts else at + 1
    if ends != len(data) - 1:
        raise Malformed(path=path, at_byte=block.offset + at, why="a picture in it breaks off")
    codes = b"".join(data[start : start + length] for start, length in parts)
    walked = walk_codes(codes, data[at], width * height)
    if walked.is_damaged:
        raise Malformed(path=path, at_byte=block.offset + at, why="a picture in it is damaged")
    table.used |= walked.colours
    extra = codes[walked.used_bytes :]
    if len(extra) <= _EMPTY_BYTES and not any(extra):
        return
    looked.cuts += _shortened(block, parts, walked.used_bytes)
    what = f"Hides bytes inside the data of the picture ({amount(len(extra))})"
    looked.findings.append(Finding(Kind.OTHER, f"{path}/picture", what, spans=(block,)))


def _sub_blocks(data: bytes, at: int) -> list[tuple[int, int]]:
    """Return (start, length) of the contents of each sub-block."""
    parts: list[tuple[int, int]] = []
    while at < len(data) and data[at]:
        parts.append((at + 1, data[at]))
        at += 1 + data[at]
    return parts


def _shortened(block: Span, parts: list[tuple[int, int]], used: int) -> list[Cut]:
    """Return the cuts that leave so many bytes of codes; none of them moves within its block."""
    for start, length in parts:
        if used < length:
            at, end = block.offset + start, block.offset + block.length
            if not used:
                return [Cut(at - 1, end - at + 1, b"\0")]
            return [Cut(at - 1, 1, bytes([used])), Cut(at + used, end - at - used, b"\0")]
        used -= length
    return []


def words_in(reader: Reader, looked: Looked, table: Table, path: str) -> Steps[None]:
    """Empty the colours of a table that no dot has and that are words."""
    colours = yield from reader.read(table.place.offset, table.place.length, path)
    count = len(colours) // 3
    start = 0
    while start < count:
        end = start
        while end < count and end not in table.used:
            end += 1
        unused = colours[3 * start : 3 * end]
        if are_words(unused):
            place = Span(table.place.offset + 3 * start, len(unused))
            looked.cuts.append(Cut(place.offset, place.length, bytes(place.length)))
            what = "Words are hidden among the colours"
            looked.findings.append(Finding(Kind.OTHER, f"{path}/colours", what, spans=(place,)))
        start = end + 1
