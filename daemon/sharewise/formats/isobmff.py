"""The boxes of the ISO base media family (MP4, QuickTime, HEIF, AVIF) and edits that keep sizes.

Source: ISO/IEC 14496-12:2022, 4.2 (boxes), 8.1 (free space), 8.2 to 8.4 (times and handlers);
QuickTime File Format Specification (Apple).

Offsets in these files count from the beginning of the file, so nothing may move: an unwanted box
becomes a `free` box of zeros in its place (`freed`), a field is overwritten (`overwritten`), and
slack is filled with zeros (`blanked`). All three give cuts whose inserts are as long as what they
replace. Whatever these functions write is found harmless when the file is looked at again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sharewise.base.errors import Malformed
from sharewise.formats.contract import FindNonzero, Span, Steps
from sharewise.formats.engine import BATCH_REQUESTS
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader

BOXES_LIMIT = 65_536
"""The most boxes in one container or at the top of a file."""
BLANK_BYTES = 64 * 1024
"""The most zeros in one cut; longer stretches are several cuts that share the same zeros."""
GLANCE_BYTES = 4096
"""What is read where a header is not known yet: the headers of its neighbours come with it."""

PADDING = frozenset({b"free", b"skip", b"wide"})
"""Boxes that mean nothing; harmless if all their bytes are zero."""

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
_ZEROS = bytes(BLANK_BYTES)
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_UNIX_YEAR = 1970
_HANDLER_NAME_AT = 24
_HANDLER_TYPES = (b"mhlr", b"dhlr")


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `offset` is that of its header, `length` that of header and payload, in bytes."""

    kind: bytes
    offset: int
    header: int
    """The bytes before the payload: 8, 16 with a 64-bit size, 16 more in a `uuid` box."""
    length: int
    user_type: bytes = b""
    """The 16 bytes that name a `uuid` box."""
    is_open: bool = False
    """Whether it gives no size and reaches to the end of the file."""

    @property
    def start(self) -> int:
        """Where the payload begins."""
        return self.offset + self.header

    @property
    def end(self) -> int:
        """Where the next box begins."""
        return self.offset + self.length

    @property
    def size(self) -> int:
        """The bytes of the payload."""
        return self.length - self.header

    @property
    def span(self) -> Span:
        """The whole box."""
        return Span(self.offset, self.length)

    @property
    def name(self) -> str:
        """The type, fit to be shown: it comes from outside."""
        return shown(self.kind)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of a stretch in file order, and what follows the last one in it."""

    boxes: tuple[Box, ...]
    rest: Span
    """Bytes up to the end of the stretch that are no box; of length 0 where there are none."""

    def first(self, kind: bytes) -> Box | None:
        """Return the first box of this type, or None."""
        return next((box for box in self.boxes if box.kind == kind), None)


def shown(kind: bytes) -> str:
    """Return a four-character code for a place in the structure."""
    return "".join(
        chr(byte) if 32 < byte < 127 and byte != 0x2F else "©" if byte == 0xA9 else "?"
        for byte in kind.rstrip(b" ")
    )


def brands(head: bytes) -> tuple[bytes, ...]:
    """Return the brands of a file that begins with `ftyp`, the major one first, else nothing."""
    if head[4:8] != b"ftyp":
        return ()
    length = min(int.from_bytes(head[:4], "big"), len(head), 1024)
    compatible = range(16, length - 3, 4)
    return (head[8:12], *(head[at : at + 4] for at in compatible)) if length >= 16 else ()


def walk(
    reader: Reader, start: int, end: int, path: str, *, glance_bytes: int = GLANCE_BYTES
) -> Steps[Boxes]:
    """Return the boxes of a container whose payload is [start, end).

    A size that is too small or passes the end makes what is left the `rest`: some programs end a
    container with a few zeros, others with broken boxes, and players skip both.
    """
    boxes: list[Box] = []
    at = start
    while end - at >= _HEADER.size:
        box = yield from read_box(reader, at, end, path, glance_bytes=glance_bytes)
        if box is None or box.is_open:
            break
        if len(boxes) == BOXES_LIMIT:
            raise Malformed(path=path, at_byte=at, why="it has too many boxes")
        boxes.append(box)
        at = box.end
    return Boxes(tuple(boxes), Span(at, max(0, end - at)))


def walk_top(
    reader: Reader, path: str, needed: Iterable[bytes], *, limit: int, glance_bytes: int
) -> Steps[Boxes]:
    """Return the boxes of a file, `limit` at most; what is no box at its end is the `rest`.

    Raises Malformed if one of the types in `needed` breaks off: the file is cut short.
    """
    whole = frozenset(needed)
    boxes: list[Box] = []
    at = 0
    while reader.size - at >= _HEADER.size and len(boxes) < limit:
        box = yield from read_box(reader, at, reader.size, path, glance_bytes=glance_bytes)
        if box is None:
            header = yield from reader.read(at, _HEADER.size, path)
            if header[4:8] in whole:
                where = f"{path}/{shown(header[4:8])}"
                raise Malformed(path=where, at_byte=at, why="it breaks off before its end")
            break
        if box.is_open and box.kind not in whole:
            break
        boxes.append(box)
        at = box.end
    return Boxes(tuple(boxes), Span(at, reader.size - at))


def read_box(
    reader: Reader, at: int, end: int, path: str, *, glance_bytes: int = GLANCE_BYTES
) -> Steps[Box | None]:
    """Return the box whose header is at this offset, or None where none fits before `end`."""
    data = reader.have(at, min(32, end - at))
    if data is None:
        least = min(_HEADER.size, end - at)
        data = yield from reader.glance(at, least, max(least, glance_bytes), path)
        if len(data) < min(32, end - at):
            data = yield from reader.read(at, min(max(32, glance_bytes), end - at), path)
    if min(len(data), end - at) < _HEADER.size:
        return None
    length, kind = _HEADER.unpack_from(data)
    header = _HEADER.size
    is_open = length == 0
    if length == 1:
        if min(len(data), end - at) < 16:
            return None
        (length,) = _LARGE.unpack_from(data, 8)
        header = 16
    elif is_open:
        length = end - at
    user_type = b""
    if kind == b"uuid":
        user_type = bytes(data[header : header + 16])
        header += 16
    if length < header or length > end - at:
        return None
    return Box(kind, at, header, length, user_type, is_open)


def blanked(span: Span) -> list[Cut]:
    """Return the cuts that fill a stretch with zeros."""
    end = span.offset + span.length
    return [
        Cut(at, min(BLANK_BYTES, end - at), _ZEROS[: min(BLANK_BYTES, end - at)])
        for at in range(span.offset, end, BLANK_BYTES)
    ]


def freed(box: Box) -> list[Cut]:
    """Return the cuts that make a box a `free` one of the same size, all zeros."""
    assert not box.is_open, "a box without a size is cut off, not freed"
    if box.length >= 1 << 32 or (box.header in (16, 32) and box.kind != b"uuid"):
        header = _HEADER.pack(1, b"free") + _LARGE.pack(box.length)
    else:
        header = _HEADER.pack(box.length, b"free")
    first = min(box.length, BLANK_BYTES)
    cut = Cut(box.offset, first, header + _ZEROS[: first - len(header)])
    return [cut, *blanked(Span(box.offset + first, box.length - first))]


def overwritten(offset: int, data: bytes) -> Cut:
    """Return the cut that puts these bytes in the place of as many."""
    return Cut(offset, len(data), data)


def nonzero(spans: Sequence[Span]) -> Steps[list[Span]]:
    """Return those of the spans that hold a byte that is not zero; no bytes are moved for it."""
    found: list[Span] = []
    for first in range(0, len(spans), BATCH_REQUESTS):
        batch = [span for span in spans[first : first + BATCH_REQUESTS] if span.length]
        if not batch:
            continue
        places = yield tuple(FindNonzero(span.offset, span.offset + span.length) for span in batch)
        found += [span for span, at in zip(batch, places, strict=True) if at is not None]
    return found


def unwanted_padding(boxes: Iterable[Box]) -> Steps[list[Box]]:
    """Return those of the `free`, `skip` and `wide` boxes that are not all zeros."""
    padding = [box for box in boxes if box.kind in PADDING]
    full = set((yield from nonzero([Span(box.start, box.size) for box in padding])))
    return [box for box in padding if Span(box.start, box.size) in full]


def times_at(payload: bytes) -> Span:
    """Return where, in the payload of mvhd, tkhd or mdhd, both its times lie."""
    return Span(4, 16 if payload[:1] == b"\x01" else 8)


def created_at(payload: bytes) -> str | None:
    """Return the time of creation in mvhd, tkhd or mdhd, or else that of the last change.

    ISO 8601 in UTC; None if neither is set.
    """
    times = times_at(payload)
    half = times.length // 2
    for at in (times.offset, times.offset + half):
        seconds = int.from_bytes(payload[at : at + half], "big")
        if 0 < seconds < 1 << 34 and len(payload) >= at + half:
            moment = _EPOCH + timedelta(seconds=seconds)
            if moment.year < _UNIX_YEAR:
                # some cameras count from 1970
                moment += datetime(_UNIX_YEAR, 1, 1, tzinfo=UTC) - _EPOCH
            return moment.isoformat()
    return None


def neutral_handler(payload: bytes) -> bytes:
    """Return the payload of a `hdlr` box, as long as before, without names and makers.

    An all-zero name is empty as a C string (ISO) and as a Pascal string (QuickTime).
    """
    if len(payload) < _HANDLER_NAME_AT - 4:
        return bytes(len(payload))
    component = payload[4:8] if payload[4:8] in _HANDLER_TYPES else bytes(4)
    neutral = bytes(4) + component + payload[8:12]
    return neutral + bytes(len(payload) - len(neutral))


def handler_name(payload: bytes) -> bytes:
    """Return the name in a `hdlr` box, without the length byte of QuickTime."""
    name = payload[_HANDLER_NAME_AT:]
    if name and name[0] == len(name) - 1:
        name = name[1:]
    return name.partition(b"\0")[0]
