"""Find where a thermal camera says it was and its serial numbers.

FLIR: records in a file that its segments hold; InfiRay: one segment of texts. Layouts as ExifTool's
documentation of their tags describes them (FFF header, record directory, GPS, camera).
"""

from __future__ import annotations

import struct

from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.jpeg_inside.walk import Segment
from sharewise.formats.metadata.words import decode, location_finding, tidy
from sharewise.formats.reading import Reader

HEADER = b"FLIR\0"
_HEADER_BYTES = 8
_GPS_RECORD, _CAMERA_RECORD = 0x2B, 0x20
_RECORDS_LIMIT = 64
_ENTRY_BYTES = 32
_GPS = struct.Struct("<I4s2s2s4xdd")


_CAMERA_BYTES = 0x23C
_SERIALS = (
    (0x104, 16, "Has the camera's serial number"),
    (0x1A0, 16, "Has the lens's serial number"),
    (0x21C, 32, "Has a filter's serial number"),
)
SENSORS_BYTES = 768
"""The length of the segment of InfiRay that describes its sensors."""
_SENSORS = (
    (0x0C0, 32, "Has the serial number of its heat sensor"),
    (0x240, 32, "Has the serial number of its light sensor"),
)
_DIGITS = frozenset("0123456789")


def read_records(reader: Reader, segments: list[Segment], path: str) -> Steps[list[Finding]]:
    """Return the findings of place and serial numbers in FLIR segments. Never raises."""
    head = yield from _read(reader, segments, 0, 64)
    if len(head) < 64 or head[:4] != b"FFF\0":
        return []
    order = ">" if 100 <= int.from_bytes(head[20:24], "big") < 200 else "<"
    at, count = struct.unpack_from(f"{order}II", head, 24)
    table = yield from _read(reader, segments, at, _ENTRY_BYTES * min(count, _RECORDS_LIMIT))
    starts: dict[int, int] = {}
    for row in range(0, len(table) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        (kind,) = struct.unpack_from(f"{order}H", table, row)
        (start,) = struct.unpack_from(f"{order}I", table, row + 12)
        starts.setdefault(kind, start)
    findings: list[Finding] = []
    if _GPS_RECORD in starts:
        record = yield from _read(reader, segments, starts[_GPS_RECORD], _GPS.size)
        findings += _place(record, path)
    if _CAMERA_RECORD in starts:
        record = yield from _read(reader, segments, starts[_CAMERA_RECORD], _CAMERA_BYTES)
        findings += _serials(record, _SERIALS, path)
    return findings


def read_sensors(data: bytes, path: str) -> list[Finding]:
    """Return the serial numbers in a segment of InfiRay; none if it is of another kind."""
    return _serials(data, _SENSORS, path) if len(data) == SENSORS_BYTES else []


def _serials(record: bytes, places: tuple[tuple[int, int, str], ...], path: str) -> list[Finding]:
    findings: list[Finding] = []
    for at, length, what in places:
        text = record[at : at + length].partition(b"\0")[0]
        if text.isascii() and _DIGITS & set(text.decode()):
            value = tidy(decode(text))
            findings.append(Finding(Kind.SERIAL, path, f"{what}: {value}", value))
    return findings


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
