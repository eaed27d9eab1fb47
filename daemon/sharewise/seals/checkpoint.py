"""Signed checkpoints of the custody log.

Source: C2SP tlog-checkpoint (the three lines) and signed-note (the signature line); signature type
0x02, ECDSA with SHA-256 over the text, in DER; the key ID is the start of the SHA-256 of the public
key in SPKI form.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from sharewise.seals import signatures

MAX_NOTE_BYTES = 64 * 1024
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says of a log."""

    origin: str
    """Which log: a name without spaces and "+", also the name of its key."""
    size: int
    root: bytes


def text(checkpoint: Checkpoint) -> bytes:
    """Return what is signed."""
    assert _NAME.fullmatch(checkpoint.origin), "the origin is ours"
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n".encode()


def note(checkpoint: Checkpoint, *, public_key_pem: bytes, signature: bytes) -> bytes:
    """Return the signed note; `signature` is ECDSA with SHA-256 over `text`."""
    signed = base64.b64encode(_key_id(public_key_pem) + signature).decode()
    return text(checkpoint) + f"\n— {checkpoint.origin} {signed}\n".encode()


def says(untrusted: bytes, checkpoint: Checkpoint) -> bool:
    """Return whether a note says exactly this, whoever signed it; False may mean nothing worse
    than lines that `parse` allows besides."""
    return untrusted.startswith(text(checkpoint) + b"\n") and _split(untrusted) is not None


def parse(untrusted: bytes) -> Checkpoint | None:
    """Return what a note says, whoever signed it, or None if it is no checkpoint."""
    split = _split(untrusted)
    if split is None:
        return None
    lines = split[0].decode().split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        return None
    root = _decoded(lines[2])
    if root is None or len(root) != 32:
        return None
    return Checkpoint(lines[0], int(lines[1]), root)


def fits(untrusted: bytes, public_key_pem: bytes) -> bool:
    """Return whether a note is signed by this key under its origin's name.

    Raises ValueError for a key that is none, or not on P-384.
    """
    found = signature_of(untrusted, public_key_pem)
    split = _split(untrusted)
    return (
        found is not None
        and split is not None
        and signatures.fits(
            public_key_pem=public_key_pem, message=split[0], signature=found, bits=256
        )
    )


def signature_of(untrusted: bytes, public_key_pem: bytes) -> bytes | None:
    """Return the DER signature that a note has of this key, unchecked, or None."""
    split = _split(untrusted)
    if split is None:
        return None
    origin = split[0].decode().partition("\n")[0]
    for line in split[1].decode().splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[:2] != ["—", origin]:
            continue
        signed = _decoded(words[2])
        if signed is not None and signed[:4] == _key_id(public_key_pem):
            return signed[4:]
    return None


def _decoded(untrusted: str) -> bytes | None:
    """Return what base64 means, None unless it is written in the one way that it is written in."""
    try:
        found = base64.b64decode(untrusted, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if base64.b64encode(found).decode() == untrusted else None


def _split(untrusted: bytes) -> tuple[bytes, bytes] | None:
    """Return the text and the lines of the signatures: the last empty line divides them."""
    if len(untrusted) > MAX_NOTE_BYTES or not untrusted.endswith(b"\n"):
        return None
    if _CONTROL.search(untrusted):
        return None
    try:
        untrusted.decode()
    except UnicodeDecodeError:
        return None
    signed, blank, lines = untrusted.rpartition(b"\n\n")
    return (signed + b"\n", lines) if blank and lines else None


def _key_id(public_key_pem: bytes) -> bytes:
    return bytes.fromhex(signatures.fingerprint(public_key_pem))[:4]
