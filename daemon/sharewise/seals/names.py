"""Names of files in a sealed folder: how a manifest writes them, and which are refused."""

from __future__ import annotations

import re

MAX_NAME_BYTES = 1024

_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_ESCAPED = re.compile("%(25|0[Dd]|0[Aa])")


def encode_name(name: str) -> str:
    """Return the name as a manifest writes it. Source: RFC 8493, 2.1.3."""
    return "".join(_ESCAPES.get(character, character) for character in name)


def decode_name(written: str) -> str:
    """Return the name that a manifest means; only the three escapes of RFC 8493 are undone."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), written)


def why_unsafe(name: str) -> str | None:
    """Return why a name could land outside its folder or mislead, or None if it is plain.

    Stricter than any one system: a package is unpacked on all of them.
    """
    if not name:
        return "it is empty"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes"
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in name):
        return "it holds control characters"
    if any(0xD800 <= ord(character) < 0xE000 for character in name):
        return "it is not valid Unicode"
    if "\\" in name or ":" in name:
        return "it holds a backslash or a colon, which some systems read as a path"
    if name.startswith("/"):
        return "it is an absolute path"
    if any(step in {"", ".", ".."} for step in name.split("/")):
        return "it leaves its folder or has an empty step"
    return None


def printable(name: str) -> str:
    """Return a name as it may be shown on a terminal: what is no printable character is escaped."""
    if name.isprintable():
        return name
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in name
    )
