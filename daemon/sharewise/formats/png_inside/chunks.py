"""Walk the chunks of a PNG: their headers, not their contents. Source: PNG (W3C, 2025), 5."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Span, Steps
from sharewise.formats.reading import Reader

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNKS_LIMIT = 200_000

_HEADER = struct.Struct(">I4s")
_IHDR = struct.Struct(">IIBBBBB")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_DATA = (b"IDAT", b"fdAT")
_AHEAD = 256
_BUFFER_BYTES = 1024
"""Writers fill a buffer of so many bytes, or a multiple of it, for each data chunk."""
_AHEAD_BYTES = 16
_GLANCE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `length` is that of its data, `offset` that of its length field."""

    kind: bytes
    offset: int
    length: int

    @property
    def data(self) -> Span:
        """What is in it."""
        return Span(self.offset + 8, self.length)

    @property
    def whole(self) -> Span:
        """All of it: length, kind, data, CRC."""
        return Span(self.offset, self.length + 12)

    @property
    def name(self) -> str:
        """Its kind, as text."""
        return self.kind.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Shape:
    """What IHDR says of the picture."""

    width: int
    height: int
    bits: int
    """Bits of a pixel."""
    colour: int
    is_interlaced: bool

    def raw_bytes(self, width: int, height: int) -> int:
        """Return the bytes of filtered rows that a picture or frame of this size inflates to."""
        if not self.is_interlaced:
            return height * (1 + (width * self.bits + 7) // 8)
        total = 0
        for left, top, across, down in _PASSES:
            columns = max(0, -(-(width - left) // across))
            rows = max(0, -(-(height - top) // down))
            if columns:
                total += rows * (1 + (columns * self.bits + 7) // 8)
        return total


def chunk_of(kind: bytes, data: bytes) -> bytes:
    """Return a chunk."""
    return _HEADER.pack(len(data), kind) + data + crc_of(zlib.crc32(data, zlib.crc32(kind)))


def crc_of(value: int) -> bytes:
    """Return a CRC as it stands in a file."""
    return value.to_bytes(4, "big")


def read_shape(reader: Reader, chunk: Chunk, path: str) -> Steps[Shape]:
    """Return what IHDR says. Raises Malformed unless it is as every decoder wants it."""
    data = yield from reader.read(chunk.offset + 8, chunk.length, path)
    if chunk.kind != b"IHDR" or len(data) != _IHDR.size:
        raise Malformed(path=path, at_byte=chunk.offset, why="it does not begin with its header")
    width, height, depth, colour, method, filters, interlace = _IHDR.unpack(data)
    is_right = (
        0 < width < 2**31
        and 0 < height < 2**31
        and depth in (1, 2, 4, 8, 16)
        and colour in _CHANNELS
        and method == filters == 0
        and interlace in (0, 1)
    )
    if not is_right:
        raise Malformed(path=path, at_byte=chunk.offset + 8, why="its header makes no sense")
    return Shape(width, height, depth * _CHANNELS[colour], colour, interlace == 1)


def walk(reader: Reader, path: str) -> Steps[list[Chunk]]:
    """Return every chunk up to IEND. Raises Malformed where the chain breaks off."""
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while True:
        header = reader.have(at, 8)
        if header is None:
            header = yield from _read_header(reader, chunks, at, path)
        length, kind = _HEADER.unpack(header)
        if length >= 2**31 or not kind.isalpha() or not kind.isascii():
            raise Malformed(path=path, at_byte=at, why="this is no chunk")
        chunk = Chunk(kind, at, length)
        reader.require(at, length + 12, f"{path}/{chunk.name}")
        chunks.append(chunk)
        if kind == b"IEND":
            return chunks
        if len(chunks) == CHUNKS_LIMIT:
            raise Malformed(path=path, at_byte=at, why="more chunks than a picture has")
        at += length + 12


def _read_header(reader: Reader, chunks: list[Chunk], at: int, path: str) -> Steps[bytes]:
    """Read the header at `at`; while the data chunks are all of one size, many ahead at once."""
    if chunks and chunks[-1].kind in _DATA:
        length = chunks[-1].length
        step = length + 12
        is_like_the_last = len(chunks) > 1 and chunks[-2].length == length
        is_regular = is_like_the_last or (length > 0 and length % _BUFFER_BYTES == 0)
        count = min(_AHEAD, (reader.size - at) // step + 1) if is_regular else 1
        spans = (Span(at + index * step, _AHEAD_BYTES) for index in range(count))
        yield from reader.prefetch(spans)
        data = yield from reader.glance(at, 8, _AHEAD_BYTES, path)
    else:
        data = yield from reader.glance(at, 8, _GLANCE_BYTES, path)
    return data[:8]
