"""Boxes of JPEG XL that must be unpacked to be understood."""

from __future__ import annotations

import brotli


def inflate(data: bytes, most: int) -> bytes:
    """Return at most `most` bytes of a Brotli stream; what there is of it if it is damaged."""
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        while size < most and not stream.is_finished():
            part = stream.process(data, output_buffer_limit=most - size)
            data = b""
            if not part:
                break
            parts.append(part)
            size += len(part)
    except brotli.error:
        pass
    return b"".join(parts)[:most]


def is_frame_index(data: bytes) -> bool:
    """Return whether these bytes are an index of frames, from the first to the last.

    A count, the length of a tick as a fraction, and for each frame its distance, its duration
    and how many frames it stands for, all but the fraction in groups of seven bits.
    """
    count, at = _number(data, 0)
    if count is None or int.from_bytes(data[at + 4 : at + 8], "big") == 0:
        return False
    at += 8
    for _ in range(min(3 * count, len(data))):
        value, at = _number(data, at)
        if value is None:
            return False
    return at == len(data) and 3 * count <= len(data)


def _number(data: bytes, at: int) -> tuple[int | None, int]:
    """Return the number at this place and the place behind it; None where there is none."""
    value = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            return None, at
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    return None, at
