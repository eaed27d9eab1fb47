"""Read and write the index of a file that holds several pictures (CIPA DC-007, 5)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from sharewise.formats.metadata.tiff import Tiff, read_directory

HEADER = b"MPF\0"
PICTURES_LIMIT = 64
VIEWS = frozenset({0x020001, 0x020002, 0x020003})
"""Panorama, disparity (3D) and multi-angle: pictures that are shown, not copies of one."""
PREVIEWS = frozenset({0x010001, 0x010002, 0x010003, 0x010004, 0x010005})

_IMAGE_COUNT, _ENTRIES = 0xB001, 0xB002
_REPRESENTATIVE = 0x20000000
_TYPE = 0x00FFFFFF
_ENTRY = {"<": struct.Struct("<IIIHH"), ">": struct.Struct(">IIIHH")}
_INDEX = struct.Struct(">2sHIHHHI4sHHIIHHIII")


class Picture(NamedTuple):
    """One entry; `offset` counts from the TIFF header of the index, 0 for the first picture."""

    attributes: int
    size: int
    offset: int

    @property
    def type(self) -> int:
        """What the picture is to the others."""
        return self.attributes & _TYPE


def read_index(body: bytes) -> list[Picture]:
    """Return the entries of an APP2 body that begins with `HEADER`; none if it is damaged."""
    data = body[len(HEADER) :]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return []
    tiff = Tiff(data, order)
    (first,) = struct.unpack_from(f"{order}I", data, 4)
    read_directory(tiff, "MPF", first)
    entry = tiff.directories.get("MPF", {}).get(_ENTRIES)
    if entry is None:
        return []
    table = tiff.value(entry)[: 16 * PICTURES_LIMIT]
    rows = _ENTRY[order].iter_unpack(table[: len(table) & ~15])
    return [Picture(attributes, size, offset) for attributes, size, offset, _, _ in rows]


def index_bytes(count: int) -> int:
    """Return the size of the body that `index_of` gives for so many pictures."""
    return len(HEADER) + _INDEX.size + 16 * count


def index_of(pictures: Sequence[Picture]) -> bytes:
    """Return the body of an APP2 segment that says where the pictures are and nothing more."""
    count = len(pictures)
    table_at = _INDEX.size
    index = _INDEX.pack(
        *(b"MM", 42, 8, 3),
        *(0xB000, 7, 4, b"0100"),
        *(_IMAGE_COUNT, 4, 1, count),
        *(_ENTRIES, 7, 16 * count, table_at, 0),
    )
    rows = (
        _ENTRY[">"].pack(one.attributes & (_REPRESENTATIVE | _TYPE), one.size, one.offset, 0, 0)
        for one in pictures
    )
    return HEADER + index + b"".join(rows)
