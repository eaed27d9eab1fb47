"""Sealed captures for a page: listed, searched, read piece by piece, noted, tagged, deleted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.pictures.redaction import Area
from sharewise.seals import layout
from sharewise.services import record
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import MAX_NOTE_CHARACTERS, Cases
from sharewise.services.moments import utc_text
from sharewise.services.moving import move_item
from sharewise.services.preparing import prepare
from sharewise.services.record import CaptureFile
from sharewise.services.redacting import redacted_copy
from sharewise.services.sealed_words import Prepared, Shown
from sharewise.services.sealing import in_memory
from sharewise.services.searching import excerpt_of, folded_words
from sharewise.services.shelf import Shelf
from sharewise.services.staging import discard
from sharewise.services.thumbnails import MEDIA_TYPE, SOURCES, size_of, thumbnail_of
from sharewise.vault.items import SealedFolder
from sharewise.wire.items import (
    MAX_ITEMS_AT_ONCE,
    MAX_TAG_CHARACTERS,
    MAX_TAGS,
    Box,
    ItemDetail,
    ItemFile,
    ItemHit,
    ItemListResult,
    ItemSearchResult,
    ItemSummary,
    Piece,
    Thumbnail,
)
from sharewise.wire.messages import PART_BYTES

MAX_OPEN_FILES = 4
"""Files that stay decrypted for the next piece, the oldest goes first."""
MAX_WORDS_CHARACTERS = 500
MAX_RECORD_BYTES = 32 * 1024 * 1024


@dataclass(slots=True)
class _OpenFile:
    content: BinaryIO
    size_bytes: int


class Items:
    """The captures as pages see them."""

    def __init__(self, shelf: Shelf, cases: Cases) -> None:
        self._shelf = shelf
        self._cases = cases
        self._open: OrderedDict[tuple[str, str], _OpenFile] = OrderedDict()
        self._reading = asyncio.Lock()
        shelf.vault.on_lock.append(self._close_all)

    async def list(
        self, case_id: str | None, tag: str | None, after: str | None, limit: int
    ) -> ItemListResult:
        """Return captures, newest first. Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED."""
        _must_be_some(limit)
        return await to_the_end(lambda: self._list(case_id, tag, after, limit))

    async def search(self, words: str, case_id: str | None, limit: int) -> ItemSearchResult:
        """Return captures in which every word occurs, newest first."""
        _must_be_some(limit)
        wanted = folded_words(words[:MAX_WORDS_CHARACTERS])
        if not wanted:
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "Type a word to search for.")
        return await to_the_end(lambda: self._search(wanted, case_id, limit))

    async def show(self, item_id: str) -> ItemDetail:
        """Return everything about a capture. Raises SharewiseError: UNKNOWN_ITEM, VAULT_LOCKED."""
        return await to_the_end(lambda: self._show(item_id))

    async def summary(self, item_id: str) -> ItemSummary:
        """Return a capture as a list shows it."""
        return await to_the_end(lambda: self._summary_of(item_id))

    async def read(self, item_id: str, name: str, offset: int) -> Piece:
        """Return a piece of a file of a capture; nothing of one that is not as it was sealed.

        Raises SharewiseError: UNKNOWN_ITEM, UNREADABLE for an unknown name, VERIFY_FAILED.
        """
        async with self._reading:
            return await to_the_end(lambda: self._read(item_id, name, offset))

    async def thumbnail(self, item_id: str) -> Thumbnail:
        """Return the small picture. Raises SharewiseError: UNKNOWN_ITEM, UNREADABLE if none."""
        return await to_the_end(lambda: self._thumbnail(item_id))

    async def change(
        self, item_id: str, note: str | None, tags: tuple[str, ...] | None
    ) -> ItemSummary:
        """Replace note or tags. Raises SharewiseError: UNKNOWN_ITEM, TOO_LARGE, VAULT_LOCKED."""
        if note is not None and len(note) > MAX_NOTE_CHARACTERS:
            raise SharewiseError(
                ErrorCode.TOO_LARGE, f"A note may have {MAX_NOTE_CHARACTERS:,} characters at most."
            )
        kept = None if tags is None else _tags(tags)
        await self._cases.changed(lambda: self._shelf.change_item(item_id, note, kept))
        return await self.summary(item_id)

    async def move(self, item_id: str, case_id: str) -> ItemSummary:
        """Put a capture and its copies into another case.

        Raises SharewiseError: UNKNOWN_ITEM, UNKNOWN_CASE, PICTURES_REFUSED, BUSY while a package
        of its case is made, VAULT_LOCKED.
        """
        row = await to_the_end(lambda: self._shelf.item(item_id))
        self._cases.must_not_leave(row.case_id)
        await self._cases.changed(lambda: move_item(self._shelf, item_id, case_id))
        return await self.summary(item_id)

    async def redact(self, item_id: str, name: str, boxes: Sequence[Box]) -> ItemSummary:
        """Seal a copy of a picture with the boxes in black; the original stays as it is.

        Raises SharewiseError: UNKNOWN_ITEM, BAD_PART, INVALID_PARAMS, VAULT_LOCKED, DISK_FULL.
        """
        row = await to_the_end(lambda: self._shelf.item(item_id))
        folder = self._shelf.staging.folder / self._shelf.make_id()
        try:
            made = await to_the_end(lambda: self._redacted(item_id, name, boxes, folder))
            await self._cases.take_in(made, case_id=row.case_id, local_day="", answer=None)
        finally:
            await to_the_end(lambda: discard(folder))
        return await self.summary(made.item_id)

    async def delete(self, item_id: str) -> None:
        """Delete a capture. Raises SharewiseError: UNKNOWN_ITEM, BUSY, VAULT_LOCKED."""
        row = await to_the_end(lambda: self._shelf.item(item_id))
        self._cases.must_not_leave(row.case_id)
        async with self._reading:
            self._close_all()
        await self._cases.changed(lambda: self._shelf.remove_item(item_id))

    # --- blocking -------------------------------------------------------------------------------

    def _list(
        self, case_id: str | None, tag: str | None, after: str | None, limit: int
    ) -> ItemListResult:
        if case_id is not None:
            self._shelf.case(case_id)
        shown = [one for one in self._shelf.shown(case_id) if tag is None or tag in one.words.tags]
        shown.reverse()
        start = 0
        if after is not None:
            places = [at for at, one in enumerate(shown) if one.row.item_id == after]
            start = places[0] + 1 if places else 0
        page = shown[start : start + limit]
        more = start + limit < len(shown)
        return ItemListResult(
            self._summaries(page), len(shown), page[-1].row.item_id if more and page else None
        )

    def _search(self, wanted: tuple[str, ...], case_id: str | None, limit: int) -> ItemSearchResult:
        found: list[tuple[Shown, str]] = []
        for one, text in self._shelf.texts(self._shelf.shown(case_id)[::-1]):
            words = one.words
            around = "\n".join((words.title, words.url, words.note, *words.tags))
            excerpt = excerpt_of(wanted, around, text)
            if excerpt is None:
                continue
            if len(found) == limit:
                return self._hits(found, is_complete=False)
            found.append((one, excerpt))
        return self._hits(found, is_complete=True)

    def _hits(self, found: Sequence[tuple[Shown, str]], *, is_complete: bool) -> ItemSearchResult:
        items = self._summaries([one for one, _ in found])
        hits = zip(items, found, strict=True)
        return ItemSearchResult(
            tuple(ItemHit(item, excerpt) for item, (_, excerpt) in hits), is_complete
        )

    def _summary_of(self, item_id: str) -> ItemSummary:
        row = self._shelf.item(item_id)
        shown = [one for one in self._shelf.shown(row.case_id) if one.row.item_id == item_id]
        return self._summaries(shown)[0]

    def _summaries(self, shown: Sequence[Shown]) -> tuple[ItemSummary, ...]:
        stamps = {one.item_id: one for one in self._shelf.index.stamps()}
        return tuple(
            ItemSummary(
                item_id=one.row.item_id,
                case_id=one.row.case_id,
                kind=one.words.kind,
                original_id=one.words.original_id,
                sealed_at_utc=one.row.sealed_at_utc,
                title=one.words.title,
                url=one.words.url,
                size_bytes=one.row.size_bytes,
                is_complete=one.words.is_complete,
                missing=one.words.missing,
                has_thumbnail=one.row.has_thumbnail,
                tags=one.words.tags,
                note=one.words.note,
                stamp=(
                    "none"
                    if one.row.item_id not in stamps
                    else "queued"
                    if stamps[one.row.item_id].token is None
                    else "stamped"
                ),
                matches=one.words.matches,
            )
            for one in shown
        )

    def _show(self, item_id: str) -> ItemDetail:
        item = self._summary_of(item_id)
        row = self._shelf.item(item_id)
        opened = self._shelf.opened(item_id)
        told = self._told(opened)
        stamps = {one.item_id: one.stamped_at_utc for one in self._shelf.index.stamps()}
        return ItemDetail(
            item=item,
            files=tuple(
                ItemFile(part.name, part.media_type, part.size_bytes, part.sha256)
                for part in told.parts
            ),
            record=told.page,
            manifest_sha256=opened.digests[layout.MANIFEST].sha256,
            begun_at_utc=told.clock.begun_at_utc,
            server_difference_s=told.clock.server_difference_s,
            clock_jump_s=told.clock.jump_s,
            log_index=row.log_index,
            stamped_at_utc=stamps.get(item_id),
        )

    def _read(self, item_id: str, name: str, offset: int) -> Piece:
        self._shelf.must_be_open()
        place = (self._shelf.item(item_id).item_id, name)
        found = self._open.get(place)
        if found is None:
            opened = self._shelf.opened(item_id)
            content = opened.open(layout.PAYLOAD + name)
            size_bytes = opened.digests[layout.PAYLOAD + name].size_bytes
            found = self._open[place] = _OpenFile(content, size_bytes)
            while len(self._open) > MAX_OPEN_FILES:
                self._open.popitem(last=False)[1].content.close()
        if offset < 0:
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "A file begins at 0.")
        found.content.seek(offset)
        piece = Piece(found.content.read(PART_BYTES), found.size_bytes)
        if offset + len(piece.data) >= found.size_bytes:
            del self._open[place]
            found.content.close()
        return piece

    def _redacted(self, item_id: str, name: str, boxes: Sequence[Box], folder: Path) -> Prepared:
        opened = self._shelf.opened(item_id)
        told = self._told(opened)
        with opened.open(layout.PAYLOAD + name) as picture:
            copy = redacted_copy(
                told,
                name,
                picture,
                [Area(box.x, box.y, box.width, box.height) for box in boxes],
                item_id=self._shelf.make_id(),
                made_at_utc=utc_text(self._shelf.clock.now()),
            )
        self._shelf.staging.new_folder(folder.name)
        parts = {
            file: in_memory(content)
            for file, content in copy.files.items()
            if file != layout.RECORD
        }
        (shown,) = parts.values()
        thumbnail = thumbnail_of(SOURCES[:1], lambda _: shown.open())
        return prepare(
            self._shelf,
            folder,
            copy.told,
            parts,
            thumbnail=thumbnail,
            text="",
            has_pictures=True,
        )

    def _told(self, opened: SealedFolder) -> CaptureFile:
        with opened.open(layout.PAYLOAD + layout.RECORD) as content:
            told = record.parse(content.read(MAX_RECORD_BYTES))
        if told is None:
            raise SharewiseError(ErrorCode.VERIFY_FAILED, "The record of this capture is damaged.")
        return told

    def _thumbnail(self, item_id: str) -> Thumbnail:
        data = self._shelf.opened(item_id).thumbnail()
        width, height = size_of(data)
        return Thumbnail(MEDIA_TYPE, data, width, height)

    def _close_all(self) -> None:
        while self._open:
            self._open.popitem()[1].content.close()


def _must_be_some(limit: int) -> None:
    if not 1 <= limit <= MAX_ITEMS_AT_ONCE:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS, f"Ask for between 1 and {MAX_ITEMS_AT_ONCE} at once."
        )


def _tags(untrusted: tuple[str, ...]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(" ".join(tag.split()) for tag in untrusted if tag.split()))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARACTERS for tag in tags):
        raise SharewiseError(
            ErrorCode.TOO_LARGE,
            f"At most {MAX_TAGS} tags of {MAX_TAG_CHARACTERS} characters, please.",
        )
    return tags
