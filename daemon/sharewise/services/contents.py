"""What a package is made of: the one agreement between the vault and whoever writes packages.

The vault gives a `CaseContents`; the writer of packages takes it, asks for bytes as it needs them
and never learns how they lie on disk. Content is decrypted while it is read, piece by piece:
nothing plain reaches the disk, and memory does not grow with a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from sharewise.seals.digests import Digest
from sharewise.seals.timestamp import Stamped


class SealedItem(Protocol):
    """One sealed capture (or redacted copy): a BagIt bag of its own, as `seals.layout` has it."""

    @property
    def item_id(self) -> str:
        """Sixteen hexadecimal digits."""
        ...

    @property
    def original_id(self) -> str | None:
        """Of a redacted copy: the capture that it is a copy of."""
        ...

    @property
    def sealed_at_utc(self) -> str:
        """By this computer's clock."""
        ...

    @property
    def digests(self) -> Mapping[str, Digest]:
        """Every file of the bag by its name in it ("bagit.txt", "data/capture.json",
        "data/text.txt", "tagmanifest-sha256.txt.sig"), with the figures of its plain content."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Return the plain content of a file: buffered, seekable, read-only; close it.

        Raises SharewiseError: VAULT_LOCKED; VERIFY_FAILED if what lies on the disk is not what
        was sealed, before a byte of it is given.
        """
        ...


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the custody log that may be shown, with the proof that it is in the tree."""

    index: int
    data: bytes
    """The entry itself (JSON, with its salt): the leaf of RFC 6962 is SHA-256(0x00 || data)."""
    proof: tuple[bytes, ...]
    """The inclusion proof towards the root of the checkpoint, RFC 6962, 2.1.1."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """An RFC 3161 time-stamp of a checkpoint that holds an item's "capture sealed" entry."""

    checkpoint: bytes
    """The signed note, signature and all: what the token is over."""
    token: bytes
    """The TimeStampResp in DER, as `openssl ts -verify -in` takes it."""
    stamped_at_utc: str
    index: int
    """Of the item's entry in the log."""
    proof: tuple[bytes, ...]
    """The inclusion proof of that entry towards the root in `checkpoint`."""


@dataclass(frozen=True, slots=True)
class CustodyRow:
    """One line of CUSTODY.csv."""

    at_utc: str
    what: str
    item_id: str | None
    detail: str
    log_index: int


@dataclass(frozen=True, slots=True)
class CaseContents:
    """A case as it leaves the vault; the event of this export is already in `custody`."""

    case_id: str
    label: str
    note: str
    created_at_utc: str
    exported_at_utc: str
    is_text_only: bool
    """Someone in the pictures is or may be under 18: there are none."""
    items: tuple[SealedItem, ...]
    """In the order of their sealing."""
    item_notes: Mapping[str, str]
    """By item_id; those without a note are not in it."""
    custody: tuple[CustodyRow, ...]
    incident: bytes | None
    """`incident.json`, already held against its schema."""
    checkpoint: bytes
    """The signed checkpoint (C2SP tlog-checkpoint) of the log with this export in it."""
    entries: tuple[LogEntry, ...]
    """One for each line of `custody`, in the same order."""
    stamps: Mapping[str, Stamp]
    """By item_id; those without a time-stamp are not in it."""
    stamp_roots: bytes
    """PEM of the certificates that the tokens are checked with; empty if there is no token."""


Stamper = Callable[[bytes], Stamped | None]
"""Asks an authority for a time-stamp of these bytes; None if it gave none. Blocking."""


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """What the person chose for a package."""

    blur_pictures: bool = True
    """In the report; the files themselves are as they were sealed."""
    include_originals: bool = False
    """Whether the originals of redacted copies go along."""
    recipient: str | None = None
    """An age key ("age1…") to which the package is encrypted, or None."""
