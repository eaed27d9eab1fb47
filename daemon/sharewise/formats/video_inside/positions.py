"""Places on Earth in the ways that videos write them: text, GoPro's GPMF, CAMM, 3GPP."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

ITEMS_LIMIT = 4096
DEPTH_LIMIT = 4

_ISO = re.compile(
    r"(?<![\d.])([+-]\d{2,6}(?:\.\d{1,9})?)([+-]\d{3,7}(?:\.\d{1,9})?)(?:[+-]\d{1,6}(?:\.\d{1,6})?)?"
)
"""ISO 6709: degrees, or degrees and minutes, or degrees, minutes and seconds."""
_NMEA = re.compile(r"(\d{2})(\d{2}\.\d{1,8}),([NS]),(\d{3})(\d{2}\.\d{1,8}),([EW])")
_GPS = re.compile(
    r"GPS\s?\(\s*(-?\d{1,3}\.\d{1,9})[NSEW]?\s*,\s*(-?\d{1,3}\.\d{1,9})[NSEW]?\s*[,)]"
)
"""DJI's subtitles: longitude first."""
_NAMED = re.compile(
    r"lat(?:itude)?\W{1,4}(-?\d{1,3}\.\d{1,9})\W{1,6}long?t?(?:itude)?\W{1,4}(-?\d{1,3}\.\d{1,9})",
    re.IGNORECASE,
)
_GPMF_PLACES = {b"GPS5": (0, 0), b"GPS9": (0, 0), b"GPRI": (8, 1), b"GLPI": (4, 1)}
"""Where in a sample the latitude stands, and which of its scales is the latitude's."""
_KLV = struct.Struct(">4scBH")
_CAMM_TYPE = struct.Struct("<HH")
_CAMM_PLACES = {5: struct.Struct("<2d"), 6: struct.Struct("<8xI4x2d")}
_CAMM_SIZES = (12, 8, 12, 12, 12, 24, 56, 12)
_LOCI = struct.Struct(">2i")


def in_text(text: str) -> tuple[float, float] | None:
    """Return the first place in a text, (latitude, longitude) in degrees, or None."""
    for found in _ISO.finditer(text):
        place = checked(_iso_degrees(found[1], 2), _iso_degrees(found[2], 3))
        if place is not None and ("." in found[0] or len(found[1]) > 3):
            return place
    match = _NMEA.search(text)
    if match is not None:
        north = (int(match[1]) + float(match[2]) / 60) * (-1 if match[3] == "S" else 1)
        east = (int(match[4]) + float(match[5]) / 60) * (-1 if match[6] == "W" else 1)
        return checked(round(north, 7), round(east, 7))
    match = _GPS.search(text)
    if match is not None:
        return checked(float(match[2]), float(match[1]))
    match = _NAMED.search(text)
    return None if match is None else checked(float(match[1]), float(match[2]))


def checked(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """Return the place if it is one; 0, 0 is what receivers say without a fix."""
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return latitude, longitude


def as_iso(latitude: float, longitude: float) -> str:
    """Return a place as ISO 6709 text."""
    return f"{latitude:+010.6f}{longitude:+011.6f}/"


def in_loci(payload: bytes) -> tuple[float, float] | None:
    """Return the place in a 3GPP `loci` box. Source: 3GPP TS 26.244, 8.3."""
    is_wide = payload[6:8] in (b"\xfe\xff", b"\xff\xfe")
    if is_wide:
        end = next(
            (at for at in range(6, len(payload) - 1, 2) if payload[at : at + 2] == b"\0\0"), -1
        )
        at = end + 2
    else:
        end = payload.find(b"\0", 6)
        at = end + 1
    if end < 0 or len(payload) < at + 1 + _LOCI.size:
        return None
    longitude, latitude = _LOCI.unpack_from(payload, at + 1)
    return checked(round(latitude / 65536, 6), round(longitude / 65536, 6))


def in_gpmf(data: bytes) -> tuple[float, float] | None:
    """Return the first place with a fix in GoPro's telemetry. Source: GPMF introduction, GoPro."""
    scale: tuple[int, ...] = ()
    has_fix = True
    for key, kind, size, value in _klv(data, DEPTH_LIMIT):
        if key == b"STRM":
            scale, has_fix = (), True
        elif key == b"SCAL" and kind in b"sSlL" and size:
            scale = _numbers(value, kind)
        elif key == b"GPSF" and len(value) >= 4:
            has_fix = int.from_bytes(value[:4], "big") > 0
        elif key in _GPMF_PLACES and has_fix and size:
            place = _scaled(value, size, scale, _GPMF_PLACES[key])
            if place is not None:
                return place
    return None


def _scaled(
    value: bytes, size: int, scale: tuple[int, ...], layout: tuple[int, int]
) -> tuple[float, float] | None:
    """Return the first place among samples of `size` bytes: latitude, then longitude."""
    offset, index = layout
    factors = scale[index : index + 2]
    if len(factors) < 2 or not all(factors):
        return None
    for at in range(offset, len(value) - _LOCI.size + 1, size):
        north, east = _LOCI.unpack_from(value, at)
        place = checked(round(north / factors[0], 7), round(east / factors[1], 7))
        if place is not None:
            return place
    return None


def _klv(data: bytes, depth: int) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    at = 0
    for _ in range(ITEMS_LIMIT):
        if len(data) - at < _KLV.size:
            return
        key, kind, size, count = _KLV.unpack_from(data, at)
        length = size * count
        value = data[at + 8 : at + 8 + length]
        yield key, kind, size, value
        if kind == b"\0" and depth and length:
            yield from _klv(value, depth - 1)
        at += 8 + (length + 3 & ~3)


def _numbers(value: bytes, kind: bytes) -> tuple[int, ...]:
    width = 2 if kind in b"sS" else 4
    return tuple(
        int.from_bytes(value[at : at + width], "big", signed=kind in b"sl")
        for at in range(0, min(len(value), 64) - width + 1, width)
    )


def in_camm(data: bytes) -> tuple[float, float] | None:
    """Return the first place in samples of a CAMM track. Source: Camera Motion Metadata spec."""
    at = 0
    while len(data) - at >= _CAMM_TYPE.size:
        reserved, kind = _CAMM_TYPE.unpack_from(data, at)
        if reserved or kind >= len(_CAMM_SIZES):
            return None
        layout = _CAMM_PLACES.get(kind)
        if layout is not None and len(data) - at - 4 >= layout.size:
            north, east = layout.unpack_from(data, at + 4)[-2:]
            place = checked(round(north, 7), round(east, 7)) if abs(north) < 91 else None
            if place is not None:
                return place
        at += 4 + _CAMM_SIZES[kind]
    return None


def _iso_degrees(text: str, digits: int) -> float | None:
    whole, _, decimals = text[1:].partition(".")
    extra = len(whole) - digits
    if extra not in (0, 2, 4):
        return None
    parts = [whole[:digits], *(whole[at : at + 2] for at in range(digits, len(whole), 2))]
    numbers = [float(part) for part in parts]
    if decimals:
        numbers[-1] += float(f"0.{decimals}")
    degrees = sum(number / (1, 60, 3600)[power] for power, number in enumerate(numbers))
    return round(-degrees if text[0] == "-" else degrees, 7)
