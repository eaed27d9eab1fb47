"""Keep of the enciphered block of a Sony raw file the numbers of its colours, and nothing besides.

The first directory points at a private one, which says where the block is, how long, and with what
key it is enciphered. The block is a directory with its values, whose offsets count from the file's
start. It is deciphered, what is not needed becomes zero, and it is enciphered again with the same
key. Sources: the tag tables of ExifTool (Sony SR2); what LibRaw reads.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from sharewise.formats.coded import are_words
from sharewise.formats.contract import Span, Steps
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.keep import Kept
from sharewise.formats.tiff_inside.tags import Rule
from sharewise.formats.tiff_inside.walk import Directory, Scheme

PRIVATE = 50740
"""The tag that points at the private directory, DNGPrivateData by its number."""
BLOCK_AT, BLOCK_BYTES, KEY = 0x7200, 0x7201, 0x7221
POINTERS = {tag: Rule((4,)) for tag in (BLOCK_AT, BLOCK_BYTES, KEY)}
_BLOCK_LIMIT = 1 << 20
_COLOURS = range(0x7300, 0x8000)
_NUMBERS = frozenset({3, 4, 5, 8, 9, 10})
_VALUES_LIMIT = 64
_WORD = 0xFFFFFFFF


def offset_of(scheme: Scheme, page: Directory) -> int | None:
    """Return where the private directory is, or None if the page points at none."""
    entry = page.find(PRIVATE)
    if entry is None or entry.at is not None or entry.size != 4:
        return None
    return scheme.number(entry.field[:4])


def keep_colours(reader: Reader, scheme: Scheme, private: Kept, path: str) -> Steps[bool]:
    """Note how the block shall be; false if it cannot be told what it holds."""
    where = private.directory
    at, size = (where.number(scheme, tag, 0) for tag in (BLOCK_AT, BLOCK_BYTES))
    if len(private.entries) != len(POINTERS) or not 0 < size <= _BLOCK_LIMIT or size % 4:
        return False
    if at + size > reader.size:
        return False
    old = b"".join((yield from reader.stream((Span(at, size),), path)))
    key = where.number(scheme, KEY, 0)
    needed = _needed(scheme, enciphered(old, key), at)
    if needed is None:
        return False
    private.blocks.append((at, old, enciphered(needed, key)))
    return True


def enciphered(data: bytes, key: int) -> bytes:
    """Return data enciphered, or deciphered if it is: whole words, exclusive-or of a stream."""
    pad = [0] * 128
    for index in range(4):
        key = (key * 48828125 + 1) & _WORD
        pad[index] = key
    pad[3] = (pad[3] << 1 | (pad[0] ^ pad[2]) >> 31) & _WORD
    for index in range(4, 127):
        bits = (pad[index - 4] ^ pad[index - 2]) << 1 | (pad[index - 3] ^ pad[index - 1]) >> 31
        pad[index] = bits & _WORD
    words = []
    for index in range(127, 127 + len(data) // 4):
        word = pad[(index + 1) & 127] ^ pad[(index + 65) & 127]
        pad[index & 127] = word
        words.append(word)
    stream = int.from_bytes(struct.pack(f">{len(words)}I", *words), "big")
    return (int.from_bytes(data, "big") ^ stream).to_bytes(len(data), "big")


def _needed(scheme: Scheme, data: bytes, base: int) -> bytes | None:
    """Return a deciphered block with its colours only; None if it is no directory."""
    count = scheme.number(data[:2])
    end = 2 + 12 * count + 4
    if not count or end > len(data):
        return None
    rows: list[bytes] = []
    values: list[tuple[int, bytes]] = []
    for row in scheme.entry.iter_unpack(data[2 : end - 4]):
        tag, type_, number, field = row
        if tag not in _COLOURS or type_ not in _NUMBERS or not 0 < number <= _VALUES_LIMIT:
            continue
        size = tags.SIZE_OF_TYPE[type_] * number
        if size <= 4:
            rows.append(scheme.entry.pack(tag, type_, number, field[:size].ljust(4, b"\0")))
            continue
        start = scheme.number(field) - base
        value = data[start : start + size] if start >= end else b""
        if len(value) != size or are_words(value):
            return None
        rows.append(scheme.entry.pack(*row))
        values.append((start, value))
    return _written(scheme, rows, values, len(data)) if rows else None


def _written(
    scheme: Scheme, rows: Sequence[bytes], values: Sequence[tuple[int, bytes]], size: int
) -> bytes:
    block = bytearray(size)
    head = scheme.packed(len(rows), 2) + b"".join(rows)
    block[: len(head)] = head
    for start, value in values:
        block[start : start + len(value)] = value
    return bytes(block)
