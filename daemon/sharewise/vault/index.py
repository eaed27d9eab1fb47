"""The index of the vault: one SQLite file that says what there is and holds the log.

Plain in it are ids, times, sizes, hashes of log entries and the answer about age, which must be
known while the vault is locked. Everything that a person wrote or saw (titles, addresses, notes,
tags, text) lies in `sealed`, each row encrypted by the vault before it comes here: SQLite, its
journal and its free pages never see a plain byte.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 5.0

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cases (
    case_id TEXT PRIMARY KEY, created_at TEXT NOT NULL, day TEXT, age_answer TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cases_by_day ON cases (day);
CREATE TABLE items (
    item_id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases, sealed_at TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, disk_bytes INTEGER NOT NULL, has_thumbnail INTEGER NOT NULL,
    log_index INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX items_by_case ON items (case_id);
CREATE TABLE sealed (
    owner TEXT NOT NULL, kind TEXT NOT NULL, form INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (kind, owner)
) WITHOUT ROWID;
CREATE INDEX sealed_by_form ON sealed (form);
CREATE TABLE log (log_index INTEGER PRIMARY KEY, leaf BLOB NOT NULL, case_id TEXT);
CREATE INDEX log_by_case ON log (case_id);
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note BLOB NOT NULL);
CREATE TABLE stamps (
    item_id TEXT PRIMARY KEY, size INTEGER NOT NULL, token BLOB, stamped_at TEXT
) WITHOUT ROWID;
"""

AgeAnswer = Literal["unasked", "adults", "minor_or_unsure"]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What is plain of a case."""

    case_id: str
    created_at_utc: str
    day: str | None
    """The local date whose open case this is, or None."""
    age_answer: AgeAnswer


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What is plain of a capture."""

    item_id: str
    case_id: str
    sealed_at_utc: str
    size_bytes: int
    """Of its files, plain."""
    disk_bytes: int
    """Of all that lies in its folder."""
    has_thumbnail: bool
    log_index: int


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An encrypted row: what it belongs to, and what of it."""

    owner: str
    kind: str
    form: int
    content: bytes


@dataclass(frozen=True, slots=True)
class StampRow:
    """A time-stamp that is asked for (no token) or there."""

    item_id: str
    size: int
    """Of the tree whose checkpoint it is over."""
    token: bytes | None
    stamped_at_utc: str | None


class Index:
    """The database, open. Blocking; may be used from several threads, one after the other."""

    def __init__(self, path: Path) -> None:
        """Open it, made if need be. Raises SharewiseError(VAULT_DAMAGED) for one that is none."""
        self._lock = threading.RLock()
        self._depth = 0
        with _explained():
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            try:
                for pragma in (
                    "journal_mode = DELETE",
                    "synchronous = FULL",
                    "secure_delete = ON",
                    "temp_store = MEMORY",
                    "foreign_keys = ON",
                ):
                    self._connection.execute(f"PRAGMA {pragma}")
                self._migrate()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Do what is changed in the block all together, on the disk, or not at all."""
        with self._lock, _explained():
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    # --- cases and captures ---------------------------------------------------------------------

    def cases(self) -> list[CaseRow]:
        """Return all cases, oldest first."""
        found = self._all(
            "SELECT case_id, created_at, day, age_answer FROM cases ORDER BY created_at, case_id"
        )
        return [CaseRow(*row) for row in found]

    def case(self, untrusted_id: str) -> CaseRow | None:
        """Return a case, None if there is none of this id."""
        found = self._all(
            "SELECT case_id, created_at, day, age_answer FROM cases WHERE case_id = ?",
            untrusted_id,
        )
        return CaseRow(*found[0]) if found else None

    def case_of_day(self, day: str) -> CaseRow | None:
        """Return the oldest open case of a local date."""
        found = self._all(
            "SELECT case_id, created_at, day, age_answer FROM cases WHERE day = ?"
            " ORDER BY created_at, case_id LIMIT 1",
            day,
        )
        return CaseRow(*found[0]) if found else None

    def put_case(self, row: CaseRow) -> None:
        """Add or replace a case."""
        self._do(
            "INSERT INTO cases VALUES (?, ?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
            " day = excluded.day, age_answer = excluded.age_answer",
            row.case_id,
            row.created_at_utc,
            row.day,
            row.age_answer,
        )

    def items(self, case_id: str | None = None) -> list[ItemRow]:
        """Return the captures of a case, or all, in the order of their sealing."""
        where = "" if case_id is None else "WHERE case_id = ?"
        found = self._all(
            "SELECT item_id, case_id, sealed_at, size_bytes, disk_bytes, has_thumbnail, log_index"  # noqa: S608  no value in it
            f" FROM items {where} ORDER BY sealed_at, log_index",
            *(() if case_id is None else (case_id,)),
        )
        return [_item(row) for row in found]

    def item(self, untrusted_id: str) -> ItemRow | None:
        """Return a capture, None if there is none of this id."""
        found = self._all(
            "SELECT item_id, case_id, sealed_at, size_bytes, disk_bytes, has_thumbnail, log_index"
            " FROM items WHERE item_id = ?",
            untrusted_id,
        )
        return _item(found[0]) if found else None

    def put_item(self, row: ItemRow) -> None:
        """Add a capture."""
        self._do(
            "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)",
            row.item_id,
            row.case_id,
            row.sealed_at_utc,
            row.size_bytes,
            row.disk_bytes,
            int(row.has_thumbnail),
            row.log_index,
        )

    def move_items(self, item_ids: Sequence[str], log_indexes: Sequence[int], case_id: str) -> None:
        """Put captures and entries of the log into another case."""
        for item_id in item_ids:
            self._do("UPDATE items SET case_id = ? WHERE item_id = ?", case_id, item_id)
        for log_index in log_indexes:
            self._do("UPDATE log SET case_id = ? WHERE log_index = ?", case_id, log_index)

    def remove_item(self, item_id: str) -> None:
        """Forget a capture and every row that belongs to it; the log stays."""
        self._do("DELETE FROM items WHERE item_id = ?", item_id)
        self._do("DELETE FROM stamps WHERE item_id = ?", item_id)
        self._do("DELETE FROM sealed WHERE owner = ? AND kind IN ('item', 'text', 'slip')", item_id)

    def remove_case(self, case_id: str) -> None:
        """Forget a case that has no captures any more, and what its log entries said."""
        self._do("DELETE FROM sealed WHERE owner = ? AND kind IN ('case', 'incident')", case_id)
        self._do(
            "DELETE FROM sealed WHERE kind = 'entry' AND owner IN"
            " (SELECT CAST(log_index AS TEXT) FROM log WHERE case_id = ?)",
            case_id,
        )
        self._do("UPDATE log SET case_id = NULL WHERE case_id = ?", case_id)
        self._do("DELETE FROM cases WHERE case_id = ?", case_id)

    def counts(self) -> tuple[int, int]:
        """Return how many cases and captures there are."""
        ((cases,),) = self._all("SELECT count(*) FROM cases")
        ((items,),) = self._all("SELECT count(*) FROM items")
        return int(cases), int(items)

    # --- encrypted rows -------------------------------------------------------------------------

    def sealed(self, kind: str, owner: str) -> SealedRow | None:
        """Return an encrypted row, None if there is none."""
        found = self._all(
            "SELECT owner, kind, form, content FROM sealed WHERE kind = ? AND owner = ?",
            kind,
            owner,
        )
        return SealedRow(*found[0]) if found else None

    def sealed_of(self, kind: str, owners: Sequence[str]) -> dict[str, SealedRow]:
        """Return the encrypted rows of these owners, of those that have one."""
        marks = ", ".join("?" * len(owners))
        found = self._all(
            "SELECT owner, kind, form, content FROM sealed"  # noqa: S608  marks only
            f" WHERE kind = ? AND owner IN ({marks})",
            kind,
            *owners,
        )
        return {row[0]: SealedRow(*row) for row in found}

    def all_sealed(self, kind: str) -> list[SealedRow]:
        """Return every encrypted row of a kind; those that are small."""
        found = self._all("SELECT owner, kind, form, content FROM sealed WHERE kind = ?", kind)
        return [SealedRow(*row) for row in found]

    def owners(self, kind: str) -> frozenset[str]:
        """Return who has a row of this kind."""
        return frozenset(
            row[0] for row in self._all("SELECT owner FROM sealed WHERE kind = ?", kind)
        )

    def of_form(self, form: int, limit: int) -> list[SealedRow]:
        """Return some rows that are encrypted in this way."""
        found = self._all(
            "SELECT owner, kind, form, content FROM sealed"
            " WHERE form = ? AND kind <> 'slip' LIMIT ?",
            form,
            limit,
        )
        return [SealedRow(*row) for row in found]

    def put_sealed(self, row: SealedRow) -> None:
        """Add or replace an encrypted row."""
        self._do(
            "INSERT INTO sealed (owner, kind, form, content) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, owner) DO UPDATE SET form = excluded.form,"
            " content = excluded.content",
            row.owner,
            row.kind,
            row.form,
            row.content,
        )

    def remove_sealed(self, kind: str, owner: str) -> None:
        """Forget an encrypted row."""
        self._do("DELETE FROM sealed WHERE kind = ? AND owner = ?", kind, owner)

    # --- the log --------------------------------------------------------------------------------

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes of the log in order."""
        return [row[0] for row in self._all("SELECT leaf FROM log ORDER BY log_index")]

    def log_of_case(self, case_id: str) -> list[int]:
        """Return the places of a case's entries in the log, oldest first."""
        found = self._all("SELECT log_index FROM log WHERE case_id = ? ORDER BY log_index", case_id)
        return [row[0] for row in found]

    def put_leaf(self, log_index: int, leaf: bytes, case_id: str | None) -> None:
        """Add an entry's hash; a place that is taken is a defect."""
        self._do("INSERT INTO log VALUES (?, ?, ?)", log_index, leaf, case_id)

    def put_checkpoint(self, size: int, note: bytes) -> None:
        """Add a signed checkpoint."""
        self._do("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", size, note)

    def checkpoints(self) -> list[tuple[int, bytes]]:
        """Return every checkpoint, smallest tree first."""
        found = self._all("SELECT size, note FROM checkpoints ORDER BY size")
        return [(row[0], row[1]) for row in found]

    def checkpoint(self, size: int) -> bytes | None:
        """Return the checkpoint of the tree of this size."""
        found = self._all("SELECT note FROM checkpoints WHERE size = ?", size)
        return found[0][0] if found else None

    def fact(self, name: str) -> str | None:
        """Return a single value."""
        found = self._all("SELECT value FROM facts WHERE name = ?", name)
        return found[0][0] if found else None

    def put_fact(self, name: str, value: str) -> None:
        """Set a single value."""
        self._do("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    # --- time-stamps ----------------------------------------------------------------------------

    def stamps(self) -> list[StampRow]:
        """Return every time-stamp, asked for or there."""
        found = self._all("SELECT item_id, size, token, stamped_at FROM stamps ORDER BY size")
        return [StampRow(*row) for row in found]

    def put_stamp(self, row: StampRow) -> None:
        """Add or replace a time-stamp."""
        self._do(
            "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?, ?)",
            row.item_id,
            row.size,
            row.token,
            row.stamped_at_utc,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _migrate(self) -> None:
        with self.changing():
            ((version,),) = self._all("PRAGMA user_version")
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self._do(statement)
                self._do(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise SharewiseError(
                    ErrorCode.VAULT_DAMAGED,
                    "The vault was written by a newer Sharewise. Update Sharewise to open it.",
                )

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, _explained():
            return self._connection.execute(statement, values).fetchall()

    def _do(self, statement: str, *values: object) -> None:
        with self._lock, _explained():
            self._connection.execute(statement, values)


def _item(row: tuple[Any, ...]) -> ItemRow:
    item_id, case_id, sealed_at, size_bytes, disk_bytes, has_thumbnail, log_index = row
    return ItemRow(
        item_id, case_id, sealed_at, size_bytes, disk_bytes, bool(has_thumbnail), log_index
    )


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what SQLite says into a SharewiseError."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        for start, (code, why) in _MEANINGS.items():
            if name.startswith(start):
                raise SharewiseError(code, why) from error
        raise SharewiseError(
            ErrorCode.VAULT_DAMAGED,
            "The vault's index is damaged. The captures are untouched; put 'index.db' back from "
            "a backup.",
        ) from error


_NO_ACCESS = (
    ErrorCode.UNREADABLE,
    "The vault's index cannot be written or read. Check the disk and its rights.",
)
_IN_USE = (ErrorCode.BUSY, "Another program has the vault's index open. Try again in a moment.")
_MEANINGS = {
    "SQLITE_FULL": (ErrorCode.DISK_FULL, "The disk is full. Make room, then try again."),
    "SQLITE_READONLY": _NO_ACCESS,
    "SQLITE_IOERR": _NO_ACCESS,
    "SQLITE_CANTOPEN": _NO_ACCESS,
    "SQLITE_PERM": _NO_ACCESS,
    "SQLITE_BUSY": _IN_USE,
    "SQLITE_LOCKED": _IN_USE,
}
"""By the beginning of SQLite's own name for an error."""
