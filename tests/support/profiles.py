"""ICC profiles built in code, with whatever a person's own may say."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from support.images import srgb

_HEADER = 128


def profile(
    changed: Mapping[bytes, bytes] | None = None,
    extra: Sequence[tuple[bytes, bytes]] = (),
    *,
    between: bytes = b"",
    header: tuple[int, bytes] = (0, b""),
) -> bytes:
    """Return sRGB with other or more tags, with bytes between them and in its header."""
    base = srgb()
    (count,) = struct.unpack_from(">I", base, _HEADER)
    tags: list[tuple[bytes, bytes]] = []
    for index in range(count):
        tag, at, size = struct.unpack_from(">4sII", base, _HEADER + 4 + 12 * index)
        tags.append((tag, (changed or {}).get(tag, base[at : at + size])))
    tags += extra
    table, body = b"", b""
    start = _HEADER + 4 + 12 * len(tags)
    for tag, data in tags:
        body += between
        body += bytes(-len(body) % 4)
        table += struct.pack(">4sII", tag, start + len(body), len(data))
        body += data
    body += bytes(-len(body) % 4)
    head = bytearray(base[:_HEADER])
    head[header[0] : header[0] + len(header[1])] = header[1]
    whole = bytes(head) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def wide_text(text: str) -> bytes:
    """Return a text by language, as version 4 writes it."""
    data = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data


def old_name(text: bytes) -> bytes:
    """Return a name as version 2 writes it."""
    counted = struct.pack(">I", len(text) + 1) + text + b"\0"
    return b"desc" + bytes(4) + counted + bytes(8 + 3 + 67)


def plain_text(text: bytes) -> bytes:
    """Return a text of ASCII."""
    return b"text" + bytes(4) + text + b"\0"


def own(text: bytes) -> bytes:
    """Return a profile that says a text of the person's own in its name and in a private tag."""
    return profile({b"desc": old_name(text)}, [(b"priv", plain_text(text))])
