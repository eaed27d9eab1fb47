"""The clock, so that tests can pass one of their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time twice: for people and for measuring."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC; it may jump."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()
