"""Files that a page hands in, in pieces: encrypted on the disk, bounded, and kept for minutes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.check import check
from sharewise.seals.problems import Verdict
from sharewise.seals.unpacking import open_zip
from sharewise.services.blocking import to_the_end
from sharewise.services.moments import utc_text
from sharewise.services.shelf import Shelf
from sharewise.services.staging import new_id
from sharewise.vault.scratch import Scratch, ScratchFile
from sharewise.wire.messages import PART_BYTES

NAME = "handed in"
MAX_OPEN = 4
MAX_BYTES = 4 * 1000**3
IDLE_S = 300.0


@dataclass(slots=True)
class _Intake:
    scratch: Scratch
    size_bytes: int
    next_sequence: int
    touched_s: float
    lock: asyncio.Lock


class Intakes:
    """Everything that is being handed in."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._open: dict[str, _Intake] = {}

    async def begin(self, size_bytes: int) -> str:
        """Open one and return its id. Raises SharewiseError: TOO_LARGE, BUSY, DISK_FULL."""
        await self.expire()
        if not 0 < size_bytes <= MAX_BYTES:
            raise SharewiseError(ErrorCode.TOO_LARGE, "This file is too large to hand in here.")
        if len(self._open) >= MAX_OPEN:
            raise SharewiseError(ErrorCode.BUSY, "Other files are not handed in whole yet.")
        scratch = await to_the_end(lambda: Scratch(self._shelf.staging.prepare()))
        intake_id = new_id()
        now_s = self._shelf.clock.monotonic_s()
        self._open[intake_id] = _Intake(scratch, size_bytes, 0, now_s, asyncio.Lock())
        return intake_id

    async def part(self, intake_id: str, sequence: int, data: bytes) -> None:
        """Take the next piece. Raises SharewiseError: UNKNOWN_INTAKE, BAD_PART, TOO_LARGE, …"""
        intake = self._find(intake_id)
        async with intake.lock:
            if sequence != intake.next_sequence:
                raise SharewiseError(
                    ErrorCode.BAD_PART,
                    f"Piece {intake.next_sequence} was due, piece {sequence} came.",
                )
            there = intake.scratch.size_bytes(NAME) if sequence else 0
            if len(data) > PART_BYTES or there + len(data) > intake.size_bytes:
                raise SharewiseError(ErrorCode.TOO_LARGE, "More came than was announced.")
            await to_the_end(lambda: intake.scratch.append(NAME, data))
            intake.next_sequence += 1
            intake.touched_s = self._shelf.clock.monotonic_s()

    async def take(self, intake_id: str) -> ScratchFile:
        """Return a file that is whole; the caller closes its scratch.

        Raises SharewiseError: UNKNOWN_INTAKE; BAD_PART if some of it did not come.
        """
        intake = self._find(intake_id)
        async with intake.lock:
            if NAME not in intake.scratch.names or (
                intake.scratch.size_bytes(NAME) != intake.size_bytes
            ):
                raise SharewiseError(ErrorCode.BAD_PART, "The file was not handed in whole.")
            del self._open[intake_id]
        return intake.scratch.file(NAME)

    async def cancel(self, intake_id: str) -> None:
        """Drop one; an unknown one is no error."""
        intake = self._open.pop(intake_id, None)
        if intake is not None:
            async with intake.lock:
                intake.scratch.close()

    async def verify(self, intake_id: str, expected_key: str | None) -> Verdict:
        """Check a package that was handed in. Raises SharewiseError: NOT_A_PACKAGE, as `take`."""
        file = await self.take(intake_id)
        now = utc_text(self._shelf.clock.now())
        try:
            return await to_the_end(
                lambda: check(open_zip(file), expected_key=expected_key, checked_at_utc=now)
            )
        finally:
            file.scratch.close()

    async def expire(self) -> None:
        """Drop what had no message for too long."""
        now_s = self._shelf.clock.monotonic_s()
        for intake_id, intake in list(self._open.items()):
            if not intake.lock.locked() and now_s - intake.touched_s > IDLE_S:
                await self.cancel(intake_id)

    def _find(self, intake_id: str) -> _Intake:
        intake = self._open.get(intake_id)
        if intake is None:
            raise SharewiseError(
                ErrorCode.UNKNOWN_INTAKE, "This file is not kept any more. Choose it again."
            )
        return intake
