"""Walk the directories of a TIFF or BigTIFF; only directories and small values are read.

Source: TIFF 6.0, section 2; BigTIFF (Aware Systems, libtiff), file format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Span, Steps
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags

ENTRIES_LIMIT = 4096
"""Entries in one directory; the richest raw files have some hundred."""
PAGES_LIMIT = 4096
SUBS_LIMIT = 64
"""Directories that one directory may point at besides the next."""

_MAGICS = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
    b"IIRO": ("<", False),
    b"IIRS": ("<", False),
    b"MMOR": (">", False),
    b"IIU\0": ("<", False),
}
_HEADER_BYTES = 16
_GLANCE_BYTES = 1024
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}


@dataclass(frozen=True, slots=True)
class Scheme:
    """How numbers stand in the file: byte order, and 32 or 64 bits for offsets."""

    order: str
    is_big: bool

    @property
    def header_bytes(self) -> int:
        """Up to the offset of the first directory, that included."""
        return 16 if self.is_big else 8

    @property
    def offset_bytes(self) -> int:
        """The size of an offset, and of the field that holds a value or its offset."""
        return 8 if self.is_big else 4

    @property
    def count_bytes(self) -> int:
        """The size of the number of entries."""
        return 8 if self.is_big else 2

    @property
    def entry(self) -> struct.Struct:
        """One entry: tag, type, number of values, value or offset."""
        return struct.Struct(self.order + ("HHQ8s" if self.is_big else "HHI4s"))

    def number(self, data: bytes) -> int:
        """Return an unsigned number of any size."""
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def packed(self, number: int, size: int) -> bytes:
        """Return an unsigned number in so many bytes."""
        return number.to_bytes(size, "little" if self.order == "<" else "big")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory."""

    tag: int
    type: int
    count: int
    field: bytes
    """The value, left-justified, or its offset."""
    size: int
    """Bytes of the value; 0 where the type is unknown."""
    at: int | None
    """Where the value lies if it does not fit into the field."""

    def span(self, size_bytes: int) -> Span | None:
        """Return where the value lies outside of the directory, as far as the file goes."""
        if self.at is None or self.at >= size_bytes or not self.size:
            return None
        return Span(self.at, min(self.size, size_bytes - self.at))


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory of the file."""

    name: str
    offset: int
    length: int
    """In bytes, with the offset of the next directory if there is room for it."""
    raw: bytes
    entries: tuple[Entry, ...]
    following: int
    _first: dict[int, Entry] = field(init=False, repr=False, compare=False)
    """The first entry of each tag: it is asked for some twenty times a directory."""

    def __post_init__(self) -> None:
        first = {entry.tag: entry for entry in reversed(self.entries)}
        object.__setattr__(self, "_first", first)

    def find(self, tag: int) -> Entry | None:
        """Return the first entry of a tag, or None."""
        return self._first.get(tag)

    def number(self, scheme: Scheme, tag: int, default: int) -> int:
        """Return the first number of a short value that stands in the directory itself."""
        entry = self.find(tag)
        code = None if entry is None else _INTEGERS.get(entry.type)
        if entry is None or code is None or entry.count == 0:
            return default
        size = struct.calcsize(code)
        return scheme.number(entry.field[:size]) if entry.at is None else default

    @property
    def span(self) -> Span:
        """The bytes of the directory."""
        return Span(self.offset, self.length)


def is_tiff(head: bytes) -> bool:
    """Return whether a file that begins so is a TIFF, a BigTIFF or a raw like them."""
    return len(head) >= 8 and head[:4] in _MAGICS


def read_scheme(reader: Reader, path: str) -> Steps[tuple[Scheme, int]]:
    """Return how numbers stand and where the first directory is."""
    head = yield from reader.read(0, min(_HEADER_BYTES, reader.size), path)
    order, is_big = _MAGICS[head[:4]]
    scheme = Scheme(order, is_big)
    if len(head) < scheme.header_bytes:
        raise Malformed(path=path, at_byte=len(head), why="it breaks off in its header")
    if is_big and (scheme.number(head[4:6]) != 8 or scheme.number(head[6:8]) != 0):
        raise Malformed(path=path, at_byte=4, why="its offsets are of an unknown size")
    first = head[scheme.header_bytes - scheme.offset_bytes : scheme.header_bytes]
    return scheme, scheme.number(first)


def read_directory(
    reader: Reader, scheme: Scheme, offset: int, name: str, path: str
) -> Steps[Directory]:
    """Return one directory. Raises Malformed if it does not lie in the file."""
    if offset < scheme.header_bytes:
        raise Malformed(path=f"{path}/{name}", at_byte=0, why="a directory lies in the header")
    beginning = yield from reader.glance(
        offset, scheme.count_bytes, _GLANCE_BYTES, f"{path}/{name}"
    )
    count = scheme.number(beginning[: scheme.count_bytes])
    if count > ENTRIES_LIMIT:
        why = "a directory claims more entries than can be"
        raise Malformed(path=f"{path}/{name}", at_byte=offset, why=why)
    size = scheme.entry.size
    needed = scheme.count_bytes + count * size
    reader.require(offset, needed, f"{path}/{name}")
    length = min(needed + scheme.offset_bytes, reader.size - offset)
    raw = yield from reader.read(offset, length, f"{path}/{name}")
    entries = tuple(
        _entry(scheme, *row) for row in scheme.entry.iter_unpack(raw[scheme.count_bytes : needed])
    )
    whole = length == needed + scheme.offset_bytes
    following = scheme.number(raw[needed:]) if whole else 0
    return Directory(name, offset, length, raw, entries, following)


def _entry(scheme: Scheme, tag: int, type_: int, count: int, field: bytes) -> Entry:
    each = tags.SIZE_OF_TYPE[type_] if type_ < len(tags.SIZE_OF_TYPE) else 0
    size = each * count
    at = None if size <= scheme.offset_bytes else scheme.number(field)
    return Entry(tag, type_, count, field, size, at)


def walk_pages(reader: Reader, scheme: Scheme, first: int, path: str) -> Steps[list[Directory]]:
    """Return the directories of the main chain; it ends before one that cannot be."""
    pages = [(yield from read_directory(reader, scheme, first, "IFD0", path))]
    if not pages[0].entries:
        raise Malformed(path=f"{path}/IFD0", at_byte=first, why="its first directory is empty")
    seen = {first}
    while (at := pages[-1].following) and at not in seen:
        seen.add(at)
        if len(pages) == PAGES_LIMIT:
            raise Malformed(path=path, at_byte=at, why="it has more pages than can be")
        page = yield from try_directory(reader, scheme, at, f"IFD{len(pages)}", path)
        if page is None:
            break
        pages.append(page)
    return pages


def try_directory(
    reader: Reader, scheme: Scheme, offset: int, name: str, path: str
) -> Steps[Directory | None]:
    """Return a directory, or None where there is none."""
    try:
        directory = yield from read_directory(reader, scheme, offset, name, path)
    except Malformed:
        return None
    return directory if directory.entries else None


def numbers(reader: Reader, scheme: Scheme, entry: Entry, path: str) -> Steps[tuple[int, ...]]:
    """Return the whole numbers of a value, none if it is of another type or lies outside."""
    code = _INTEGERS.get(entry.type)
    if code is None:
        return ()
    if entry.at is None:
        data = entry.field[: entry.size]
    elif entry.at + entry.size > reader.size:
        return ()
    else:
        data = yield from reader.read(entry.at, entry.size, path)
    return struct.unpack(f"{scheme.order}{entry.count}{code}", data)


def read_subs(
    reader: Reader, scheme: Scheme, parent: Directory, tag: int, path: str
) -> Steps[list[Directory]]:
    """Return the directories that an entry points at, those that there are."""
    entry = parent.find(tag)
    if entry is None or entry.count > SUBS_LIMIT:
        return []
    offsets = yield from numbers(reader, scheme, entry, path)
    names = {tags.EXIF: "Exif", tags.GPS: "GPS", tags.INTEROP: "Interop"}
    found: list[Directory] = []
    for index, offset in enumerate(offsets):
        name = names.get(tag, f"{parent.name}/SubIFD{index}")
        directory = yield from try_directory(reader, scheme, offset, name, path)
        if directory is not None:
            found.append(directory)
    return found
