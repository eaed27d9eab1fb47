"""Take out of a font what its makers noted: names, notices, dates. No letter changes.

Source: ISO/IEC 14496-22:2019 (OpenType), 4.5 and 5.2; Adobe Type 1 Font Format, 2 (Type 1);
Adobe Technical Note 5176 (CFF).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

_TABLES = frozenset(
    {
        *(b"cmap", b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep"),
        *(b"post", b"OS/2", b"vhea", b"vmtx", b"VORG", b"gasp", b"CFF ", b"GSUB", b"GDEF", b"GPOS"),
        *(b"hdmx", b"LTSH", b"VDMX", b"kern", b"mort"),
    }
)
_DATES = slice(20, 36)
"""Where `head` says when a font was made and changed."""
_SFNT = frozenset({b"\0\1\0\0", b"true", b"OTTO"})
_NOTES = re.compile(
    rb"/(?:Notice|Copyright|FullName|FamilyName|version)[ \t\r\n]*"
    rb"\(([^()\\]*+(?:(?:\\.|\([^()]*\))[^()\\]*+)*)\)"
)
_COMMENT = re.compile(rb"(?<=[\r\n])%[^\r\n]*")
_TEXTS = frozenset({0, 1, 2, 3, 0x0C00, 0x0C15, 0x0C16})
"""Operators of a CFF font whose number is that of a text: notices and names."""
_STANDARD_TEXTS = 391
_OPERANDS_LIMIT = 600


def without_notes(data: bytes) -> bytes | None:
    """Return a font without its notes, or None if it is not understood."""
    try:
        if data[:4] in _SFNT:
            return _sfnt(data)
        if data.startswith(b"%!"):
            return _type1(data)
        if data[:1] == b"\1" and len(data) > 4:
            return _cff(data)
    except (struct.error, IndexError, ValueError):
        return None
    return None


def _sfnt(data: bytes) -> bytes:
    count = struct.unpack_from(">H", data, 4)[0]
    tables: list[tuple[bytes, int, bytes]] = []
    for index in range(count):
        tag, checksum, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if tag not in _TABLES:
            continue
        table = data[offset : offset + length]
        if len(table) != length:
            raise ValueError
        if tag == b"head" and any(table[_DATES]):
            table = table[:20] + bytes(16) + table[36:]
            checksum = _checksum(table)
        if tag == b"CFF ":
            table = _cff(table)
        tables.append((tag, checksum, table))
    power = max(len(tables), 1).bit_length() - 1
    search = 16 << power
    at = 12 + 16 * len(tables)
    head = struct.pack(">4sHHHH", data[:4], len(tables), search, power, 16 * len(tables) - search)
    directory, body = [head], []
    for tag, checksum, table in tables:
        directory.append(struct.pack(">4sIII", tag, checksum, at, len(table)))
        padded = table + bytes(-len(table) % 4)
        body.append(padded)
        at += len(padded)
    return b"".join((*directory, *body))


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    numbers: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(numbers) & 0xFFFFFFFF


def _type1(data: bytes) -> bytes:
    """Blank the notes of a Type 1 font where they stand; no length changes."""
    end = data.find(b"eexec")
    if end < 0:
        raise ValueError
    clear = bytearray(data[:end])
    for found in _NOTES.finditer(data, 0, end):
        clear[found.start(1) : found.end(1)] = b" " * (found.end(1) - found.start(1))
    for found in _COMMENT.finditer(bytes(clear)):
        clear[found.start() : found.end()] = b"%" + b" " * (found.end() - found.start() - 1)
    return bytes(clear) + data[end:]


def _cff(data: bytes) -> bytes:
    """Blank the names and notices of a CFF font where they stand; no length changes."""
    names, at = _index(data, data[2])
    tops, at = _index(data, at)
    texts, _ = _index(data, at)
    blank = bytearray(data)
    for start, end in names:
        blank[start:end] = b"A" * (end - start)
    for start, end in tops:
        for number in _texts_of(data[start:end]):
            place = number - _STANDARD_TEXTS
            if 0 <= place < len(texts):
                first, last = texts[place]
                blank[first:last] = b" " * (last - first)
    return bytes(blank)


def _index(data: bytes, at: int) -> tuple[list[tuple[int, int]], int]:
    """Return where the parts of an index lie, and where the index ends."""
    count = struct.unpack_from(">H", data, at)[0]
    if count == 0:
        return [], at + 2
    size = data[at + 2]
    if not 1 <= size <= 4 or at + 3 + (count + 1) * size > len(data):
        raise ValueError
    offsets = [
        int.from_bytes(data[at + 3 + n * size : at + 3 + (n + 1) * size]) for n in range(count + 1)
    ]
    base = at + 2 + (count + 1) * size
    if offsets != sorted(offsets) or offsets[0] < 1 or base + offsets[-1] > len(data):
        raise ValueError
    places = [(base + a, base + b) for a, b in pairwise(offsets)]
    return places, base + offsets[-1]


def _texts_of(top: bytes) -> Iterator[int]:
    """Yield the numbers of the texts that a top dictionary names."""
    at, last = 0, -1
    for _ in range(_OPERANDS_LIMIT):
        if at >= len(top):
            return
        byte = top[at]
        at += 1
        if byte <= 21:
            operator = byte
            if byte == 12:
                operator = 0x0C00 | top[at]
                at += 1
            if operator in _TEXTS:
                yield last
        elif byte == 28:
            last = int.from_bytes(top[at : at + 2], signed=True)
            at += 2
        elif byte == 29:
            last = int.from_bytes(top[at : at + 4], signed=True)
            at += 4
        elif byte == 30:
            while top[at] & 0x0F != 0x0F and top[at] >> 4 != 0x0F:
                at += 1
            at += 1
        elif byte <= 246:
            last = byte - 139
        elif byte <= 250:
            last = (byte - 247) * 256 + top[at] + 108
            at += 1
        elif byte <= 254:
            last = -(byte - 251) * 256 - top[at] - 108
            at += 1
