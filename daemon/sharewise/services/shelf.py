"""The vault put together: what is in it, and every change of it but what `recovering` mends.

A change is one transaction of the index, with its entry in the log; what lies in folders goes by
one rename, so a kill at any moment leaves a capture whole or absent. Blocking: call it by
`to_the_end`, one change at a time; reading needs no waiting.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import sync_folder
from sharewise.services.cabinet import Cabinet
from sharewise.services.custody import Happened
from sharewise.services.moments import utc_text
from sharewise.services.protecting import pictures_refused
from sharewise.services.sealed_words import (
    CASE,
    DAMAGED,
    INCIDENT,
    ITEM,
    TEXT,
    CaseWords,
    Prepared,
    Shown,
    SlipRows,
    packed_text,
)
from sharewise.services.staging import discard, is_id
from sharewise.vault import items
from sharewise.vault.index import AgeAnswer, CaseRow, ItemRow, SealedRow, StampRow
from sharewise.vault.items import SealedFolder, Slip

TEXTS_AT_ONCE = 100
STAMP_ON = "stamp_on"
"""The fact that says whether seals are time-stamped: "yes"."""


class Shelf(Cabinet):
    """Everything that was sealed on this computer."""

    # --- cases ----------------------------------------------------------------------------------

    def case(self, untrusted_id: str) -> CaseRow:
        """Return a case. Raises SharewiseError(UNKNOWN_CASE)."""
        found = self.index.case(untrusted_id) if is_id(untrusted_id) else None
        if found is None:
            raise SharewiseError(
                ErrorCode.UNKNOWN_CASE,
                "There is no such case. 'sharewise case list' shows those that there are.",
            )
        return found

    def case_words(self, case_id: str) -> CaseWords:
        """Return what was written about a case; what is damaged is shown as such.

        Raises SharewiseError(VAULT_LOCKED).
        """
        try:
            return self.words.of_case(case_id)
        except SharewiseError as error:
            if error.code is not ErrorCode.VAULT_DAMAGED:
                raise
            return CaseWords(DAMAGED, error.message)

    def create_case(self, label: str, day: str | None, answer: AgeAnswer) -> CaseRow:
        """Begin a case."""
        with self.changing():
            return self._create_case(label, day, answer)

    def enter_case(self, row: CaseRow, words: CaseWords) -> None:
        """Enter a case that was made elsewhere, inside a change."""
        self.index.put_case(row)
        self.words.put(CASE, row.case_id, words)

    def change_case(
        self,
        case_id: str,
        *,
        label: str | None = None,
        note: str | None = None,
        answer: AgeAnswer | None = None,
    ) -> None:
        """Change what is noted of a case; only what differs is logged."""
        row = self.case(case_id)
        words = self.words.of_case(case_id) if label is not None or note is not None else None
        with self.changing():
            if words is not None:
                told = CaseWords(
                    words.label if label is None else label, words.note if note is None else note
                )
                if told.note != words.note:
                    self.log(Happened("note changed", case_id, subject_sha256=_sha(told.note)))
                if told.label != words.label:
                    self.log(Happened("case renamed", case_id))
                if told != words:
                    self.words.put(CASE, case_id, told)
            if answer is not None:
                self.answer_age(row, answer)

    def answer_age(self, row: CaseRow, answer: AgeAnswer) -> None:
        """Note the answer about age, inside a change."""
        if answer != row.age_answer:
            self.index.put_case(CaseRow(row.case_id, row.created_at_utc, row.day, answer))
            self.log(Happened("age answered", row.case_id, detail=answer))

    def incident(self, case_id: str) -> bytes | None:
        """Return the incident record. Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED."""
        self.case(case_id)
        row = self.index.sealed(INCIDENT, case_id)
        if row is None:
            self.must_be_open()
            return None
        return self.vault.unseal_row(row.form, row.content, f"{INCIDENT}:{case_id}")

    def put_incident(self, case_id: str, record: bytes) -> None:
        """Replace the incident record, which was held against its schema."""
        self.case(case_id)
        with self.changing():
            form, content = self.vault.seal_row(record, f"{INCIDENT}:{case_id}")
            self.index.put_sealed(SealedRow(case_id, INCIDENT, form, content))
            self.log(Happened("incident record changed", case_id, subject_sha256=_sha(record)))

    def remove_case(self, case_id: str) -> None:
        """Delete a case and its captures: gone at once, whatever stops the clearing up."""
        self.case(case_id)
        self._remove([row.item_id for row in self.index.items(case_id)], case_id, is_whole=True)

    # --- captures -------------------------------------------------------------------------------

    def item(self, untrusted_id: str) -> ItemRow:
        """Return a capture. Raises SharewiseError(UNKNOWN_ITEM)."""
        found = self.index.item(untrusted_id) if is_id(untrusted_id) else None
        if found is None:
            raise SharewiseError(
                ErrorCode.UNKNOWN_ITEM, "There is no such capture. It may have been deleted."
            )
        return found

    def opened(self, item_id: str) -> SealedFolder:
        """Return a capture to be read. Raises SharewiseError: UNKNOWN_ITEM, VAULT_LOCKED, …"""
        self.must_be_open()
        row = self.item(item_id)
        return SealedFolder(self.item_folder(row.item_id), self.vault, self.staging.prepare())

    def item_folder(self, item_id: str) -> Path:
        """Return where a capture lies or will lie; the id is ours."""
        return self.items_folder / item_id

    def shown(self, case_id: str | None = None) -> list[Shown]:
        """Return captures in the order of their sealing. Raises SharewiseError(VAULT_LOCKED)."""
        self.must_be_open()
        words = self.words.of_items()
        return [
            Shown(row, words[row.item_id])
            for row in self.index.items(case_id)
            if row.item_id in words
        ]

    def texts(self, shown: Sequence[Shown]) -> Iterator[tuple[Shown, str]]:
        """Yield captures with their visible text as far as search goes; a few in memory at once."""
        for at in range(0, len(shown), TEXTS_AT_ONCE):
            some = shown[at : at + TEXTS_AT_ONCE]
            rows = self.index.sealed_of(TEXT, [one.row.item_id for one in some])
            for one in some:
                row = rows.get(one.row.item_id)
                if row is None:
                    yield one, ""
                    continue
                packed = self.vault.unseal_row(row.form, row.content, f"{TEXT}:{row.owner}")
                yield one, zlib.decompress(packed).decode()

    def change_item(self, item_id: str, note: str | None, tags: tuple[str, ...] | None) -> None:
        """Replace note or tags of a capture; only what differs is logged."""
        row = self.item(item_id)
        self.must_be_open()
        words = self.words.of_items()[item_id]
        told = msgspec.structs.replace(
            words,
            note=words.note if note is None else note,
            tags=words.tags if tags is None else tags,
        )
        if told == words:
            return
        with self.changing():
            if told.note != words.note:
                subject = _sha(told.note)
                self.log(Happened("note changed", row.case_id, item_id, subject_sha256=subject))
            if told.tags != words.tags:
                self.log(Happened("tags changed", row.case_id, item_id))
            self.words.put(ITEM, item_id, told)
        self.words.remember(item_id, told)

    def add(
        self, made: Prepared, case_id: str | None, local_day: str, answer: AgeAnswer | None = None
    ) -> str:
        """Put a capture in its place and return its case's id: all of it, or nothing.

        `case_id` None means the open case of the day, made if need be.
        """
        target = self.item_folder(made.item_id)
        if target.exists():
            raise SharewiseError(ErrorCode.OUTPUT_EXISTS, "This capture is there already.")
        is_moved = False
        try:
            with self.changing():
                row = self._case_for(made, case_id, local_day, answer)
                self._write_slip(made, row)
                disk_bytes = items.disk_bytes(made.folder)
                made.folder.rename(target)
                is_moved = True
                sync_folder(target.parent)
                self._enter(made, row.case_id, disk_bytes)
        except BaseException:
            if is_moved:
                target.rename(made.folder)  # never answered as sealed, so it does not stay
            raise
        self.words.remember(made.item_id, made.words)
        return row.case_id

    def _case_for(
        self, made: Prepared, case_id: str | None, local_day: str, answer: AgeAnswer | None
    ) -> CaseRow:
        """Return the case that a capture goes to, and refuse pictures that may not be kept."""
        row = self.case(case_id) if case_id is not None else self.case_of_day(local_day)
        if answer is not None:
            self.answer_age(row, answer)
        holds = answer or row.age_answer
        if made.has_pictures and holds != "adults":
            raise pictures_refused(holds)
        return row

    def remove_item(self, item_id: str) -> None:
        """Delete a capture: gone at once, whatever stops the clearing up."""
        self._remove([item_id], self.item(item_id).case_id, is_whole=False)

    def case_of_day(self, local_day: str) -> CaseRow:
        """Return the open case of a day, made if need be, inside a change."""
        found = self.index.case_of_day(local_day)
        return self._create_case(local_day, local_day, "unasked") if found is None else found

    # --- inside ---------------------------------------------------------------------------------

    def _create_case(self, label: str, day: str | None, answer: AgeAnswer) -> CaseRow:
        row = CaseRow(self.make_id(), utc_text(self.clock.now()), day, answer)
        self.enter_case(row, CaseWords(label))
        self.log(Happened("case created", row.case_id))
        return row

    def _write_slip(self, made: Prepared, case: CaseRow) -> None:
        rows = SlipRows(made.words, packed_text(made.text))
        slip = Slip(
            item_id=made.item_id,
            case_id=case.case_id,
            case_created_at_utc=case.created_at_utc,
            case_day=case.day,
            age_answer=case.age_answer,
            sealed_at_utc=made.sealed_at_utc,
            size_bytes=made.size_bytes,
            age_files=made.age_files,
            sealed=self.vault.seal(msgspec.json.encode(rows)),
        )
        items.write_slip(made.folder, slip)

    def _enter(self, made: Prepared, case_id: str, disk_bytes: int) -> None:
        """Enter a capture into index and log, inside a change."""
        place = self.log(
            Happened(
                "capture sealed" if made.words.kind == "capture" else "redacted copy sealed",
                case_id,
                made.item_id,
                "" if made.words.is_complete else "INCOMPLETE",
                made.words.manifest_sha256,
            )
        )
        self.index.put_item(
            ItemRow(
                made.item_id,
                case_id,
                made.sealed_at_utc,
                made.size_bytes,
                disk_bytes,
                made.has_thumbnail,
                place,
            )
        )
        if self.index.fact(STAMP_ON) == "yes":
            self.index.put_stamp(StampRow(made.item_id, len(self.custody), None, None))
        self.words.put(ITEM, made.item_id, made.words)
        form, content = self.vault.seal_row(packed_text(made.text), f"{TEXT}:{made.item_id}")
        self.index.put_sealed(SealedRow(made.item_id, TEXT, form, content))

    def _remove(self, item_ids: list[str], case_id: str, *, is_whole: bool) -> None:
        self.must_be_open()
        self.staging.prepare()
        moved: list[str] = []
        try:
            for item_id in item_ids:
                folder = self.item_folder(item_id)
                if folder.exists():
                    folder.rename(self.staging.going(item_id))
                    moved.append(item_id)
            sync_folder(self.items_folder)
            with self.changing():
                for item_id in item_ids:
                    self.index.remove_item(item_id)
                    self.log(Happened("capture deleted", case_id, item_id))
                if is_whole:
                    self.log(Happened("case deleted", case_id))
                    self.index.remove_case(case_id)
        except BaseException:
            for item_id in moved:
                self.staging.going(item_id).rename(self.item_folder(item_id))
            raise
        for item_id in item_ids:
            self.words.remember(item_id, None)
            discard(self.staging.going(item_id))


def _sha(content: str | bytes) -> str:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()
