"""Small pictures, made on the spot, and folders in which they lie."""

from __future__ import annotations

import io
from pathlib import Path

import piexif
from PIL import Image

LATITUDE = ((45, 1), (45, 1), (0, 1))
LONGITUDE = ((4, 1), (50, 1), (0, 1))
PLACE = ("45.75", "4.83")
"""How a place of these pictures is told."""
DEVICE = b"Canary-Camera-7"


def plain_jpeg() -> bytes:
    """Return a picture with nothing private in it."""
    buffer = io.BytesIO()
    _picture().save(buffer, "JPEG")
    return buffer.getvalue()


def large_jpeg() -> bytes:
    """Return a clean picture of which head and tail are only a part."""
    buffer = io.BytesIO()
    Image.effect_noise((600, 600), 90).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def gps_jpeg() -> bytes:
    """Return a picture that says where it was taken and with what."""
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Model: DEVICE},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: LATITUDE,
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: LONGITUDE,
            },
        }
    )
    buffer = io.BytesIO()
    _picture().save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def large_gps_jpeg() -> bytes:
    """Return the large picture with what the small one says of itself."""
    buffer = io.BytesIO()
    piexif.insert(piexif.dump(piexif.load(gps_jpeg())), large_jpeg(), buffer)
    return buffer.getvalue()


def pixels(data: bytes) -> bytes:
    """Return what a picture shows."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.tobytes()


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(folder: Path) -> list[str]:
    """Return the names of everything below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _picture() -> Image.Image:
    picture = Image.new("RGB", (48, 32))
    picture.putdata([(x * 5, y * 7, (x * y) % 256) for y in range(32) for x in range(48)])
    return picture
