"""How the daemon is, in one answer."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sharewise
from sharewise.clock import Clock
from sharewise.wire.messages import (
    PROTOCOL,
    CaseListResult,
    DaemonStatusResult,
    WatchListResult,
)


@dataclass(slots=True)
class Status:
    """Gathers what the other services say of themselves.

    The daemon answers before they are loaded, and then says that it is not ready yet: a count of
    nothing must not look like a count.
    """

    clock: Clock
    started_s: float
    """`clock.monotonic_s` when the daemon began."""
    folders: Callable[[], Awaitable[WatchListResult]] | None = None
    cases: Callable[[], Awaitable[CaseListResult]] | None = None
    is_ready: bool = False

    async def now(self) -> DaemonStatusResult:
        """Return how things are at this moment."""
        watched = None if self.folders is None else await self.folders()
        kept = None if self.cases is None else await self.cases()
        return DaemonStatusResult(
            version=sharewise.__version__,
            protocol=PROTOCOL,
            pid=os.getpid(),
            uptime_s=round(self.clock.monotonic_s() - self.started_s, 3),
            is_watching_paused=watched is not None and watched.is_paused,
            folders=() if watched is None else watched.folders,
            case_count=0 if kept is None else len(kept.cases),
            capture_count=0 if kept is None else sum(len(case.items) for case in kept.cases),
            is_ready=self.is_ready,
        )
