"""What a person may wish to keep, and the smallest EXIF block that says it.

The block is made anew from checked values; nothing of the old one is copied.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from typing import NamedTuple

from sharewise.formats.contract import Kind, Wish

COARSE_DEGREES = 0.1
"""A tenth of a degree of latitude is 11 km: what a coarse location is rounded to."""
TEXT_CHARACTERS = 500
_TURNED = struct.Struct(">4sIHHHIHxxI")
EXIF_HEADER = b"Exif\0\0"


class Facts(NamedTuple):
    """What the metadata says that matters for display or may be kept; None is not said."""

    orientation: int | None = None
    """2 to 8 as in EXIF; 1, upright, is not worth saying."""
    taken_at: str | None = None
    """ISO 8601, local, maybe with an offset."""
    artist: str | None = None
    rights: str | None = None
    make: str | None = None
    model: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    def or_else(self, other: Facts) -> Facts:
        """Return these facts, and those of the other where this says nothing."""
        if other is NO_FACTS:
            return self
        if self is NO_FACTS:
            return other
        pairs = zip(self, other, strict=True)
        return Facts._make([mine if mine is not None else theirs for mine, theirs in pairs])

    def wished(self, wish: Wish) -> Facts:
        """Return the facts that stay: the orientation always, else what the wish names."""
        if not wish.keep and not wish.has_coarse_location:
            return _turned_only(self.orientation)
        latitude, longitude = self.latitude, self.longitude
        if latitude is None or longitude is None:
            latitude = longitude = None
        elif wish.has_coarse_location:
            latitude, longitude = coarse(latitude), coarse(longitude)
        elif Kind.LOCATION not in wish.keep:
            latitude = longitude = None
        has_person, has_device = Kind.PERSON in wish.keep, Kind.DEVICE in wish.keep
        return Facts(
            self.orientation,
            self.taken_at if Kind.TIME in wish.keep else None,
            self.artist if has_person else None,
            self.rights if has_person else None,
            self.make if has_device else None,
            self.model if has_device else None,
            latitude,
            longitude,
        )

    def names(self, wish: Wish) -> tuple[str, ...]:
        """Return the words for `kept` of what these facts say."""
        kept = {
            "orientation": self.orientation,
            "time": self.taken_at,
            "person": self.artist or self.rights,
            "device": self.make or self.model,
            "coarse location" if wish.has_coarse_location else "location": self.latitude,
        }
        return tuple(name for name, value in kept.items() if value is not None)


NO_FACTS = Facts()


@cache
def _turned_only(orientation: int | None) -> Facts:
    return Facts(orientation)


def coarse(degrees: float) -> float:
    """Return degrees rounded to `COARSE_DEGREES`; rounding twice gives the same."""
    return round(round(degrees / COARSE_DEGREES) * COARSE_DEGREES, 1)


def minimal_exif(facts: Facts) -> bytes:
    """Return a TIFF block, without the "Exif" header of JPEG, that says these facts and no more.

    Empty if there is nothing to say. Built by piexif from values that were checked one by one.
    """
    if facts == Facts(facts.orientation):
        return b"" if facts.orientation is None else _turned(facts.orientation)
    return _built(facts)


def _turned(orientation: int) -> bytes:
    """Return what piexif makes of an orientation alone, without loading it for every photo."""
    return _TURNED.pack(b"MM\0*", 8, 1, 0x0112, 3, 1, orientation, 0)


def _built(facts: Facts) -> bytes:
    import piexif  # slow to load, needed only where something is kept

    zeroth: dict[int, int | bytes] = {}
    if facts.orientation is not None:
        zeroth[piexif.ImageIFD.Orientation] = facts.orientation
    for tag, text in (
        (piexif.ImageIFD.Make, facts.make),
        (piexif.ImageIFD.Model, facts.model),
        (piexif.ImageIFD.Artist, facts.artist),
        (piexif.ImageIFD.Copyright, facts.rights),
    ):
        if text:
            zeroth[tag] = _text(text)
    exif: dict[int, bytes] = {}
    if facts.taken_at is not None:
        taken, offset = _exif_time(facts.taken_at)
        exif[piexif.ExifIFD.DateTimeOriginal] = taken
        if offset:
            exif[piexif.ExifIFD.OffsetTimeOriginal] = offset
    gps: dict[int, bytes | tuple[tuple[int, int], ...]] = {}
    if facts.latitude is not None and facts.longitude is not None:
        gps[piexif.GPSIFD.GPSLatitudeRef] = b"S" if facts.latitude < 0 else b"N"
        gps[piexif.GPSIFD.GPSLatitude] = _degrees(facts.latitude)
        gps[piexif.GPSIFD.GPSLongitudeRef] = b"W" if facts.longitude < 0 else b"E"
        gps[piexif.GPSIFD.GPSLongitude] = _degrees(facts.longitude)
    if not (zeroth or exif or gps):
        return b""
    return bytes(piexif.dump({"0th": zeroth, "Exif": exif, "GPS": gps}))[len(EXIF_HEADER) :]


def _text(text: str) -> bytes:
    return text[:TEXT_CHARACTERS].encode("utf-8")


def _exif_time(iso: str) -> tuple[bytes, bytes]:
    zone = re.search(r"[+-]\d\d:\d\d$", iso[10:])
    clock = iso[11:19] if len(iso) > 10 else "00:00:00"
    day = iso[:10].replace("-", ":")
    return f"{day} {clock}".encode(), zone.group().encode() if zone else b""


def _degrees(value: float) -> tuple[tuple[int, int], ...]:
    """Return degrees as one rational of six decimals, no minutes, no seconds."""
    millionths = round(abs(value) * 1_000_000)
    return ((millionths, 1_000_000), (0, 1), (0, 1))
