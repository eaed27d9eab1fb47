"""Checks a package from a file or folder; needs no daemon, no key and no connection."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock, SystemClock
from sharewise.disk.faults import explained
from sharewise.disk.reading import OpenFile, open_file
from sharewise.seals import layout
from sharewise.seals.check import check
from sharewise.seals.digests import Digest, digest_chunks
from sharewise.seals.problems import Problem, ProblemKind, Verdict
from sharewise.seals.unpacking import CHUNK_BYTES, MAX_MEMBERS, Member, open_zip
from sharewise.services.moments import utc_text

MAX_DEPTH = 16
CLOCK: Clock = SystemClock()


def verify(package: Path, *, expected_key: str | None = None, clock: Clock = CLOCK) -> Verdict:
    """Return the verdict on a zip, an unpacked folder, or one sealed capture.

    Raises SharewiseError: UNREADABLE, NOT_A_FILE, or NOT_A_PACKAGE if it is something else.
    """
    now = utc_text(clock.now())
    with explained():
        if package.is_dir():
            return check(
                open_folder(_base_folder(package)), expected_key=expected_key, checked_at_utc=now
            )
        with open_file(package) as file:
            return check(open_zip(_ZipBytes(file)), expected_key=expected_key, checked_at_utc=now)


def _base_folder(folder: Path) -> Path:
    """Return the bag: the folder itself, or the only thing in it, as unzip makes it."""
    if (folder / layout.DECLARATION).exists() or (folder / layout.MANIFEST).exists():
        return folder
    inside = list(folder.iterdir())
    if len(inside) == 1 and (inside[0] / layout.DECLARATION).is_file():
        return inside[0]
    raise SharewiseError(
        ErrorCode.NOT_A_PACKAGE,
        "This folder is no package: it has no 'bagit.txt'. Name the zip, or the folder that it "
        "was unpacked to.",
    )


@dataclass(frozen=True, slots=True)
class _ZipBytes:
    file: OpenFile

    @property
    def size_bytes(self) -> int:
        return self.file.size_bytes

    def read(self, offset: int, length: int) -> bytes:
        start = min(offset, self.file.size_bytes)
        return self.file.read(start, min(length, self.file.size_bytes - start))


@dataclass(frozen=True, slots=True)
class FolderReader:
    """A sealed folder on this disk. Links are never followed."""

    folder: Path
    members: tuple[Member, ...]
    problems: tuple[Problem, ...]

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a file in order. Raises SharewiseError if it cannot be read."""
        with open_file(self.folder / member.name, follow=False) as file:
            yield from _chunks(file)

    def digest(self, member: Member) -> Digest:
        """Read a file to its end and return its figures."""
        return digest_chunks(self.chunks(member))


def _chunks(file: OpenFile) -> Iterator[bytes]:
    for offset in range(0, file.size_bytes, CHUNK_BYTES):
        yield file.read(offset, min(CHUNK_BYTES, file.size_bytes - offset))


def open_folder(folder: Path) -> FolderReader:
    """Return what lies in a folder and what in it is no plain file."""
    members: list[Member] = []
    problems: list[Problem] = []
    with explained():
        for name, found in _walk(folder, "", 0):
            if stat.S_ISREG(found.st_mode):
                members.append(Member(name, found.st_size, None))
            else:
                meaning = "This is a link, pipe or device, not a file; it was not followed."
                problems.append(Problem(ProblemKind.NOT_A_FILE, name, meaning))
            if len(members) + len(problems) > MAX_MEMBERS:
                raise SharewiseError(
                    ErrorCode.NOT_A_PACKAGE, "This folder holds far more files than a package."
                )
    members.sort(key=lambda member: member.name)
    return FolderReader(folder, tuple(members), tuple(problems))


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode) and depth < MAX_DEPTH:
                yield from _walk(folder / entry.name, f"{prefix}{entry.name}/", depth + 1)
            else:
                yield prefix + entry.name, found
