"""Takes a capture in parts, and seals it: all of it on disk, signed and read back, or none."""

from __future__ import annotations

import asyncio
import logging
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import sharewise
from sharewise.artefacts.catalogue import artefact_for
from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.digests import Digester
from sharewise.seals.record import ClockRecord
from sharewise.services import record
from sharewise.services.ahead import Ahead
from sharewise.services.assembly import Assembled, Received, assemble, server_difference_s
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.fingerprints import own_in
from sharewise.services.moments import utc_text
from sharewise.services.preparing import prepare
from sharewise.services.protecting import left_out_for_age, pictures_refused
from sharewise.services.record import CaptureFile
from sharewise.services.sealed_words import MAX_SEARCH_TEXT_CHARACTERS, Prepared
from sharewise.services.shelf import Shelf
from sharewise.services.staging import discard
from sharewise.services.thumbnails import thumbnail_of
from sharewise.vault.index import AgeAnswer
from sharewise.vault.items import Source
from sharewise.vault.scratch import Scratch
from sharewise.wire.captures import CaptureRecord, CaptureSealed, Missing, Tile
from sharewise.wire.messages import PART_BYTES

TEXT_PART = "text.txt"

log = logging.getLogger(__name__)

EXPIRY_CHECK_S = 30.0
MAX_OFFSET_MINUTES = 14 * 60


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be open at once; beyond it the browser is refused, nothing else suffers."""

    open_captures: int = 4
    capture_bytes: int = 400 * MEGABYTE
    idle_s: float = 300.0
    """A capture that gets no message for so long is dropped."""


@dataclass(slots=True)
class _Part:
    artefact: Artefact
    digester: Digester = field(default_factory=Digester)
    next_sequence: int = 0
    is_placed: bool = False
    """Whether it was said to be whole, and its picture used."""


@dataclass(slots=True)
class _OpenCapture:
    capture_id: str
    case_id: str | None
    age_answer: AgeAnswer
    """What holds for the case, or was answered just now."""
    answered_now: AgeAnswer | None
    folder: Path
    """Where it is put together once it is sealed."""
    begun_at: datetime
    begun_s: float
    touched_s: float
    parts: dict[str, _Part] = field(default_factory=dict)
    refused: dict[str, Missing] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_over: bool = False
    kept: Scratch | None = None
    """What arrived so far, encrypted; None until its place was prepared."""
    ahead: Ahead | None = None
    """The whole picture, as far as it could be made; None until a shot of it was placed."""

    @property
    def is_text_only(self) -> bool:
        return self.age_answer != "adults"

    @property
    def scratch(self) -> Scratch:
        assert self.kept is not None, "prepared before anything else"
        return self.kept

    @property
    def size_bytes(self) -> int:
        return sum(part.digester.size_bytes for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class _Made:
    """A sealed bag that is still in staging."""

    told: CaptureFile
    prepared: Prepared


class Captures:
    """The captures that are open, and how they become sealed ones."""

    def __init__(
        self,
        shelf: Shelf,
        cases: Cases,
        *,
        limits: Limits = Limits(),
    ) -> None:
        self._shelf = shelf
        self._clock = shelf.clock
        self._cases = cases
        self._limits = limits
        self._make_id = shelf.make_id
        self._open: dict[str, _OpenCapture] = {}

    async def run(self) -> None:
        """Sweep what an earlier crash left, then drop idle captures until cancelled."""
        try:
            await self._sweep()
            while True:
                await asyncio.sleep(EXPIRY_CHECK_S)
                await self.expire()
        finally:
            for capture in list(self._open.values()):
                await self._drop(capture)

    async def _sweep(self) -> None:
        try:
            await self._cases.sweep(self._open.__contains__)
        except SharewiseError as error:  # no reason to end the daemon; the next start tries again
            log.warning("what an earlier run left could not be swept: %s", error.code)

    async def expire(self) -> None:
        """Drop the captures that had no message for too long."""
        now_s = self._clock.monotonic_s()
        for capture in list(self._open.values()):
            is_busy = capture.lock.locked()
            if not is_busy and now_s - capture.touched_s > self._limits.idle_s:
                await self._drop(capture)

    async def begin(self, case_id: str | None, answer: AgeAnswer | None = None) -> str:
        """Open a capture and return its id; `answer` is what was said about age just now.

        Raises SharewiseError: UNKNOWN_CASE, BUSY if too many are open, KEY_UNREADABLE, DISK_FULL.
        """
        await self.expire()
        holds = answer or await self._age_answer(case_id)
        if len(self._open) >= self._limits.open_captures:
            raise SharewiseError(
                ErrorCode.BUSY, "Other captures are not finished yet. Try again in a moment."
            )
        now_s = self._clock.monotonic_s()
        capture_id = self._make_id()
        capture = _OpenCapture(
            capture_id,
            case_id,
            holds,
            answer,
            self._shelf.staging.folder / capture_id,
            self._clock.now(),
            now_s,
            now_s,
        )
        self._open[capture_id] = capture
        try:
            async with capture.lock:
                capture.kept = await to_the_end(lambda: self._prepare_place(capture_id))
        except BaseException:
            await self._drop(capture)
            raise
        return capture_id

    async def part(self, capture_id: str, untrusted_name: str, sequence: int, data: bytes) -> None:
        """Add bytes to a part.

        Raises SharewiseError: UNKNOWN_CAPTURE; BAD_PART for a name that no artefact takes or a
        piece out of order; TOO_LARGE, after which this part is listed as missing and the others
        go on; DISK_FULL, after which the capture is gone.
        """
        capture = self._find(capture_id)
        artefact = artefact_for(untrusted_name)
        if artefact is None:
            raise SharewiseError(ErrorCode.BAD_PART, "A capture has no part of this name.")
        name = untrusted_name
        if capture.is_text_only and artefact.role is not Role.TEXT:
            raise pictures_refused(capture.age_answer)
        async with capture.lock:
            self._touch(capture)
            part = self._part_for(capture, name, artefact)
            if part.is_placed:
                raise SharewiseError(ErrorCode.BAD_PART, "This shot was said to be whole.")
            if sequence != part.next_sequence:
                raise SharewiseError(
                    ErrorCode.BAD_PART,
                    f"Piece {part.next_sequence} of a part was due, piece {sequence} came.",
                )
            if len(data) > PART_BYTES:
                raise SharewiseError(
                    ErrorCode.TOO_LARGE, f"At most {PART_BYTES} bytes may come at once."
                )
            part_bytes = part.digester.size_bytes + len(data)
            if (
                part_bytes > artefact.max_bytes
                or capture.size_bytes + len(data) > self._limits.capture_bytes
            ):
                await to_the_end(lambda: self._refuse(capture, name))
                raise SharewiseError(
                    ErrorCode.TOO_LARGE, "This part is too large, so it is left out."
                )
            try:
                await to_the_end(lambda: capture.scratch.append(name, data))
            except (SharewiseError, asyncio.CancelledError):
                # Bytes may be on the disk that were not counted: this capture cannot be whole.
                await self._drop_held(capture)
                raise
            part.digester.update(data)
            part.next_sequence += 1

    async def place(self, capture_id: str, tile: Tile, device_pixel_ratio: float) -> None:
        """Say where a shot belongs that was sent whole, so that the picture is made meanwhile.

        What the seal is told of the shots decides. Raises SharewiseError: UNKNOWN_CAPTURE;
        BAD_PART if there is no such shot; DISK_FULL, after which the capture is gone.
        """
        capture = self._find(capture_id)
        async with capture.lock:
            self._touch(capture)
            part = capture.parts.get(tile.name)
            if part is None or part.is_placed or not part.artefact.is_material:
                raise SharewiseError(ErrorCode.BAD_PART, "No shot of this name is to be placed.")
            part.is_placed = True
            ahead = capture.ahead = capture.ahead or Ahead(capture.scratch)
            try:
                await to_the_end(lambda: ahead.place(tile, device_pixel_ratio))
            except (SharewiseError, asyncio.CancelledError):
                await self._drop_held(capture)
                raise

    async def seal(self, capture_id: str, page: CaptureRecord) -> CaptureSealed:
        """End a capture; it is answered only once everything was read back from the disk.

        Raises SharewiseError: UNKNOWN_CAPTURE, UNKNOWN_CASE, DISK_FULL, KEY_UNREADABLE,
        VERIFY_FAILED. Then nothing was sealed, and the capture is gone.
        """
        capture = self._find(capture_id)
        async with capture.lock:
            self._touch(capture)
            try:
                made = await to_the_end(lambda: self._prepare(capture, page))
                local_day = _local_day(self._clock.now(), page)
                case_id = await self._cases.take_in(
                    made.prepared,
                    case_id=capture.case_id,
                    local_day=local_day,
                    answer=capture.answered_now,
                )
            finally:
                await self._drop_held(capture)
        return CaptureSealed(
            case_id,
            made.told.item_id,
            made.told.clock.sealed_at_utc,
            made.prepared.words.manifest_sha256,
            tuple(part.name for part in made.told.parts),
            made.told.missing,
            made.prepared.size_bytes,
        )

    async def cancel(self, capture_id: str) -> None:
        """Drop an open capture; an unknown one is no error."""
        capture = self._open.get(capture_id)
        if capture is not None:
            await self._drop(capture)

    def age_answer(self, capture_id: str) -> AgeAnswer:
        """Return what holds for an open capture. Raises SharewiseError(UNKNOWN_CAPTURE)."""
        return self._find(capture_id).age_answer

    @property
    def open_count(self) -> int:
        """How many captures are open."""
        return len(self._open)

    def _prepare_place(self, capture_id: str) -> Scratch:
        # A key that cannot be read is told now, not after the person waited for the whole page.
        self._shelf.key()
        _ = self._shelf.index
        return Scratch(self._shelf.staging.new_folder(capture_id))

    async def _age_answer(self, case_id: str | None) -> AgeAnswer:
        if case_id is not None:
            return await self._cases.age_answer(case_id)
        # The page tells its offset only with the record; this computer's own day is the same one.
        return await self._cases.age_answer_of_day(
            self._clock.now().astimezone().date().isoformat()
        )

    def _find(self, capture_id: str) -> _OpenCapture:
        capture = self._open.get(capture_id)
        if capture is None:
            raise _unknown()
        return capture

    def _touch(self, capture: _OpenCapture) -> None:
        """Note that the capture is in use; it may have ended while its lock was waited for."""
        if capture.is_over:
            raise _unknown()
        capture.touched_s = self._clock.monotonic_s()

    def _part_for(self, capture: _OpenCapture, name: str, artefact: Artefact) -> _Part:
        if name in capture.refused:
            raise SharewiseError(ErrorCode.TOO_LARGE, "This part is too large, so it is left out.")
        part = capture.parts.get(name)
        if part is None:
            same = sum(one.artefact is artefact for one in capture.parts.values())
            if same >= artefact.max_files:
                raise SharewiseError(ErrorCode.BAD_PART, "There are too many parts of this kind.")
            part = capture.parts[name] = _Part(artefact)
        return part

    def _refuse(self, capture: _OpenCapture, name: str) -> None:
        capture.scratch.drop(name)
        del capture.parts[name]
        capture.refused[name] = Missing(name, "It was too large, so it was left out.")

    async def _drop(self, capture: _OpenCapture) -> None:
        async with capture.lock:
            await self._drop_held(capture)

    async def _drop_held(self, capture: _OpenCapture) -> None:
        capture.is_over = True
        self._open.pop(capture.capture_id, None)
        await to_the_end(lambda: _give_up(capture))

    def _prepare(self, capture: _OpenCapture, page: CaptureRecord) -> _Made:
        """Encrypt a sealed bag into the staging folder. Blocking."""
        received = {
            name: Received(part.artefact, part.digester.digest())
            for name, part in capture.parts.items()
            if part.next_sequence
        }
        refused = [*capture.refused.values()]
        if capture.is_text_only:
            refused += left_out_for_age(page.missing, capture.age_answer)
        made = assemble(capture.scratch, received, page, tuple(refused), capture.ahead)
        told = self._record(capture, page, made, self._make_id())
        scratch = capture.scratch
        is_shown = not capture.is_text_only
        thumbnail = thumbnail_of(scratch.names, scratch.open) if is_shown else None
        parts = {
            name: Source(digest, partial(scratch.open, name))
            for name, digest in made.digests.items()
        }
        prepared = prepare(
            self._shelf,
            capture.folder,
            told,
            parts,
            thumbnail=thumbnail,
            text=_search_text(scratch),
            has_pictures=any(one.artefact.role is not Role.TEXT for one in received.values()),
        )
        return _Made(told, prepared)

    def _record(
        self, capture: _OpenCapture, page: CaptureRecord, made: Assembled, item_id: str
    ) -> CaptureFile:
        sealed_at = self._clock.now()
        elapsed_s = self._clock.monotonic_s() - capture.begun_s
        wall_s = (sealed_at - capture.begun_at).total_seconds()
        return CaptureFile(
            schema=record.SCHEMA,
            item_id=item_id,
            status="COMPLETE" if made.is_complete else "INCOMPLETE",
            page=page,
            daemon_version=sharewise.__version__,
            daemon_operating_system=f"{platform.system()} {platform.release()}".strip(),
            clock=ClockRecord(
                utc_text(capture.begun_at),
                utc_text(sealed_at),
                round(elapsed_s, 3),
                round(wall_s - elapsed_s, 3),
                server_difference_s(page),
            ),
            parts=made.parts,
            missing=made.missing,
            stitching=made.stitching,
            matches=() if capture.is_text_only else own_in(self._shelf, capture.scratch),
        )


def _give_up(capture: _OpenCapture) -> None:
    if capture.kept is not None:
        capture.kept.close()
    discard(capture.folder)


def _search_text(scratch: Scratch) -> str:
    if TEXT_PART not in scratch.names:
        return ""
    with scratch.open(TEXT_PART) as content:
        return content.read(4 * MAX_SEARCH_TEXT_CHARACTERS).decode("utf-8", "replace")


def _unknown() -> SharewiseError:
    return SharewiseError(
        ErrorCode.UNKNOWN_CAPTURE, "This capture is not open any more. Start it again."
    )


def _local_day(now: datetime, page: CaptureRecord) -> str:
    """Return the date where the person is, as the browser tells the offset."""
    minutes = page.utc_offset_minutes
    if abs(minutes) > MAX_OFFSET_MINUTES:
        minutes = 0
    return (now.astimezone(UTC) + timedelta(minutes=minutes)).date().isoformat()
