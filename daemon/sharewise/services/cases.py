"""Cases: which there are, what is noted about them, and how they leave this computer or go."""

from __future__ import annotations

import asyncio
import builtins
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services import recovering
from sharewise.services.authority import stamper_of
from sharewise.services.blocking import to_the_end
from sharewise.services.contents import CaseContents, PackageOptions, Stamp, Stamper
from sharewise.services.custody import Happened, row_of
from sharewise.services.export import write_package
from sharewise.services.incident import check_incident
from sharewise.services.moments import utc_text
from sharewise.services.sealed_items import VaultItem
from sharewise.services.sealed_words import Prepared, Shown
from sharewise.services.shelf import Shelf
from sharewise.vault.index import AgeAnswer, CaseRow
from sharewise.vault.scratch import Scratch
from sharewise.wire.captures import CaseExported, CaseState, ItemState
from sharewise.wire.evidence import CaseSummary, CustodyEvent

MAX_NOTE_CHARACTERS = 100_000
MAX_LABEL_CHARACTERS = 200
AS_IT_IS = PackageOptions()


class Cases:
    """Every case on this computer. Changes are made one after the other."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._changing = asyncio.Lock()
        self._leaving: Counter[str] = Counter()
        """Cases of which a package is being made."""

    async def list(self) -> tuple[CaseState, ...]:
        """Return every case with its captures, newest first; raises VAULT_LOCKED."""
        return await to_the_end(self._list)

    async def summaries(self) -> tuple[CaseSummary, ...]:
        """Return every case without its captures, newest first."""
        return await to_the_end(self._summaries)

    async def show(self, case_id: str) -> CaseState:
        """Return one case. Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED."""
        return await to_the_end(lambda: self._state(self._shelf.case(case_id)))

    async def must_exist(self, case_id: str) -> None:
        """Raise SharewiseError(UNKNOWN_CASE) if there is no such case."""
        await to_the_end(lambda: self._shelf.case(case_id))

    async def age_answer(self, case_id: str | None) -> AgeAnswer:
        """Return what was answered for a case, "unasked" for one that is still to be made."""
        if case_id is None:
            return "unasked"
        return (await to_the_end(lambda: self._shelf.case(case_id))).age_answer

    async def age_answer_of_day(self, local_day: str) -> AgeAnswer:
        """Return what was answered for the open case of a day."""
        row = await to_the_end(lambda: self._shelf.index.case_of_day(local_day))
        return "unasked" if row is None else row.age_answer

    async def counts(self) -> tuple[int, int]:
        """Return how many cases and how many captures there are."""
        return await to_the_end(self._counts)

    async def create(self, label: str, local_day: str, answer: AgeAnswer) -> CaseSummary:
        """Begin a case; it takes only the captures that name it."""
        name = _label(label) or local_day
        async with self._changing:
            row = await to_the_end(lambda: self._shelf.create_case(name, None, answer))
        return await to_the_end(lambda: self._summary(row, []))

    async def change(
        self,
        case_id: str,
        *,
        label: str | None = None,
        note: str | None = None,
        answer: AgeAnswer | None = None,
    ) -> CaseSummary:
        """Change what is noted of a case; what is None stays.

        Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED, TOO_LARGE, INVALID_PARAMS, DISK_FULL.
        """
        if note is not None:
            _must_be_short(note)
        if label is not None and not _label(label):
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "A case needs a name.")
        name = None if label is None else _label(label)
        shelf = self._shelf
        async with self._changing:
            await to_the_end(
                lambda: shelf.change_case(case_id, label=name, note=note, answer=answer)
            )
        return await to_the_end(lambda: self._summary(shelf.case(case_id), shelf.shown(case_id)))

    async def note(self, case_id: str, text: str) -> CaseState:
        """Replace the note of a case. Raises SharewiseError: UNKNOWN_CASE, TOO_LARGE, DISK_FULL."""
        _must_be_short(text)
        async with self._changing:
            await to_the_end(lambda: self._shelf.change_case(case_id, note=text))
        return await self.show(case_id)

    async def custody(self, case_id: str) -> tuple[CustodyEvent, ...]:
        """Return what happened to a case, oldest first. Raises SharewiseError: UNKNOWN_CASE, …"""
        return await to_the_end(lambda: self._custody(case_id))

    async def incident(self, case_id: str) -> str | None:
        """Return the incident record as JSON. Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED."""
        found = await to_the_end(lambda: self._shelf.incident(case_id))
        return None if found is None else found.decode()

    async def put_incident(self, case_id: str, untrusted: str) -> None:
        """Replace the incident record. Raises SharewiseError: BAD_RECORD, UNKNOWN_CASE, …"""
        record = check_incident(untrusted)
        async with self._changing:
            await to_the_end(lambda: self._shelf.put_incident(case_id, record))

    async def delete(self, case_id: str) -> None:
        """Delete a case and its captures.

        Raises SharewiseError: UNKNOWN_CASE, BUSY while a package of it is made, VAULT_LOCKED.
        """
        await self.must_exist(case_id)
        self.must_not_leave(case_id)
        async with self._changing:
            await to_the_end(lambda: self._shelf.remove_case(case_id))

    async def export(
        self, case_id: str, folder: Path, options: PackageOptions = AS_IT_IS
    ) -> CaseExported:
        """Write the package of a case into a folder, check it there, then give it its name.

        Raises SharewiseError: UNKNOWN_CASE, OUTPUT_EXISTS, NOT_A_FILE if the folder is none,
        VERIFY_FAILED if a capture is not what was sealed, DISK_FULL, VAULT_LOCKED.
        """
        await self.must_exist(case_id)
        if not folder.is_absolute():
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "The folder must be given in full.")
        if not await asyncio.to_thread(folder.is_dir):
            raise SharewiseError(
                ErrorCode.NOT_A_FILE, "There is no such folder to export to. Make it first."
            )
        with self.leaving(case_id):
            contents = await self.contents(case_id, options)
            stamper = await stamper_of(self._shelf)
            return await to_the_end(lambda: self._export(contents, options, folder, stamper))

    @contextmanager
    def leaving(self, case_id: str) -> Iterator[None]:
        """While a package of a case is made, it is not deleted."""
        self._leaving[case_id] += 1
        try:
            yield
        finally:
            self._leaving[case_id] -= 1

    def must_not_leave(self, case_id: str) -> None:
        """Raise SharewiseError(BUSY) if a package of the case is being made."""
        if self._leaving[case_id]:
            raise SharewiseError(
                ErrorCode.BUSY, "A package of this case is being made. Wait for it, then try again."
            )

    async def contents(self, case_id: str, options: PackageOptions) -> CaseContents:
        """Log an export and return what it is made of: one that got out is never unrecorded."""
        async with self._changing:
            await to_the_end(lambda: self._log_export(case_id, options))
            return await to_the_end(lambda: self._contents(case_id))

    async def sweep(self, is_open: Callable[[str], bool]) -> None:
        """Clear up what a crash left; `is_open` tells by its id what a capture still uses.

        Raises SharewiseError for what the disk refuses.
        """
        async with self._changing:
            await to_the_end(lambda: recovering.sweep(self._shelf, is_open))

    async def problems(self) -> Sequence[str]:
        """Return what is wrong with the vault, in sentences for people."""
        async with self._changing:
            return await to_the_end(lambda: recovering.problems(self._shelf))

    async def take_in(
        self, made: Prepared, *, case_id: str | None, local_day: str, answer: AgeAnswer | None
    ) -> str:
        """Put a capture into a case and return the case's id.

        `case_id` None means the open case of that day, made if need be.
        """
        async with self._changing:
            return await to_the_end(lambda: self._shelf.add(made, case_id, local_day, answer))

    async def changed(self, work: Callable[[], None]) -> None:
        """Do a change of the shelf when no other is under way."""
        async with self._changing:
            await to_the_end(work)

    # --- blocking -------------------------------------------------------------------------------

    def _counts(self) -> tuple[int, int]:
        return self._shelf.index.counts()

    def _list(self) -> tuple[CaseState, ...]:
        return tuple(self._state(row) for row in reversed(self._shelf.index.cases()))

    def _state(self, row: CaseRow) -> CaseState:
        shown = self._shelf.shown(row.case_id)
        words = self._shelf.case_words(row.case_id)
        items = tuple(_item_state(one) for one in shown)
        return CaseState(row.case_id, words.label, row.created_at_utc, words.note, items)

    def _summaries(self) -> tuple[CaseSummary, ...]:
        by_case: dict[str, builtins.list[Shown]] = {}
        for one in self._shelf.shown():
            by_case.setdefault(one.row.case_id, []).append(one)
        rows = reversed(self._shelf.index.cases())
        return tuple(self._summary(row, by_case.get(row.case_id, [])) for row in rows)

    def _summary(self, row: CaseRow, shown: Sequence[Shown]) -> CaseSummary:
        words = self._shelf.case_words(row.case_id)
        return CaseSummary(
            row.case_id,
            words.label,
            row.created_at_utc,
            words.note,
            row.age_answer,
            len(shown),
            sum(one.row.size_bytes for one in shown),
            shown[-1].row.sealed_at_utc if shown else None,
            self._shelf.index.sealed("incident", row.case_id) is not None,
        )

    def _custody(self, case_id: str) -> tuple[CustodyEvent, ...]:
        self._shelf.must_be_open()
        self._shelf.case(case_id)
        return tuple(
            CustodyEvent(said.at_utc, said.what, said.item_id, said.detail, logged.index)
            for said, logged in self._shelf.custody.entries(case_id)
        )

    def _log_export(self, case_id: str, options: PackageOptions) -> None:
        self._shelf.must_be_open()
        self._shelf.case(case_id)
        with self._shelf.changing():
            how = "encrypted" if options.recipient else "not encrypted"
            self._shelf.log(Happened("exported", case_id, detail=how))

    def _export(
        self,
        contents: CaseContents,
        options: PackageOptions,
        folder: Path,
        stamper: Stamper | None,
    ) -> CaseExported:
        staging = self._shelf.staging
        with closing(Scratch(staging.prepare())) as scratch:
            return write_package(
                contents,
                options,
                self._shelf.key(),
                folder,
                scratch,
                remembered=staging.outside,
                stamper=stamper,
            )

    def _contents(self, case_id: str) -> CaseContents:
        shelf = self._shelf
        row = shelf.case(case_id)
        words = shelf.case_words(case_id)
        shown = shelf.shown(case_id)
        logged = shelf.custody.entries(case_id)
        return CaseContents(
            case_id=case_id,
            label=words.label,
            note=words.note,
            created_at_utc=row.created_at_utc,
            exported_at_utc=utc_text(shelf.clock.now()),
            is_text_only=row.age_answer == "minor_or_unsure",
            items=tuple(VaultItem(one, shelf) for one in shown),
            item_notes={one.row.item_id: one.words.note for one in shown if one.words.note},
            custody=tuple(row_of(said, entry.index) for said, entry in logged),
            incident=shelf.incident(case_id),
            checkpoint=shelf.custody.newest(),
            entries=tuple(entry for _, entry in logged),
            stamps=self._stamps(shown),
            stamp_roots=(shelf.index.fact("stamp_roots") or "").encode(),
        )

    def _stamps(self, shown: Sequence[Shown]) -> dict[str, Stamp]:
        places = {one.row.item_id: one.row.log_index for one in shown}
        found: dict[str, Stamp] = {}
        for stamp in self._shelf.index.stamps():
            place = places.get(stamp.item_id)
            note = self._shelf.index.checkpoint(stamp.size)
            if place is None or stamp.token is None or note is None:
                continue
            proof = self._shelf.custody.inclusion(place, stamp.size)
            at = stamp.stamped_at_utc or ""
            found[stamp.item_id] = Stamp(note, stamp.token, at, place, proof)
        return found


def _item_state(one: Shown) -> ItemState:
    words = one.words
    return ItemState(
        one.row.item_id,
        one.row.sealed_at_utc,
        words.title,
        words.url,
        one.row.size_bytes,
        words.missing,
    )


def _must_be_short(note: str) -> None:
    if len(note) > MAX_NOTE_CHARACTERS:
        raise SharewiseError(
            ErrorCode.TOO_LARGE, f"A note may have {MAX_NOTE_CHARACTERS:,} characters at most."
        )


def _label(untrusted: str) -> str:
    return " ".join(untrusted.split())[:MAX_LABEL_CHARACTERS]
