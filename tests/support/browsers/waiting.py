"""Waiting with a deadline: for a condition, never for a number of seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from support.browsers.errors import HarnessError

T = TypeVar("T")

POLL_S = 0.03


async def until(
    probe: Callable[[], Awaitable[T | None]], what: str, *, within_s: float = 10.0
) -> T:
    """Ask until the answer is neither None nor False and return it.

    Raises HarnessError, naming `what`, if that did not happen within `within_s` seconds.
    """
    try:
        async with asyncio.timeout(within_s):
            while True:
                found = await probe()
                if found is not None and found is not False:
                    return found
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise HarnessError(f"waited {within_s:g} s in vain for: {what}") from None
