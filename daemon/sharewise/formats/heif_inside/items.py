"""Read the `meta` box of a HEIF file: items, where they lie, what refers to what.

Source: ISO/IEC 14496-12:2022, 8.11 (metadata boxes); ISO/IEC 23008-12:2022, 9.3 (properties) and
9.4 (groups). The box is read whole and taken apart in memory: nothing here asks for anything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Span
from sharewise.formats.isobmff import shown

ITEMS_LIMIT = 16_384
"""The most items of a file: tiles of 512 pixels for a picture of 60,000 by 60,000."""
REFERENCES_LIMIT = 131_072
"""The most items that all references of a file together name; also the most properties that its
items together have, and the most stretches that they lie in."""

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Part:
    """One box in memory; `at` is where its header stands in the file."""

    kind: bytes
    payload: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of an item; `offset` counts from the base of its location."""

    index: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where an item lies: `method` 0 is the file, 1 the `idat` box, 2 another item."""

    item: int
    method: int
    source: int
    base: int
    extents: tuple[Extent, ...]

    def spans(self) -> list[Span]:
        """Return each stretch that is not empty."""
        return [Span(self.base + one.offset, one.length) for one in self.extents if one.length]

    @property
    def size_bytes(self) -> int:
        """The bytes of the item."""
        return sum(extent.length for extent in self.extents)


@dataclass(frozen=True, slots=True)
class Locations:
    """The `iloc` box; the widths are those of its fields, in bytes."""

    version: int = 0
    offset_bytes: int = 4
    length_bytes: int = 4
    base_bytes: int = 0
    index_bytes: int = 0
    entries: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """What `infe` says of an item."""

    id: int
    kind: bytes
    version: int
    flags: bytes
    protection: int
    name: bytes
    content_type: bytes

    @property
    def is_hidden(self) -> bool:
        """Whether it is not to be shown by itself."""
        return bool(self.flags[2] & 1)


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of `iref`: `source` refers to each of `targets`, in this order."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Associations:
    """One `ipma` box: for each item the properties (1 is the first) and whether each must be
    understood."""

    version: int
    flags: int
    entries: tuple[tuple[int, tuple[tuple[int, bool], ...]], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of items or tracks."""

    kind: bytes
    id: int
    members: tuple[int, ...]


@dataclass(slots=True)
class Meta:
    """The `meta` box; `order` is that of its boxes, padding and unknown ones among them."""

    order: list[Part] = field(default_factory=list)
    handler: bytes = b""
    primary: int | None = None
    list_version: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    locations: Locations = field(default_factory=Locations)
    reference_version: int = 0
    references: list[Reference] = field(default_factory=list)
    properties: list[Part] = field(default_factory=list)
    associations: list[Associations] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    data: bytes = b""
    """What is in `idat`."""

    def location(self, item: int) -> Location | None:
        """Return where an item lies."""
        return self._by_item.get(item)

    def marks_of(self, item: int) -> list[tuple[int, bool]]:
        """Return the number of each property of an item that exists, and whether it must be
        understood."""
        count = len(self.properties)
        return [mark for mark in self._marks.get(item, ()) if 1 <= mark[0] <= count]

    _by_item: dict[int, Location] = field(default_factory=dict)
    _marks: dict[int, list[tuple[int, bool]]] = field(default_factory=dict)

    def settle(self) -> None:
        """Make look-ups quick once everything has been read."""
        self._by_item = {entry.item: entry for entry in reversed(self.locations.entries)}
        for box in self.associations:
            for item, marks in box.entries:
                self._marks.setdefault(item, []).extend(marks)


class _Cursor:
    """Numbers of a payload, one behind the other."""

    __slots__ = ("_at", "_data", "_offset", "_path")

    def __init__(self, part: Part, path: str) -> None:
        self._data = part.payload
        self._offset = 0
        self._at = part.at
        self._path = path

    def number(self, length: int) -> int:
        """Return the next `length` bytes as a number; 0 for no bytes."""
        return int.from_bytes(self.take(length), "big")

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        data = self._data[self._offset : self._offset + length]
        if len(data) < length:
            raise self.broken("it ends too early")
        self._offset += length
        return data

    def rest(self) -> bytes:
        """Return what is left."""
        return self._data[self._offset :]

    def need(self, count: int, each: int, limit: int) -> None:
        """Raise Malformed unless so many things of at least so many bytes can follow."""
        if count > limit or count * each > len(self._data) - self._offset:
            raise self.broken("it counts more than it holds")

    def broken(self, why: str) -> Malformed:
        """Return the error for this place."""
        return Malformed(path=self._path, at_byte=self._at, why=why)


def parts_of(data: bytes, at: int, path: str, limit: int = ITEMS_LIMIT) -> Iterator[Part]:
    """Yield the boxes of a payload that begins at `at` in the file.

    Fewer than 8 bytes at the end are no box. Raises Malformed where a box passes the end.
    """
    offset = count = 0
    while len(data) - offset >= _HEADER.size:
        length, kind = _HEADER.unpack_from(data, offset)
        header = _HEADER.size
        if length == 1 and len(data) - offset >= 16:
            (length,) = _LARGE.unpack_from(data, offset + 8)
            header = 16
        count += 1
        if length < header or length > len(data) - offset or count > limit:
            where = f"{path}/{shown(kind)}"
            raise Malformed(path=where, at_byte=at + offset, why="its size cannot be right")
        yield Part(kind, data[offset + header : offset + length], at + offset)
        offset += length


def read_meta(payload: bytes, at: int, path: str) -> Meta:
    """Return what a `meta` box says; `at` is where its payload begins in the file."""
    if payload[4:8] == b"hdlr" or len(payload) < 4:
        raise Malformed(path=path, at_byte=at, why="it is not laid out as in a picture")
    meta = Meta(order=list(parts_of(payload[4:], at + 4, path)))
    seen: set[bytes] = set()
    for part in meta.order:
        read = _READERS.get(part.kind)
        if read is not None:
            where = f"{path}/{shown(part.kind)}"
            if part.kind in seen:
                raise Malformed(path=where, at_byte=part.at, why="it is there twice")
            seen.add(part.kind)
            read(meta, part, where)
    meta.settle()
    return meta


def _handler(meta: Meta, part: Part, path: str) -> None:
    if len(part.payload) < 20:
        raise Malformed(path=path, at_byte=part.at, why="it ends too early")
    meta.handler = part.payload


def _primary(meta: Meta, part: Part, path: str) -> None:
    cursor = _Cursor(part, path)
    version = cursor.number(4) >> 24
    meta.primary = cursor.number(4 if version else 2)


def _data(meta: Meta, part: Part, path: str) -> None:
    del path
    meta.data = part.payload


def _list(meta: Meta, part: Part, path: str) -> None:
    cursor = _Cursor(part, path)
    meta.list_version = cursor.number(4) >> 24
    count = cursor.number(4 if meta.list_version else 2)
    cursor.need(count, 8 + 8, ITEMS_LIMIT)
    start = part.at + 8 + (8 if meta.list_version else 6)
    for entry in parts_of(cursor.rest(), start, path):
        if entry.kind != b"infe":
            continue
        item = _item(entry, f"{path}/infe")
        if item.id in meta.items:
            raise Malformed(path=path, at_byte=entry.at, why="two items have one number")
        meta.items[item.id] = item


def _item(part: Part, path: str) -> Item:
    cursor = _Cursor(part, path)
    version, flags = cursor.number(1), cursor.take(3)
    id_ = cursor.number(4 if version == 3 else 2)
    protection = cursor.number(2)
    if version < 2:
        name, _, rest = cursor.rest().partition(b"\0")
        return Item(id_, b"", version, flags, protection, name, rest.partition(b"\0")[0])
    kind = cursor.take(4)
    name, _, rest = cursor.rest().partition(b"\0")
    has_type = kind in (b"mime", b"uri ")
    content_type = rest.partition(b"\0")[0] if has_type else rest
    return Item(id_, kind, version, flags, protection, name, content_type)


def _locations(meta: Meta, part: Part, path: str) -> None:
    cursor = _Cursor(part, path)
    version = cursor.number(4) >> 24
    widths = cursor.number(2)
    offset_bytes, length_bytes = widths >> 12, widths >> 8 & 15
    base_bytes, index_bytes = widths >> 4 & 15, (widths & 15 if version else 0)
    if version > 2 or {offset_bytes, length_bytes, base_bytes, index_bytes} - {0, 4, 8}:
        raise cursor.broken("it is of a kind that is not known")
    wide = 4 if version == 2 else 2
    count = cursor.number(wide)
    cursor.need(count, wide + (2 if version else 0) + 4 + base_bytes, ITEMS_LIMIT)
    entries: list[Location] = []
    total = 0
    for _ in range(count):
        item = cursor.number(wide)
        method = cursor.number(2) & 15 if version else 0
        source, base = cursor.number(2), cursor.number(base_bytes)
        pieces = cursor.number(2)
        total += pieces
        each = index_bytes + offset_bytes + length_bytes
        cursor.need(pieces, each, REFERENCES_LIMIT - total + pieces)
        if pieces > 1 and not length_bytes + offset_bytes:
            raise cursor.broken("it counts more than it holds")
        extents = tuple(
            Extent(
                cursor.number(index_bytes), cursor.number(offset_bytes), cursor.number(length_bytes)
            )
            for _ in range(pieces)
        )
        entries.append(Location(item, method, source, base, extents))
    if len({entry.item for entry in entries}) != count:
        raise cursor.broken("an item lies in two places")
    meta.locations = Locations(
        version, offset_bytes, length_bytes, base_bytes, index_bytes, tuple(entries)
    )


def _references(meta: Meta, part: Part, path: str) -> None:
    meta.reference_version = part.payload[0] if part.payload else 0
    wide = 4 if meta.reference_version else 2
    total = 0
    for entry in parts_of(part.payload[4:], part.at + 12, path):
        cursor = _Cursor(entry, path)
        source, count = cursor.number(wide), cursor.number(2)
        total += count
        cursor.need(count, wide, REFERENCES_LIMIT - total + count)
        targets = tuple(cursor.number(wide) for _ in range(count))
        meta.references.append(Reference(entry.kind, source, targets))


def _properties(meta: Meta, part: Part, path: str) -> None:
    for box in parts_of(part.payload, part.at + 8, path):
        if box.kind == b"ipco" and not meta.properties:
            meta.properties = list(parts_of(box.payload, box.at + 8, f"{path}/ipco"))
        elif box.kind == b"ipma":
            meta.associations.append(_associations(box, f"{path}/ipma"))


def _associations(part: Part, path: str) -> Associations:
    cursor = _Cursor(part, path)
    version, flags = cursor.number(1), cursor.number(3)
    wide, mark_bytes = (4 if version else 2), (2 if flags & 1 else 1)
    count = cursor.number(4)
    cursor.need(count, wide + 1, ITEMS_LIMIT)
    top = 1 << 8 * mark_bytes - 1
    entries: list[tuple[int, tuple[tuple[int, bool], ...]]] = []
    total = 0
    for _ in range(count):
        item, marks = cursor.number(wide), cursor.number(1)
        total += marks
        cursor.need(marks, mark_bytes, REFERENCES_LIMIT - total + marks)
        numbers = [cursor.number(mark_bytes) for _ in range(marks)]
        entries.append((item, tuple((mark & top - 1, mark >= top) for mark in numbers)))
    return Associations(version, flags, tuple(entries))


def _groups(meta: Meta, part: Part, path: str) -> None:
    for box in parts_of(part.payload, part.at + 8, path):
        cursor = _Cursor(box, path)
        cursor.take(4)
        id_, count = cursor.number(4), cursor.number(4)
        cursor.need(count, 4, ITEMS_LIMIT)
        members = tuple(cursor.number(4) for _ in range(count))
        meta.groups.append(Group(box.kind, id_, members))


_READERS = {
    b"hdlr": _handler,
    b"pitm": _primary,
    b"iinf": _list,
    b"iloc": _locations,
    b"iref": _references,
    b"iprp": _properties,
    b"idat": _data,
    b"grpl": _groups,
}


def joined(kind: bytes, parts: Iterable[bytes]) -> bytes:
    """Return a box of these parts."""
    payload = b"".join(parts)
    return _HEADER.pack(8 + len(payload), kind) + payload
