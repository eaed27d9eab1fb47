"""Take the notes out of a JPEG 2000 picture. Source: ISO/IEC 15444-1:2019, annexes A and I."""

from __future__ import annotations

import struct

_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f"
_KEPT = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq", b"jpch", b"jplh"})
_COMMENT, _TILE = 0xFF64, 0xFF90
_BOXES_LIMIT = 1000


def without_notes(data: bytes) -> bytes | None:
    """Return the picture without what is no picture, or None where it is not understood."""
    if data.startswith(_CODESTREAM):
        return _codestream(data)
    if not data.startswith(_SIGNATURE):
        return None
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
        if kind == b"jp2c":
            inner = _codestream(data[at + header : at + length])
            if inner is None:
                return None
            kept.append(struct.pack(">I4s", 8 + len(inner), kind) + inner)
        elif kind in _KEPT:
            kept.append(data[at : at + length])
        at += length
    return None


def _codestream(data: bytes) -> bytes | None:
    """Return a codestream without the comments in its main header."""
    kept = [data[:2]]
    at = 2
    while at + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _TILE:
            return b"".join([*kept, data[at:]])
        if marker < 0xFF30 or length < 2:
            return None
        if marker != _COMMENT:
            kept.append(data[at : at + 2 + length])
        at += 2 + length
    return None
