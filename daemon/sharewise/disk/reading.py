"""Read regular files in ranges, whatever their size, and answer what the formats ask for."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar, assert_never, final

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.disk.faults import changed, explain, not_a_file
from sharewise.formats.contract import (
    HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Find,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Range,
    Request,
    Source,
    Span,
    Steps,
)
from sharewise.formats.engine import answer as answer_from
from sharewise.formats.engine import (
    find_markers,
    find_nonzero,
    gif_blocks,
    inflated_bytes,
    offsets_of,
    packed,
)

BLOCK_BYTES = 1024 * 1024
"""What is held in memory while bytes are copied."""
SCAN_BYTES = 256 * 1024
"""What is held in memory while bytes are looked through: little enough for a processor's cache."""
HOLD_BYTES = 24 * 1024 * 1024
"""The largest file that `hold` takes into memory; photos are smaller, most videos are not."""
RANGE_LIMIT_BYTES = 64 * 1024 * 1024
"""The most that one range may hold; metadata of real files stays far below."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file and a state of it from others; equal stamps mean that nothing changed."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int

    def is_same_but_for_ctime(self, other: Stamp) -> bool:
        """Return whether both are the same file with the same bytes, perhaps renamed."""
        return replace(self, ctime_ns=0) == replace(other, ctime_ns=0)

    @staticmethod
    def of(found: os.stat_result) -> Stamp:
        """Return the stamp in the answer of a stat."""
        return Stamp(
            found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        )


@final
class OpenFile:
    """A regular file that is open; answers requests and counts what it read for them."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.found = os.fstat(descriptor)
        """As it was when it was opened."""
        self.bytes_read = 0
        self.held: bytes | None = None
        """All of it, once `hold` has read it."""
        self._is_open = True

    @property
    def size_bytes(self) -> int:
        """The size when it was opened."""
        return self.found.st_size

    @property
    def stamp(self) -> Stamp:
        """The state in which it was opened."""
        return Stamp.of(self.found)

    def close(self) -> None:
        """Close it before the block of `open_file` ends: Windows replaces no file that is open."""
        if self._is_open:
            self._is_open = False
            os.close(self.descriptor)

    def hold(self) -> None:
        """Read all of it into memory, if it is not too large; every answer comes from there then.

        So what is judged and what is compared later are the same bytes, whoever writes meanwhile.
        """
        if self.held is None and self.size_bytes <= HOLD_BYTES:
            self.held = self.read(0, self.size_bytes)

    def source(self) -> Source:
        """Read head and tail."""
        head = self.read(0, min(HEAD_BYTES, self.size_bytes))
        if len(head) == self.size_bytes:
            return Source(self.size_bytes, head, head[-TAIL_BYTES:])
        tail = self.read(self.size_bytes - TAIL_BYTES, TAIL_BYTES)
        return Source(self.size_bytes, head, tail)

    def answer(self, request: Request) -> Answer:
        """Do what a format asks for. Raises Malformed if it lies outside of the file."""
        if self.held is not None and not isinstance(request, Range):
            return answer_from(request, self.held)
        match request:
            case Range(offset, length):
                self._check(offset, length)
                if length > RANGE_LIMIT_BYTES:
                    raise Malformed(path="file", at_byte=offset, why="holds far too much metadata")
                return self.read(offset, length)
            case Find(needle, start, end):
                return self._find(needle, max(start, 0), min(end, self.size_bytes))
            case FindMarkers(start, end, limit):
                return self._find_markers(max(start, 0), min(end, self.size_bytes), limit)
            case Inflate(spans, limit):
                return self._inflate(spans, limit)
            case FindNonzero(start, end):
                return self._find_nonzero(max(start, 0), min(end, self.size_bytes))
            case GifBlocks(start, end, limit):
                self._check(start, end - start)
                return packed(gif_blocks(self.read, start, end, limit))
            case _:
                assert_never(request)

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes. Raises SharewiseError(FILE_CHANGED) if they are gone."""
        if self.held is not None and offset + length <= len(self.held):
            return self.held[offset : offset + length]
        self.bytes_read += length
        try:
            data = read_at(self.descriptor, length, offset)
            while len(data) < length:
                part = read_at(self.descriptor, length - len(data), offset + len(data))
                if not part:
                    raise changed()
                data += part
        except OSError as error:
            raise explain(error) from error
        return data

    def _check(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size_bytes:
            raise Malformed(path="file", at_byte=offset, why="points past the end")

    def _find(self, needle: bytes, start: int, end: int) -> int | None:
        for position, block in self._blocks(start, end, len(needle) - 1, has_holes=not any(needle)):
            found = block.find(needle)
            if found >= 0:
                return position + found
        return None

    def _find_nonzero(self, start: int, end: int) -> int | None:
        for position, block in self._blocks(start, end, 0, has_holes=False):
            found = find_nonzero(block, 0, len(block))
            if found is not None:
                return position + found
        return None

    def _find_markers(self, start: int, end: int, limit: int) -> bytes:
        found: list[int] = []
        for position, block in self._blocks(start, end, 1, has_holes=False):
            markers = find_markers(block, 0, len(block), limit - len(found))
            found += [position + offset for offset in offsets_of(markers)]
            if len(found) >= limit:
                break
        return packed(found)

    def _inflate(self, spans: tuple[Span, ...], limit: int) -> int | None:
        for span in spans:
            self._check(span.offset, span.length)
        pieces = (
            block
            for span in spans
            for _, block in self._blocks(span.offset, span.offset + span.length, 0, has_holes=True)
        )
        return inflated_bytes(pieces, limit)

    def _blocks(
        self, start: int, end: int, overlap: int, *, has_holes: bool
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (offset, bytes) over [start, end); each block begins with `overlap` bytes of the
        one before. `has_holes` false leaves out the zeros of holes.

        Not mapped: a mapped file that is cut short by another program ends ours.
        """
        assert 0 <= overlap < SCAN_BYTES
        position = start
        while position + overlap < end:
            if not has_holes:
                data = self._next_data(position)
                if data is None:
                    return
                position = max(position, data - overlap)
                if position + overlap >= end:
                    return
            block = self.read(position, min(SCAN_BYTES, end - position))
            yield position, block
            position += len(block) - overlap

    def _next_data(self, position: int) -> int | None:
        """Return where something other than a hole begins: a sparse file costs what it holds."""
        if not hasattr(os, "SEEK_DATA"):
            return position
        try:
            return os.lseek(self.descriptor, position, os.SEEK_DATA)
        except OSError as error:
            return None if error.errno == errno.ENXIO else position


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Return up to `length` bytes from `offset`; fewer at the end of the file."""
    if sys.platform == "win32":
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)
    else:  # noqa: RET505  the type checker reads one branch a system
        return os.pread(descriptor, length, offset)


def converse(steps: Steps[Result], file: OpenFile) -> Result:
    """Run a format's generator over an open file and return its result."""
    try:
        requests = next(steps)
        while True:
            requests = steps.send(tuple(file.answer(request) for request in requests))
    except StopIteration as end:
        result: Result = end.value
        return result


@contextlib.contextmanager
def open_file(path: Path, *, follow: bool = True) -> Iterator[OpenFile]:
    """Open a regular file for reading, as `opened`, and close it at the end of the block."""
    file = opened(path, follow=follow)
    try:
        yield file
    finally:
        file.close()


def opened(path: Path, *, follow: bool = True) -> OpenFile:
    """Open a regular file for reading, never anything else, and never waiting.

    `follow` false: a link is refused too. Raises SharewiseError: NOT_A_FILE for a folder, FIFO,
    socket or device, UNREADABLE or another code of `explain`.
    """
    try:
        found = os.stat(path, follow_symlinks=follow)  # noqa: PTH116  quicker
        if not stat.S_ISREG(found.st_mode):
            raise not_a_file(found.st_mode)
        # It may have been exchanged since: not blocking, and looked at again once it is open.
        flags = open_flags("O_NONBLOCK", "O_NOCTTY", *(() if follow else ("O_NOFOLLOW",)))
        file = OpenFile(os.open(path, os.O_RDONLY | flags))
    except OSError as error:
        raise explain(error) from error
    if not stat.S_ISREG(file.found.st_mode):
        file.close()
        raise not_a_file(file.found.st_mode)
    return file


@cache
def open_flags(*names: str) -> int:
    """Return these flags of `os.open`, those that there are here; always not inherited, bytes."""
    flags = 0
    for name in (*names, "O_CLOEXEC", "O_BINARY"):
        flag: int = getattr(os, name, 0)
        flags |= flag
    return flags


def read_small(path: Path, limit_bytes: int) -> bytes:
    """Return all of a small file. Raises SharewiseError as `open_file`, or TOO_LARGE."""
    with open_file(path) as file:
        if file.size_bytes > limit_bytes:
            raise SharewiseError(ErrorCode.TOO_LARGE, "A file of settings is far too large.")
        return file.read(0, file.size_bytes)


def has_writer(file: OpenFile) -> bool:
    """Return whether another program has the file open for writing, as far as can be known.

    Linux grants a read lease only on a file that nobody writes. Elsewhere, and on files of other
    people, this is unknown and the answer is False.
    """
    if sys.platform != "linux":
        return False
    import fcntl  # not on every system

    try:
        # A lease that is broken while we hold it announces itself by a signal: one without effect.
        fcntl.fcntl(file.descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file.descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file.descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False
