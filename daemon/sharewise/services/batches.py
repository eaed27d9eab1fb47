"""Do the same to many files, in order, on several processors when that pays."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

MANY = 256
"""From this many files on, starting new programs costs less than it gains."""
MANY_FOR_FORK = 48
"""The same where a process is forked: it has everything loaded and begins at once."""
PER_TASK = 16
WORKERS_LIMIT = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    do: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    at_once: int = 1,
) -> Iterator[Result]:
    """Yield `do(item)` for each item, in order; `do` and all it takes and gives can be pickled.

    Holds only a few tasks at once, however many items there are. `workers` 1: in this process.
    `at_once`: items that one process begins before the first is done, in threads of its own, for
    work that waits for the disk.
    """
    count = min(workers or _processors(), WORKERS_LIMIT)
    method = _start_method()
    many = MANY_FOR_FORK if method == "fork" else MANY
    source = iter(items)
    first = list(islice(source, many))
    if count < 2 or len(first) < many:
        yield from _side_by_side(do, chain(first, source), at_once)
        return
    if method == "fork":
        # Here, so that what it loads is loaded once and not in each process.
        yield do(first.pop(0))
    with _pool(count, method) as pool:
        some = partial(_do_all, do, at_once=at_once)
        yield from _through(pool, some, chain(first, source), 2 * count)


def _processors() -> int:
    """Return how many processors this program may use: of the machine's maybe not all."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    else:  # noqa: RET505  the type checker reads one branch a system
        return os.cpu_count() or 1


def _start_method() -> Literal["fork", "spawn"]:
    """Return how processes are started: a fork of one with threads may hang, on macOS any."""
    is_safe = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if is_safe else "spawn"


def _pool(count: int, method: str) -> ProcessPoolExecutor:
    import multiprocessing  # slow to load, and a few files need none of it
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(count, mp_context=context, initializer=_leave_stopping_to_us)


def _through(
    pool: ProcessPoolExecutor,
    do_all: Callable[[list[Item]], list[Result]],
    items: Iterator[Item],
    window: int,
) -> Iterator[Result]:
    waiting: deque[Future[list[Result]]] = deque()
    try:
        while True:
            while len(waiting) < window and (task := list(islice(items, PER_TASK))):
                with _undisturbed():
                    waiting.append(pool.submit(do_all, task))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _do_all(do: Callable[[Item], Result], items: list[Item], *, at_once: int) -> list[Result]:
    return list(_side_by_side(do, items, at_once))


def _side_by_side(
    do: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Iterator[Result]:
    """Yield `do(item)` for each item, in order; what has begun ends, whatever happens."""
    if at_once == 1:
        yield from map(do, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # slow to load

    source = iter(items)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            waiting.extend(pool.submit(do, item) for item in islice(source, at_once))
            while waiting:
                done = waiting.popleft().result()
                waiting.extend(pool.submit(do, item) for item in islice(source, 1))
                yield done
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: while a process is started Python may swallow it."""
    if sys.platform == "win32":  # Ctrl-C comes in a thread of its own there
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_stopping_to_us() -> None:
    # Ctrl-C reaches every process of the terminal: each worker ends the file it is at, whole.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
