"""Make a set of pictures like a phone's: JPEGs of 3 to 6 MB with some 47 kB of metadata each.

The pictures are drawn and encoded once; each file is one of them with segments spliced in: made
here, or taken from real files of a folder.
"""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import piexif
from PIL import Image, ImageCms, ImageFilter

MAKING = 3
"""Part of the folder's name: a set that was made otherwise is not taken for this one."""
WIDTH, HEIGHT = 4032, 3024
PICTURES = (
    *((0.30, 90), (0.30, 93), (0.45, 91), (0.45, 93)),
    *((0.60, 92), (0.60, 93), (0.60, 94), (0.60, 95)),
)
"""Grain and JPEG quality of each picture: what makes its size."""
DONOR_BYTES = range(16_000, 80_000)
"""Metadata of a real file that is like a phone's: cameras of 2002 write less, C2PA more."""
NOTE_ENTRIES = 48
NOTE_BLOCK_BYTES = 1200
XMP_FACES = 6
MARKERS_OF_METADATA = (*range(0xE0, 0xEE), 0xEF, 0xFE)
"""All segments about a picture but Adobe's APP14: it would give these pictures other colours."""


def make_phone_set(folder: Path, count: int, real: Path | None = None) -> list[Path]:
    """Return `count` files, made where they are not there yet.

    `real`: the metadata is that of the JPEGs in this folder that hold about as much as a phone's.
    """
    folder = folder / f"{'made' if real is None else 'real'}-{MAKING}"
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"IMG_2025{number:04d}.jpg" for number in range(count)]
    if all(file.exists() for file in files):
        return files
    pictures = [picture(number, *kind) for number, kind in enumerate(PICTURES)]
    donors = [] if real is None else list(donors_in(real))
    if real is not None and not donors:
        raise SystemExit("No JPEG in that folder has metadata like a phone's.")
    small = encoded(preview(), 75)
    for number, file in enumerate(files):
        segments = donors[number % len(donors)] if donors else made(number, small)
        file.write_bytes(spliced(pictures[number % len(pictures)], segments))
    return files


def picture(number: int, grain: float, quality: int) -> bytes:
    """Return a JPEG of noise over soft shapes, about as hard to compress as a photo."""
    chance = random.Random(number)
    small = Image.frombytes("RGB", (96, 72), chance.randbytes(96 * 72 * 3))
    soft = small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    noise = Image.frombytes("RGB", (1024, 768), chance.randbytes(1024 * 768 * 3))
    noise = noise.resize((WIDTH, HEIGHT)).filter(ImageFilter.GaussianBlur(1.2))
    return encoded(Image.blend(soft, noise, grain), quality)


def preview() -> Image.Image:
    chance = random.Random(99)
    return Image.frombytes("RGB", (320, 240), chance.randbytes(320 * 240 * 3)).filter(
        ImageFilter.GaussianBlur(2)
    )


def encoded(image: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=quality)
    return sink.getvalue()


def spliced(body: bytes, segments: Sequence[bytes]) -> bytes:
    """Return a picture with these segments, its own JFIF header first unless they bring one."""
    jfif_end = 4 + int.from_bytes(body[4:6], "big")
    has_jfif = any(segment[4:9] == b"JFIF\0" for segment in segments)
    start = b"\xff\xd8" if has_jfif else body[:jfif_end]
    return b"".join((start, *segments, body[jfif_end:]))


def donors_in(folder: Path) -> Iterator[list[bytes]]:
    """Yield the metadata segments of each JPEG that has an EXIF block and enough of them."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        segments = [
            one
            for one in segments_of(data)
            if one[1] in MARKERS_OF_METADATA and one[4:8] != b"MPF\0"
        ]
        has_exif = any(one[4:10] == b"Exif\0\0" for one in segments)
        if has_exif and sum(map(len, segments)) in DONOR_BYTES:
            yield segments


def segments_of(data: bytes) -> Iterator[bytes]:
    """Yield the segments of a JPEG that stand before its first scan; none of anything else."""
    at = 2
    while data.startswith(b"\xff\xd8\xff") and data[at : at + 1] == b"\xff":
        if data[at + 1] == 0xDA:
            return
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at : at + size]
        at += size


def made(number: int, thumbnail: bytes) -> list[bytes]:
    """Return the APP segments of one file: EXIF with GPS, maker note and thumbnail, XMP, ICC."""
    chance = random.Random(number)
    exif = piexif.dump(
        {
            "0th": {
                piexif.ImageIFD.Make: b"Apple",
                piexif.ImageIFD.Model: b"iPhone 12",
                piexif.ImageIFD.Orientation: 1 + number % 8,
                piexif.ImageIFD.XResolution: (72, 1),
                piexif.ImageIFD.YResolution: (72, 1),
                piexif.ImageIFD.ResolutionUnit: 2,
                piexif.ImageIFD.Software: b"17.4.1",
                piexif.ImageIFD.DateTime: b"2025:05:03 14:02:00",
                piexif.ImageIFD.HostComputer: b"iPhone 12",
                piexif.ImageIFD.YCbCrPositioning: 1,
            },
            "Exif": {
                piexif.ExifIFD.ExposureTime: (1, 120 + number % 50),
                piexif.ExifIFD.FNumber: (8, 5),
                piexif.ExifIFD.ExposureProgram: 2,
                piexif.ExifIFD.ISOSpeedRatings: 32 + number % 400,
                piexif.ExifIFD.ExifVersion: b"0232",
                piexif.ExifIFD.DateTimeOriginal: b"2025:05:03 14:02:00",
                piexif.ExifIFD.DateTimeDigitized: b"2025:05:03 14:02:00",
                piexif.ExifIFD.OffsetTimeOriginal: b"+02:00",
                piexif.ExifIFD.ComponentsConfiguration: b"\1\2\3\0",
                piexif.ExifIFD.ShutterSpeedValue: (69_000 + number, 10_000),
                piexif.ExifIFD.ApertureValue: (13_561, 10_000),
                piexif.ExifIFD.BrightnessValue: (55_000 - number, 10_000),
                piexif.ExifIFD.ExposureBiasValue: (0, 1),
                piexif.ExifIFD.MeteringMode: 5,
                piexif.ExifIFD.Flash: 16,
                piexif.ExifIFD.FocalLength: (21, 5),
                piexif.ExifIFD.SubjectArea: (2009, 1502, 2208, 1327),
                piexif.ExifIFD.MakerNote: maker_note(chance),
                piexif.ExifIFD.SubSecTimeOriginal: b"%03d" % (number % 1000),
                piexif.ExifIFD.FlashpixVersion: b"0100",
                piexif.ExifIFD.ColorSpace: 65535,
                piexif.ExifIFD.PixelXDimension: WIDTH,
                piexif.ExifIFD.PixelYDimension: HEIGHT,
                piexif.ExifIFD.SensingMethod: 2,
                piexif.ExifIFD.SceneType: b"\1",
                piexif.ExifIFD.ExposureMode: 0,
                piexif.ExifIFD.WhiteBalance: 0,
                piexif.ExifIFD.FocalLengthIn35mmFilm: 26,
                piexif.ExifIFD.SceneCaptureType: 0,
                piexif.ExifIFD.LensSpecification: ((21, 5), (21, 5), (8, 5), (8, 5)),
                piexif.ExifIFD.LensMake: b"Apple",
                piexif.ExifIFD.LensModel: b"iPhone 12 back camera 4.2mm f/1.6",
                piexif.ExifIFD.BodySerialNumber: f"SN{number:08d}".encode(),
            },
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((45, 1), (45, 1), (5000 + number, 100)),
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: ((4, 1), (50, 1), (900 + number, 100)),
                piexif.GPSIFD.GPSAltitudeRef: 0,
                piexif.GPSIFD.GPSAltitude: (17_300 + number, 100),
                piexif.GPSIFD.GPSTimeStamp: ((12, 1), (2, 1), (0, 1)),
                piexif.GPSIFD.GPSSpeedRef: b"K",
                piexif.GPSIFD.GPSSpeed: (0, 1),
                piexif.GPSIFD.GPSImgDirectionRef: b"T",
                piexif.GPSIFD.GPSImgDirection: (20_000 + number, 100),
                piexif.GPSIFD.GPSDateStamp: b"2025:05:03",
                piexif.GPSIFD.GPSHPositioningError: (475, 100),
            },
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": thumbnail,
        }
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return [
        segment(0xE1, exif),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet(chance)),
        segment(0xE2, b"ICC_PROFILE\0\1\1" + profile),
    ]


def maker_note(chance: random.Random) -> bytes:
    """Return a note of Apple's shape: a directory of texts and binary blocks."""
    head = b"Apple iOS\0\0\1MM"
    data_at = len(head) + 2 + 12 * NOTE_ENTRIES + 4
    rows, values = b"", b""
    for tag in range(1, NOTE_ENTRIES + 1):
        type_, value = 2, chance.randbytes(16).hex().upper().encode() + b"\0"
        if tag > NOTE_ENTRIES // 2:
            type_, value = 7, chance.randbytes(NOTE_BLOCK_BYTES)
        rows += struct.pack(">HHII", tag, type_, len(value), data_at + len(values))
        values += value + b"\0" * (len(value) % 2)
    return head + struct.pack(">H", NOTE_ENTRIES) + rows + bytes(4) + values


def packet(chance: random.Random) -> bytes:
    """Return XMP as a phone's gallery writes it: the program, its own time, marks of faces."""
    faces = "".join(
        '<rdf:li><rdf:Description mwg-rs:Type="Face"><mwg-rs:Area '
        f'stArea:x="{chance.random():.6f}" stArea:y="{chance.random():.6f}" '
        f'stArea:w="{chance.random():.6f}" stArea:h="{chance.random():.6f}" '
        'stArea:unit="normalized"/></rdf:Description></rdf:li>'
        for _ in range(XMP_FACES)
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
        'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmp:CreatorTool="17.4.1" '
        'xmp:CreateDate="2025-05-03T14:02:00" photoshop:DateCreated="2025-05-03T14:02:00">'
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Seq>'
        f"{faces}</rdf:Seq></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF>"
        f'</x:xmpmeta>{" " * 4000}<?xpacket end="w"?>'
    ).encode()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
