"""The two small text files that say what kind of folder this is. Source: RFC 8493, 2.1.1, 2.2.2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sharewise.seals import layout

DECLARATION_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

STAMPED = ("Time-Stamp", layout.STAMP)
"""The field of a bag whose signature was time-stamped: the time-stamp cannot be taken out unseen.
"""

_OXUM = re.compile(r"^Payload-Oxum: ([0-9]{1,18})\.([0-9]{1,9})\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Oxum:
    """How much the payload is, so that a lost file shows before anything is hashed."""

    size_bytes: int
    count: int


def build(fields: Sequence[tuple[str, str]], oxum: Oxum) -> bytes:
    """Return `bag-info.txt` with these labels and values, in this order, and the Payload-Oxum."""
    for label, value in fields:
        assert re.fullmatch("[A-Za-z-]+", label), "a label is a word"
        assert value.isprintable(), "one field, one line"
    lines = [f"{label}: {value}\n" for label, value in fields]
    lines.append(f"Payload-Oxum: {oxum.size_bytes}.{oxum.count}\n")
    return "".join(lines).encode()


def parse_oxum(untrusted: bytes) -> Oxum | None:
    """Return the Payload-Oxum of a `bag-info.txt`, or None if there is not exactly one."""
    found = _OXUM.findall(untrusted.decode("utf-8", "replace"))
    if len(found) != 1:
        return None
    size_bytes, count = found[0]
    return Oxum(int(size_bytes), int(count))


def is_stamped(untrusted: bytes) -> bool:
    """Return whether a `bag-info.txt` says that the bag's signature was time-stamped."""
    return ": ".join(STAMPED) in untrusted.decode("utf-8", "replace").splitlines()
