"""Walk one JPEG stream: every segment, every scan, and what lies between that nothing explains.

Source: ITU-T T.81, annex B; how decoders read past errors as in libjpeg-turbo's `jdmarker.c`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from sharewise.base.errors import Malformed
from sharewise.formats.contract import FindMarkers, Span, Steps
from sharewise.formats.engine import MARKERS_LIMIT, find_markers, offsets_of
from sharewise.formats.reading import Reader

SOI, EOI, SOS, DQT, DHT, DAC, DNL, DRI, DHP, EXP = (
    *(0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xCC, 0xDC, 0xDD, 0xDE, 0xDF),
)
COM, APP0 = 0xFE, 0xE0
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, DAC, 0xC8}
CODING = FRAMES | {SOS, DQT, DHT, DAC, DNL, DRI, DHP, EXP}
"""The markers of the picture itself; every other segment is about it."""
_ABOUT = frozenset(range(0xE0, 0xF0)) | {COM}
_PLAIN = (CODING | _ABOUT) - {SOS}
_HEADER = struct.Struct(">BBH")
_NO_MARKER = frozenset(range(0xD0, 0xD8)) | {0x00}

SEGMENTS_LIMIT = 20_000
_WINDOW_BYTES = 32 << 20
"""How far is looked for markers at once: what lies far behind the picture is not looked through."""
_AHEAD = 16
_PEEK_BYTES = 128
_SCAN_HEADER_BYTES = 512
_HEADER_BYTES = 1024


class Segment(NamedTuple):
    """One marker segment; `length` counts the marker and the length field too."""

    marker: int
    offset: int
    length: int
    is_early: bool
    """Whether it stands before the first scan, where decoders look for what they honour."""

    @property
    def body(self) -> Span:
        """What is in it."""
        return Span(self.offset + 4, self.length - 4)


@dataclass(slots=True)
class Walk:
    """One stream from its SOI on."""

    start: int
    segments: list[Segment] = field(default_factory=list)
    strays: list[Span] = field(default_factory=list)
    """Bytes between segments that belong to none; decoders skip them."""
    scan_at: int = 0
    """The first entropy-coded byte."""
    scan_ends: list[int] = field(default_factory=list)
    """Just after the last byte of each scan, if the scans were walked."""
    end: int | None = None
    """Just after EOI; None if it was not looked for."""


def name_of(marker: int) -> str:
    """Return the name of a marker as people who know JPEG call it."""
    if marker == COM:
        return "COM"
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - APP0}"
    return f"marker {marker:02X}"


def walk(reader: Reader, start: int, path: str, *, has_scans: bool) -> Steps[Walk]:
    """Walk the stream whose SOI is at `start`; to the first scan only unless `has_scans`.

    Raises Malformed where the stream breaks off or a decoder would refuse it.
    """
    found = Walk(start)
    markers = _Markers(reader)
    at = _known_segments(reader, found)
    has_frame = any(segment.marker in FRAMES for segment in found.segments)
    while True:
        at, stray = yield from _to_marker(reader, markers, at, path)
        if stray is not None:
            found.strays.append(stray)
        marker = (yield from reader.read(at, 2, path))[1]
        if marker == EOI:
            if not found.scan_at:
                raise Malformed(path=path, at_byte=at, why="it ends without a picture")
            found.end = at + 2
            return found
        if marker not in CODING and marker not in _ABOUT:
            raise Malformed(path=path, at_byte=at, why=f"marker {marker:02X} has no place here")
        segment = yield from _segment(reader, found, marker, at, path)
        found.segments.append(segment)
        if len(found.segments) > SEGMENTS_LIMIT:
            raise Malformed(path=path, at_byte=at, why="more segments than a picture has")
        at += segment.length
        has_frame = has_frame or marker in FRAMES
        if marker == SOS:
            if not has_frame:
                raise Malformed(path=path, at_byte=segment.offset, why="a scan without a frame")
            found.scan_at = found.scan_at or at
            if not has_scans:
                return found
            at = yield from markers.after(at, path)
            found.scan_ends.append(at)


def _known_segments(reader: Reader, found: Walk) -> int:
    """Take the plain segments up to the first scan whose headers are known; return where they end.

    The quick way through nearly every file. Whatever is out of order, and the scans, are left to
    the loop that asks.
    """
    data = reader.known.have_from(found.start)
    start, known, room = found.start, len(data) - _HEADER.size, reader.size - found.start
    at = 2
    while at <= known:
        mark, marker, size = _HEADER.unpack_from(data, at)
        if mark != 0xFF or size < 2 or marker not in _PLAIN or at + 2 + size > room:
            break
        found.segments.append(Segment(marker, start + at, 2 + size, True))
        at += 2 + size
    return start + at


def _to_marker(
    reader: Reader, markers: _Markers, at: int, path: str
) -> Steps[tuple[int, Span | None]]:
    """Return where the next marker is, and the bytes before it that belong to nothing."""
    start = at
    while True:
        pair = reader.have(at, 2)
        if pair is None:
            pair = yield from reader.glance(at, 2, _HEADER_BYTES, path)
        if pair[0] == 0xFF and pair[1] not in _NO_MARKER:
            if pair[1] != 0xFF:
                return at, Span(start, at - start) if _is_stray(reader, start, at) else None
            at += 1
        else:
            at = yield from markers.after(at, path)


def _is_stray(reader: Reader, start: int, end: int) -> bool:
    """Return whether bytes are more than fill (FF), which every stream may have."""
    if start == end:
        return False
    data = reader.have(start, end - start)
    return data is None or data.count(b"\xff") != len(data)


def _segment(reader: Reader, found: Walk, marker: int, at: int, path: str) -> Steps[Segment]:
    head = reader.have(at, 4)
    if head is None:
        last = found.segments[-1].length if found.segments else 0
        if last > _HEADER_BYTES:
            ahead = (Span(at + index * last, _PEEK_BYTES) for index in range(_AHEAD))
            yield from reader.prefetch(ahead)
        head = yield from reader.glance(at, 4, _HEADER_BYTES, path)
    length = head[2] << 8 | head[3]
    if length < 2:
        raise Malformed(path=path, at_byte=at + 2, why="a segment is shorter than its length")
    if at + 2 + length > reader.size:
        reader.require(at, 2 + length, f"{path}/{name_of(marker)}")
    return Segment(marker, at, 2 + length, not found.scan_at)


class _Markers:
    """The places of the markers in scans, found where the bytes are."""

    __slots__ = ("_found", "_next", "_reader", "_searched_to")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._found: list[int] = []
        self._next = 0
        self._searched_to = 0

    def after(self, at: int, path: str) -> Steps[int]:
        """Return the place of the first marker from `at` on. Raises Malformed if there is none."""
        size = self._reader.size
        while True:
            while self._next < len(self._found):
                place = self._found[self._next]
                if place >= at:
                    return place
                self._next += 1
            start = max(at, self._searched_to)
            if start >= size:
                raise Malformed(path=path, at_byte=size, why="it breaks off: its end is missing")
            yield from self._search(start, min(size, start + _WINDOW_BYTES))

    def _search(self, start: int, end: int) -> Steps[None]:
        known = self._reader.known.have_from(start)
        if start + len(known) >= end:
            answer = find_markers(known, 0, end - start, MARKERS_LIMIT)
            self._found = [start + offset for offset in offsets_of(answer)]
        else:
            (given,) = yield (FindMarkers(start, end, MARKERS_LIMIT),)
            assert isinstance(given, bytes)
            self._found = offsets_of(given)
            yield from self._read_headers()
        self._next = 0
        is_more = len(self._found) == MARKERS_LIMIT
        if is_more:
            self._searched_to = self._found[-1] + 1
        else:  # the last byte may begin a marker that the next window holds
            self._searched_to = end if end == self._reader.size else end - 1

    def _read_headers(self) -> Steps[None]:
        """Read the headers at the places found at once, unless the picture ends there."""
        if not self._found:
            return
        pair = yield from self._reader.read(self._found[0], 2, "JPEG")
        if pair[1] == EOI:
            return
        wanted: list[Span] = []
        reach = 0
        for place in self._found:
            if place >= reach and len(wanted) < 2 * _AHEAD:
                length = min(_SCAN_HEADER_BYTES, self._reader.size - place)
                wanted.append(Span(place, length))
                reach = place + length
        yield from self._reader.prefetch(wanted)


def check_coding(segment: Segment, data: bytes, path: str) -> None:
    """Raise Malformed unless a segment of the picture is exactly as long as what it holds.

    Decoders refuse such a file, and in the bytes that are too many anything could be.
    """
    if not _is_exact(segment.marker, data):
        why = f"marker {segment.marker:02X} is longer or shorter than what it holds"
        raise Malformed(path=path, at_byte=segment.offset, why=why)


def _is_exact(marker: int, body: bytes) -> bool:
    size = len(body)
    if marker in FRAMES or marker == DHP:
        return size >= 6 and size == 6 + 3 * body[5]
    match marker:
        case 0xDA:
            return size >= 1 and size == 4 + 2 * body[0]
        case 0xDD | 0xDC:
            return size == 2
        case 0xDF:
            return size == 1
        case 0xCC:
            return size % 2 == 0
        case 0xDB:
            at = 0
            while at < size:
                at += 129 if body[at] >> 4 else 65
            return at == size
        case 0xC4:
            at = 0
            while at + 17 <= size:
                at += 17 + sum(body[at + 1 : at + 17])
            return at == size
    return True
