"""Small TIFF, BigTIFF and raw files, built entry by entry for tests."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
_CODES = {1: "B", 2: "s", 3: "H", 4: "I", 6: "b", 7: "s", 12: "d", 13: "I", 16: "Q", 18: "Q"}

WIDTH, HEIGHT = 24, 10


@dataclass(frozen=True)
class Tag:
    """One entry: type and values, bytes for text and blobs, pairs for rationals."""

    type: int
    values: Sequence[object] | bytes


@dataclass(frozen=True)
class Page:
    """One directory with its pixels and the directories that it points at."""

    tags: Mapping[int, Tag]
    strips: Sequence[bytes] = ()
    children: Mapping[int, Sequence[Page]] = field(default_factory=dict)
    is_tiled: bool = False

    def with_tags(self, more: Mapping[int, Tag]) -> Page:
        """Return the page with more tags."""
        return replace(self, tags={**self.tags, **more})


def text(value: bytes) -> Tag:
    """Return an ASCII value."""
    return Tag(2, value + b"\0")


def short(*values: int) -> Tag:
    """Return SHORT values."""
    return Tag(3, values)


def long(*values: int) -> Tag:
    """Return LONG values."""
    return Tag(4, values)


def blob(value: bytes) -> Tag:
    """Return UNDEFINED bytes."""
    return Tag(7, value)


def rational(*values: tuple[int, int]) -> Tag:
    """Return RATIONAL values."""
    return Tag(5, values)


def pixels(seed: int = 0, length: int = WIDTH * HEIGHT * 3) -> bytes:
    """Return pixels in which every shift can be seen."""
    return bytes((at * 7 + at // 13 + seed) % 251 for at in range(length))


def page(seed: int = 0, strips: int = 2, compression: int = 1, **more: Tag) -> Page:
    """Return a page of RGB in some strips, plain (1) or deflated (8)."""
    rows = HEIGHT // strips
    size = WIDTH * rows * 3
    data = pixels(seed)
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    if compression == 8:
        parts = [zlib.compress(part) for part in parts]
    return Page(
        {
            256: short(WIDTH),
            257: short(HEIGHT),
            258: short(8, 8, 8),
            259: short(compression),
            262: short(2),
            277: short(3),
            278: short(rows),
            **{int(tag.removeprefix("t")): value for tag, value in more.items()},
        },
        parts,
    )


def tiff(
    *pages: Page,
    order: str = "<",
    is_big: bool = False,
    magic: bytes | None = None,
    behind: bytes = b"",
) -> bytes:
    """Return a file of these pages; `behind` stands behind the header."""
    return _Writer(order, is_big).file(pages, magic, behind)


class _Writer:
    def __init__(self, order: str, is_big: bool) -> None:
        self.order = order
        self.is_big = is_big
        self.data = bytearray()
        self.offset = order + ("Q" if is_big else "I")
        self.count = order + ("Q" if is_big else "H")
        self.room = 8 if is_big else 4

    def file(self, pages: Sequence[Page], magic: bytes | None, behind: bytes) -> bytes:
        mark = b"II" if self.order == "<" else b"MM"
        version = struct.pack(self.order + "H", 43 if self.is_big else 42)
        self.data += magic or mark + version
        if self.is_big:
            self.data += struct.pack(self.order + "HH", 8, 0)
        link = len(self.data)
        self.data += bytes(self.room) + behind
        for one in pages:
            link = self.directory(one, link)
        return bytes(self.data)

    def directory(self, one: Page, link: int) -> int:
        """Write a directory, note its offset at `link`, return where its own link is."""
        rows = dict(one.tags)
        if one.strips:
            starts = [self.append(strip) for strip in one.strips]
            at, sizes = (324, 325) if one.is_tiled else (273, 279)
            rows.setdefault(at, Tag(16 if self.is_big else 4, starts))
            rows.setdefault(sizes, Tag(4, [len(strip) for strip in one.strips]))
        for tag, children in one.children.items():
            places = []
            for child in children:
                hook = self.append(bytes(8))
                self.directory(child, hook)
                places.append(struct.unpack_from(self.offset, self.data, hook)[0])
                self.data[hook : hook + 8] = bytes(8)
            rows[tag] = Tag(16 if self.is_big else 4, places)
        fields = {tag: self.value(value) for tag, value in rows.items()}
        start = self.append(b"")
        struct.pack_into(self.offset, self.data, link, start)
        self.data += struct.pack(self.count, len(rows))
        for tag, value in sorted(rows.items()):
            count = len(value.values)
            self.data += struct.pack(self.order + "HH", tag, value.type)
            self.data += struct.pack(self.offset, count) + fields[tag]
        self.data += bytes(self.room)
        return len(self.data) - self.room

    def value(self, tag: Tag) -> bytes:
        data = self.packed(tag)
        if len(data) <= self.room:
            return data.ljust(self.room, b"\0")
        return struct.pack(self.offset, self.append(data))

    def packed(self, tag: Tag) -> bytes:
        if isinstance(tag.values, bytes):
            return tag.values
        if tag.type in (5, 10):
            code = "II" if tag.type == 5 else "ii"
            return b"".join(struct.pack(self.order + code, *pair) for pair in tag.values)  # type: ignore[misc]  # pairs
        return struct.pack(f"{self.order}{len(tag.values)}{_CODES[tag.type]}", *tag.values)

    def append(self, data: bytes) -> int:
        self.data += bytes(len(self.data) & 1)
        at = len(self.data)
        self.data += data
        return at


# --- looking at a file, apart from the product's own reader -------------------------------------


@dataclass(frozen=True)
class Seen:
    """One directory as it is read back: values by tag, and the bytes of strips and tiles."""

    tags: dict[int, bytes]
    strips: tuple[bytes, ...]


def read_back(data: bytes) -> list[Seen]:
    """Return every directory of the main chain and the SubIFDs of each, in file order."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    offset = order + ("Q" if is_big else "I")
    room = 8 if is_big else 4
    (at,) = struct.unpack_from(offset, data, 8 if is_big else 4)
    waiting, found, visited = [(at, True)], [], set()
    while waiting:
        at, is_page = waiting.pop(0)
        if at in visited or not at:
            continue
        visited.add(at)
        (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), data, at)
        at += 8 if is_big else 2
        values: dict[int, bytes] = {}
        types: dict[int, int] = {}
        for _ in range(count):
            tag, kind, number = struct.unpack_from(order + ("HHQ" if is_big else "HHI"), data, at)
            size = SIZES[kind] * number
            place = at + 4 + room
            if size > room:
                (place,) = struct.unpack_from(offset, data, place)
            values[tag], types[tag] = data[place : place + size], kind
            at += 4 + 2 * room
        starts: list[int] = []
        sizes: list[int] = []
        for tag, into in ((273, starts), (324, starts), (279, sizes), (325, sizes)):
            if tag in values:
                into += [
                    one for (one,) in struct.iter_unpack(order + _CODES[types[tag]], values[tag])
                ]
        strips = tuple(data[a : a + n] for a, n in zip(starts, sizes, strict=False))
        found.append(Seen(values, strips))
        if 330 in values:
            code = order + _CODES[types[330]]
            waiting += [(one, False) for (one,) in struct.iter_unpack(code, values[330])]
        if is_page:
            waiting += [(struct.unpack_from(offset, data, at)[0], True)]
    return found
