"""A clock that a test turns, and an observer that hears only what a test says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.services.observing import Inbox


class HandClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self._passed_s = 1000.0

    def turn(self, seconds: float) -> None:
        self._passed_s += seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._passed_s - 1000.0)

    def monotonic_s(self) -> float:
        return self._passed_s


class HandObserver:
    """Notes what it is to watch; `say` passes a change on as the system would."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.watched: list[Path] = []
        self.refusal: SharewiseError | None = None
        self.is_running = False

    def start(self) -> None:
        self.is_running = True

    def watch(self, folder: Path) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.watched.append(folder)

    def unwatch(self, folder: Path) -> None:
        if folder in self.watched:
            self.watched.remove(folder)

    def stop(self) -> None:
        self.is_running = False

    def say(self, path: Path) -> None:
        if any(path.is_relative_to(folder) for folder in self.watched):
            self.inbox.put(path)
