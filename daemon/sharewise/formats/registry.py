"""The formats that are known: each module of this package that exposes `FORMAT`."""

from __future__ import annotations

from functools import cache

import sharewise.formats
from sharewise.base.discovery import discover
from sharewise.formats.contract import Format


@cache
def formats() -> dict[str, Format]:
    """Return {module name: format}, by name."""
    return discover(sharewise.formats, "FORMAT", Format)


def recognise(head: bytes) -> Format | None:
    """Return the format of a file that begins with these bytes, or None; its name never counts."""
    for format_ in formats().values():
        if format_.recognises(head):
            return format_
    return None
