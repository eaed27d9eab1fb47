"""What any site can read from a picture it is sent; the demo shows it to the person."""

from __future__ import annotations

import struct

import piexif


def what_it_tells(data: bytes) -> list[str]:
    """Return lines such as "place: 45.76405, 4.83566"; empty when a JPEG's EXIF says nothing."""
    try:
        exif = piexif.load(data)
    except (ValueError, struct.error, KeyError):
        return []
    told: list[str] = []
    gps = exif["GPS"]
    if piexif.GPSIFD.GPSLatitude in gps and piexif.GPSIFD.GPSLongitude in gps:
        north = degrees(gps[piexif.GPSIFD.GPSLatitude], gps.get(piexif.GPSIFD.GPSLatitudeRef))
        east = degrees(gps[piexif.GPSIFD.GPSLongitude], gps.get(piexif.GPSIFD.GPSLongitudeRef))
        told.append(f"place: {north:.5f}, {east:.5f}")
    named = (
        ("taken", exif["Exif"].get(piexif.ExifIFD.DateTimeOriginal)),
        ("device", exif["0th"].get(piexif.ImageIFD.Model)),
        ("serial number", exif["Exif"].get(piexif.ExifIFD.BodySerialNumber)),
        ("program", exif["0th"].get(piexif.ImageIFD.Software)),
    )
    told += [f"{name}: {text.decode(errors='replace')}" for name, text in named if text]
    if exif["thumbnail"]:
        told.append("a hidden small copy of an earlier version of the picture")
    return told


def degrees(parts: tuple[tuple[int, int], ...], reference: bytes | None) -> float:
    """Return degrees, minutes and seconds as one number; south and west are negative."""
    whole = sum(number / over / 60.0**place for place, (number, over) in enumerate(parts))
    return -whole if reference in (b"S", b"W") else whole
