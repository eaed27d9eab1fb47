"""How the daemon is: what is not known yet is not claimed, and nothing holds the answer up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services import status as module
from sharewise.services.status import Status
from sharewise.wire.messages import FolderState, Sender, WatchListResult

FOLDER = FolderState(
    path="/x",
    provider="folder",
    mode="tell",
    is_reachable=True,
    private_count=3,
    cleaned_count=0,
)


@dataclass(slots=True)
class StoppedClock:
    s: float = 100.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic_s(self) -> float:
        return self.s


async def test_before_the_services_are_loaded_it_says_so() -> None:
    found = await Status(StoppedClock(), started_s=98.5).now()
    assert (found.is_ready, found.folders, found.case_count, found.uptime_s) == (False, (), 0, 1.5)


async def test_it_gathers_what_the_services_say() -> None:
    async def counts() -> tuple[int, int]:
        return 2, 5

    status = Status(StoppedClock(), 0.0)
    status.folders = lambda: WatchListResult(is_paused=True, folders=(FOLDER,))
    status.counts = counts
    status.is_ready = True
    found = await status.now()
    assert (found.case_count, found.capture_count) == (2, 5)
    assert (found.is_watching_paused, found.folders, found.is_ready) == (True, (FOLDER,), True)


async def test_while_cases_cannot_be_counted_the_last_count_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_exporting = False

    async def counts() -> tuple[int, int]:
        if is_exporting:
            await asyncio.Event().wait()
        return 2, 5

    monkeypatch.setattr(module, "COUNT_LIMIT_S", 0.01)
    status = Status(StoppedClock(), 0.0)
    status.counts = counts
    await status.now()
    is_exporting = True
    async with asyncio.timeout(5):
        found = await status.now()
    assert (found.case_count, found.capture_count) == (2, 5)


async def test_until_the_first_count_is_there_it_is_not_ready_and_the_count_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end = asyncio.Event()
    asked = 0

    async def counts() -> tuple[int, int]:
        nonlocal asked
        asked += 1
        await may_end.wait()
        return 2, 5

    monkeypatch.setattr(module, "COUNT_LIMIT_S", 0.01)
    status = Status(StoppedClock(), 0.0, is_ready=True)
    status.counts = counts
    for _ in range(2):
        assert (await status.now()).is_ready is False, "a count of nothing is no count"
    may_end.set()
    monkeypatch.setattr(module, "COUNT_LIMIT_S", 5)
    found = await status.now()
    assert (found.is_ready, found.capture_count, asked) == (True, 5, 1)


async def test_a_vault_that_cannot_be_had_is_told_and_hides_nothing_else() -> None:
    async def counts() -> tuple[int, int]:
        raise SharewiseError(ErrorCode.BUSY, "Another Sharewise daemon has this vault open.")

    status = Status(StoppedClock(), 0.0)
    status.folders = lambda: WatchListResult(is_paused=False, folders=(FOLDER,))
    status.counts = counts
    status.is_ready = True
    found = await status.now()
    assert found.vault_problem == "busy"
    assert (found.is_ready, found.folders) == (True, (FOLDER,))


@pytest.mark.parametrize("sender", [Sender.PAGE, Sender.CONTENT, Sender.BACKGROUND])
async def test_it_knows_how_long_ago_the_extension_was_heard(sender: Sender) -> None:
    clock = StoppedClock()
    status = Status(clock, 0.0)
    assert (await status.now()).extension_heard_s is None
    status.heard(sender)
    clock.s += 90
    status.heard(Sender.CLI)
    status.heard(Sender.HOST)
    assert (await status.now()).extension_heard_s == 90
