"""Takes cases over that were sealed before there was a vault: plain bags in plain folders.

    cases/<case>/case.json, cases/<case>/items/<item>/…

Each capture is checked, encrypted, and entered; only then its plain folder goes. What cannot be
taken over stays as it is and is told. A kill at any moment loses nothing: the next start goes on.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import open_flags, read_small
from sharewise.seals import layout
from sharewise.seals.check import check
from sharewise.seals.digests import digest_chunks
from sharewise.services import record
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.custody import Happened
from sharewise.services.moments import utc_text
from sharewise.services.sealed_words import CaseWords, ItemWords, Prepared
from sharewise.services.shelf import Shelf
from sharewise.services.staging import discard, is_id
from sharewise.services.thumbnails import thumbnail_of
from sharewise.services.verification import open_folder
from sharewise.vault.index import CaseRow
from sharewise.vault.items import SealedFolder, Source, write_files

CASE_FILE = "case.json"
MAX_CASE_FILE_BYTES = 16 * 1024 * 1024
MAX_RECORD_BYTES = 32 * 1024 * 1024
TEXT = "data/text.txt"


class OldCase(msgspec.Struct, frozen=True):
    """`case.json` as far as it is taken over."""

    case_id: str
    label: str
    created_at_utc: str
    day: str | None
    note: str = ""


async def take_over(shelf: Shelf, cases: Cases) -> list[str]:
    """Take over what is there and return what could not be, in sentences for people."""
    folders = await to_the_end(lambda: _old_cases(shelf))
    if not folders:
        return []
    stays = 0
    for folder in folders:
        for item in await to_the_end(partial(_old_items, folder)):
            try:
                await cases.changed(partial(_take_item, shelf, folder, item))
            except SharewiseError:
                stays += 1
        await cases.changed(partial(_finish, shelf, folder))
    if not stays:
        return []
    return [f"Captures from before the vault that were not taken over and stay plain: {stays}."]


def _old_cases(shelf: Shelf) -> list[Path]:
    root = shelf.old_cases
    if not root.is_dir():
        return []
    return [folder for folder in root.iterdir() if is_id(folder.name) and folder.is_dir()]


def _old_items(folder: Path) -> list[Path]:
    items = folder / "items"
    if not items.is_dir():
        return []
    return sorted(item for item in items.iterdir() if is_id(item.name))


def _read_case(folder: Path) -> OldCase:
    try:
        with explained():
            content = read_small(folder / CASE_FILE, MAX_CASE_FILE_BYTES)
        return msgspec.json.decode(content, type=OldCase)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SharewiseError(ErrorCode.UNREADABLE, "The notes of a case cannot be read.") from error


def _enter_case(shelf: Shelf, folder: Path) -> str:
    """Enter a case unless it is there; return its id."""
    if shelf.index.case(folder.name) is None:
        try:
            old = _read_case(folder)
        except SharewiseError:  # its captures matter more than its name
            now = utc_text(shelf.clock.now())
            old = OldCase(folder.name, folder.name, now, None)
        with shelf.changing():
            row = CaseRow(folder.name, old.created_at_utc, old.day, "unasked")
            shelf.enter_case(row, CaseWords(old.label, old.note))
            shelf.log(Happened("case taken over", folder.name))
    return folder.name


def _take_item(shelf: Shelf, folder: Path, item: Path) -> None:
    if shelf.index.item(item.name) is None:
        case_id = _enter_case(shelf, folder)
        staged = shelf.staging.new_folder(shelf.make_id())
        try:
            shelf.add(_prepared(shelf, item, staged), case_id, "")
        finally:
            discard(staged)
    if shelf.item_folder(item.name).is_dir():
        discard(item)


def _prepared(shelf: Shelf, item: Path, staged: Path) -> Prepared:
    reader = open_folder(item)
    verdict = check(reader)
    told = record.parse(read_small(item / layout.PAYLOAD / layout.RECORD, MAX_RECORD_BYTES))
    if not verdict.is_verified or told is None:
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED, "A capture from before the vault is not what was sealed."
        )
    files = {
        member.name: Source(
            digest_chunks(reader.chunks(member)), partial(_plain, item, member.name)
        )
        for member in reader.members
    }
    thumbnail = thumbnail_of(
        [name.removeprefix(layout.PAYLOAD) for name in files],
        lambda name: _plain(item, layout.PAYLOAD + name),
    )
    age_files = write_files(staged, files, thumbnail, shelf.vault)
    if (
        not shelf.vault.is_locked
        and not check(SealedFolder(staged, shelf.vault, shelf.staging.folder)).is_verified
    ):
        raise SharewiseError(ErrorCode.VERIFY_FAILED, "What was encrypted does not read back.")
    text = ""
    if TEXT in files:
        with _plain(item, TEXT) as content:
            text = content.read().decode("utf-8", "replace")
    payload = sum(
        one.digest.size_bytes for name, one in files.items() if name.startswith(layout.PAYLOAD)
    )
    words = ItemWords(
        title=told.page.title,
        url=told.page.url,
        is_complete=told.status == "COMPLETE",
        missing=told.missing,
        manifest_sha256=files[layout.MANIFEST].digest.sha256,
    )
    at = told.clock.sealed_at_utc
    has_thumbnail = thumbnail is not None
    return Prepared(
        staged,
        item.name,
        at,
        payload,
        age_files,
        has_thumbnail,
        words,
        text,
        has_pictures=False,  # what is there already was kept before anybody was asked
    )


def _plain(item: Path, name: str) -> BinaryIO:
    """Open a file of a plain capture; a link is never followed."""
    flags = os.O_RDONLY | open_flags("O_NOFOLLOW")
    return os.fdopen(os.open(item / name, flags), "rb")


def _finish(shelf: Shelf, folder: Path) -> None:
    """Remove the folder of a case of which everything was taken over."""
    if _old_items(folder):
        return
    if (folder / CASE_FILE).exists():
        _enter_case(shelf, folder)
    discard(folder)
