"""The formats that are known: each module of this package that exposes `FORMAT`."""

from __future__ import annotations

from functools import cache

import sharewise.formats
from sharewise.base.discovery import discover, discover_one
from sharewise.formats.contract import Format

_LIKELY: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"\xff\xd8\xff", ("jpeg",)),
    (0, b"\x89PNG", ("png",)),
    (4, b"ftyp", ("heif", "mp4")),
    (8, b"WEBP", ("webp",)),
    (0, b"GIF8", ("gif",)),
)
"""Bytes at an offset, and the only modules whose format may claim a file that has them, by name.

Nothing but a short cut: it spares loading every format for a photo. What is not in it is asked
of all; a test compares the two ways.
"""


@cache
def formats() -> dict[str, Format]:
    """Return {module name: format}, by name."""
    return discover(sharewise.formats, "FORMAT", Format)


def recognise(head: bytes) -> Format | None:
    """Return the format of a file that begins with these bytes, or None; its name never counts."""
    for offset, magic, names in _LIKELY:
        if head.startswith(magic, offset):
            for name in names:
                format_ = _format(name)
                if format_.recognises(head):
                    return format_
    for format_ in formats().values():
        if format_.recognises(head):
            return format_
    return None


@cache
def _format(name: str) -> Format:
    return discover_one(sharewise.formats, name, "FORMAT", Format)
