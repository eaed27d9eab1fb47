"""Untouched originals of files that were cleaned in place, and the way back.

Each lies under an id in one private folder, outside of every watched one; an index beside them
says whose original it is. An original is on the disk before its file is replaced.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.faults import explained
from sharewise.disk.reading import BLOCK_BYTES, OpenFile, Stamp, open_file
from sharewise.disk.writing import (
    Proof,
    is_temporary,
    publish_file,
    restore_file,
    stamp_at,
    whole,
)
from sharewise.places import private_folder

INDEX = "index.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS originals (
  id TEXT PRIMARY KEY,
  path BLOB NOT NULL,
  kept_at_utc TEXT NOT NULL,
  mode INTEGER NOT NULL,
  original TEXT NOT NULL,
  cleaned TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS originals_by_path ON originals (path);
CREATE TABLE IF NOT EXISTS left_alone (stamp TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS dropped (id TEXT PRIMARY KEY) STRICT;
"""
SELECT = "SELECT id, path, mode, original, cleaned FROM originals"
WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row of the index; `original` and `cleaned` are keys of stamps, see `_key`."""

    id: str
    path: Path
    mode: int
    original: str
    cleaned: str


@final
class Originals:
    """The store; every method blocks and may be called from any thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._left_alone: set[str] | None = None

    def keep(self, path: Path, file: OpenFile, cleaned: Stamp) -> str:
        """Put a copy of a file away that is about to be replaced; return its id.

        `cleaned` is the stamp of what replaces it. Raises SharewiseError if the copy is not there
        whole: then the file must not be replaced.
        """
        kept_id = secrets.token_hex(16)
        row = (
            kept_id,
            os.fsencode(path),
            self._clock.now().isoformat(timespec="seconds"),
            stat.S_IMODE(file.found.st_mode),
            _key(file.stamp),
            _key(cleaned),
        )
        # The row comes first: a copy that no row names would be nobody's, and never be tidied.
        with self._index() as index:
            index.execute("INSERT INTO originals VALUES (?, ?, ?, ?, ?, ?)", row)
        try:
            publish_file(file, [self._folder / kept_id], whole(file), prove=_same(file), mode=0o600)
        except BaseException:
            self._drop(kept_id)
            raise
        return kept_id

    def drop_unless_replaced(self, kept_id: str) -> None:
        """Drop an original whose file was not replaced in the end."""
        with self._index() as index:
            row = index.execute(f"{SELECT} WHERE id = ?", (kept_id,)).fetchone()
        if row is not None and _is_original_in_place(_kept(row)):
            self._drop(kept_id)

    def undo(self, path: Path) -> None:
        """Put the original of a cleaned file back, and have it left alone from now on.

        Raises SharewiseError: NOTHING_TO_UNDO if none is kept, FILE_CHANGED if the file was
        changed after it was cleaned.
        """
        with self._index() as index:
            kept = self._newest(index, path)
        if kept is None:
            raise SharewiseError(
                ErrorCode.NOTHING_TO_UNDO,
                "No original of this file is kept. Give its name as it was when it was cleaned.",
            )

        def leave_alone(stamp: Stamp) -> None:
            with self._index() as index:
                index.execute("INSERT OR IGNORE INTO left_alone VALUES (?)", (_key(stamp),))
            self._left_alone = None

        stored = self._folder / kept.id
        with open_file(stored, follow=False) as file:
            try:
                restore_file(
                    file,
                    path,
                    mode=kept.mode,
                    is_expected=lambda found: found is None or _key(found) == kept.cleaned,
                    before_swap=leave_alone,
                )
            except SharewiseError as error:
                if error.code is not ErrorCode.FILE_CHANGED:
                    raise
                raise SharewiseError(
                    ErrorCode.FILE_CHANGED,
                    "The file was changed after it was cleaned, and the original would replace "
                    "those changes. Rename the changed file, then undo again.",
                ) from error
        self._drop(kept.id)

    def is_left_alone(self, stamp: Stamp) -> bool:
        """Return whether the person put this very file back and nobody changed it since."""
        known = self._left_alone
        if known is None:
            with self._index() as index:
                known = {str(key) for (key,) in index.execute("SELECT stamp FROM left_alone")}
            self._left_alone = known
        return _key(stamp) in known

    def reconcile(self) -> None:
        """Remove what an end at the wrong moment left here: half copies, and originals of files
        that were not replaced in the end. To be called while nothing is kept or undone.

        A whole copy that the index does not name stays: the index may have been lost.
        """
        with self._index() as index:
            kept = [_kept(row) for row in index.execute(SELECT)]
            half_dropped = [str(kept_id) for (kept_id,) in index.execute("SELECT id FROM dropped")]
            put_back = {str(key) for (key,) in index.execute("SELECT stamp FROM left_alone")}
        for original in kept:
            if _is_original_in_place(original) or _is_put_back(original, put_back):
                self._drop(original.id)
        for kept_id in half_dropped:
            self._drop(kept_id)
        with explained():
            for entry in self._folder.iterdir():
                if is_temporary(entry.name):
                    entry.unlink(missing_ok=True)

    def _drop(self, kept_id: str) -> None:
        # Noted until the copy is gone: an end in between must not leave one that nobody knows of.
        with self._index() as index:
            index.execute("DELETE FROM originals WHERE id = ?", (kept_id,))
            index.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (kept_id,))
        with explained():
            (self._folder / kept_id).unlink(missing_ok=True)
        with self._index() as index:
            index.execute("DELETE FROM dropped WHERE id = ?", (kept_id,))

    def _newest(self, index: sqlite3.Connection, path: Path) -> _Kept | None:
        row = index.execute(
            f"{SELECT} WHERE path = ? ORDER BY rowid DESC LIMIT 1", (os.fsencode(path),)
        ).fetchone()
        return None if row is None else _kept(row)

    @contextlib.contextmanager
    def _index(self) -> Iterator[sqlite3.Connection]:
        """Open the index; what is done to it is on the disk at the end, or not at all."""
        with self._lock, explained():
            private_folder(self._folder)
            place = self._folder / INDEX
            os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o600))
            try:
                with (
                    contextlib.closing(sqlite3.connect(place, timeout=WAIT_S)) as index,
                    index,
                ):
                    index.execute("PRAGMA synchronous = EXTRA")
                    index.executescript(SCHEMA)
                    yield index
            except sqlite3.Error as error:
                raise SharewiseError(
                    ErrorCode.UNREADABLE,
                    "The list of kept originals cannot be read or written, so nothing is cleaned "
                    "in place. The originals are still there. Run 'sharewise doctor'.",
                ) from error


def _kept(row: tuple[str, bytes, int, str, str]) -> _Kept:
    kept_id, path, mode, original, cleaned = row
    return _Kept(kept_id, Path(os.fsdecode(path)), mode, original, cleaned)


def _is_original_in_place(kept: _Kept) -> bool:
    found = stamp_at(kept.path)
    return found is not None and _key(found) == kept.original


def _is_put_back(kept: _Kept, put_back: set[str]) -> bool:
    """Return whether what is in place is the copy that an undo of this very original made."""
    found = stamp_at(kept.path)
    if found is None or _key(found) not in put_back:
        return False
    return _key(found).split(":")[2:] == kept.original.split(":")[2:]


def _key(stamp: Stamp) -> str:
    """Return what stays of a stamp when a file is renamed."""
    return f"{stamp.device}:{stamp.inode}:{stamp.size_bytes}:{stamp.mtime_ns}"


def _same(file: OpenFile) -> Proof:
    def prove(written: OpenFile) -> None:
        for offset in range(0, file.size_bytes, BLOCK_BYTES):
            length = min(BLOCK_BYTES, file.size_bytes - offset)
            if written.read(offset, length) != file.read(offset, length):
                raise SharewiseError(
                    ErrorCode.VERIFY_FAILED, "The original could not be put away whole."
                )

    return prove
