"""The composition root of the daemon: builds every object, runs them, ends them in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sharewise import logs
from sharewise.api import daemon_calls, photo_calls
from sharewise.api.calls import Caller, Calls
from sharewise.api.endpoint import listening, only_daemon
from sharewise.api.server import Server
from sharewise.clock import Clock, SystemClock
from sharewise.places import Places
from sharewise.services.photos import Photos
from sharewise.services.status import Status
from sharewise.wire.messages import WatchListResult

STOP_LIMIT_S = 12.0
"""Longer than all that an end in order waits for."""
STUCK_EXIT_CODE = 4
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is built once the daemon answers already."""

    run_forever: tuple[Callable[[], Coroutine[None, None, None]], ...]
    """What goes on in the background until the daemon ends."""
    drop: Callable[[Caller], None]
    """Gives up what is kept for a connection that is gone."""


def run(where: Places, *, is_foreground: bool) -> int:
    """Be the daemon until it is told to stop; returns the exit code.

    Raises SharewiseError: ALREADY_RUNNING or UNSAFE_FOLDER.
    """
    with only_daemon(where):
        logs.set_up(where, is_foreground=is_foreground)
        asyncio.run(_serve(where, SystemClock()))
        log.info("ended in order")
    return 0


async def _serve(where: Places, clock: Clock) -> None:
    """Answer first, then load what takes its time; end on a signal or on `daemon.stop`."""
    asyncio.get_running_loop().set_exception_handler(logs.note_loop_error)
    stopping = asyncio.Event()
    calls = Calls(is_complete=False)
    status = Status(clock, clock.monotonic_s())
    daemon_calls.register(calls, status, stopping.set)
    drops: list[Callable[[Caller], None]] = []

    def on_gone(caller: Caller) -> None:
        for drop in drops:
            drop(caller)

    server = Server(calls, on_gone)
    with _signals_to(stopping), listening(where) as listener:
        async with asyncio.TaskGroup() as tasks:
            async with server.serving(listener):
                log.info("listening")
                loaded = await asyncio.to_thread(_load, where, clock, calls, status)
                drops.append(loaded.drop)
                calls.complete()
                status.is_ready = True
                background = [tasks.create_task(work()) for work in loaded.run_forever]
                log.info("ready")
                await stopping.wait()
                log.info("stopping")
                _end_anyway_after(STOP_LIMIT_S)
            for task in background:
                task.cancel()


def _load(where: Places, clock: Clock, calls: Calls, status: Status) -> Loaded:
    """Build the services and register what they answer; runs in a thread, beside the first calls.

    Imported here: the daemon has to listen before Pillow, cryptography or watchdog are loaded.
    """
    from sharewise.api import evidence_calls, vault_calls, watch_calls
    from sharewise.formats import judge
    from sharewise.gazetteer.bundled import bundled
    from sharewise.providers.registry import environment_of
    from sharewise.services.capture import Captures
    from sharewise.services.cases import Cases
    from sharewise.services.fingerprints import Fingerprints
    from sharewise.services.handing_over import HandingOver
    from sharewise.services.intake import Intakes
    from sharewise.services.items import Items
    from sharewise.services.shelf import Shelf
    from sharewise.services.stamping import Stamping
    from sharewise.services.tending import Tending
    from sharewise.services.watching import Watching
    from sharewise.vault.keeper import Vault

    bundled()  # read now, so that no verdict waits for it
    photos = Photos(judge, clock)
    photo_calls.register(calls, photos)
    shelf = Shelf(where, clock, Vault(where.keys, clock))
    cases = Cases(shelf)
    captures = Captures(shelf, cases)
    evidence_calls.register(calls, captures, cases)
    intakes, handing_over = Intakes(shelf), HandingOver(shelf, cases)
    tending = Tending(shelf, cases, expire=(intakes.expire, handing_over.expire))
    items, stamping = Items(shelf, cases), Stamping(shelf, cases)
    prints = Fingerprints(shelf, cases, intakes)
    vault_calls.register(
        calls, vault_calls.Evidence(tending, cases, items, intakes, handing_over, stamping, prints)
    )
    status.counts = cases.counts
    watching = Watching(where, clock, environment_of(os.environ, sys.platform, Path.home()))
    watch_calls.register(calls, watching)
    status.folders = lambda: WatchListResult(watching.is_paused, watching.states())

    def drop(caller: Caller) -> None:
        photos.drop_owner(caller.connection_id)

    return Loaded(run_forever=(watching.run, captures.run, tending.run, stamping.run), drop=drop)


@contextmanager
def _signals_to(stopping: asyncio.Event) -> Iterator[None]:
    """Let the signals that end a program set the event; as they were afterwards."""
    loop = asyncio.get_running_loop()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_anyway_after(limit_s: float) -> None:
    """End the process if a thread is stuck, as in a read of a disk that went away.

    Whatever we write is whole or absent at every moment, so this loses nothing.
    """
    timer = threading.Timer(limit_s, os._exit, (STUCK_EXIT_CODE,))
    timer.daemon = True
    timer.start()
