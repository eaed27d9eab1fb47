"""Find where a thermal camera (FLIR) says it was: a record in a file that its segments hold.

Layout as ExifTool's documentation of FLIR tags describes it (FFF header, record directory, GPS).
"""

from __future__ import annotations

import struct

from sharewise.formats.contract import Finding, Span, Steps
from sharewise.formats.jpeg_inside.walk import Segment
from sharewise.formats.metadata.words import location_finding
from sharewise.formats.reading import Reader

HEADER = b"FLIR\0"
_HEADER_BYTES = 8
_GPS_RECORD = 0x2B
_RECORDS_LIMIT = 64
_ENTRY_BYTES = 32
_GPS = struct.Struct("<I4s2s2s4xdd")


def read_place(reader: Reader, segments: list[Segment], path: str) -> Steps[list[Finding]]:
    """Return the finding of the place in FLIR segments; none if they say none. Never raises."""
    head = yield from _read(reader, segments, 0, 64)
    if len(head) < 64 or head[:4] != b"FFF\0":
        return []
    order = ">" if 100 <= int.from_bytes(head[20:24], "big") < 200 else "<"
    at, count = struct.unpack_from(f"{order}II", head, 24)
    table = yield from _read(reader, segments, at, _ENTRY_BYTES * min(count, _RECORDS_LIMIT))
    for row in range(0, len(table) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        (kind,) = struct.unpack_from(f"{order}H", table, row)
        if kind == _GPS_RECORD:
            (start,) = struct.unpack_from(f"{order}I", table, row + 12)
            record = yield from _read(reader, segments, start, _GPS.size)
            return _place(record, path)
    return []


def _place(record: bytes, path: str) -> list[Finding]:
    if len(record) < _GPS.size:
        return []
    is_valid, _, north, east, latitude, longitude = _GPS.unpack(record)
    if not (is_valid and abs(latitude) <= 90 and abs(longitude) <= 180):
        return []
    latitude = -abs(latitude) if north[:1] == b"S" else latitude
    longitude = -abs(longitude) if east[:1] == b"W" else longitude
    return [location_finding(path, round(latitude, 7), round(longitude, 7))]


def _read(reader: Reader, segments: list[Segment], start: int, length: int) -> Steps[bytes]:
    """Return bytes of the file that the segments hold joined; fewer where it ends."""
    spans: list[Span] = []
    at = 0
    for segment in segments:
        size = segment.length - 4 - _HEADER_BYTES
        first, last = max(start, at), min(start + length, at + size)
        if first < last:
            offset = segment.offset + 4 + _HEADER_BYTES
            spans.append(Span(offset + first - at, last - first))
        at += max(0, size)
    return b"".join((yield from reader.read_all(spans, "JPEG")))
