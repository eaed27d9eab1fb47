"""Hear from the system what changes in folders: threads of watchdog on one side, asyncio on ours.

What cannot be kept up with is never lost: the reader is told to look over everything again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol, final

from watchdog.events import (
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

HEARD_LIMIT = 8_192
STOP_TIMEOUT_S = 5.0
NO_MORE_WATCHES = frozenset({errno.ENOSPC, errno.EMFILE})
KINDS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirMovedEvent,
]


@final
class Inbox:
    """The files that changed, each once; `put` and `lose` may be called from any thread."""

    def __init__(self, *, limit: int = HEARD_LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._paths: dict[Path, None] = {}
        self._has_lost = False
        self._wake: Callable[[], None] | None = None

    def put(self, path: Path) -> None:
        """Add a file; if there are too many, all are dropped and counted as lost."""
        with self._lock:
            if len(self._paths) >= self._limit:
                self._paths.clear()
                self._has_lost = True
            elif not self._has_lost:
                self._paths[path] = None
        self._ring()

    def lose(self) -> None:
        """Note that something happened of which nothing is known."""
        with self._lock:
            self._has_lost = True
        self._ring()

    def nudge(self) -> None:
        """End the wait without anything being there."""
        self._ring()

    def take(self) -> tuple[list[Path], bool]:
        """Return the files that changed, and whether everything must be looked over."""
        with self._lock:
            paths, has_lost = list(self._paths), self._has_lost
            self._paths.clear()
            self._has_lost = False
        return paths, has_lost

    async def wait(self, timeout_s: float) -> None:
        """Return when something is there, or after the timeout."""
        rung = asyncio.Event()
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._paths or self._has_lost:
                return
            self._wake = partial(_ring_in, loop, rung)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await rung.wait()
        finally:
            with self._lock:
                self._wake = None

    def _ring(self) -> None:
        with self._lock:
            wake, self._wake = self._wake, None
        # The loop may have been closed by the time a thread calls.
        if wake is not None:
            with contextlib.suppress(RuntimeError):
                wake()


def _ring_in(loop: asyncio.AbstractEventLoop, rung: asyncio.Event) -> None:
    loop.call_soon_threadsafe(rung.set)


class Observing(Protocol):
    """What tells the inbox of changes; every method blocks."""

    def start(self) -> None:
        """Begin. Raises SharewiseError(WATCH_LIMIT) if the system has no room for a watcher."""
        ...

    def watch(self, folder: Path) -> None:
        """Watch a folder and all below it, links not followed.

        Raises SharewiseError: WATCH_LIMIT if the system watches only a part of it or nothing,
        UNREADABLE if it is not there or may not be read.
        """
        ...

    def unwatch(self, folder: Path) -> None:
        """Watch a folder no longer; one that is not watched is no error."""
        ...

    def stop(self) -> None:
        """End, and wait for the end."""
        ...


@final
class SystemObserver:
    """The file system events of this system, by watchdog."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._observer: BaseObserver | None = None
        self._watches: dict[Path, ObservedWatch] = {}
        self._complaints = _Complaints(inbox)

    def start(self) -> None:
        logger = logging.getLogger("watchdog")
        logger.addHandler(self._complaints)
        logger.propagate = False
        with _told():
            self._observer = Observer()
            self._observer.start()

    def watch(self, folder: Path) -> None:
        self.unwatch(folder)
        if self._observer is None:
            raise _watch_limit()
        handler = _Handler(self._inbox)
        with _told():
            self._watches[folder] = self._observer.schedule(
                handler, str(folder), recursive=True, event_filter=KINDS
            )
            _probe(folder)

    def unwatch(self, folder: Path) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None and self._observer is not None:
            # It is gone from watchdog's books already if the folder was removed.
            with contextlib.suppress(KeyError):
                self._observer.unschedule(watch)

    def stop(self) -> None:
        self._watches.clear()
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join(STOP_TIMEOUT_S)
        logging.getLogger("watchdog").removeHandler(self._complaints)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_MORE_WATCHES:
            raise _watch_limit() from error
        raise SharewiseError(
            ErrorCode.UNREADABLE, "A watched folder is not there or cannot be read."
        ) from error


def _watch_limit() -> SharewiseError:
    return SharewiseError(
        ErrorCode.WATCH_LIMIT,
        "The system has no more watches for folders, so new files are found late. "
        "Run 'sharewise doctor' to see how to allow more.",
    )


def _probe(folder: Path) -> None:
    """Raise OSError(ENOSPC) if there is no watch left for even one more folder.

    watchdog passes over sub-folders that it cannot watch; that shows only in what is left.
    """
    observer = Observer()
    try:
        observer.start()
        observer.schedule(FileSystemEventHandler(), str(folder), recursive=False)
    finally:
        if observer.is_alive():
            observer.stop()
            observer.join(STOP_TIMEOUT_S)


@final
class _Handler(FileSystemEventHandler):
    """Passes on the files that may hold something new, on a thread of watchdog."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def on_any_event(self, event: FileSystemEvent) -> None:
        if isinstance(event, DirMovedEvent):
            # What lies below came with it, perhaps from where nobody watches.
            self._inbox.lose()
            return
        if not event.is_directory:
            self._inbox.put(Path(os.fsdecode(event.dest_path or event.src_path)))


@final
class _Complaints(logging.Handler):
    """Hears what watchdog logs: that it lost events, for one. Its texts hold paths and go no
    further; that there was one means that everything is looked over again."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(logging.WARNING)
        self._inbox = inbox

    def emit(self, _record: logging.LogRecord) -> None:
        self._inbox.lose()
