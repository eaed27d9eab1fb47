"""What people read of cases and captures: in rows of the index that only an open vault reads."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault.index import Index, ItemRow, SealedRow
from sharewise.vault.items import AgeFile
from sharewise.vault.keeper import Form, Vault
from sharewise.wire.captures import Missing

CASE, ITEM, TEXT, INCIDENT, SLIP = "case", "item", "text", "incident", "slip"
DAMAGED = "(damaged)"
"""Stands where the name of a case or a page cannot be read."""
MAX_SEARCH_TEXT_CHARACTERS = 200_000
"""Of a page's visible text, as far as search goes; the file itself is sealed whole."""
RESEAL_AT_ONCE = 500


class CaseWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person wrote about a case."""

    label: str
    note: str = ""


class ItemWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is shown of a capture in a list."""

    title: str
    url: str
    is_complete: bool
    missing: tuple[Missing, ...]
    manifest_sha256: str
    kind: Literal["capture", "redacted"] = "capture"
    original_id: str | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()


class SlipRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a slip keeps, encrypted, for an index that lost it."""

    words: ItemWords
    text: bytes
    """Packed by `packed_text`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A capture whose files are encrypted in a folder of staging; only its slip is missing."""

    folder: Path
    item_id: str
    sealed_at_utc: str
    size_bytes: int
    age_files: tuple[AgeFile, ...]
    has_thumbnail: bool
    words: ItemWords
    text: str
    has_pictures: bool
    """Whether it may only go into a case of which it was said that all are adults."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A capture in a list: its plain row and its words."""

    row: ItemRow
    words: ItemWords


def packed_text(text: str) -> bytes:
    """Return a text as it is kept for search."""
    return zlib.compress(text[:MAX_SEARCH_TEXT_CHARACTERS].encode("utf-8", "replace"), 6)


class SealedWords:
    """The words of an index, under the keys of a vault; those of captures are read once."""

    def __init__(self, index: Index, vault: Vault, lock: threading.RLock) -> None:
        self._index = index
        self._vault = vault
        self._lock = lock
        self._items: dict[str, ItemWords] | None = None

    def of_items(self) -> dict[str, ItemWords]:
        """Return the words of every capture, read once while the vault is open."""
        with self._lock:
            if self._items is None:
                self._reseal()
                found: dict[str, ItemWords] = {}
                for row in self._index.all_sealed(ITEM):
                    found[row.owner] = self._item_words(row)
                self._items = found
            return self._items

    def _item_words(self, row: SealedRow) -> ItemWords:
        """Return a row's words; what is damaged must not hide the rest."""
        try:
            plain = self._vault.unseal_row(row.form, row.content, f"{ITEM}:{row.owner}")
            return msgspec.json.decode(plain, type=ItemWords)
        except SharewiseError as error:
            if error.code is not ErrorCode.VAULT_DAMAGED:
                raise
            missing = (Missing("index", error.message),)
            return ItemWords(
                title=DAMAGED, url="", is_complete=False, missing=missing, manifest_sha256=""
            )

    def _reseal(self) -> None:
        """Put rows that were written while the vault was locked under the index key."""
        for row in self._index.all_sealed(SLIP):
            rows = msgspec.json.decode(self._vault.unseal(row.content), type=SlipRows)
            with self._index.changing():
                self.put(ITEM, row.owner, rows.words)
                form, content = self._vault.seal_row(rows.text, f"{TEXT}:{row.owner}")
                self._index.put_sealed(SealedRow(row.owner, TEXT, form, content))
                self._index.remove_sealed(SLIP, row.owner)
        while found := self._index.of_form(Form.AGE, RESEAL_AT_ONCE):
            with self._index.changing():
                for row in found:
                    plain = self._vault.unseal(row.content)
                    form, content = self._vault.seal_row(plain, f"{row.kind}:{row.owner}")
                    self._index.put_sealed(SealedRow(row.owner, row.kind, form, content))

    def remember(self, item_id: str, words: ItemWords | None) -> None:
        """Note what a capture's words are now; None: it is gone."""
        with self._lock:
            if self._items is None:
                return
            if words is None:
                self._items.pop(item_id, None)
            else:
                self._items[item_id] = words

    def forget(self) -> None:
        """Drop the words of captures from memory."""
        with self._lock:
            self._items = None

    def put(self, kind: str, owner: str, words: CaseWords | ItemWords) -> None:
        """Seal what is told of a case or a capture, inside a change."""
        form, content = self._vault.seal_row(msgspec.json.encode(words), f"{kind}:{owner}")
        self._index.put_sealed(SealedRow(owner, kind, form, content))

    def of_case(self, case_id: str) -> CaseWords:
        """Return what was written about a case. Raises SharewiseError: VAULT_LOCKED, …"""
        row = self._index.sealed(CASE, case_id)
        if row is None:
            return CaseWords("")
        plain = self._vault.unseal_row(row.form, row.content, f"{CASE}:{case_id}")
        return msgspec.json.decode(plain, type=CaseWords)
