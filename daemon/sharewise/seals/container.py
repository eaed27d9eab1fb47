"""The one shape of zip that a package has: stored members back to back, fixed dates and modes.

Every byte outside the members' content follows from their names, sizes and CRCs, so the same
files make the same package on any machine, and any changed byte of the container shows.
Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (Zip64).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

LOCAL_SIGNATURE = 0x04034B50
CENTRAL_SIGNATURE = 0x02014B50
END_SIGNATURE = 0x06054B50
END_64_SIGNATURE = 0x06064B50
LOCATOR_64_SIGNATURE = 0x07064B50

LOCAL = struct.Struct("<IHHHHHIIIHH")
CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
END = struct.Struct("<IHHHHIIH")
END_64 = struct.Struct("<IQHHIIQQQQ")
LOCATOR_64 = struct.Struct("<IIQI")
OFFSET_64 = struct.Struct("<HHQ")

LIMIT_32 = 0xFFFFFFFF
LIMIT_16 = 0xFFFF
MAX_MEMBER_BYTES = LIMIT_32 - 1
"""A larger member would need Zip64 sizes; nothing that we seal comes near it."""

_VERSION = 20
_VERSION_64 = 45
_UNIX = 3 << 8
_TIME = 0
_DATE = (0 << 9) | (1 << 5) | 1
"""1980-01-01 00:00: the first moment that the format knows."""
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Stored:
    """One member: where its header lies and what it holds."""

    name: str
    crc32: int
    size_bytes: int
    offset: int
    """Of its local header, from the start of the file."""


def local_header(name: str, crc32: int, size_bytes: int) -> bytes:
    """Return what stands before a member's content."""
    written = name.encode("ascii")
    assert size_bytes <= MAX_MEMBER_BYTES, "members are bounded far below this"
    fields = (LOCAL_SIGNATURE, _VERSION, 0, 0, _TIME, _DATE, crc32, size_bytes, size_bytes)
    return LOCAL.pack(*fields, len(written), 0) + written


def central_entry(member: Stored) -> bytes:
    """Return a member's line in the central directory."""
    written = member.name.encode("ascii")
    needs_64 = member.offset >= LIMIT_32
    version = _VERSION_64 if needs_64 else _VERSION
    extra = OFFSET_64.pack(1, 8, member.offset) if needs_64 else b""
    fixed = CENTRAL.pack(
        CENTRAL_SIGNATURE,
        _UNIX | version,
        version,
        0,
        0,
        _TIME,
        _DATE,
        member.crc32,
        member.size_bytes,
        member.size_bytes,
        len(written),
        len(extra),
        0,
        0,
        0,
        _MODE,
        LIMIT_32 if needs_64 else member.offset,
    )
    return fixed + written + extra


def end_records(*, count: int, directory_offset: int, directory_bytes: int) -> bytes:
    """Return what stands after the central directory."""
    needs_64 = count >= LIMIT_16 or directory_offset >= LIMIT_32 or directory_bytes >= LIMIT_32
    before = b""
    if needs_64:
        before = END_64.pack(
            END_64_SIGNATURE,
            END_64.size - 12,
            _UNIX | _VERSION_64,
            _VERSION_64,
            0,
            0,
            count,
            count,
            directory_bytes,
            directory_offset,
        ) + LOCATOR_64.pack(LOCATOR_64_SIGNATURE, 0, directory_offset + directory_bytes, 1)
    shown = min(count, LIMIT_16) if needs_64 else count
    return before + END.pack(
        END_SIGNATURE,
        0,
        0,
        shown,
        shown,
        min(directory_bytes, LIMIT_32),
        min(directory_offset, LIMIT_32),
        0,
    )
