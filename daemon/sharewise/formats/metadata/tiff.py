"""Read TIFF directories as EXIF has them: bounded whatever they claim, and never raising.

Source: TIFF 6.0, section 2; Exif 3.0 (CIPA DC-008), 4.6. What is broken is left out and noted
in `faults`: a broken block is removed whole, so nothing hangs on reading all of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sharewise.formats.metadata.words import decode

DIRECTORIES_LIMIT = 32
ENTRIES_LIMIT = 1024
"""Entries read of one directory; cameras write some sixty."""
VALUES_LIMIT = 64
"""Numbers read of one entry."""

SIZE_OF_TYPE = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4)
_TYPES = len(SIZE_OF_TYPE)
_CODE_OF_TYPE = " BBHI  bBhi fd"
_ENTRIES = {"<": struct.Struct("<HHI4s"), ">": struct.Struct(">HHI4s")}
_SHORT = {"<": struct.Struct("<H"), ">": struct.Struct(">H")}
_LONG = {"<": struct.Struct("<I"), ">": struct.Struct(">I")}

EXIF_POINTER, GPS_POINTER, INTEROP_POINTER, SUB_POINTER = 0x8769, 0x8825, 0xA005, 0x014A
POINTERS = {EXIF_POINTER: "Exif", GPS_POINTER: "GPS", INTEROP_POINTER: "Interop"}


Entry: TypeAlias = tuple[int, int, int, bytes]
"""One entry of a directory as it is read: its tag, its type, how many values, and its last field,
a value or an offset."""


@dataclass(slots=True)
class Tiff:
    """The directories of one block, by name: IFD0, Exif, GPS, Interop, IFD1, SubIFD0 …"""

    data: bytes
    order: str = "<"
    directories: dict[str, dict[int, Entry]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def value(self, entry: Entry) -> bytes:
        """Return the bytes of a value; empty if they lie outside."""
        _, type_, values, raw = entry
        size = SIZE_OF_TYPE[type_] * values if type_ < _TYPES else values
        if size <= 4:
            return raw[:size]
        (at,) = _LONG[self.order].unpack(raw)
        end = at + size
        return self.data[at:end] if end <= len(self.data) else b""

    def size(self, entry: Entry) -> int:
        """Return the bytes that a value claims."""
        _, type_, values, _ = entry
        return SIZE_OF_TYPE[type_] * values if type_ < _TYPES else values

    def text(self, name: str, tag: int) -> str:
        """Return a text value up to its NUL; empty if there is none."""
        directory = self.directories.get(name)
        if directory is None or tag not in directory:
            return ""
        value = self.value(directory[tag])
        return decode(value[: value.find(0)] if 0 in value else value).strip()

    def raw(self, name: str, tag: int) -> bytes:
        """Return the bytes of a value; empty if there is none."""
        entry = self.directories.get(name, {}).get(tag)
        return b"" if entry is None else self.value(entry)

    def numbers(self, name: str, tag: int) -> tuple[float, ...]:
        """Return the numbers of a value, rationals divided; empty if there are none."""
        directory = self.directories.get(name)
        entry = None if directory is None else directory.get(tag)
        return () if entry is None else self.numbers_of(entry)

    def number(self, name: str, tag: int) -> int | None:
        """Return the first whole number of a value, or None."""
        numbers = self.numbers(name, tag)
        return int(numbers[0]) if numbers and abs(numbers[0]) < 2**53 else None

    def numbers_of(self, entry: Entry) -> tuple[float, ...]:
        """Return at most `VALUES_LIMIT` numbers of a value; not finite or x/0 ones are left out."""
        data = self.value(entry)
        _, type_, values, _ = entry
        if type_ in (5, 10):
            count = min(len(data) // 8, VALUES_LIMIT)
            code = "I" if type_ == 5 else "i"
            pairs = struct.unpack_from(f"{self.order}{2 * count}{code}", data)
            return tuple([a / b for a, b in zip(pairs[::2], pairs[1::2], strict=True) if b])
        if type_ >= len(_CODE_OF_TYPE) or _CODE_OF_TYPE[type_] == " ":
            return ()
        count = min(values, VALUES_LIMIT, len(data) // SIZE_OF_TYPE[type_])
        found = struct.unpack_from(f"{self.order}{count}{_CODE_OF_TYPE[type_]}", data)
        if type_ < 10:
            return found
        return tuple(number for number in found if number - number == 0)

    def offset(self, entry: Entry) -> int:
        """Return the last field of an entry as an offset."""
        (at,) = _LONG[self.order].unpack(entry[3])
        return int(at)

    def entries(self) -> Iterator[tuple[str, int, Entry]]:
        """Yield every entry with its directory and tag."""
        for name, directory in self.directories.items():
            for tag, entry in directory.items():
                yield name, tag, entry


def read_tiff(data: bytes) -> Tiff:
    """Return what can be read of a TIFF block; `faults` says what could not."""
    tiff = Tiff(data)
    order = {b"II*\0": "<", b"MM\0*": ">", b"IIRO": "<", b"IIU\0": "<"}.get(data[:4])
    if order is None or len(data) < 8:
        tiff.faults.append("no TIFF header")
        return tiff
    tiff.order = order
    (first,) = _LONG[order].unpack_from(data, 4)
    waiting = [("IFD0", first)]
    seen: set[int] = set()
    while waiting:
        name, at = waiting.pop(0)
        if at in seen or len(seen) == DIRECTORIES_LIMIT:
            tiff.faults.append(f"{name} loops or is one too many")
            continue
        seen.add(at)
        waiting += read_directory(tiff, name, at)
    return tiff


def read_directory(tiff: Tiff, name: str, at: int, lowest: int = 8) -> list[tuple[str, int]]:
    """Read one directory into `tiff` and return those that it points at.

    `lowest`: where the first can be; behind the header of a TIFF.
    """
    data, order = tiff.data, tiff.order
    if at < lowest or at + 2 > len(data):
        tiff.faults.append(f"{name} lies outside")
        return []
    (count,) = _SHORT[order].unpack_from(data, at)
    room = (len(data) - at - 2) // 12
    if count > min(room, ENTRIES_LIMIT):
        tiff.faults.append(f"{name} has {count} entries")
        count = min(room, ENTRIES_LIMIT)
    end = at + 2 + 12 * count
    rows = _ENTRIES[order].iter_unpack(data[at + 2 : end])
    directory: dict[int, Entry] = {row[0]: row for row in rows}
    if len(directory) != count:
        tiff.faults.append(f"{name} has a tag twice")
    tiff.directories[name] = directory
    following: list[tuple[str, int]] = []
    if not directory.keys().isdisjoint(POINTERS):
        following += [
            (inner, tiff.offset(directory[tag]))
            for tag, inner in POINTERS.items()
            if tag in directory and inner not in tiff.directories
        ]
    if SUB_POINTER in directory:
        offsets = tiff.numbers_of(directory[SUB_POINTER])[:8]
        following += [(f"SubIFD{index}", int(offset)) for index, offset in enumerate(offsets)]
    if name.startswith("IFD") and end + 4 <= len(data):
        (after,) = _LONG[order].unpack_from(data, end)
        if after:
            following.append((f"IFD{int(name[3:]) + 1}", after))
    return following
