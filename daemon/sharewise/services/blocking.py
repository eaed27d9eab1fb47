"""Runs blocking work on the disk so that it is never left half-watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sharewise.disk.faults import explained

Result = TypeVar("Result")


async def to_the_end(work: Callable[[], Result]) -> Result:
    """Do the work in a thread and return what it returns.

    What the system refuses becomes a SharewiseError with a code of `disk.faults`.
    A thread cannot be stopped. If the caller is cancelled meanwhile, the work is waited for and
    the cancellation goes on afterwards: locks around this call stay held for as long as it runs.
    """
    running = asyncio.get_running_loop().run_in_executor(None, _explained, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()  # looked at: the caller who would have been told is gone
        raise


def _explained(work: Callable[[], Result]) -> Result:
    with explained():
        return work()
