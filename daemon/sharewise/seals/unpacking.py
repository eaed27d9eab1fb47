"""Reads the container of a package without trusting it: nothing is inflated, nothing is written.

Members are only ever read as they lie, so no small file can grow into a large one. What a stranger
may have done to a zip (entries that overlap, two directories, links, data behind the end) is
found by comparing every byte of the container with what `container` would have written.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals import container
from sharewise.seals.container import CENTRAL, END, END_64, LOCAL, LOCATOR_64, OFFSET_64, Stored
from sharewise.seals.digests import Digest, digest_chunks
from sharewise.seals.names import why_unsafe
from sharewise.seals.problems import Problem, ProblemKind

MAX_MEMBERS = 200_000
MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
MAX_COMMENT_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
FOREIGN = frozenset({ProblemKind.COMPRESSED, ProblemKind.CHANGED_CONTAINER})
"""What is wrong with every entry if somebody unpacked a package and packed it again."""


class Bytes(Protocol):
    """A file, or what stands for one."""

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return these bytes; fewer only past the end."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package as the check sees it, zip or folder."""

    name: str
    size_bytes: int
    crc32: int | None
    """What the container says of the content, if it says anything."""
    content_offset: int = 0


@dataclass(frozen=True, slots=True)
class ZipReader:
    """A package in a zip; names are as they stand, one base folder taken off."""

    source: Bytes
    members: tuple[Member, ...]
    problems: tuple[Problem, ...]

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield a member's content in order, at most `CHUNK_BYTES` at once."""
        end = member.content_offset + member.size_bytes
        for offset in range(member.content_offset, end, CHUNK_BYTES):
            yield self.source.read(offset, min(CHUNK_BYTES, end - offset))

    def digest(self, member: Member) -> Digest:
        """Read a member to its end and return its figures."""
        return digest_chunks(self.chunks(member))


@dataclass(frozen=True, slots=True)
class _Directory:
    offset: int
    size_bytes: int
    count: int


@dataclass(frozen=True, slots=True)
class _Entry:
    stored: Stored
    raw: bytes
    method: int
    packed_bytes: int
    mode: int


class _BrokenOffError(Exception):
    """The container breaks off here; what was read before stands."""


def open_zip(source: Bytes) -> ZipReader:
    """Return what the zip holds and what is wrong with it.

    Raises SharewiseError(NOT_A_PACKAGE) if there is no end of a central directory, or if every
    entry is as another program writes it.
    """
    problems: list[Problem] = []
    entries: list[_Entry] = []
    try:
        directory = _directory(source, problems)
        entries += _entries(source, directory)
    except _BrokenOffError as broken:
        problems.append(Problem(ProblemKind.MALFORMED_CONTAINER, "", str(broken)))
    else:
        problems += _layout_problems(source, directory, entries)
    plain = [entry.stored for entry in entries if entry.method == 0]
    if sum(stored.size_bytes for stored in plain) > source.size_bytes:
        meaning = "Its files claim more bytes than there are, so none was read."
        problems.append(Problem(ProblemKind.TOO_LARGE, "", meaning))
        return ZipReader(source, (), tuple(problems))
    members = []
    are_foreign = []
    for entry in entries:
        found = _entry_problems(source, entry)
        problems += found
        are_foreign.append(any(problem.kind in FOREIGN for problem in found))
        is_readable = all(problem.kind is ProblemKind.CHANGED_CONTAINER for problem in found)
        if is_readable and not entry.stored.name.endswith("/"):
            start = _content_offset(source, entry.stored)
            members.append(
                Member(entry.stored.name, entry.stored.size_bytes, entry.stored.crc32, start)
            )
    if are_foreign and all(are_foreign):
        raise SharewiseError(
            ErrorCode.NOT_A_PACKAGE,
            "Another program packed this zip, so it cannot be checked as it is. Unpack it and "
            "check the folder.",
        )
    return ZipReader(source, _without_base_folder(members), tuple(problems))


def _directory(source: Bytes, problems: list[Problem]) -> _Directory:
    tail_offset = max(0, source.size_bytes - END.size - MAX_COMMENT_BYTES)
    tail = source.read(tail_offset, source.size_bytes - tail_offset)
    at = tail.rfind(container.END_SIGNATURE.to_bytes(4, "little"))
    if at < 0 or at + END.size > len(tail):
        raise SharewiseError(
            ErrorCode.NOT_A_PACKAGE,
            "This is no package, or its end is cut off. Ask for it again, or for its SHA-256.",
        )
    if at + END.size != len(tail):
        meaning = "There is data behind the end of the zip, which other programs may show."
        problems.append(Problem(ProblemKind.DATA_OUTSIDE, "", meaning))
    end_offset = tail_offset + at
    _, _, _, _, count, size_bytes, offset, _ = END.unpack_from(tail, at)
    locator = source.read(end_offset - LOCATOR_64.size, LOCATOR_64.size) if end_offset > 76 else b""
    if locator[:4] == container.LOCATOR_64_SIGNATURE.to_bytes(4, "little"):
        end_offset = LOCATOR_64.unpack(locator)[2]
        raw = source.read(end_offset, END_64.size) if end_offset < source.size_bytes else b""
        if len(raw) != END_64.size:
            raise _BrokenOffError("The end of the zip points outside the file.")
        _, _, _, _, _, _, _, count, size_bytes, offset = END_64.unpack(raw)
    if count > MAX_MEMBERS or size_bytes > MAX_DIRECTORY_BYTES:
        raise _BrokenOffError(f"The zip claims more than {MAX_MEMBERS} files.")
    if offset + size_bytes > source.size_bytes:
        raise _BrokenOffError("The list of files lies outside the zip.")
    return _Directory(offset, size_bytes, count)


def _entries(source: Bytes, directory: _Directory) -> Iterator[_Entry]:
    raw = source.read(directory.offset, directory.size_bytes)
    at = 0
    for _ in range(directory.count):
        if at + CENTRAL.size > len(raw):
            raise _BrokenOffError("The list of files ends too early.")
        fields = CENTRAL.unpack_from(raw, at)
        if fields[0] != container.CENTRAL_SIGNATURE:
            raise _BrokenOffError("The list of files is damaged.")
        method, crc32, packed_bytes, size_bytes = fields[4], fields[7], fields[8], fields[9]
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        end = at + CENTRAL.size + name_bytes + extra_bytes + comment_bytes
        if end > len(raw):
            raise _BrokenOffError("The list of files ends too early.")
        name = raw[at + CENTRAL.size : at + CENTRAL.size + name_bytes]
        extra = raw[at + CENTRAL.size + name_bytes : end - comment_bytes]
        offset = fields[16]
        if offset == container.LIMIT_32 and len(extra) == OFFSET_64.size:
            offset = OFFSET_64.unpack(extra)[2]
        stored = Stored(name.decode("utf-8", "surrogateescape"), crc32, size_bytes, offset)
        yield _Entry(stored, raw[at:end], method, packed_bytes, fields[15] >> 16)
        at = end
    if at != len(raw):
        raise _BrokenOffError("The list of files is longer than its entries.")


def _entry_problems(source: Bytes, entry: _Entry) -> list[Problem]:
    stored = entry.stored
    shown = stored.name
    if stored.name.endswith("/"):
        meaning = f"This is an entry for a folder. {_REPACKED}"
        return [Problem(ProblemKind.CHANGED_CONTAINER, shown, meaning)]
    if stat.S_IFMT(entry.mode) not in {0, stat.S_IFREG}:
        meaning = "This is a link or a device, not a file; do not unpack this zip."
        return [Problem(ProblemKind.NOT_A_FILE, shown, meaning)]
    if entry.method != 0 or entry.packed_bytes != stored.size_bytes:
        return [Problem(ProblemKind.COMPRESSED, shown, f"It is compressed. {_REPACKED}")]
    try:
        header = container.local_header(stored.name, stored.crc32, stored.size_bytes)
        line = container.central_entry(stored)
    except (UnicodeEncodeError, AssertionError):
        meaning = "Its name or size is none that Sharewise writes, so it was not read."
        return [Problem(ProblemKind.UNSAFE_NAME, shown, meaning)]
    if stored.offset + len(header) + stored.size_bytes > source.size_bytes:
        meaning = "It reaches past the end of the zip."
        return [Problem(ProblemKind.MALFORMED_CONTAINER, shown, meaning)]
    if source.read(stored.offset, len(header)) != header or entry.raw != line:
        meaning = f"The zip's own notes on this file were changed. {_REPACKED}"
        return [Problem(ProblemKind.CHANGED_CONTAINER, shown, meaning)]
    return []


def _content_offset(source: Bytes, stored: Stored) -> int:
    """Return where the content lies as the header before it says, which others write longer."""
    header = source.read(stored.offset, LOCAL.size)
    fields = LOCAL.unpack(header) if len(header) == LOCAL.size else (0,) * 11
    if fields[0] != container.LOCAL_SIGNATURE:
        return stored.offset + LOCAL.size + len(stored.name.encode())
    return stored.offset + LOCAL.size + int(fields[9]) + int(fields[10])


_REPACKED = (
    "Sharewise did not write it so. If the zip was repacked, unpack it and check the folder."
)


def _layout_problems(
    source: Bytes, directory: _Directory, entries: list[_Entry]
) -> Iterator[Problem]:
    """Every byte belongs to exactly one member or to the directory, in order."""
    at = 0
    for entry in entries:
        stored = entry.stored
        if stored.offset != at:
            meaning = "There is data before this file that belongs to none, or two files overlap."
            yield Problem(ProblemKind.DATA_OUTSIDE, stored.name, meaning)
        name_bytes = len(stored.name.encode("utf-8", "surrogateescape"))
        at = stored.offset + LOCAL.size + name_bytes + entry.packed_bytes
    if directory.offset != at:
        meaning = "There is data before the zip's list of files that belongs to none."
        yield Problem(ProblemKind.DATA_OUTSIDE, "", meaning)
    expected = container.end_records(
        count=len(entries),
        directory_offset=directory.offset,
        directory_bytes=directory.size_bytes,
    )
    end = directory.offset + directory.size_bytes
    if source.read(end, len(expected) + 1) != expected:
        meaning = f"The end of the zip was changed. {_REPACKED}"
        yield Problem(ProblemKind.CHANGED_CONTAINER, "", meaning)


def _without_base_folder(members: list[Member]) -> tuple[Member, ...]:
    """Take off the one folder that everything lies in (RFC 8493, section 5), if it is so."""
    bases = {member.name.partition("/")[0] for member in members}
    if len(bases) != 1 or not all("/" in member.name for member in members):
        return tuple(members)
    base = bases.pop() + "/"
    if why_unsafe(base[:-1]) is not None:
        return tuple(members)
    return tuple(
        Member(
            member.name.removeprefix(base),
            member.size_bytes,
            member.crc32,
            member.content_offset,
        )
        for member in members
    )
