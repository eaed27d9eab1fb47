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
from pathlib import Path

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import OpenFile, open_file
from sharewise.disk.writing import Draft, draft_in, give_name, sync_folder
from sharewise.keys import DeviceKey
from sharewise.seals import container, instructions, layout, record, signatures
from sharewise.seals.check import check
from sharewise.seals.container import Stored
from sharewise.seals.digests import Digest, Digester, digest_chunks, digest_of
from sharewise.seals.names import why_unsafe
from sharewise.services.case_store import MAX_RECORD_BYTES, CaseFile
from sharewise.services.sealing import bag_of
from sharewise.services.verification import open_folder, verify
from sharewise.wire.messages import CaseExported

CHUNK_BYTES = 1024 * 1024
SPARE_BYTES = 16 * 1024 * 1024
"""Left free on the disk beside what the package takes."""


@dataclass(frozen=True, slots=True)
class Package:
    """What an export is made of."""

    case: CaseFile
    """With the event of this export already in it."""
    items: tuple[Path, ...]
    """The folders of the captures, in the order of their sealing."""
    key: DeviceKey
    exported_at_utc: str

    @property
    def name(self) -> str:
        """The package's name without its ending; neutral."""
        return f"case-{self.case.case_id}"


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the package: in memory, or on disk."""

    content: bytes | Path
    digest: Digest


def write_package(
    package: Package,
    folder: Path,
    *,
    remembered: Callable[[Path], AbstractContextManager[None]],
    before_naming: Callable[[], None],
) -> CaseExported:
    """Write the package beside its place, check it with our own verifier, then name it.

    `remembered` keeps the draft's path for as long as it may have to be cleared up after a crash.
    Raises SharewiseError: OUTPUT_EXISTS, VERIFY_FAILED, DISK_FULL, UNREADABLE; OSError as it comes.
    """
    target = folder / f"{package.name}.zip"
    if target.is_symlink() or target.exists():
        raise SharewiseError(
            ErrorCode.OUTPUT_EXISTS,
            "There is an export of this case in that folder already; it was left as it is. "
            "Choose another folder.",
        )
    members = _members(package)
    needed = sum(one.digest.size_bytes for one in members.values()) + SPARE_BYTES
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, "not enough room")
    with draft_in(folder) as draft, remembered(draft.path):
        digester = _write_zip(draft, package.name, members)
        draft.sync()
        if not _reads_back(draft.path):
            raise SharewiseError(
                ErrorCode.VERIFY_FAILED,
                "The package could not be read back as it was meant, so it was not kept. Check "
                "the disk, or choose a folder on another one.",
            )
        before_naming()
        draft.close()
        give_name(draft.path, target)
        sync_folder(folder)
    whole = digester.digest()
    return CaseExported(str(target), whole.size_bytes, whole.sha256)


def _reads_back(path: Path) -> bool:
    try:
        return verify(path).is_verified
    except SharewiseError as error:
        if error.code is not ErrorCode.NOT_A_PACKAGE:
            raise
        return False


def _members(package: Package) -> dict[str, _Member]:
    """Return every member in the order of the package."""
    sealed_at: list[tuple[str, int, str]] = []
    payload: dict[str, _Member] = {}
    for number, item in enumerate(package.items, start=1):
        found, item_record = _item_members(item, layout.item_folder(number))
        payload |= found
        sealed_at.append((item_record.clock.sealed_at_utc, number, item_record.status))
    custody = _custody(package, sealed_at)
    payload[layout.CUSTODY] = _Member(custody, digest_of(custody))
    text = instructions.build(
        package=package.name,
        key=signatures.fingerprint(package.key.public_key_pem),
        has_captures=bool(package.items),
    )
    bag = bag_of(
        {name: member.digest for name, member in payload.items()},
        package.key,
        info=(
            ("Bag-Software-Agent", f"Sharewise {sharewise.__version__}"),
            ("Bagging-Date", package.exported_at_utc[:10]),
            ("External-Identifier", package.name),
        ),
        more={layout.INSTRUCTIONS: text},
    )
    first = (layout.INSTRUCTIONS, *layout.REQUIRED)
    tags = {name: _Member(bag.tag_files[name], digest_of(bag.tag_files[name])) for name in first}
    return tags | dict(sorted(payload.items()))


def _item_members(item: Path, folder: str) -> tuple[dict[str, _Member], record.SealedRecord]:
    """Return the files of one capture, once its own seal was found intact."""
    reader = open_folder(item)
    if not check(reader).is_verified:
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "A capture of this case is not what was sealed: it was changed or the disk is "
            "damaged. Nothing was exported; put the case back from a backup.",
        )
    found = {
        layout.name_in_package(folder, member.name): _Member(
            item / member.name, digest_chunks(reader.chunks(member))
        )
        for member in reader.members
    }
    record_file = item / layout.PAYLOAD / layout.RECORD
    with open_file(record_file, follow=False) as file:
        content = file.read(0, min(file.size_bytes, MAX_RECORD_BYTES))
    item_record = record.parse(content)
    assert item_record is not None, "the check has read it"
    return found, item_record


def _custody(package: Package, sealed_at: list[tuple[str, int, str]]) -> bytes:
    """Return what happened to the case, oldest first; no names, addresses or titles."""
    rows = [(package.case.created_at_utc, "case created", "", "")]
    rows += [
        (at, "capture sealed", layout.item_folder(number), status)
        for at, number, status in sealed_at
    ]
    rows += [(event.at_utc, event.what, "", event.detail) for event in package.case.events]
    rows.sort(key=lambda row: row[0])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("at_utc", "event", "capture", "detail"))
    writer.writerows(rows)
    return text.getvalue().encode()


def _write_zip(draft: Draft, base: str, members: dict[str, _Member]) -> Digester:
    digester = Digester()
    stored: list[Stored] = []

    def put(data: bytes) -> None:
        draft.write(data)
        digester.update(data)

    for name, member in members.items():
        assert why_unsafe(name) is None, "names are ours"
        digest = member.digest
        full = f"{base}/{name}"
        stored.append(Stored(full, digest.crc32, digest.size_bytes, digester.size_bytes))
        put(container.local_header(full, digest.crc32, digest.size_bytes))
        for chunk in _chunks(member.content):
            put(chunk)
    directory_offset = digester.size_bytes
    for one in stored:
        put(container.central_entry(one))
    put(
        container.end_records(
            count=len(stored),
            directory_offset=directory_offset,
            directory_bytes=digester.size_bytes - directory_offset,
        )
    )
    return digester


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with open_file(content, follow=False) as file:
        yield from _pieces(file)


def _pieces(file: OpenFile) -> Iterator[bytes]:
    for offset in range(0, file.size_bytes, CHUNK_BYTES):
        yield file.read(offset, min(CHUNK_BYTES, file.size_bytes - offset))
