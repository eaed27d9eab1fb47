"""What the drivers raise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class HarnessError(Exception):
    """A browser is missing, does not answer, or refused what a test asked of it."""


@asynccontextmanager
async def unwrapped() -> AsyncIterator[None]:
    """Let the one failure inside a task group through as it was raised, for whoever catches it."""
    try:
        yield
    except BaseExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise
