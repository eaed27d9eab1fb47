"""Lists of SHA-256 digests and names: `manifest-sha256.txt` and `tagmanifest-sha256.txt`.

Source: RFC 8493, 2.1.3 and 2.2.1. `sha256sum --check` reads the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sharewise.seals.names import decode_name, encode_name

_LINE = re.compile(r"([0-9A-Fa-f]{64})[ \t]+\*?([^ \t].*)")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says, and where it breaks the rules."""

    digests: dict[str, str]
    """Name to lower-case hexadecimal digest."""
    bad_lines: tuple[int, ...]
    """Lines that are no digest and name, or not UTF-8; counted from 1."""
    repeated: tuple[str, ...]
    """Names that stand there more than once."""


def build(digests: Mapping[str, str]) -> bytes:
    """Return the manifest of these {name: hexadecimal digest}, in the order of the names."""
    lines = (f"{digests[name]}  {encode_name(name)}\n" for name in sorted(digests))
    return "".join(lines).encode()


def parse(untrusted: bytes) -> Manifest:
    """Return what a manifest says; never raises."""
    digests: dict[str, str] = {}
    bad_lines: list[int] = []
    repeated: list[str] = []
    lines = untrusted.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            found = _LINE.fullmatch(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError:
            found = None
        if found is None:
            bad_lines.append(number)
            continue
        name = decode_name(found.group(2))
        if name in digests:
            repeated.append(name)
        digests.setdefault(name, found.group(1).lower())
    return Manifest(digests, tuple(bad_lines), tuple(repeated))
