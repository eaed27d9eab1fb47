"""Small JPEG and PNG files, and the metadata blocks in them, built byte by byte for tests."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping

import piexif
from PIL import Image, ImageCms, ImageSequence

SECRET = b"CANARY-7f3a"
"""What the dirty files hide; it must be gone once they are cleaned."""


# --- pictures -----------------------------------------------------------------------------------


def drawing(width: int = 48, height: int = 32, mode: str = "RGB") -> Image.Image:
    """Return a picture in which every turn and shift can be seen."""
    picture = Image.new("RGB", (width, height))
    picture.putdata(
        [(x * 5 % 256, y * 7 % 256, x * y % 256) for y in range(height) for x in range(width)]
    )
    return picture.convert(mode)


def jpeg(width: int = 48, height: int = 32, mode: str = "RGB", **options: object) -> bytes:
    """Return a JPEG as Pillow writes it, with a JFIF header and nothing else about it."""
    buffer = io.BytesIO()
    drawing(width, height, mode).save(buffer, "JPEG", quality=85, **options)
    return buffer.getvalue()


def png(width: int = 48, height: int = 32, mode: str = "RGB", **options: object) -> bytes:
    """Return a PNG as Pillow writes it, with nothing about it."""
    buffer = io.BytesIO()
    drawing(width, height, mode).save(buffer, "PNG", **options)
    return buffer.getvalue()


def apng() -> bytes:
    """Return a PNG with three frames."""
    frames = [drawing().rotate(angle) for angle in (0, 90, 180)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:], duration=80)
    return buffer.getvalue()


def srgb() -> bytes:
    """Return a colour profile, always the same: its date (ICC.1, clause 7.2.8) is not today's."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + made[36:]


def shown(data: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    """Return every frame of a file as it is decoded."""
    with Image.open(io.BytesIO(data)) as picture:
        return [(one.mode, one.size, one.tobytes()) for one in ImageSequence.Iterator(picture)]


# --- metadata blocks ----------------------------------------------------------------------------


def exif(
    zeroth: Mapping[int, object] | None = None,
    details: Mapping[int, object] | None = None,
    gps: Mapping[int, object] | None = None,
    thumbnail: bytes | None = None,
) -> bytes:
    """Return an EXIF block, from its TIFF header on."""
    parts: dict[str, object] = {
        "0th": dict(zeroth or {}),
        "Exif": dict(details or {}),
        "GPS": dict(gps or {}),
    }
    if thumbnail is not None:
        parts["1st"] = {piexif.ImageIFD.Compression: 6}
        parts["thumbnail"] = thumbnail
    return bytes(piexif.dump(parts))[6:]


def gps(latitude: float, longitude: float, accuracy_m: int | None = None) -> dict[int, object]:
    """Return the GPS directory of a place."""

    def rational(degrees: float) -> tuple[tuple[int, int], ...]:
        return (round(abs(degrees) * 1_000_000), 1_000_000), (0, 1), (0, 1)

    found: dict[int, object] = {
        1: b"S" if latitude < 0 else b"N",
        2: rational(latitude),
        3: b"W" if longitude < 0 else b"E",
        4: rational(longitude),
    }
    if accuracy_m is not None:
        found[0x1F] = (accuracy_m, 1)
    return found


def secret_exif(orientation: int = 1) -> bytes:
    """Return an EXIF block with an artist, a place and maybe a turn."""
    zeroth: dict[int, object] = {piexif.ImageIFD.Artist: SECRET}
    if orientation != 1:
        zeroth[piexif.ImageIFD.Orientation] = orientation
    return exif(zeroth, gps=gps(45.764, 4.8357))


def xmp(inside: str = "", attributes: str = "") -> bytes:
    """Return an XMP packet with these properties."""
    names = {
        "dc": "http://purl.org/dc/elements/1.1/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "GCamera": "http://ns.google.com/photos/1.0/camera/",
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    }
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f"{declared} {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def iptc(*records: tuple[int, bytes]) -> bytes:
    """Return the body of an APP13 segment with IPTC records of the application record."""
    iim = b"".join(
        struct.pack(">BBBH", 0x1C, 2, dataset, len(value)) + value for dataset, value in records
    )
    return b"Photoshop 3.0\0" + resource(0x0404, iim)


def resource(number: int, data: bytes) -> bytes:
    """Return a Photoshop resource block."""
    padded = data + b"\0" * (len(data) & 1)
    return b"8BIM" + struct.pack(">HH", number, 0) + struct.pack(">I", len(data)) + padded


def movie() -> bytes:
    """Return the beginning of a video file."""
    return struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0) + struct.pack(">I4s", 64, b"mdat")


# --- JPEG ---------------------------------------------------------------------------------------

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    """Return a marker segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif_segment(block: bytes) -> bytes:
    """Return an APP1 segment with an EXIF block."""
    return segment(0xE1, b"Exif\0\0" + block)


def xmp_segment(packet: bytes) -> bytes:
    """Return an APP1 segment with an XMP packet."""
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def icc_segments(profile: bytes, part_bytes: int = 65_000) -> bytes:
    """Return the APP2 segments of a colour profile."""
    parts = [profile[at : at + part_bytes] for at in range(0, len(profile), part_bytes)]
    heads = (b"ICC_PROFILE\0" + bytes([number, len(parts)]) for number in range(1, len(parts) + 1))
    return b"".join(segment(0xE2, head + part) for head, part in zip(heads, parts, strict=True))


def with_segments(data: bytes, *segments: bytes) -> bytes:
    """Return a JPEG with segments put behind its JFIF header."""
    at = 2
    if data[2:4] == b"\xff\xe0":
        at += 2 + int.from_bytes(data[4:6], "big")
    return data[:at] + b"".join(segments) + data[at:]


def before_marker(data: bytes, marker: int, extra: bytes, *, last: bool = False) -> bytes:
    """Return a JPEG with bytes put before its first (or last) marker of this kind."""
    needle = bytes([0xFF, marker])
    at = data.rindex(needle) if last else data.index(needle)
    return data[:at] + extra + data[at:]


def mpf(first_type: int, pictures: list[tuple[int, int, int]]) -> bytes:
    """Return the body of an MPF segment: (type, size, offset from its TIFF header) of each."""
    count = len(pictures)
    entries = struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    entries += struct.pack(">HHII", 0xB001, 4, 1, count)
    entries += struct.pack(">HHII", 0xB002, 7, 16 * count, 8 + 2 + 36 + 4)
    index = b"MM\0*" + struct.pack(">IH", 8, 3) + entries + struct.pack(">I", 0)
    rows = b"".join(
        struct.pack(">IIIHH", first_type if number == 0 else kind, size, offset, 0, 0)
        for number, (kind, size, offset) in enumerate(pictures)
    )
    return b"MPF\0" + index + rows


def with_second(first: bytes, second: bytes, kind: int, first_type: int = 0x030000) -> bytes:
    """Return a JPEG with a second picture behind it and an index that says so."""
    size_of_segment = 4 + len(mpf(0, [(0, 0, 0), (0, 0, 0)]))
    at = len(with_segments(first, b"")) + size_of_segment
    place = with_segments(first, b"\0MARK").index(b"\0MARK")
    body = mpf(first_type, [(0, at, 0), (kind, len(second), at - (place + 8))])
    return with_segments(first, segment(0xE2, body)) + second


# --- PNG ----------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG as (kind, data)."""
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += length + 12
        if found[-1][0] == b"IEND":
            break
    return found


def png_of(parts: list[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def with_chunks(data: bytes, before: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with chunks put before its first one of this kind."""
    parts = chunks(data)
    at = next(index for index, (kind, _) in enumerate(parts) if kind == before)
    return png_of([*parts[:at], *extra, *parts[at:]])


def split_idat(data: bytes, part_bytes: int) -> bytes:
    """Return a PNG with its picture in many chunks of one size."""
    parts = chunks(data)
    stream = b"".join(body for kind, body in parts if kind == b"IDAT")
    at = next(index for index, (kind, _) in enumerate(parts) if kind == b"IDAT")
    split = [
        (b"IDAT", stream[start : start + part_bytes]) for start in range(0, len(stream), part_bytes)
    ]
    others = [part for part in parts if part[0] != b"IDAT"]
    return png_of([*others[:at], *split, *others[at:]])
