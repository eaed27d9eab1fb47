"""Make a set of pictures like a phone's: JPEGs of 3 to 6 MB with some 47 kB of metadata each.

The pictures are drawn and encoded once; each file is one of them with segments spliced in.
"""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import piexif
from PIL import Image, ImageFilter

PICTURES = 8
WIDTH, HEIGHT = 4032, 3024
MAKER_NOTE_BYTES = 24_000
XMP_PADDING_BYTES = 4_000


def make_phone_set(folder: Path, count: int) -> list[Path]:
    """Return `count` files in the folder, made where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"IMG_2025{number:04d}.jpg" for number in range(count)]
    if all(file.exists() for file in files):
        return files
    pictures = [picture(number) for number in range(PICTURES)]
    thumbnail = encoded(pictures_preview(), 75)
    for number, file in enumerate(files):
        body = pictures[number % PICTURES]
        file.write_bytes(b"\xff\xd8" + metadata(number, thumbnail) + body[2:])
    return files


def picture(number: int) -> bytes:
    """Return a JPEG of noise over soft shapes, about as hard to compress as a photo."""
    chance = random.Random(number)
    small = Image.frombytes("RGB", (96, 72), chance.randbytes(96 * 72 * 3))
    soft = small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    grain = Image.frombytes("RGB", (1024, 768), chance.randbytes(1024 * 768 * 3))
    grain = grain.resize((WIDTH, HEIGHT)).filter(ImageFilter.GaussianBlur(1.2))
    return encoded(Image.blend(soft, grain, 0.30), 90 + number % 4)


def pictures_preview() -> Image.Image:
    chance = random.Random(99)
    return Image.frombytes("RGB", (320, 240), chance.randbytes(320 * 240 * 3)).filter(
        ImageFilter.GaussianBlur(2)
    )


def encoded(image: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=quality)
    return sink.getvalue()


def metadata(number: int, thumbnail: bytes) -> bytes:
    """Return the APP segments of one file: EXIF with GPS, maker note and thumbnail, and XMP."""
    chance = random.Random(number)
    exif = piexif.dump(
        {
            "0th": {
                piexif.ImageIFD.Make: b"Example",
                piexif.ImageIFD.Model: b"Phone 12",
                piexif.ImageIFD.Orientation: 1 + number % 8,
                piexif.ImageIFD.DateTime: b"2025:05:03 14:02:00",
            },
            "Exif": {
                piexif.ExifIFD.DateTimeOriginal: b"2025:05:03 14:02:00",
                piexif.ExifIFD.BodySerialNumber: f"SN{number:08d}".encode(),
                piexif.ExifIFD.MakerNote: chance.randbytes(MAKER_NOTE_BYTES),
            },
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((45, 1), (45, 1), (50, 1)),
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: ((4, 1), (50, 1), (9, 1)),
            },
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": thumbnail,
        }
    )
    xmp = (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Example 18.1"/></rdf:RDF>'
        b"</x:xmpmeta>" + b" " * XMP_PADDING_BYTES + b'<?xpacket end="w"?>'
    )
    return segment(0xE1, exif) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
