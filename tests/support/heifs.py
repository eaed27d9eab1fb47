"""Small AVIF and HEIC files, built item by item around pictures that Pillow encodes."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pillow_heif
from PIL import Image, ImageSequence

from support.images import drawing

ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
DEPTH = b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth"
APPLE_GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
PRIMARY = 1
_ESSENTIAL = (b"av1C", b"irot", b"imir", b"clap")


@dataclass(frozen=True)
class Thing:
    """One item; `properties` are whole boxes, `essential` are the places of those that must be
    understood. `is_inside` puts its data into `idat`."""

    id: int
    kind: bytes
    data: bytes = b""
    properties: Sequence[bytes] = ()
    essential: Sequence[int] = ()
    is_hidden: bool = False
    is_inside: bool = False
    name: bytes = b""
    content_type: bytes = b""
    method: int | None = None
    protection: int = 0


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box."""
    payload = b"".join(parts)
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def auxiliary(purpose: bytes) -> bytes:
    """Return the property that says what an auxiliary picture is for."""
    return full(b"auxC", purpose + b"\0")


def refers(kind: bytes, source: int, *targets: int) -> bytes:
    """Return an entry of `iref`."""
    return box(kind, struct.pack(f">HH{len(targets)}H", source, len(targets), *targets))


def group(kind: bytes, *members: int) -> bytes:
    """Return a group of items."""
    return full(kind, struct.pack(f">II{len(members)}I", 900, len(members), *members))


@cache
def coded(width: int = 32, height: int = 16, shade: int = 0) -> tuple[bytes, tuple[bytes, ...]]:
    """Return an AV1 picture and its properties: size, depth, configuration."""
    sink = io.BytesIO()
    image = drawing(width, height).point(lambda value: (value + shade) % 256)
    image.save(sink, "AVIF", quality=60, speed=10)
    data = sink.getvalue()
    at = data.index(b"mdat")
    (length,) = struct.unpack_from(">I", data, at - 4)
    picture = data[at + 4 : at - 4 + length]
    found = [_property(data, kind) for kind in (b"ispe", b"pixi", b"av1C", b"colr")]
    return picture, tuple(found)


def _property(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind) - 4
    (length,) = struct.unpack_from(">I", data, at)
    return data[at : at + length]


def picture(id_: int = PRIMARY, shade: int = 0, **more: object) -> Thing:
    """Return an item that is an AV1 picture."""
    data, properties = coded(shade=shade)
    return _picture(id_, data, properties, more)


def tile(id_: int, shade: int = 0) -> Thing:
    """Return an AV1 picture that is large enough to be a tile of another."""
    data, properties = coded(64, 64, shade)
    return _picture(id_, data, properties, {"is_hidden": True})


def grid(id_: int, columns: int, **more: object) -> Thing:
    """Return an item that is a row of such tiles."""
    width = 64 * columns
    layout = struct.pack(">4BHH", 0, 0, 0, columns - 1, width, 64)
    properties = full(b"ispe", struct.pack(">II", width, 64)), full(b"pixi", b"\3\x08\x08\x08")
    return Thing(id_, b"grid", layout, properties, **more)  # type: ignore[arg-type]  # fields by name


def _picture(
    id_: int, data: bytes, properties: tuple[bytes, ...], more: dict[str, object]
) -> Thing:
    extra = more.pop("properties", ())
    assert isinstance(extra, tuple)
    return Thing(id_, b"av01", data, (*properties, *extra), **more)  # type: ignore[arg-type]  # fields by name


def exif_item(id_: int, tiff: bytes) -> Thing:
    """Return an EXIF item as phones write it."""
    return Thing(id_, b"Exif", struct.pack(">I", 6) + b"Exif\0\0" + tiff, is_hidden=True)


def xmp_item(id_: int, packet: bytes) -> Thing:
    """Return an XMP item."""
    return Thing(id_, b"mime", packet, content_type=b"application/rdf+xml")


def heif(
    things: Sequence[Thing],
    *references: bytes,
    groups: Sequence[bytes] = (),
    primary: int = PRIMARY,
    handler: bytes = b"",
    more_meta: bytes = b"",
    more_properties: bytes = b"",
    before: bytes = b"",
    after: bytes = b"",
    stray: bytes = b"",
    major: bytes = b"avif",
) -> bytes:
    """Return a file: `ftyp`, `before`, `meta`, `mdat`, `after`; `stray` is in `mdat` only."""
    head = box(b"ftyp", major, bytes(4), major, b"mif1", b"miaf") + before
    placed = _meta(things, references, groups, primary, handler, more_meta, more_properties, 0)
    start = len(head) + len(placed) + 8
    meta = _meta(things, references, groups, primary, handler, more_meta, more_properties, start)
    media = b"".join(thing.data for thing in things if not thing.is_inside)
    return head + meta + box(b"mdat", media, stray) + after


def _meta(  # noqa: PLR0917  the parts of one box
    things: Sequence[Thing],
    references: Sequence[bytes],
    groups: Sequence[bytes],
    primary: int,
    handler: bytes,
    more_meta: bytes,
    more_properties: bytes,
    start: int,
) -> bytes:
    inside = b"".join(thing.data for thing in things if thing.is_inside)
    parts = [
        full(b"hdlr", bytes(4), b"pict", bytes(12), handler + b"\0"),
        full(b"pitm", struct.pack(">H", primary)),
        full(b"iinf", struct.pack(">H", len(things)), *map(_entry, things)),
        _places(things, start),
        _properties(things, more_properties),
    ]
    parts += [full(b"iref", *references)] if references else []
    parts += [box(b"idat", inside)] if inside else []
    parts += [box(b"grpl", *groups)] if groups else []
    return full(b"meta", *parts, more_meta)


def _entry(thing: Thing) -> bytes:
    content = thing.content_type + b"\0" if thing.kind == b"mime" else b""
    numbers = struct.pack(">HH", thing.id, thing.protection)
    parts = (numbers, thing.kind, thing.name + b"\0", content)
    return full(b"infe", *parts, version=2, flags=int(thing.is_hidden))


def _places(things: Sequence[Thing], start: int) -> bytes:
    entries = []
    at, inside_at = start, 0
    for thing in things:
        method = int(thing.is_inside) if thing.method is None else thing.method
        place = inside_at if thing.is_inside else at
        entries.append(struct.pack(">HHHHII", thing.id, method, 0, 1, place, len(thing.data)))
        if thing.is_inside:
            inside_at += len(thing.data)
        else:
            at += len(thing.data)
    return full(b"iloc", b"\x44\x00", struct.pack(">H", len(things)), *entries, version=1)


def _properties(things: Sequence[Thing], more: bytes) -> bytes:
    boxes: list[bytes] = []
    entries = []
    for thing in things:
        marks = b""
        for place, one in enumerate(thing.properties):
            boxes.append(one)
            is_essential = place in thing.essential or one[4:8] in _ESSENTIAL
            marks += bytes([len(boxes) | (0x80 if is_essential else 0)])
        if marks:
            entries.append(struct.pack(">HB", thing.id, len(marks)) + marks)
    lists = full(b"ipma", struct.pack(">I", len(entries)), *entries)
    return box(b"iprp", box(b"ipco", *boxes, more), lists)


def hevc(**options: object) -> bytes:
    """Return a HEIC as pillow-heif writes it."""
    sink = io.BytesIO()
    pillow_heif.from_pillow(drawing(64, 48)).save(sink, quality=40, **options)
    return sink.getvalue()


def animation(mode: str = "RGB") -> bytes:
    """Return an AVIF with three frames and, in RGBA, a track of alpha."""
    frames = [drawing(32, 16, "RGB").rotate(angle).convert(mode) for angle in (0, 90, 180)]
    for number, frame in enumerate(frames):
        if mode == "RGBA":
            frame.putalpha(100 + 50 * number)
    sink = io.BytesIO()
    frames[0].save(
        sink, "AVIF", save_all=True, append_images=frames[1:], duration=80, speed=10, quality=50
    )
    return sink.getvalue()


def shown(data: bytes) -> list[tuple[str, tuple[int, int], bytes, object, object]]:
    """Return every picture or frame of a file, as it is displayed, with its time and colours."""
    if data[8:12] in (b"avif", b"avis"):
        with Image.open(io.BytesIO(data)) as image:
            return [_frame(one) for one in ImageSequence.Iterator(image)]
    pictures = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    return [_frame(one.to_pillow()) for one in pictures]


def _frame(image: Image.Image) -> tuple[str, tuple[int, int], bytes, object, object]:
    colours = image.info.get("icc_profile"), str(image.info.get("nclx_profile"))
    turn = image.getexif().get(0x0112, 1)
    return image.mode, image.size, image.tobytes(), image.info.get("duration"), (*colours, turn)
