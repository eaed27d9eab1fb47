"""Where cases lie on disk, and how they are read: the only place that knows these folders.

    cases/<case>/case.json                 label, note, what happened
    cases/<case>/items/<item>/…            one sealed capture, a bag (`seals.layout`), never changed
    staging/<id>/…                         what is being made or removed; swept at each start

Everything becomes visible by one rename out of staging, and goes by one rename into it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import read_small
from sharewise.disk.writing import is_temporary, sync_folder, write_private
from sharewise.places import Places, private_folder
from sharewise.seals import layout
from sharewise.services import record
from sharewise.wire.messages import CaseState, ItemState, Missing

CASE_FILE = "case.json"
ITEMS = "items"
MAX_CASE_FILE_BYTES = 16 * 1024 * 1024
MAX_MARKER_BYTES = 64 * 1024
MAX_RECORD_BYTES = 32 * 1024 * 1024

DAMAGED = "(damaged)"
"""Stands where the name of a case or a page cannot be read."""

_ID = re.compile(r"[0-9a-f]{16}")


class CaseEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that was done with a case after it was made; sealing is told by the captures."""

    at_utc: str
    what: str
    """"note changed" or "exported"."""
    detail: str = ""


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a case besides its captures."""

    case_id: str
    label: str
    created_at_utc: str
    day: str | None
    """The local date whose open case this is, or None."""
    note: str = ""
    events: tuple[CaseEvent, ...] = ()
    version: int = 1


def new_id() -> str:
    """Return a random id that tells nothing."""
    return secrets.token_hex(8)


def is_id(untrusted: str) -> bool:
    """Return whether this could be an id of ours; nothing else ever becomes part of a path."""
    return _ID.fullmatch(untrusted) is not None


@dataclass(frozen=True, slots=True)
class CaseStore:
    """The folders of all cases. Blocking, and the system's errors come as they are: call it by
    `to_the_end`."""

    cases: Path
    staging: Path

    @staticmethod
    def at(places: Places) -> CaseStore:
        """Return the store of an installation."""
        return CaseStore(places.cases, places.data / "staging")

    def prepare(self) -> None:
        """Make the folders; 0700."""
        private_folder(self.cases.parent)
        private_folder(self.cases)
        private_folder(self.staging)

    def sweep(self, is_open: Callable[[str], bool]) -> None:
        """Remove what a crash or a failure left: in staging all but what is open, and half notes.

        Nothing else may be changed meanwhile but open captures, which say so before they write.
        """
        if self.staging.is_dir():
            # Listed first, asked afterwards: what is begun in between is not in the list.
            for left in list(self.staging.iterdir()):
                if not is_open(left.name):
                    _finish(left)
        for case_id in self.case_ids():
            for file in (self.cases / case_id).iterdir():
                if is_temporary(file.name):
                    discard(file)

    def new_staging(self, staging_id: str) -> Path:
        """Make a private folder in which something is put together."""
        self.prepare()
        folder = self.staging / staging_id
        folder.mkdir(mode=0o700)
        return folder

    @contextmanager
    def outside(self, draft: Path) -> Iterator[None]:
        """Remember a draft in somebody else's folder, so that the sweep after a crash finds it."""
        marker = self.staging / new_id()
        self.prepare()
        write_private(marker, os.fsencode(draft))
        try:
            yield
        finally:
            discard(marker)

    def case_ids(self) -> list[str]:
        """Return the ids of all cases, in no order."""
        if not self.cases.is_dir():
            return []
        return [
            folder.name
            for folder in self.cases.iterdir()
            if is_id(folder.name) and (folder / CASE_FILE).is_file()
        ]

    def item_ids(self, case_id: str) -> list[str]:
        """Return the ids of a case's captures, in no order."""
        folder = self.cases / case_id / ITEMS
        if not folder.is_dir():
            return []
        return [item.name for item in folder.iterdir() if is_id(item.name)]

    def case_folder(self, untrusted_id: str) -> Path:
        """Return the folder of a case. Raises SharewiseError(UNKNOWN_CASE) if there is none."""
        if is_id(untrusted_id) and (self.cases / untrusted_id / CASE_FILE).is_file():
            return self.cases / untrusted_id
        raise SharewiseError(
            ErrorCode.UNKNOWN_CASE,
            "There is no such case. 'sharewise case list' shows those that there are.",
        )

    def item_folder(self, case_id: str, item_id: str) -> Path:
        """Return where a capture lies or will lie; both ids are ours."""
        return self.cases / case_id / ITEMS / item_id

    def read_case(self, untrusted_id: str) -> CaseFile:
        """Return what is known of a case. Raises SharewiseError: UNKNOWN_CASE, UNREADABLE."""
        file = self.case_folder(untrusted_id) / CASE_FILE
        try:
            with explained():
                return msgspec.json.decode(read_small(file, MAX_CASE_FILE_BYTES), type=CaseFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SharewiseError(
                ErrorCode.UNREADABLE,
                "The notes of a case cannot be read; its captures are untouched. Put its "
                "'case.json' back from a backup.",
            ) from error

    def write_case(self, case: CaseFile) -> None:
        """Replace what is known of a case that is there."""
        write_private(self.cases / case.case_id / CASE_FILE, msgspec.json.encode(case))

    def add_case(self, case: CaseFile) -> None:
        """Put a new case in its place, whole or not at all."""
        staged = self.new_staging(new_id())
        write_private(staged / CASE_FILE, msgspec.json.encode(case))
        (staged / ITEMS).mkdir(mode=0o700)
        sync_folder(staged)
        staged.rename(self.cases / case.case_id)
        sync_folder(self.cases)

    def add_item(self, staged: Path, case_id: str, item_id: str) -> None:
        """Put a sealed capture in its place: one rename, so all of it or none."""
        target = self.item_folder(case_id, item_id)
        if target.exists():
            raise SharewiseError(ErrorCode.OUTPUT_EXISTS, "This capture is there already.")
        staged.rename(target)
        sync_folder(target.parent)

    def remove_case(self, untrusted_id: str) -> None:
        """Take a case and its captures away: gone at once, whatever stops the clearing up."""
        folder = self.case_folder(untrusted_id)
        self.prepare()
        gone = self.staging / new_id()
        folder.rename(gone)
        sync_folder(self.cases)
        discard(gone)

    def read_item(self, case_id: str, item_id: str) -> tuple[record.CaptureFile, int]:
        """Return a capture's record and the size of the capture in bytes.

        Raises SharewiseError(UNREADABLE) if the record is damaged.
        """
        folder = self.item_folder(case_id, item_id)
        with explained():
            content = read_small(folder / layout.PAYLOAD / layout.RECORD, MAX_RECORD_BYTES)
        found = record.parse(content)
        if found is None:
            raise SharewiseError(
                ErrorCode.UNREADABLE,
                "A capture's record was changed or damaged since it was sealed. Check the case "
                "with 'sharewise verify' and its folder, and look for a backup.",
            )
        return found, len(content) + sum(part.size_bytes for part in found.parts)

    def state(self, untrusted_id: str) -> CaseState:
        """Return a case as it is shown, its captures in the order of their sealing.

        What is damaged is shown as such: it must not hide the rest.
        """
        case_id = self.case_folder(untrusted_id).name
        items = sorted(
            (self._item_state(case_id, item_id) for item_id in self.item_ids(case_id)),
            key=lambda item: (item.sealed_at_utc, item.item_id),
        )
        try:
            case = self.read_case(case_id)
        except SharewiseError as error:
            return CaseState(case_id, DAMAGED, "", error.message, tuple(items))
        return CaseState(case_id, case.label, case.created_at_utc, case.note, tuple(items))

    def _item_state(self, case_id: str, item_id: str) -> ItemState:
        try:
            found, size_bytes = self.read_item(case_id, item_id)
        except SharewiseError as error:
            missing = (Missing(layout.RECORD, error.message),)
            return ItemState(item_id, "", DAMAGED, "", 0, missing)
        page = found.page
        return ItemState(
            item_id, found.clock.sealed_at_utc, page.title, page.url, size_bytes, found.missing
        )


def _finish(left: Path) -> None:
    """Remove what a crash left, and the draft elsewhere that it may speak of."""
    if left.is_file() and not left.is_symlink():
        with suppress(SharewiseError, OSError, ValueError):
            draft = Path(os.fsdecode(read_small(left, MAX_MARKER_BYTES)))
            if is_temporary(draft.name):
                discard(draft)
    discard(left)


def discard(folder: Path) -> None:
    """Remove what lies in staging; what cannot be removed now goes at the next sweep."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        with suppress(OSError):
            folder.unlink()
