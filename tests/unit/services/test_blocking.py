"""Blocking work is waited for, also by a caller who was cancelled."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services.blocking import to_the_end


async def test_it_returns_and_raises_what_the_work_does() -> None:
    assert await to_the_end(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await to_the_end(lambda: 1 // 0)


async def test_what_the_system_refuses_has_a_code(tmp_path: Path) -> None:
    with pytest.raises(SharewiseError) as refused:
        await to_the_end((tmp_path / "absent").read_bytes)
    assert refused.value.code is ErrorCode.UNREADABLE


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancelled_caller_waits_for_the_end_of_the_work(fails: bool) -> None:
    has_begun, may_end = threading.Event(), threading.Event()
    done = []

    def work() -> None:
        has_begun.set()
        may_end.wait(5)
        done.append(True)
        if fails:
            raise ValueError

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(to_the_end(work))
        await asyncio.to_thread(has_begun.wait)
        waiting.cancel()
        await asyncio.sleep(0)
        assert not waiting.done()
        may_end.set()
    assert waiting.cancelled()
    assert done == [True]
