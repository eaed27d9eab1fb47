"""Empty the messages of encoders in parameter sets of H.264 and H.265, without moving a byte.

Source: ITU-T H.264, 7.3.2.3 and D.1; ITU-T H.265, 7.3.5 and D.2; ISO/IEC 14496-15, 5.3.3 and 8.3.3.
"""

from __future__ import annotations

_USER_DATA = frozenset({4, 5})
"""Registered (ITU-T T.35) and unregistered user data: both may say anything."""
_EMPTY = 0xFF
"""What takes the place of user data: it never looks like the beginning of a unit."""
_AVC_SETS = frozenset({7, 8, 13})
_AVC_SEI = 6
_HEVC_SETS = frozenset({32, 33, 34})
_HEVC_SEI = frozenset({39, 40})
_HIGH_PROFILES = frozenset({100, 110, 122, 144, 244})
_AVC_HEADER_BYTES, _HEVC_HEADER_BYTES = 1, 2


def neutral_messages(unit: bytes, header_bytes: int) -> bytes:
    """Return an SEI unit of the same size without user data; one that breaks off is emptied."""
    data = bytearray(unit)
    at = header_bytes
    while at < len(data) - 1:
        kind, at = _number(data, at)
        size, at = _number(data, at)
        if at + size > len(data):
            data[header_bytes:] = bytes([_EMPTY]) * (len(data) - header_bytes)
            break
        if kind in _USER_DATA:
            data[at : at + size] = bytes([_EMPTY]) * size
        at += size
    return bytes(data)


def _number(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Return a number that is coded as a run of FF and a last byte, and where it ends."""
    number = 0
    while at < len(data) and data[at] == 0xFF:
        number += 255
        at += 1
    return (number + data[at], at + 1) if at < len(data) else (number, at)


def neutral_avc(payload: bytes) -> bytes:
    """Return an `avcC` of the same size that holds parameter sets and nothing else."""
    data = bytearray(payload)
    at = 5
    for mask in (0x1F, 0xFF):
        if at >= len(data):
            return payload
        count, at = data[at] & mask, at + 1
        at = _units(data, at, count)
    if payload[1] in _HIGH_PROFILES and at + 4 <= len(data):
        at = _units(data, at + 4, data[at + 3])
    data[at:] = bytes(max(0, len(data) - at))
    return bytes(data)


def _units(data: bytearray, at: int, count: int) -> int:
    """Empty what is no parameter set among units; return where they end."""
    for _ in range(count):
        size = int.from_bytes(data[at : at + 2], "big")
        start, at = at + 2, at + 2 + size
        if at > len(data) or not size:
            return min(at, len(data))
        kind = data[start] & 0x1F
        if kind == _AVC_SEI:
            data[start:at] = neutral_messages(bytes(data[start:at]), _AVC_HEADER_BYTES)
        elif kind not in _AVC_SETS:
            data[start:at] = bytes([_EMPTY]) * size
    return at


def neutral_hevc(payload: bytes) -> bytes:
    """Return an `hvcC` of the same size that holds parameter sets and harmless messages only."""
    data = bytearray(payload)
    if len(data) < 23:
        return payload
    at = 23
    for _ in range(data[22]):
        if at + 3 > len(data):
            break
        kind, count = data[at] & 0x3F, int.from_bytes(data[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(data[at : at + 2], "big")
            start, at = at + 2, at + 2 + size
            if at > len(data) or not size:
                return bytes(data)
            if kind in _HEVC_SEI:
                data[start:at] = neutral_messages(bytes(data[start:at]), _HEVC_HEADER_BYTES)
            elif kind not in _HEVC_SETS:
                data[start:at] = bytes([_EMPTY]) * size
    data[at:] = bytes(max(0, len(data) - at))
    return bytes(data)


def av1_length(payload: bytes) -> int:
    """Return how long an `av1C` is with its sequence header. Source: AV1 ISOBMFF 1.2, 2.3."""
    at = 4
    while at + 2 <= len(payload):
        kind, has_size = payload[at] >> 3 & 15, payload[at] & 2
        start = at + (2 if payload[at] & 4 else 1)
        if kind != 1 or not has_size:
            break
        size = shift = 0
        while start < len(payload):
            size |= (payload[start] & 0x7F) << shift
            shift += 7
            start += 1
            if not payload[start - 1] & 0x80:
                break
        at = start + size
    return min(at, len(payload))
