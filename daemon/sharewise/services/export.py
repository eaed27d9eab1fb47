"""Writes a case as one file that a stranger can check: `case-<id>.zip`, layout as in `seals`.

`services.package` says what is in it. It is put together in a scratch, so nothing half-made and
nothing that is to be encrypted lies plain on the disk.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import Draft, draft_in, give_name, sync_folder
from sharewise.keys import DeviceKey
from sharewise.seals.check import check
from sharewise.seals.digests import digest_chunks
from sharewise.seals.unpacking import open_zip
from sharewise.services.contents import CaseContents, PackageOptions, Stamper
from sharewise.services.package import package_of
from sharewise.vault import age
from sharewise.vault.scratch import Scratch, ScratchFile
from sharewise.wire.captures import CaseExported, StampOutcome

CHUNK_BYTES = 1024 * 1024
PACKAGE, ENCRYPTED = "package", "encrypted"
SPARE_BYTES = 16 * 1024 * 1024
"""Left free on the disk beside what the package takes."""


def name_of(contents: CaseContents) -> str:
    """Return the package's name without its ending; neutral."""
    return f"case-{contents.case_id}"


def file_name(contents: CaseContents, options: PackageOptions) -> str:
    """Return the name of the file."""
    return name_of(contents) + (".zip" if options.recipient is None else ".zip.age")


@dataclass(frozen=True, slots=True)
class Made:
    """A package in a scratch."""

    file: ScratchFile
    stamp: StampOutcome
    """Of the time-stamp over the package as a whole."""


def make_package(
    contents: CaseContents,
    options: PackageOptions,
    key: DeviceKey,
    scratch: Scratch,
    stamper: Stamper | None = None,
) -> Made:
    """Make the package in a scratch, check it with our own verifier, and encrypt it if asked to.

    `stamper`: None if the person wants no time-stamps; without an answer there is none, either.

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
    package = package_of(contents, key, options, stamper)
    stamp: StampOutcome = "stamped" if package.is_stamped else "failed" if stamper else "off"
    if not package.verdict().is_verified:
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "Something in this case is not what was sealed: it was changed or the disk is "
            "damaged. Nothing was exported; put the case back from a backup.",
        )
    with scratch.create(PACKAGE) as output:
        for piece in package.pieces():
            output.write(piece)
    made = scratch.file(PACKAGE)
    if not _reads_back(made):
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "The package could not be read back as it was meant, so it was not kept. Check the "
            "disk, then try again.",
        )
    if recipient is None:
        return Made(made, stamp)
    with made.open() as plain, scratch.create(ENCRYPTED) as output:
        age.encrypt_stream(plain, output, recipient)
    scratch.drop(PACKAGE)
    return Made(scratch.file(ENCRYPTED), stamp)


def write_package(
    contents: CaseContents,
    options: PackageOptions,
    key: DeviceKey,
    folder: Path,
    scratch: Scratch,
    *,
    remembered: Callable[[Path], AbstractContextManager[None]],
    stamper: Stamper | None = None,
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
    package = make_package(contents, options, key, scratch, stamper)
    made = package.file
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
    return CaseExported(str(target), whole.size_bytes, whole.sha256, package.stamp)


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


def _pieces(opened: BinaryIO) -> Iterator[bytes]:
    while piece := opened.read(CHUNK_BYTES):
        yield piece
