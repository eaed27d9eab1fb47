"""Room on the disk for content on its way: encrypted, without a name, and gone with the process.

The key is random and lives in memory only, so what a crash or a full disk leaves behind is noise.
Content comes in blocks, each encrypted by itself (AES-256-GCM, the nonce is the block's number),
so any place can be read without the rest and a changed block is an error.
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
import threading
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, cast

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

BLOCK_BYTES = 256 * 1024
"""The most that one block holds, and what is in memory while it is read or written."""
TAG_BYTES = 16


class Parts(Protocol):
    """Files by name, wherever they lie: what works on a capture before it is sealed."""

    def open(self, name: str) -> BinaryIO:
        """Return the content of a file: buffered, seekable, read-only; close it."""
        ...

    def create(self, name: str) -> BinaryIO:
        """Return a new file to write; it is whole once it is closed."""
        ...

    def drop(self, name: str) -> None:
        """Forget a file; an unknown one is no error."""
        ...


@dataclass(slots=True)
class _Entry:
    """The blocks of one file: where each lies on the disk, and where it starts in the file."""

    offsets: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    size_bytes: int = 0


class Scratch:
    """Files by name in one nameless, encrypted file. May be used from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError as the system gives it."""
        # Imported here: a start must not pay for it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(secrets.token_bytes(32))
        # Closed by `close`: it lives as long as the capture.
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  open until `close`
        self._end = 0
        self._blocks = 0
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def append(self, name: str, data: ReadableBuffer) -> None:
        """Put bytes at the end of a file, made if need be."""
        view = memoryview(data)
        with self._lock:
            entry = self._entries.setdefault(name, _Entry())
            for at in range(0, len(view), BLOCK_BYTES):
                self._put(entry, view[at : at + BLOCK_BYTES])

    def open(self, name: str) -> BinaryIO:
        """Return the content of a file: buffered, seekable, read-only; close it."""
        reader = _Reader(self, self._entries[name])
        return cast("BinaryIO", io.BufferedReader(reader, 64 * 1024))

    def create(self, name: str) -> BinaryIO:
        """Return a new, empty file to write; it is whole once it is closed."""
        self.drop(name)
        self.append(name, b"")
        return cast("BinaryIO", io.BufferedWriter(_Writer(self, name), BLOCK_BYTES))

    def drop(self, name: str) -> None:
        """Forget a file; its bytes stay, unreadable, until the scratch is closed."""
        with self._lock:
            self._entries.pop(name, None)

    def size_bytes(self, name: str) -> int:
        """Return how long a file is."""
        return self._entries[name].size_bytes

    def file(self, name: str) -> ScratchFile:
        """Return a file as something that can be opened."""
        return ScratchFile(self, name)

    @property
    def names(self) -> frozenset[str]:
        """The files that there are."""
        return frozenset(self._entries)

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
        self._entries.clear()

    def __del__(self) -> None:
        self._file.close()  # a capture that nobody ended, when the daemon does

    def _put(self, entry: _Entry, block: memoryview) -> None:
        nonce = self._blocks.to_bytes(12, "big")
        sealed = memoryview(nonce + self._cipher.encrypt(nonce, block, None))
        self._blocks += 1
        self._file.seek(self._end)
        written = 0
        while written < len(sealed):
            written += self._file.write(sealed[written:])
        entry.offsets.append(self._end)
        entry.starts.append(entry.size_bytes)
        self._end += len(sealed)
        entry.size_bytes += len(block)

    def _get(self, entry: _Entry, number: int) -> bytes:
        """Return a block. Raises SharewiseError(VERIFY_FAILED) if it is not what was written."""
        from cryptography.exceptions import InvalidTag

        last = number + 1 == len(entry.starts)
        end = entry.size_bytes if last else entry.starts[number + 1]
        wanted = 12 + end - entry.starts[number] + TAG_BYTES
        with self._lock:
            self._file.seek(entry.offsets[number])
            sealed = b""
            while len(sealed) < wanted and (piece := self._file.read(wanted - len(sealed))):
                sealed += piece
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, ValueError) as error:
            raise SharewiseError(
                ErrorCode.VERIFY_FAILED,
                "What was written for a moment could not be read back. Check the disk.",
            ) from error


@dataclass(frozen=True, slots=True)
class ScratchFile:
    """One file of a scratch; opens like a path."""

    scratch: Scratch
    name: str

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """Return its content to read."""
        assert mode == "rb"
        return self.scratch.open(self.name)

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return self.scratch.size_bytes(self.name)

    def read(self, offset: int, length: int) -> bytes:
        """Return these bytes; fewer only past the end."""
        with self.open() as content:
            content.seek(offset)
            return content.read(length)


class _Reader(io.RawIOBase):
    def __init__(self, scratch: Scratch, entry: _Entry) -> None:
        super().__init__()
        self._scratch = scratch
        self._entry = entry
        self._at = 0
        self._held = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._entry.size_bytes}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if self._at >= self._entry.size_bytes or not view:
            return 0
        number = bisect_right(self._entry.starts, self._at) - 1
        if self._held[0] != number:
            self._held = (number, self._scratch._get(self._entry, number))
        start = self._at - self._entry.starts[number]
        piece = self._held[1][start : start + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class _Writer(io.RawIOBase):
    def __init__(self, scratch: Scratch, name: str) -> None:
        super().__init__()
        self._scratch = scratch
        self._name = name

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        self._scratch.append(self._name, data)
        return memoryview(data).nbytes
