"""Whether a file is one whole PNG: its chunks in order, each with the right check sum.

Source: ISO/IEC 15948:2004, 5.3 and 5.6. Pixels are not decoded.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 100_000
MAX_CHUNKS = 100_000
PIECE_BYTES = 256 * 1024

_HEAD = struct.Struct(">I4s")


def why_not_png(file: BinaryIO) -> str | None:
    """Return why this is no whole PNG, as the end of a sentence, or None if it is one."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        return "it is not a PNG picture"
    for number in range(MAX_CHUNKS):
        head = file.read(_HEAD.size)
        if len(head) != _HEAD.size:
            return "the picture is cut off"
        length, kind = _HEAD.unpack(head)
        if (number == 0) != (kind == b"IHDR") or (number == 0 and length != 13):
            return "it is not a PNG picture"
        check_sum = zlib.crc32(kind)
        first = b""
        while length:
            piece = file.read(min(length, PIECE_BYTES))
            if not piece:
                return "the picture is cut off"
            first = first or piece
            check_sum = zlib.crc32(piece, check_sum)
            length -= len(piece)
        if file.read(4) != check_sum.to_bytes(4, "big"):
            return "the picture is damaged"
        if kind == b"IHDR" and not _is_plausible(*_sides(first)):
            return "the picture has an impossible size"
        if kind == b"IEND":
            return "there is data behind the picture" if file.read(1) else None
    return "the picture is cut into too many pieces"


def sides_of_png(file: BinaryIO) -> tuple[int, int] | None:
    """Return width and height as the header claims them, or None if this is no PNG."""
    start = file.read(len(SIGNATURE) + _HEAD.size + 8)
    if not start.startswith(SIGNATURE + b"\0\0\0\x0dIHDR") or len(start) < 24:
        return None
    return _sides(start[len(SIGNATURE) + _HEAD.size :])


def _sides(header: bytes) -> tuple[int, int]:
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")


def _is_plausible(width: int, height: int) -> bool:
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE
