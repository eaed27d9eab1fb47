"""Fragments of a film (`moof`): where their media lie, and what in them is no part of it.

Source: ISO/IEC 14496-12:2022, 8.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Steps
from sharewise.formats.isobmff import PADDING, Box, Boxes, walk
from sharewise.formats.video_inside.headers import (
    Rule,
    anything,
    container,
    dependencies,
    exact,
    fixed,
    groups,
    lock,
    unwanted,
    versioned,
)
from sharewise.formats.video_inside.look import NAME, Look
from sharewise.formats.video_inside.samples import Extents

_BASE, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
_BASE_IS_MOOF = 0x20000
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_RUN_FIELDS = (0x100, 0x200, 0x400, 0x800)
_RUN_SIZE = 0x200
_RUN_BYTES = 1024 * 1024
_OFFSETS_LIMIT = 1 << 62
_ENCRYPTION_TYPE = bytes.fromhex("a2394f525a9b4f14a2446c427c648df4")
"""PIFF: the initialization vectors of the samples, needed to play them."""

_FRAGMENT: Mapping[bytes, Rule] = {
    b"tfdt": versioned(8, 12),
    b"sbgp": groups,
    b"sgpd": groups,
    b"csgm": groups,
    b"saiz": lock,
    b"saio": lock,
    b"senc": lock,
    b"sdtp": dependencies,
}


@dataclass(slots=True)
class Fragment:
    """One `moof` as it is gone through."""

    offset: int
    end: int
    """Where the media of the track before end: the next one's may begin there."""
    sample_bytes: Mapping[int, int]
    """The sizes that `trex` gives each track's samples."""
    kept: Mapping[int, Extents]
    """Where the media of each track that stays lie; this grows."""


@dataclass(frozen=True, slots=True)
class _Base:
    """Where the runs of a track are counted from."""

    track: int
    offset: int
    sample_bytes: int


def read_fragment(look: Look, moof: Box, fragment: Fragment, path: str) -> Steps[None]:
    """Go through a `moof`: note where the media of each track that stays lie."""
    inside = yield from walk(look.reader, moof.start, moof.end, path)
    for box in inside.boxes:
        if box.kind == b"traf":
            yield from _track(look, box, fragment, f"{path}/traf")
        elif box.kind in PADDING:
            look.padding.append(box)
        elif box.kind == b"mfhd":
            exact(look, box, 8)
        elif box.kind == b"pssh":
            yield from lock(look, box, f"{path}/pssh")
        else:
            yield from unwanted(look, box, path)
    look.rest(inside)


def _track(look: Look, traf: Box, fragment: Fragment, path: str) -> Steps[None]:
    inside = yield from walk(look.reader, traf.start, traf.end, path)
    header = inside.first(b"tfhd")
    if header is None:
        yield from unwanted(look, traf, f"{NAME}/moof")
        return
    data = yield from look.reader.read(header.start, min(header.size, 40), path)
    base, used = _base(data, fragment)
    extents = fragment.kept.get(base.track)
    if extents is None:
        look.unknown(traf, f"{NAME}/moof")
        extents = Extents()
    else:
        exact(look, header, used)
        yield from _clean(look, inside, path)
    fragment.end = base.offset
    for run in inside.boxes:
        if run.kind == b"trun":
            length = min(run.size, _RUN_BYTES)
            data = yield from look.reader.read(run.start, length, path)
            fragment.end, used = _run(data, base, fragment.end, extents)
            if used > run.size:
                why = "a table is shorter than it says"
                raise Malformed(path=path, at_byte=run.offset, why=why)
            exact(look, run, used)


def _clean(look: Look, inside: Boxes, path: str) -> Steps[None]:
    for box in inside.boxes:
        is_needed = box.kind in (b"tfhd", b"trun") or box.user_type == _ENCRYPTION_TYPE
        rule = _FRAGMENT.get(box.kind)
        if box.kind in PADDING:
            look.padding.append(box)
        elif rule is not None:
            yield from rule(look, box, f"{path}/{box.name}")
        elif not is_needed:
            yield from unwanted(look, box, path)
    look.rest(inside)


def _base(data: bytes, fragment: Fragment) -> tuple[_Base, int]:
    """Read the payload of `tfhd`; return also how many bytes of it have a meaning."""
    flags = int.from_bytes(data[1:4], "big")
    track = int.from_bytes(data[4:8], "big")
    at = 8
    offset = fragment.offset if flags & _BASE_IS_MOOF else fragment.end
    if flags & _BASE:
        offset = int.from_bytes(data[at : at + 8], "big")
        at += 8
    at += 4 * bool(flags & _DESCRIPTION) + 4 * bool(flags & _DURATION)
    each = fragment.sample_bytes.get(track, 0)
    if flags & _SIZE:
        each = int.from_bytes(data[at : at + 4], "big")
        at += 4
    at += 4 * bool(flags & _FLAGS)
    return _Base(track, offset, each), at


def _run(data: bytes, base: _Base, start: int, extents: Extents) -> tuple[int, int]:
    """Read the payload of `trun`: note where its samples lie.

    Return where they end, and how many bytes of the payload have a meaning.
    """
    flags = int.from_bytes(data[1:4], "big")
    count = int.from_bytes(data[4:8], "big")
    at = 8
    if flags & _DATA_OFFSET:
        start = max(0, base.offset + int.from_bytes(data[at : at + 4], "big", signed=True))
        at += 4
    at += 4 * bool(flags & _FIRST_FLAGS)
    width = 4 * sum(bool(flags & field) for field in _RUN_FIELDS)
    used = at + width * count
    length = base.sample_bytes * count
    if flags & _RUN_SIZE:
        at += 4 * bool(flags & _RUN_FIELDS[0])
        places = range(at, min(len(data) - 3, used), width)
        length = sum(int.from_bytes(data[place : place + 4], "big") for place in places)
    if start + length < _OFFSETS_LIMIT:
        extents.add(start, start + length)
    return start + length, used


EXTRA: Mapping[bytes, Rule] = {b"tfra": anything, b"mfro": fixed(8)}


def random_access(look: Look, mfra: Box, path: str) -> Steps[None]:
    """Keep the index of a fragmented film."""
    yield from container(look, mfra, path, EXTRA)
