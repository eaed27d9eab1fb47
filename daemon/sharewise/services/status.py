"""How the daemon is, in one answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.wire.messages import PROTOCOL, DaemonStatusResult, Sender, WatchListResult

OF_THE_EXTENSION = frozenset({Sender.PAGE, Sender.CONTENT, Sender.BACKGROUND})
COUNT_LIMIT_S = 0.5
"""Cases are not counted while one is exported, which may take a while."""


@dataclass(slots=True)
class Status:
    """Gathers what the other services say of themselves.

    The daemon answers before they are loaded, and then says that it is not ready yet: a count of
    nothing must not look like a count.
    """

    clock: Clock
    started_s: float
    """`clock.monotonic_s` when the daemon began."""
    folders: Callable[[], WatchListResult] | None = None
    """Every folder as it was seen last."""
    counts: Callable[[], Awaitable[tuple[int, int]]] | None = None
    """Cases and the sealed captures in them."""
    is_ready: bool = False
    _counted: tuple[int, int] = (0, 0)
    _extension_s: float | None = None

    def heard(self, sender: Sender) -> None:
        """Note that somebody spoke. Only of the extension, only when, and only in memory."""
        if sender in OF_THE_EXTENSION:
            self._extension_s = self.clock.monotonic_s()

    async def now(self) -> DaemonStatusResult:
        """Return how things are at this moment."""
        watched = None if self.folders is None else self.folders()
        problem = await self._count()
        cases, captures = self._counted
        now_s = self.clock.monotonic_s()
        return DaemonStatusResult(
            version=sharewise.__version__,
            protocol=PROTOCOL,
            pid=os.getpid(),
            uptime_s=round(now_s - self.started_s, 3),
            is_watching_paused=watched is not None and watched.is_paused,
            folders=() if watched is None else watched.folders,
            case_count=cases,
            capture_count=captures,
            is_ready=self.is_ready,
            vault_problem=problem,
            extension_heard_s=None if self._extension_s is None else now_s - self._extension_s,
        )

    async def _count(self) -> ErrorCode | None:
        """Count anew and return what hinders; where it has to wait, the last count stands."""
        if self.counts is not None:
            try:
                async with asyncio.timeout(COUNT_LIMIT_S):
                    self._counted = await self.counts()
            except TimeoutError:
                return None
            except SharewiseError as error:  # the daemon itself is well: that much must be told
                return error.code
        return None
