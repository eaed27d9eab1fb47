"""The other pictures of a file: the second view of a 3D photo, a gain map, a hidden copy.

Views and gain maps stay, cleaned like the first picture; every other one goes.
Source: CIPA DC-007 (MPF); Android, Ultra HDR Image Format 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sharewise.base.errors import Malformed
from sharewise.formats.contract import NOTHING_KEPT, Depth, Finding, Kind, Span, Steps
from sharewise.formats.jpeg_inside.segments import Contents, read_segments
from sharewise.formats.jpeg_inside.settle import (
    settle_exif,
    settle_gain_map,
    settle_index,
    settle_xmp,
)
from sharewise.formats.jpeg_inside.walk import Segment, Walk, walk
from sharewise.formats.metadata import gainmap, mpf, xmp
from sharewise.formats.metadata.words import amount
from sharewise.formats.plans import Cut, assemble, length_of
from sharewise.formats.reading import Reader

_SOI = b"\xff\xd8\xff"
_PROPERTIES = gainmap.PROPERTIES | {gainmap.APPLE_VERSION}
_ENTRY_BYTES = 8
"""Marker, length and "MPF\\0": what stands before the header that offsets count from."""


class Role(Enum):
    """What a second picture is to the first."""

    VIEW = auto()
    GAIN_MAP = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class Second:
    """A picture behind the first one."""

    entry: mpf.Picture
    start: int
    end: int
    role: Role
    contents: Contents


def read_seconds(reader: Reader, first: Walk, found: Contents, depth: Depth) -> Steps[list[Second]]:
    """Return the pictures that the index of the first one names and that are there, in order."""
    if not found.indexes or not found.indexes[0][0].is_early:
        return []
    segment, body = found.indexes[0]
    seconds: list[Second] = []
    at = first.end if first.end is not None else first.scan_at
    entries = mpf.read_index(body)
    for number, entry in enumerate(entries[1:], 2):
        start = segment.offset + _ENTRY_BYTES + entry.offset
        if start < at or start + 4 > reader.size:
            continue
        second = yield from _read_second(reader, entry, start, f"{found.path}/{number}", depth)
        if second is not None and second.end <= reader.size:
            seconds.append(second)
            at = second.end
    return seconds


def _read_second(
    reader: Reader, entry: mpf.Picture, start: int, path: str, depth: Depth
) -> Steps[Second | None]:
    try:
        if (yield from reader.read(start, len(_SOI), path)) != _SOI:
            return None
        walked = yield from walk(reader, start, path, has_scans=depth is Depth.THOROUGH)
        contents = yield from read_segments(reader, walked, path, depth)
    except Malformed:
        return None  # no picture after all: it goes with everything else behind the first one
    end = walked.end if walked.end is not None else start + entry.size
    role = _role(entry, contents)
    settle_exif(contents, NOTHING_KEPT)
    settle_gain_map(contents, stays=role is Role.GAIN_MAP)
    settle_index(contents, b"", None)
    wanted = gainmap.parameters_xmp(_values(contents)) if role is Role.GAIN_MAP else b""
    settle_xmp(contents, wanted)
    return Second(entry, start, end, role, contents)


def _role(entry: mpf.Picture, contents: Contents) -> Role:
    if entry.type in mpf.VIEWS:
        return Role.VIEW
    is_gain_map = bool(gainmap.parameters_xmp(_values(contents))) or any(
        gainmap.is_exact_iso(data) for _, data in contents.gain_maps
    )
    return Role.GAIN_MAP if is_gain_map else Role.HIDDEN


def _values(contents: Contents) -> dict[str, list[str]]:
    """Return the properties of the packet that decoders read."""
    packets = [data for segment, data, _ in contents.packets if segment.is_early]
    return xmp.properties(packets[0], _PROPERTIES) if packets else {}


def settle_pictures(first: Walk, found: Contents, seconds: list[Second]) -> None:
    """Decide on all pictures and put what becomes of each second one into `found`."""
    stay = [second for second in seconds if second.role is not Role.HIDDEN]
    maps = [second for second in stay if second.role is Role.GAIN_MAP]
    for second in seconds:
        found.findings += second.contents.findings
        if second.role is Role.HIDDEN:
            found.findings.append(_hidden(second, found.path))
            found.cuts.append(Cut(second.start, second.end - second.start))
        else:
            found.cuts += second.contents.cuts
    settle_gain_map(found, stays=bool(maps))
    values = _values(found) if maps else {}
    wanted = gainmap.directory_xmp(values, _length(maps[0])) if maps else b""
    settle_xmp(found, wanted)
    if maps:
        found.kept.append("hdr gain map")
    if len(stay) > len(maps):
        found.kept.append("second view")
    if not stay or first.end is None:
        settle_index(found, b"", None)
        return
    segment, body = found.indexes[0]
    settle_index(found, _index(first.end, found, segment, body, stay), segment)


def _hidden(second: Second, path: str) -> Finding:
    place = Span(second.start, second.end - second.start)
    where = f"{path}/after the picture"
    if second.entry.type in mpf.PREVIEWS:
        what = "Holds a large preview that may show what was cut off or changed"
        return Finding(Kind.THUMBNAIL, where, f"{what} ({amount(place.length)})", spans=(place,))
    if gainmap.APPLE_VERSION in _values(second.contents):
        what = (
            f"Holds a brightness map for Apple's HDR screens ({amount(place.length)}), "
            "which works only together with the maker's notes"
        )
        return Finding(Kind.HIDDEN_MEDIA, where, what, spans=(place,))
    what = f"Another picture ({amount(place.length)}) is hidden behind the picture"
    return Finding(Kind.HIDDEN_MEDIA, where, what, spans=(place,))


def _length(second: Second) -> int:
    return length_of(assemble(second.start, second.end, second.contents.cuts))


def _index(end: int, found: Contents, segment: Segment, body: bytes, stay: list[Second]) -> bytes:
    """Return the index for the pictures that stay, as they will lie in the cleaned file."""
    placeholder = bytes(4 + mpf.index_bytes(1 + len(stay)))
    inside = [cut for cut in found.cuts if cut.offset + cut.length <= end]
    others = [cut for cut in inside if cut.offset != segment.offset or not cut.length]
    before = [cut for cut in others if cut.offset + cut.length <= segment.offset]
    header_at = length_of(assemble(0, segment.offset, before)) + _ENTRY_BYTES
    cut = Cut(segment.offset, segment.length, placeholder)
    size = length_of(assemble(0, end, [*others, cut]))
    pictures = [mpf.Picture(mpf.read_index(body)[0].attributes, size, 0)]
    at = size
    for second in stay:
        length = _length(second)
        pictures.append(mpf.Picture(second.entry.attributes, length, at - header_at))
        at += length
    return mpf.index_of(pictures)
