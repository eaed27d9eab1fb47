"""Check an ICC profile and name it. Source: ICC.1:2022, 7.2 and 10.15; ICC.1:2001, 6.5.17."""

from __future__ import annotations

import struct

from sharewise.formats.metadata.words import decode, tidy

HEADER_BYTES = 128
_LONG = struct.Struct(">I")
_TAG = struct.Struct(">4sII")
_TAGS_LIMIT = 256
_WELL_KNOWN = (
    *("srgb", "display p3", "adobe rgb", "prophoto", "rec2020", "rec. 2020", "bt.2020", "bt.709"),
    *("dci-p3", "dci(p3)", "gray gamma", "dot gain", "u.s. web coated", "coated fogra", "swop"),
    *("generic rgb", "generic gray", "c2", "esci", "apple rgb", "colormatch", "romm", "rgb"),
)


def size_of_profile(beginning: bytes, available_bytes: int) -> int | None:
    """Return the bytes that a profile says it has, or None if it is none or is not whole."""
    if len(beginning) < HEADER_BYTES + 4 or beginning[36:40] != b"acsp":
        return None
    (size,) = _LONG.unpack_from(beginning)
    return size if HEADER_BYTES + 4 <= size <= available_bytes else None


def kept_name(data: bytes) -> str:
    """Return the word for `kept`: "icc", with the profile's own name if it is not a common one."""
    name = tidy(_description(data))
    is_common = not name or any(name.lower().startswith(known) for known in _WELL_KNOWN)
    return "icc" if is_common else f"icc ({name})"


def _description(data: bytes) -> str:
    (count,) = _LONG.unpack_from(data, HEADER_BYTES)
    for index in range(min(count, _TAGS_LIMIT, (len(data) - HEADER_BYTES - 4) // 12)):
        tag, at, size = _TAG.unpack_from(data, HEADER_BYTES + 4 + 12 * index)
        if tag == b"desc":
            return _text(data[at : at + size])
    return ""


def _text(body: bytes) -> str:
    if body[:4] == b"desc" and len(body) >= 12:
        (length,) = _LONG.unpack_from(body, 8)
        return decode(body[12 : 12 + length].partition(b"\0")[0])
    if body[:4] == b"mluc" and len(body) >= 28:
        length, at = struct.unpack_from(">II", body, 20)
        return body[at : at + (length & ~1)].decode("utf-16-be", "replace")
    return ""
