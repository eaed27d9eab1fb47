"""How one sealed capture lies on the disk: a folder of age files and one plain slip.

    items/<item>/seal.age     how its files are called, their digests, and the small ones
    items/<item>/0001.age …   one file each
    items/<item>/thumb.age    a small picture, if there is one
    items/<item>/slip.json    plain: ids, times, sizes, digests of the age files; and, encrypted,
                              what the index says of it, for an index that does not know it

It becomes visible by one rename out of staging and goes by one rename into it.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import OpenFile, open_file, open_flags, read_small
from sharewise.disk.writing import sync_folder
from sharewise.seals.digests import Digest, Digester
from sharewise.seals.problems import Problem
from sharewise.seals.unpacking import Member
from sharewise.vault.age import Writable
from sharewise.vault.index import AgeAnswer
from sharewise.vault.keeper import Vault
from sharewise.vault.scratch import Scratch

SLIP = "slip.json"
SEAL = "seal.age"
THUMBNAIL = "thumb.age"
SMALL_BYTES = 64 * 1024
"""A file up to this size lies in `seal.age`: each file of its own costs a wait for the disk."""
IN_MEMORY_BYTES = 8 * 1024 * 1024
"""A larger one is decrypted to a scratch before it is given."""
MAX_SLIP_BYTES = 16 * 1024 * 1024
MAX_SEAL_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 256 * 1024


class StoredFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the bag."""

    name: str
    sha256: str
    size_bytes: int
    crc32: int
    lies_in: str | None = None
    """The age file, None if it is small."""
    content: bytes | None = None

    @property
    def digest(self) -> Digest:
        """The figures of its plain content."""
        return Digest(self.sha256, self.size_bytes, self.crc32)


class SealList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seal.age`."""

    version: Literal[1]
    files: tuple[StoredFile, ...]


class AgeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One age file as it lies on the disk."""

    name: str
    size_bytes: int
    sha256: str


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`slip.json`: enough to take the capture into an index that does not know it."""

    version: Literal[1] = 1
    item_id: str
    case_id: str
    case_created_at_utc: str
    case_day: str | None
    age_answer: AgeAnswer
    sealed_at_utc: str
    size_bytes: int
    age_files: tuple[AgeFile, ...]
    sealed: bytes
    """An age file with the rows of the index."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be sealed: its figures as it arrived, and its content."""

    digest: Digest
    open: Callable[[], BinaryIO]


def write_files(
    folder: Path, files: Mapping[str, Source], thumbnail: bytes | None, vault: Vault
) -> tuple[AgeFile, ...]:
    """Encrypt the files of a bag into an empty folder, have them on the disk, read them back.

    Raises SharewiseError(VERIFY_FAILED) if a source is not what it was on its way in, or the disk
    returns other bytes than were written; OSError as the system gives it.
    """
    written: list[AgeFile] = []
    stored: list[StoredFile] = []
    for name, source in sorted(files.items()):
        digest = source.digest
        lies_in, content = None, None
        with source.open() as plain:
            if digest.size_bytes <= SMALL_BYTES:
                content = plain.read()
                _must_be(digest, content)
            else:
                lies_in = f"{len(written) + 1:04}.age"
                written.append(_encrypt(folder / lies_in, plain, digest, vault))
        stored.append(
            StoredFile(name, digest.sha256, digest.size_bytes, digest.crc32, lies_in, content)
        )
    listed = msgspec.json.encode(SealList(1, tuple(stored)))
    small = {SEAL: listed} if thumbnail is None else {SEAL: listed, THUMBNAIL: thumbnail}
    for name, content in small.items():
        plain = io.BytesIO(content)
        written.append(_encrypt(folder / name, plain, None, vault))
    for one in written:
        _must_read_back(folder / one.name, one)
    return tuple(written)


def write_slip(folder: Path, slip: Slip) -> None:
    """Write the last file of a capture and have everything on the disk."""
    content = msgspec.json.encode(slip)
    with _new_file(folder / SLIP) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def read_slip(folder: Path) -> Slip:
    """Return the slip of a capture. Raises SharewiseError(VAULT_DAMAGED) if it is none."""
    try:
        return msgspec.json.decode(read_small(folder / SLIP, MAX_SLIP_BYTES), type=Slip)
    except (msgspec.DecodeError, UnicodeDecodeError, SharewiseError) as error:
        raise SharewiseError(
            ErrorCode.VAULT_DAMAGED, "A capture's own note cannot be read. Look for a backup."
        ) from error


def disk_bytes(folder: Path | str) -> int:
    """Return what the files of a folder come to. Raises OSError if it is not there."""
    with os.scandir(folder) as entries:
        return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)


class SealedFolder:
    """A sealed capture, to be read: as `seals.check.Reader`, and file by file."""

    problems: tuple[Problem, ...] = ()

    def __init__(self, folder: Path, vault: Vault, scratch_folder: Path) -> None:
        """Raises SharewiseError: VAULT_LOCKED; VERIFY_FAILED or UNREADABLE if it was changed."""
        self._folder = folder
        self._vault = vault
        self._scratch_folder = scratch_folder
        with explained():
            listed = vault.unseal(read_small(folder / SEAL, MAX_SEAL_BYTES))
        try:
            found = msgspec.json.decode(listed, type=SealList)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _not_as_sealed() from error
        self._files = {one.name: one for one in found.files}

    @property
    def digests(self) -> dict[str, Digest]:
        """Every file by its name in the bag."""
        return {name: one.digest for name, one in self._files.items()}

    @property
    def members(self) -> tuple[Member, ...]:
        """Every file, as a check takes it."""
        return tuple(Member(one.name, one.size_bytes, one.crc32) for one in self._files.values())

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a file in order."""
        with self.open(member.name) as content:
            while piece := content.read(PIECE_BYTES):
                yield piece

    def digest(self, member: Member) -> Digest:
        """Decrypt a file to its end, keeping nothing of it, and return its figures.

        Raises SharewiseError: VAULT_LOCKED; VERIFY_FAILED if it is not what was sealed.
        """
        found = self._files[member.name]
        if found.content is not None:
            _must_be(found.digest, found.content)
        else:
            self._decrypt(found, _Nowhere())
        return found.digest

    def open(self, name: str) -> BinaryIO:
        """Return the plain content of a file: buffered, seekable, read-only; close it.

        Raises SharewiseError: UNREADABLE if there is none of this name; VAULT_LOCKED;
        VERIFY_FAILED if it is not what was sealed, before a byte of it is given.
        """
        found = self._files.get(name)
        if found is None:
            raise SharewiseError(ErrorCode.UNREADABLE, "This capture has no file of this name.")
        if found.content is not None:
            _must_be(found.digest, found.content)
            return io.BytesIO(found.content)
        assert found.lies_in is not None, "it lies in one place or the other"
        if found.size_bytes <= IN_MEMORY_BYTES:
            output = io.BytesIO()
            self._decrypt(found, output)
            output.seek(0)
            return output
        scratch = Scratch(self._scratch_folder)
        try:
            with scratch.create(name) as target:
                self._decrypt(found, target)
            return scratch.open(name)
        except BaseException:
            scratch.close()
            raise

    def thumbnail(self) -> bytes:
        """Return the small picture. Raises SharewiseError: UNREADABLE if there is none."""
        with explained():
            return self._vault.unseal(read_small(self._folder / THUMBNAIL, MAX_SEAL_BYTES))

    def _decrypt(self, found: StoredFile, target: Writable) -> None:
        assert found.lies_in is not None
        checked = _Hashing(target)
        with open_file(self._folder / found.lies_in, follow=False) as file:
            self._vault.unseal_stream(_Blocks(_blocks_of(file)), checked)
        if (checked.sha256, checked.size_bytes) != (found.sha256, found.size_bytes):
            raise _not_as_sealed()


def _encrypt(path: Path, plain: BinaryIO, digest: Digest | None, vault: Vault) -> AgeFile:
    source = _Blocks(plain.read)
    with _new_file(path) as file:
        target = _Hashing(file)
        vault.seal_stream(source, target)
        file.flush()
        os.fsync(file.fileno())
    figures = (source.sha256, source.size_bytes)
    if digest is not None and figures != (digest.sha256, digest.size_bytes):
        raise _not_as_meant()
    return AgeFile(path.name, target.size_bytes, target.sha256)


def _new_file(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags("O_NOFOLLOW")
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _must_read_back(path: Path, written: AgeFile) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != written.sha256:
        raise _not_as_meant()


def _must_be(digest: Digest, content: bytes) -> None:
    digester = Digester()
    digester.update(content)
    if digester.digest() != digest:
        raise _not_as_sealed()


def _not_as_sealed() -> SharewiseError:
    return SharewiseError(
        ErrorCode.VERIFY_FAILED,
        "A capture is not what was sealed: it was changed, or the disk is damaged. Look for a "
        "backup.",
    )


def _not_as_meant() -> SharewiseError:
    return SharewiseError(
        ErrorCode.VERIFY_FAILED,
        "What was written could not be read back as it was meant, so nothing was sealed. Check "
        "the disk, then capture again.",
    )


class _Hashing:
    """Passes on what is written and takes its figures."""

    def __init__(self, target: Writable) -> None:
        self._target = target
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self._sha256.update(data)
        self.size_bytes += len(data)
        return len(data)


class _Nowhere:
    """Takes what is written and keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


class _Blocks:
    """Reads in large blocks what is asked for in small pieces: age asks for 8 kB at a time."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._block = memoryview(b"")
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """Of all that was read so far, blocks that are not passed on yet included."""
        return self._sha256.hexdigest()

    def read(self, size: int = -1) -> bytes:
        if not self._block:
            block = self._read(PIECE_BYTES)
            self._sha256.update(block)
            self.size_bytes += len(block)
            self._block = memoryview(block)
        piece = self._block if size < 0 else self._block[:size]
        self._block = self._block[len(piece) :]
        return bytes(piece)


def _blocks_of(file: OpenFile) -> Callable[[int], bytes]:
    """Return what reads a file that `open_file` opened from its start on."""
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        piece = file.read(at, min(size, file.size_bytes - at))
        at += len(piece)
        return piece

    return read
