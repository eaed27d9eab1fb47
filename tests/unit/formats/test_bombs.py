"""Files that are made to cost much: each is judged or malformed at a cost that its size bounds.

No clock is looked at: what counts is what is asked for and what is held at once.
"""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import brotli
import pytest

from fuzz.invariant import hold
from sharewise.formats import registry
from support.images import (
    before_marker,
    chunk,
    exif_segment,
    jpeg,
    mpf,
    png,
    segment,
    with_chunks,
    with_segments,
    xmp_segment,
)

MANY = 600
"""Parts side by side: what grows with the square of them shows as well as in many more."""
DEEP = 1_500
"""Parts in one another: more than Python lets functions call one another."""
PAGES = 200
"""Directories of a TIFF side by side, of which each is described in words."""
INFLATED_BYTES = 48 * 1024 * 1024
HELD_BYTES = 24 * 1024 * 1024
"""The most that is held at once beyond a few times the file; less than any bomb inflates to."""


@dataclass(frozen=True)
class Bomb:
    """A file and the module of the format that it pretends to be."""

    format: str
    make: Callable[[], bytes]


@cache
def zeros_deflated() -> bytes:
    deflate = zlib.compressobj(9)
    block = bytes(1024 * 1024)
    parts = [deflate.compress(block) for _ in range(INFLATED_BYTES // len(block))]
    return b"".join([*parts, deflate.flush()])


def laughs(depth: int = 30) -> bytes:
    """Return XMP of which the entities come to 10^depth characters."""
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth)]
    text = f"<!DOCTYPE x [{''.join(entities)}]>{packet(f'<dc:title>&a{depth - 1};</dc:title>')}"
    return text.encode()


def quadratic() -> bytes:
    """Return XMP with one long entity that is used many times."""
    return (
        f'<!DOCTYPE x [<!ENTITY a "{"ha" * 8000}">]>'
        f"{packet('<dc:title>' + '&a;' * 8000 + '</dc:title>')}"
    ).encode()


def deep_xml(depth: int = 4000) -> bytes:
    return packet("<a:b xmlns:a='c:d'>" * depth + "</a:b>" * depth).encode()


def packet(inside: str) -> str:
    return (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' rdf:about=''>"
        f"{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def tiff(entries: bytes, count: int, following: int = 0) -> bytes:
    """Return a TIFF of which the first directory claims `count` entries."""
    return b"II*\0" + struct.pack("<IH", 8, count) + entries + struct.pack("<I", following)


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def big_tiff(count: int) -> bytes:
    return b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, count) + bytes(200)


def directories(number: int) -> bytes:
    """Return a TIFF with a chain of directories of one entry each, the last of which closes it."""
    size = 2 + 12 + 4
    starts = [8 + index * size for index in range(number)]
    parts = [
        struct.pack("<H", 1) + entry(0x10E, 2, 4, 0x41414141) + struct.pack("<I", following)
        for following in (*starts[1:], starts[0])
    ]
    return b"II*\0" + struct.pack("<I", 8) + b"".join(parts)


def fan(width: int) -> bytes:
    """Return a TIFF of which each sub-directory points to itself many times."""
    offsets_at = 8 + 2 + 12 + 4
    offsets = struct.pack("<I", 8) * width
    return tiff(entry(0x14A, 4, width, offsets_at), 1) + offsets


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def large_box(kind: bytes, size: int, body: bytes = b"") -> bytes:
    return struct.pack(">I", 1) + kind + struct.pack(">Q", size) + body


MP4 = box(b"ftyp", b"isom\0\0\2\0isommp41")
HEIC = box(b"ftyp", b"heic\0\0\0\0mif1heic")
JXL = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
HANDLER = box(b"hdlr", bytes(8) + b"pict" + bytes(13))


def nested(kind: bytes, depth: int, before: bytes = b"") -> bytes:
    """Return boxes one in another, written in one go: their sizes count down."""
    size = 8 + len(before)
    heads = (struct.pack(">I", size * left) + kind + before for left in range(depth, 0, -1))
    return b"".join(heads)


def full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)) + body)


def track(*tables: bytes) -> bytes:
    media = box(b"minf", box(b"stbl", b"".join(tables)))
    return MP4 + box(b"moov", box(b"trak", box(b"mdia", media))) + box(b"mdat", bytes(64))


def riff(*chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body) if size is None else size) + b"WEBP" + body


VP8X = (b"VP8X", bytes(10))
GIF = b"GIF89a\x01\0\x01\0\0\0\0"
PIXEL = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"


def exif_in_jpeg(block: bytes) -> bytes:
    return with_segments(jpeg(), exif_segment(block))


def png_with(*parts: tuple[bytes, bytes]) -> bytes:
    return with_chunks(png(), b"IDAT", *parts)


BOMBS = {
    # directories
    "exif of many entries": Bomb("jpeg", lambda: exif_in_jpeg(tiff(b"", 65_535))),
    "exif of endless values": Bomb(
        "jpeg", lambda: exif_in_jpeg(tiff(entry(0x10E, 12, 2**32 - 1, 8) * 400, 400))
    ),
    "exif directory after itself": Bomb("jpeg", lambda: exif_in_jpeg(tiff(b"", 0, 8))),
    "exif chain of directories": Bomb("jpeg", lambda: exif_in_jpeg(directories(3_000))),
    "exif in itself": Bomb("jpeg", lambda: exif_in_jpeg(tiff(entry(0x8769, 4, 1, 8), 1))),
    "exif fan": Bomb("jpeg", lambda: exif_in_jpeg(fan(10_000))),
    "tiff chain of directories": Bomb("tiff", lambda: directories(PAGES)),
    "tiff fan": Bomb("tiff", lambda: fan(MANY)),
    "tiff of 10^9 entries": Bomb("tiff", lambda: big_tiff(10**9)),
    "tiff of 2^64 - 1 entries": Bomb("tiff", lambda: big_tiff(2**64 - 1)),
    "tiff of endless strips": Bomb(
        "tiff", lambda: tiff(entry(0x111, 4, 2**32 - 1, 8) + entry(0x117, 4, 2**32 - 1, 8), 2)
    ),
    # what grows when it is inflated or expanded
    "zTXt that inflates": Bomb("png", lambda: png_with((b"zTXt", b"a\0\0" + zeros_deflated()))),
    "iTXt that inflates": Bomb(
        "png",
        lambda: png_with((b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zeros_deflated())),
    ),
    "iCCP that inflates": Bomb("png", lambda: png_with((b"iCCP", b"icc\0\0" + zeros_deflated()))),
    "IDAT that inflates": Bomb(
        "png",
        lambda: (
            png()[:8]
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zeros_deflated())
            + chunk(b"IEND", b"")
        ),
    ),
    "brob that inflates": Bomb(
        "jxl",
        lambda: JXL + box(b"brob", b"xml " + brotli.compress(bytes(INFLATED_BYTES), quality=1)),
    ),
    "entities in a jpeg": Bomb("jpeg", lambda: with_segments(jpeg(), xmp_segment(laughs()))),
    "long entity in a jpeg": Bomb("jpeg", lambda: with_segments(jpeg(), xmp_segment(quadratic()))),
    "entities in a png": Bomb(
        "png", lambda: png_with((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + laughs()))
    ),
    "entities in a webp": Bomb("webp", lambda: riff(VP8X, (b"XMP ", laughs()))),
    "entities in a gif": Bomb(
        "gif", lambda: GIF + b"\x21\xff\x0bXMP DataXMP" + laughs() + PIXEL + b";"
    ),
    "entities in a tiff": Bomb(
        "tiff", lambda: tiff(entry(700, 1, len(laughs()), 26), 1) + laughs()
    ),
    "entities in an svg": Bomb(
        "svg",
        lambda: laughs().replace(b"x:xmpmeta", b"svg").replace(b"xmlns:x='adobe:ns:meta/'", SVG),
    ),
    "deep svg": Bomb("svg", lambda: b"<svg " + SVG + b">" + b"<g>" * DEEP + b"</g>" * DEEP),
    "deep xmp": Bomb("png", lambda: png_with((b"iTXt", XMP_KEY + deep_xml()))),
    # boxes
    "box of 2^63": Bomb("mp4", lambda: MP4 + large_box(b"moov", 2**63)),
    "box of 2^64 - 1": Bomb("mp4", lambda: MP4 + large_box(b"mdat", 2**64 - 1)),
    "box of 2^63 in heic": Bomb("heif", lambda: HEIC + large_box(b"meta", 2**63, bytes(64))),
    "box of 2^63 in jxl": Bomb("jxl", lambda: JXL + large_box(b"jxlc", 2**63, bytes(64))),
    "box of no size": Bomb("mp4", lambda: MP4 + bytes(8 * MANY)),
    "deep moov": Bomb("mp4", lambda: MP4 + nested(b"moov", DEEP)),
    "deep udta": Bomb("mp4", lambda: MP4 + box(b"moov", nested(b"udta", DEEP))),
    "deep trak": Bomb("mp4", lambda: MP4 + box(b"moov", nested(b"trak", DEEP))),
    "deep meta": Bomb("heif", lambda: HEIC + nested(b"meta", DEEP, bytes(4))),
    "many small boxes": Bomb("mp4", lambda: MP4 + box(b"free", b"") * MANY),
    "many small boxes in moov": Bomb("mp4", lambda: MP4 + box(b"moov", box(b"udta", b"") * MANY)),
    "many small boxes in heic": Bomb("heif", lambda: HEIC + box(b"free", b"") * MANY),
    "many small boxes in jxl": Bomb("jxl", lambda: JXL + box(b"jxlp", b"\0\0\0\0") * MANY),
    "samples without end": Bomb(
        "mp4", lambda: track(full(b"stsz", struct.pack(">II", 0, 2**32 - 1)))
    ),
    "samples of one size without end": Bomb(
        "mp4",
        lambda: track(
            full(b"stsz", struct.pack(">II", 1, 2**32 - 1)),
            full(b"stsc", struct.pack(">IIII", 1, 1, 2**32 - 1, 1)),
            full(b"stco", struct.pack(">II", 1, 300)),
            full(b"stts", struct.pack(">III", 1, 2**32 - 1, 1)),
        ),
    ),
    "chunks without end": Bomb("mp4", lambda: track(full(b"co64", struct.pack(">I", 2**32 - 1)))),
    "items without end": Bomb(
        "heif",
        lambda: (
            HEIC
            + full(b"meta", HANDLER + full(b"iinf", struct.pack(">I", 2**32 - 1) + bytes(40), 1))
        ),
    ),
    "places without end": Bomb(
        "heif",
        lambda: (
            HEIC
            + full(
                b"meta",
                HANDLER + full(b"iloc", b"\x44\x40" + struct.pack(">I", 2**32 - 1) + bytes(64), 2),
            )
        ),
    ),
    # chunks, segments and blocks
    "chunk of 2^32 - 1": Bomb("png", lambda: png()[:33] + b"\xff\xff\xff\xfftEXt" + bytes(40)),
    "many small chunks": Bomb("png", lambda: png_with(*[(b"tEXt", b"a\0")] * MANY)),
    "many empty chunks": Bomb("png", lambda: png_with(*[(b"zzZz", b"")] * MANY)),
    "many empty IDAT": Bomb("png", lambda: png_with(*[(b"IDAT", b"")] * MANY)),
    "endless animation": Bomb("png", lambda: png_with((b"acTL", struct.pack(">II", 2**31 - 1, 0)))),
    "chunk past the end in webp": Bomb(
        "webp", lambda: riff(VP8X) + b"EXIF\xff\xff\xff\xff" + bytes(40)
    ),
    "webp that claims 4 GB": Bomb("webp", lambda: riff(VP8X, size=2**32 - 1)),
    "many empty chunks in webp": Bomb("webp", lambda: riff(VP8X, *[(b"zzzz", b"")] * MANY)),
    "frames in frames": Bomb("webp", lambda: riff(VP8X, (b"ANMF", b"ANMF\xff\xff\xff\xff" * MANY))),
    "many comments": Bomb("jpeg", lambda: with_segments(jpeg(), *[segment(0xFE, b"")] * MANY)),
    "many markers": Bomb("jpeg", lambda: jpeg()[:-2] + b"\xff\xfe\0\x02" * MANY + b"\xff\xd9"),
    "many fill bytes": Bomb("jpeg", lambda: jpeg()[:2] + b"\xff" * 8 * MANY + jpeg()[2:]),
    "many pictures one after another": Bomb("jpeg", lambda: jpeg() + b"\xff\xd8\xff\xd9" * MANY),
    "many scans": Bomb(
        "jpeg", lambda: before_marker(jpeg(), 0xD9, segment(0xDA, bytes(10)) * MANY, last=True)
    ),
    "pictures that point at themselves": Bomb(
        "jpeg", lambda: with_segments(jpeg(), segment(0xE2, mpf(0, [(0, 2**32 - 1, 0)] * 2_000)))
    ),
    "gif of endless small blocks": Bomb("gif", lambda: GIF + b"\x21\xfe" + b"\x01A" * MANY),
    "gif of many comments": Bomb("gif", lambda: GIF + b"\x21\xfe\0" * MANY + PIXEL + b";"),
    "gif of many pictures": Bomb("gif", lambda: GIF + PIXEL * MANY + b";"),
    "gif of one comment in many blocks": Bomb(
        "gif", lambda: GIF + b"\x21\xfe" + b"\x01A" * MANY + b"\0" + PIXEL + b";"
    ),
}
SVG = b"xmlns='http://www.w3.org/2000/svg'"
XMP_KEY = b"XML:com.adobe.xmp\0\0\0\0\0"
FORMATS = registry.formats()

each_bomb = pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))


@each_bomb
def test_bomb_is_judged_or_malformed_within_bounds(bomb: Bomb) -> None:
    data = bomb.make()
    if bomb.format in FORMATS:
        assert registry.recognise(data[:65536]) is FORMATS[bomb.format]
    assert held_bytes(hold, data) < HELD_BYTES + 40 * len(data)


def held_bytes(treat: Callable[[bytes], object], data: bytes) -> int:
    """Return the most that is held at once beside the file."""
    tracemalloc.start()
    try:
        treat(data)
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held


def test_what_inflates_a_bomb_is_seen() -> None:
    assert len(zeros_deflated()) < 100_000
    assert held_bytes(zlib.decompress, zeros_deflated()) > HELD_BYTES + 40 * 100_000
