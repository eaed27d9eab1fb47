"""Know when a file that changes has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from sharewise.clock import Clock
from sharewise.disk.reading import Stamp

QUIET_S = 2.0
"""How long size and time of a file stay the same before it counts as whole."""
WAITING_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: Stamp | None
    since_s: float


@final
class Settling:
    """The files that changed and are waited for; at most `limit` of them."""

    def __init__(
        self, clock: Clock, *, quiet_s: float = QUIET_S, limit: int = WAITING_LIMIT
    ) -> None:
        self._clock = clock
        self._quiet_s = quiet_s
        self._limit = limit
        self._waiting: dict[Path, _Seen] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, path: Path) -> bool:
        """Wait for a file; False if too many are waited for already."""
        if path in self._waiting:
            return True
        if len(self._waiting) >= self._limit:
            return False
        self._waiting[path] = _Seen(None, self._clock.monotonic_s())
        return True

    def settled(self, look: Callable[[Path], Stamp | None]) -> list[Path]:
        """Return, and wait no longer for, the files that have come to rest.

        `look` tells the state of a file; one that is gone (None) is forgotten.
        """
        now_s = self._clock.monotonic_s()
        ready: list[Path] = []
        for path, seen in list(self._waiting.items()):
            stamp = look(path)
            if stamp is None:
                del self._waiting[path]
            elif stamp != seen.stamp:
                self._waiting[path] = _Seen(stamp, now_s)
            elif now_s - seen.since_s >= self._quiet_s:
                del self._waiting[path]
                ready.append(path)
        return ready

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
