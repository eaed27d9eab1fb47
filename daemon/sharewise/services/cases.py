"""Cases: which there are, what is noted about them, and how they leave this computer or go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.keys import device_key
from sharewise.places import Places
from sharewise.services.blocking import to_the_end
from sharewise.services.case_store import CaseEvent, CaseFile, CaseStore, new_id
from sharewise.services.export import Package, write_package
from sharewise.services.moments import utc_text
from sharewise.wire.messages import CaseExported, CaseState

MAX_NOTE_CHARACTERS = 100_000
MAX_EVENTS = 10_000


class Cases:
    """Every case on this computer. Changes are made one after the other."""

    def __init__(
        self, places: Places, clock: Clock, *, make_id: Callable[[], str] = new_id
    ) -> None:
        self._keys = places.keys
        self._store = CaseStore.at(places)
        self._clock = clock
        self._make_id = make_id
        self._changing = asyncio.Lock()

    async def list(self) -> tuple[CaseState, ...]:
        """Return every case, newest first."""
        async with self._changing:
            return await to_the_end(self._list)

    async def show(self, case_id: str) -> CaseState:
        """Return one case. Raises SharewiseError(UNKNOWN_CASE)."""
        async with self._changing:
            return await to_the_end(lambda: self._store.state(case_id))

    async def must_exist(self, case_id: str) -> None:
        """Raise SharewiseError(UNKNOWN_CASE) if there is no such case."""
        await to_the_end(lambda: self._store.case_folder(case_id))

    async def counts(self) -> tuple[int, int]:
        """Return how many cases and how many captures there are."""
        async with self._changing:
            return await to_the_end(self._counts)

    async def note(self, case_id: str, text: str) -> CaseState:
        """Replace the note of a case. Raises SharewiseError: UNKNOWN_CASE, TOO_LARGE, DISK_FULL."""
        if len(text) > MAX_NOTE_CHARACTERS:
            raise SharewiseError(
                ErrorCode.TOO_LARGE, f"A note may have {MAX_NOTE_CHARACTERS:,} characters at most."
            )
        async with self._changing:
            return await to_the_end(lambda: self._note(case_id, text))

    async def delete(self, case_id: str) -> None:
        """Delete a case and its captures. Raises SharewiseError(UNKNOWN_CASE)."""
        async with self._changing:
            await to_the_end(lambda: self._store.remove_case(case_id))

    async def export(self, case_id: str, folder: Path) -> CaseExported:
        """Write the package of a case into a folder, check it there, then give it its name.

        Raises SharewiseError: UNKNOWN_CASE, OUTPUT_EXISTS, NOT_A_FILE if the folder is none,
        VERIFY_FAILED if a capture is not what was sealed, DISK_FULL.
        """
        async with self._changing:
            return await to_the_end(lambda: self._export(case_id, folder))

    async def sweep(self, is_open: Callable[[str], bool]) -> None:
        """Remove what an earlier crash left; `is_open` tells by its id what a capture still uses.

        Raises SharewiseError for what the disk refuses.
        """
        async with self._changing:
            await to_the_end(lambda: self._store.sweep(is_open))

    async def take_in(
        self, sealed: Path, *, item_id: str, case_id: str | None, local_day: str
    ) -> str:
        """Move a sealed capture out of staging into a case and return the case's id.

        `case_id` None means the open case of that day, made if need be.
        """
        async with self._changing:
            return await to_the_end(lambda: self._take_in(sealed, item_id, case_id, local_day))

    def _list(self) -> tuple[CaseState, ...]:
        states = [self._store.state(case_id) for case_id in self._store.case_ids()]
        states.sort(key=lambda state: (state.created_at_utc, state.case_id), reverse=True)
        return tuple(states)

    def _counts(self) -> tuple[int, int]:
        case_ids = self._store.case_ids()
        return len(case_ids), sum(len(self._store.item_ids(case_id)) for case_id in case_ids)

    def _note(self, case_id: str, text: str) -> CaseState:
        case = self._store.read_case(case_id)
        if text != case.note:
            self._store.write_case(
                msgspec.structs.replace(case, note=text, events=self._events(case, "note changed"))
            )
        return self._store.state(case_id)

    def _events(self, case: CaseFile, what: str, detail: str = "") -> tuple[CaseEvent, ...]:
        if len(case.events) >= MAX_EVENTS:
            raise SharewiseError(
                ErrorCode.TOO_LARGE, "This case has too long a history. Begin a new case."
            )
        return (*case.events, CaseEvent(utc_text(self._clock.now()), what, detail))

    def _take_in(self, sealed: Path, item_id: str, case_id: str | None, local_day: str) -> str:
        chosen = case_id or self._case_of(local_day)
        self._store.case_folder(chosen)
        self._store.add_item(sealed, chosen, item_id)
        return chosen

    def _case_of(self, local_day: str) -> str:
        """Return the open case of a day; of several the oldest."""
        found = []
        for case_id in self._store.case_ids():
            try:
                case = self._store.read_case(case_id)
            except SharewiseError:
                continue  # a damaged one takes no more captures
            if case.day == local_day:
                found.append((case.created_at_utc, case_id))
        if found:
            return min(found)[1]
        self._store.prepare()
        case_id = self._make_id()
        now = utc_text(self._clock.now())
        self._store.add_case(CaseFile(case_id, label=local_day, created_at_utc=now, day=local_day))
        return case_id

    def _export(self, case_id: str, folder: Path) -> CaseExported:
        case = self._store.read_case(case_id)
        if not folder.is_absolute():
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "The folder must be given in full.")
        if not folder.is_dir():
            raise SharewiseError(
                ErrorCode.NOT_A_FILE, "There is no such folder to export to. Make it first."
            )
        exported = msgspec.structs.replace(case, events=self._events(case, "exported"))
        items = [
            (item.sealed_at_utc, item.item_id, self._store.item_folder(case.case_id, item.item_id))
            for item in self._store.state(case_id).items
        ]
        package = Package(
            exported,
            tuple(path for _, _, path in items),
            device_key(self._keys, self._clock),
            utc_text(self._clock.now()),
        )
        # Noted before the package has its name: one that got out is never unrecorded.
        return write_package(
            package,
            folder,
            remembered=self._store.outside,
            before_naming=lambda: self._store.write_case(exported),
        )
