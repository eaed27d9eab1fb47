"""An entry of the custody log: what happened, when, and the hash of what it happened to.

The log itself holds only `merkle.leaf_hash` of an entry. Each entry has a salt of its own, so a
hash tells nothing of an entry that is not shown, not even to somebody who guesses.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SALT_BYTES = 32


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry; fields in the order in which they are written."""

    version: Literal[1] = 1
    at_utc: str
    what: str
    case_id: str
    item_id: str | None = None
    detail: str = ""
    subject_sha256: str | None = None
    """Of what was sealed or noted: for a capture, of its manifest-sha256.txt."""
    salt: str
    """Hexadecimal, `SALT_BYTES` random bytes."""


def build(entry: Entry) -> bytes:
    """Return the bytes that the leaf is made of."""
    assert len(bytes.fromhex(entry.salt)) == SALT_BYTES
    return msgspec.json.encode(entry)


def parse(untrusted: bytes) -> Entry | None:
    """Return the entry, or None if these bytes are none."""
    try:
        found = msgspec.json.decode(untrusted, type=Entry)
        is_salted = len(bytes.fromhex(found.salt)) == SALT_BYTES
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return found if is_salted else None
