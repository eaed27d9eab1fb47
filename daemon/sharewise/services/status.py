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
    """Whether every service is loaded; that is only said with a count, or why there is none."""
    _counted: tuple[int, int] | None = None
    _counting: asyncio.Future[tuple[int, int]] | None = None
    """A count that takes longer than a question may: it goes on, for the next one."""
    _extension_s: float | None = None

    def heard(self, sender: Sender) -> None:
        """Note that somebody spoke. Only of the extension, only when, and only in memory."""
        if sender in OF_THE_EXTENSION:
            self._extension_s = self.clock.monotonic_s()

    async def now(self) -> DaemonStatusResult:
        """Return how things are at this moment."""
        watched = None if self.folders is None else self.folders()
        problem = await self._count()
        cases, captures = self._counted or (0, 0)
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
            is_ready=self.is_ready and (self._counted is not None or problem is not None),
            vault_problem=problem,
            extension_heard_s=None if self._extension_s is None else now_s - self._extension_s,
        )

    async def _count(self) -> ErrorCode | None:
        """Count anew and return what hinders; where it has to wait, the last count stands."""
        if self.counts is None:
            return None
        counting = self._counting
        if counting is None:
            counting = self._counting = asyncio.ensure_future(self.counts())
        done, _ = await asyncio.wait({counting}, timeout=COUNT_LIMIT_S)
        if not done:
            return None
        if self._counting is counting:
            self._counting = None
        try:
            self._counted = counting.result()
        except SharewiseError as error:  # the daemon itself is well: that much must be told
            return error.code
        return None
