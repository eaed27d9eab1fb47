"""Do the same to many files, in order, on several processors when that pays."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

MANY = 256
"""From this many files on, starting processes costs less than it gains."""
PER_TASK = 16
WORKERS_LIMIT = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    do: Callable[[Item], Result], items: Iterable[Item], *, workers: int | None = None
) -> Iterator[Result]:
    """Yield `do(item)` for each item, in order; `do` and all it takes and gives can be pickled.

    Holds only a few tasks at once, however many items there are. `workers` 1: in this process.
    """
    count = min(workers or os.cpu_count() or 1, WORKERS_LIMIT)
    source = iter(items)
    first = list(islice(source, MANY))
    if count < 2 or len(first) < MANY:
        yield from map(do, chain(first, source))
        return
    # Spawned and not forked: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_leave_stopping_to_us) as pool:
        yield from _through(pool, do, chain(first, source), 2 * count)


def _through(
    pool: ProcessPoolExecutor,
    do: Callable[[Item], Result],
    items: Iterator[Item],
    window: int,
) -> Iterator[Result]:
    waiting: deque[Future[list[Result]]] = deque()
    try:
        while True:
            while len(waiting) < window and (task := list(islice(items, PER_TASK))):
                waiting.append(pool.submit(_do_all, do, task))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _do_all(do: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    return [do(item) for item in items]


def _leave_stopping_to_us() -> None:
    # Ctrl-C reaches every process of the terminal: each worker ends the file it is at, whole.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
