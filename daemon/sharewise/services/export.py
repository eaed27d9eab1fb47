"""Writes a case as one file that a stranger can check: `case-<id>.zip`, layout as in `seals`.

The same case, key and moment make the same bytes: the order, dates and modes of the members are
fixed, nothing is compressed, and the signature is deterministic.
"""

from __future__ import annotations

import csv
import errno
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import Draft, draft_in, give_name, sync_folder
from sharewise.keys import DeviceKey
from sharewise.seals import container, instructions, layout, signatures
from sharewise.seals.check import check
from sharewise.seals.container import Stored
from sharewise.seals.digests import Digest, digest_chunks, digest_of
from sharewise.seals.names import why_unsafe
from sharewise.seals.problems import Problem
from sharewise.seals.unpacking import Member, open_zip
from sharewise.services.contents import CaseContents, PackageOptions, SealedItem
from sharewise.services.sealing import bag_of
from sharewise.vault import age
from sharewise.vault.scratch import Scratch, ScratchFile
from sharewise.wire.messages import CaseExported

CHUNK_BYTES = 1024 * 1024
PACKAGE, ENCRYPTED = "package", "encrypted"
SPARE_BYTES = 16 * 1024 * 1024
"""Left free on the disk beside what the package takes."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the package: in memory, or somewhere that can be opened."""

    content: bytes | Callable[[], BinaryIO]
    digest: Digest


@dataclass(frozen=True, slots=True)
class _ItemReader:
    """A sealed capture as the check reads it."""

    item: SealedItem
    problems: tuple[Problem, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(
            Member(name, one.size_bytes, one.crc32) for name, one in self.item.digests.items()
        )

    def chunks(self, member: Member) -> Iterator[bytes]:
        with self.item.open(member.name) as content:
            yield from _pieces(content)


def name_of(contents: CaseContents) -> str:
    """Return the package's name without its ending; neutral."""
    return f"case-{contents.case_id}"


def file_name(contents: CaseContents, options: PackageOptions) -> str:
    """Return the name of the file."""
    return name_of(contents) + (".zip" if options.recipient is None else ".zip.age")


def make_package(
    contents: CaseContents, options: PackageOptions, key: DeviceKey, scratch: Scratch
) -> ScratchFile:
    """Make the package in a scratch, check it with our own verifier, and encrypt it if asked to.

    Raises SharewiseError: BAD_RECIPIENT, VERIFY_FAILED, VAULT_LOCKED; OSError as it comes.
    """
    recipient = None
    if options.recipient is not None:
        try:
            recipient = age.recipient_of(options.recipient.strip())
        except ValueError as error:
            raise SharewiseError(
                ErrorCode.BAD_RECIPIENT,
                "This is no age key. One begins with 'age1'; ask the receiver for theirs.",
            ) from error
    members = _members(contents, key)
    with scratch.create(PACKAGE) as output:
        _write_zip(output, name_of(contents), members)
    made = scratch.file(PACKAGE)
    if not _reads_back(made):
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "The package could not be read back as it was meant, so it was not kept. Check the "
            "disk, then try again.",
        )
    if recipient is None:
        return made
    with made.open() as plain, scratch.create(ENCRYPTED) as output:
        age.encrypt_stream(plain, output, recipient)
    scratch.drop(PACKAGE)
    return scratch.file(ENCRYPTED)


def write_package(
    contents: CaseContents,
    options: PackageOptions,
    key: DeviceKey,
    folder: Path,
    scratch: Scratch,
    *,
    remembered: Callable[[Path], AbstractContextManager[None]],
) -> CaseExported:
    """Make the package, write it beside its place, read it back, then name it.

    `remembered` keeps the draft's path for as long as it may have to be cleared up after a crash.
    Raises SharewiseError: OUTPUT_EXISTS, DISK_FULL, UNREADABLE, and as `make_package`.
    """
    target = folder / file_name(contents, options)
    if target.is_symlink() or target.exists():
        raise SharewiseError(
            ErrorCode.OUTPUT_EXISTS,
            "There is an export of this case in that folder already; it was left as it is. "
            "Choose another folder.",
        )
    made = make_package(contents, options, key, scratch)
    if shutil.disk_usage(folder).free < made.size_bytes + SPARE_BYTES:
        raise OSError(errno.ENOSPC, "not enough room")
    with draft_in(folder) as draft, remembered(draft.path):
        with made.open() as content:
            whole = digest_chunks(_written(draft, content))
        draft.sync()
        with draft.path.open("rb") as written:
            if digest_chunks(_pieces(written)) != whole:
                raise SharewiseError(
                    ErrorCode.VERIFY_FAILED,
                    "The package could not be read back as it was meant, so it was not kept. "
                    "Check the disk, or choose a folder on another one.",
                )
        draft.close()
        give_name(draft.path, target)
        sync_folder(folder)
    return CaseExported(str(target), whole.size_bytes, whole.sha256)


def _written(draft: Draft, content: BinaryIO) -> Iterator[bytes]:
    for piece in _pieces(content):
        draft.write(piece)
        yield piece


def _reads_back(made: ScratchFile) -> bool:
    try:
        return check(open_zip(made)).is_verified
    except SharewiseError as error:
        if error.code is not ErrorCode.NOT_A_PACKAGE:
            raise
        return False


def _members(contents: CaseContents, key: DeviceKey) -> dict[str, _Member]:
    """Return every member in the order of the package."""
    folders: dict[str, str] = {}
    payload: dict[str, _Member] = {}
    for number, item in enumerate(contents.items, start=1):
        folders[item.item_id] = layout.item_folder(number)
        payload |= _item_members(item, layout.item_folder(number))
    custody = _custody(contents, folders)
    payload[layout.CUSTODY] = _Member(custody, digest_of(custody))
    text = instructions.build(
        package=name_of(contents),
        key=signatures.fingerprint(key.public_key_pem),
        has_captures=bool(contents.items),
    )
    bag = bag_of(
        {name: member.digest for name, member in payload.items()},
        key,
        info=(
            ("Bag-Software-Agent", f"Sharewise {sharewise.__version__}"),
            ("Bagging-Date", contents.exported_at_utc[:10]),
            ("External-Identifier", name_of(contents)),
        ),
        more={layout.INSTRUCTIONS: text},
    )
    first = (layout.INSTRUCTIONS, *layout.REQUIRED)
    tags = {name: _Member(bag.tag_files[name], digest_of(bag.tag_files[name])) for name in first}
    return tags | dict(sorted(payload.items()))


def _item_members(item: SealedItem, folder: str) -> dict[str, _Member]:
    """Return the files of one capture, once its own seal was found intact."""
    if not check(_ItemReader(item)).is_verified:
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "A capture of this case is not what was sealed: it was changed or the disk is "
            "damaged. Nothing was exported; put the case back from a backup.",
        )
    return {
        layout.name_in_package(folder, name): _Member(partial(item.open, name), digest)
        for name, digest in item.digests.items()
    }


def _custody(contents: CaseContents, folders: dict[str, str]) -> bytes:
    """Return what happened to the case, oldest first; no names, addresses or titles."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("at_utc", "event", "capture", "detail"))
    writer.writerows(
        (row.at_utc, row.what, folders.get(row.item_id or "", row.item_id or ""), row.detail)
        for row in contents.custody
    )
    return text.getvalue().encode()


def _write_zip(output: BinaryIO, base: str, members: dict[str, _Member]) -> None:
    stored: list[Stored] = []
    at = 0

    def put(data: bytes) -> None:
        nonlocal at
        output.write(data)
        at += len(data)

    for name, member in members.items():
        assert why_unsafe(name) is None, "names are ours"
        digest = member.digest
        full = f"{base}/{name}"
        stored.append(Stored(full, digest.crc32, digest.size_bytes, at))
        put(container.local_header(full, digest.crc32, digest.size_bytes))
        for chunk in _chunks(member.content):
            put(chunk)
    directory_offset = at
    for one in stored:
        put(container.central_entry(one))
    directory_bytes = at - directory_offset
    put(
        container.end_records(
            count=len(stored), directory_offset=directory_offset, directory_bytes=directory_bytes
        )
    )


def _chunks(content: bytes | Callable[[], BinaryIO]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content() as opened:
        yield from _pieces(opened)


def _pieces(opened: BinaryIO) -> Iterator[bytes]:
    while piece := opened.read(CHUNK_BYTES):
        yield piece
