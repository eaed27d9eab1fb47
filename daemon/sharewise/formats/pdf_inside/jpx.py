"""Take the notes out of a JPEG 2000 picture. Source: ISO/IEC 15444-1:2019, annexes A and I."""

from __future__ import annotations

import struct

from sharewise.formats.metadata import icc

_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f"
_KEPT = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq", b"jpch", b"jplh"})
_HOLDERS = frozenset({b"jp2h", b"jpch", b"jplh", b"res ", b"cgrp"})
_INNER = frozenset(
    {
        *(b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res ", b"resc", b"resd"),
        *(b"cgrp", b"opct", b"creg"),
    }
)
_WITH_PROFILE = b"\2"
_COMMENT, _TILE = 0xFF64, 0xFF90
_DATA, _END = b"\xff\x93", b"\xff\xd9"
_BOXES_LIMIT = 1000


def without_notes(data: bytes) -> bytes | None:
    """Return the picture without what is no picture, or None where it is not understood."""
    if data.startswith(_CODESTREAM):
        return _codestream(data)
    if not data.startswith(_SIGNATURE):
        return None
    return _boxes(data, _KEPT)


def _boxes(data: bytes, wanted: frozenset[bytes]) -> bytes | None:
    """Return these boxes of a row of boxes, without their notes."""
    kept: list[bytes] = []
    at = 0
    for _ in range(_BOXES_LIMIT):
        if at >= len(data):
            return b"".join(kept)
        if at + 8 > len(data):
            return None
        length, kind = struct.unpack_from(">I4s", data, at)
        header = 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            header = 16
        elif length == 0:
            length = len(data) - at
        if length < header or at + length > len(data):
            return None
        inner = _cleaned(kind, data[at + header : at + length])
        if inner is None:
            return None
        if kind in wanted:
            kept.append(struct.pack(">I4s", 8 + len(inner), kind) + inner)
        at += length
    return None


def _cleaned(kind: bytes, inner: bytes) -> bytes | None:
    if kind == b"jp2c":
        return _codestream(inner)
    if kind in _HOLDERS:
        return _boxes(inner, _INNER)
    return _colours(inner) if kind == b"colr" else inner


def _colours(box: bytes) -> bytes:
    """Return what a box says of colours, without the notes of its profile."""
    profile = box[3:]
    size = icc.size_of_profile(profile, len(profile)) if box[:1] == _WITH_PROFILE else None
    looked = None if size is None else icc.look_at(profile[:size])
    return box if looked is None else box[:3] + looked.neutral


def _codestream(data: bytes) -> bytes | None:
    """Return a codestream without the comments in its main header and what stands behind it."""
    kept = [data[:2]]
    at = 2
    while at + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _TILE:
            end = _tiles_end(data, at)
            return None if end is None else b"".join([*kept, data[at:end]])
        if marker < 0xFF30 or length < 2:
            return None
        if marker != _COMMENT:
            kept.append(data[at : at + 2 + length])
        at += 2 + length
    return None


def _tiles_end(data: bytes, at: int) -> int | None:
    """Return where the parts of tiles end, or None if there are comments among them."""
    while data[at : at + 2] == _TILE.to_bytes(2) and at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at + 6)
        header = at + 12
        while (marker := data[header : header + 2]) != _DATA:
            if len(marker) < 2 or marker[0] != 0xFF or marker == _COMMENT.to_bytes(2):
                return None
            (size,) = struct.unpack_from(">H", data.ljust(header + 4, b"\0"), header + 2)
            header += 2 + max(size, 2)
        if length == 0:
            end = data.rfind(_END)
            return len(data) if end < header else end + 2
        at += max(length, 14)
    return min(at + 2, len(data)) if data[at : at + 2] == _END or at >= len(data) else None
