"""The smallest `udta` box that says what a person wishes to keep."""

from __future__ import annotations

import struct

from sharewise.formats.metadata.facts import TEXT_CHARACTERS, Facts
from sharewise.formats.video_inside.positions import as_iso

_UNDETERMINED = 0x55C4
"""The language "und", packed; as a code of QuickTime it says that the text is UTF-8."""


def minimal_notes(facts: Facts) -> bytes:
    """Return a `udta` box that says these facts and no more; empty if there is nothing to say."""
    texts: list[tuple[bytes, str | None]] = [
        (b"\xa9day", facts.taken_at),
        (b"\xa9mak", facts.make),
        (b"\xa9mod", facts.model),
        (b"\xa9ART", facts.artist),
        (b"\xa9cpy", facts.rights),
    ]
    if facts.latitude is not None and facts.longitude is not None:
        texts.insert(0, (b"\xa9xyz", as_iso(facts.latitude, facts.longitude)))
    payload = b"".join(_note(kind, text) for kind, text in texts if text)
    return _box(b"udta", payload) if payload else b""


def _note(kind: bytes, text: str) -> bytes:
    data = text[:TEXT_CHARACTERS].encode("utf-8")
    return _box(kind, struct.pack(">HH", len(data), _UNDETERMINED) + data)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", len(payload) + 8, kind) + payload
