"""Every call there is has one handler, of its own type."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sharewise import run
from sharewise.api import daemon_calls
from sharewise.api.calls import Caller, Calls
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import SystemClock
from sharewise.places import Places
from sharewise.services.status import Status
from sharewise.wire.calls import CALLS
from sharewise.wire.captures import CaseList, CaseListResult
from sharewise.wire.messages import Done, WatchList
from sharewise.wire.photos import PhotoClose


async def test_the_daemon_answers_every_call_there_is(tmp_path: Path) -> None:
    where = Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")
    clock = SystemClock()
    calls, status = Calls(is_complete=False), Status(clock, 0.0)
    daemon_calls.register(calls, status, lambda: None)
    run._load(where, clock, calls, status)
    assert calls.kinds == frozenset(CALLS)


async def no_cases(_call: CaseList) -> CaseListResult:
    return CaseListResult(cases=())


async def test_a_handler_answers_its_own_kind_only() -> None:
    calls = Calls()
    calls.on(CaseList, no_cases)
    assert await calls.answer(CaseList()) == CaseListResult(cases=())
    with pytest.raises(SharewiseError) as caught:
        await calls.answer(WatchList())
    assert caught.value.code is ErrorCode.UNKNOWN_METHOD


def test_a_second_handler_for_a_kind_is_a_defect() -> None:
    calls = Calls()
    calls.on(CaseList, no_cases)
    with pytest.raises(AssertionError, match="CaseList has a handler already"):
        calls.on(CaseList, no_cases)


async def test_a_handler_may_know_its_caller() -> None:
    seen: list[Caller] = []

    async def close(_call: PhotoClose, caller: Caller) -> Done:
        seen.append(caller)
        return Done()

    calls = Calls()
    calls.on_behalf(PhotoClose, close)
    await calls.answer(PhotoClose(session_id="x"), Caller(7))
    assert seen == [Caller(7)]


async def test_a_call_waits_for_a_handler_that_is_still_to_come() -> None:
    calls = Calls(is_complete=False)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        early = tasks.create_task(calls.answer(CaseList()))
        never = tasks.create_task(answered_with_code(calls, WatchList()))
        await asyncio.sleep(0)
        assert not early.done()
        calls.on(CaseList, no_cases)
        assert not calls.is_complete
        calls.complete()
    assert early.result() == CaseListResult(cases=())
    assert never.result() is ErrorCode.UNKNOWN_METHOD


async def answered_with_code(calls: Calls, call: WatchList) -> ErrorCode:
    with pytest.raises(SharewiseError) as caught:
        await calls.answer(call)
    return caught.value.code
