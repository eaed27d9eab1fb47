import os
import subprocess
import sys
import threading
from functools import partial
from itertools import count, islice

import pytest

from sharewise.services import batches
from sharewise.services.batches import MANY, in_order


def double(number: int) -> int:
    return 2 * number


def test_few_items_are_done_here_one_by_one():
    taken = []
    results = in_order(double, (taken.append(n) or n for n in range(10)))
    assert list(results) == [2 * n for n in range(10)]
    assert len(taken) == 10


def test_one_worker_needs_no_process():
    here = threading.get_ident()
    results = in_order(lambda _: threading.get_ident(), range(MANY + 1), workers=1)
    assert set(results) == {here}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_many_items_come_in_order_from_several_processes(monkeypatch, method):
    monkeypatch.setattr(batches, "_start_method", lambda: method)
    # `pow` can be pickled by name: the workers need nothing of this module.
    results = list(in_order(partial(pow, 2), range(MANY + 50), workers=2))
    assert results == [2**n for n in range(MANY + 50)]


def test_few_tasks_wait_at_once_however_many_items_there_are(monkeypatch):
    taken = []

    class Pool:
        def submit(self, do, *arguments):
            class Done:
                def result(self):
                    return do(*arguments)

                def cancel(self):
                    pass

            return Done()

    endless = (taken.append(n) or n for n in count())
    results = batches._through(Pool(), partial(batches._do_all, double, at_once=1), endless, 4)
    assert list(islice(results, 3)) == [0, 2, 4]
    assert len(taken) <= 4 * batches.PER_TASK
    results.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_items_may_wait_for_each_other_s_disk(workers):
    results = in_order(partial(pow, 2), range(MANY + 50), workers=workers, at_once=3)
    assert list(results) == [2**n for n in range(MANY + 50)]


def test_as_many_items_as_asked_for_are_done_at_once():
    together = threading.Barrier(3)

    def meet(number: int) -> int:
        together.wait(timeout=30)
        return number

    assert list(in_order(meet, range(9), at_once=3)) == list(range(9))


def test_items_at_once_are_taken_as_they_are_needed():
    taken = []
    results = in_order(double, (taken.append(n) or n for n in range(10)), workers=1, at_once=2)
    next(results)
    assert len(taken) == 10  # fewer than MANY are looked at first, to see whether they are many
    results.close()
    endless = batches._side_by_side(double, (taken.append(n) or n for n in count()), 2)
    assert list(islice(endless, 3)) == [0, 2, 4]
    assert len(taken) <= 10 + 6
    endless.close()


def test_error_of_one_of_the_items_at_once_rises_and_what_has_begun_ends():
    done = []

    def do(number: int) -> None:
        if number == 0:
            raise OSError("full")
        done.append(number)

    with pytest.raises(OSError, match="full"):
        list(in_order(do, range(10), at_once=2))
    assert done in ([], [1], [1, 2])


def test_a_process_with_threads_is_not_forked():
    is_done = threading.Event()
    thread = threading.Thread(target=is_done.wait)
    thread.start()
    try:
        assert batches._start_method() == "spawn"
    finally:
        is_done.set()
        thread.join()


def test_error_of_a_worker_rises_here():
    with pytest.raises(TypeError):
        list(in_order(partial(pow, 2), ["x"] * (MANY + 1), workers=2))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines a program so")
def test_a_program_that_may_use_one_processor_needs_no_process(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(batches, "_pool", None)
    assert list(in_order(double, range(MANY + 1))) == [2 * n for n in range(MANY + 1)]


STOPPED = """
import os, signal, threading
from sharewise.services import batches

# Also where whoever started us ignores it, as shells do for what runs behind them.
signal.signal(signal.SIGINT, signal.default_int_handler)
assert batches._start_method() == "fork"
# What is raised here Python writes away and forgets.
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    for _ in batches.in_order(abs, range(10_000), workers=2):
        pass
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows starts no process by a fork")
def test_ctrl_c_while_a_process_starts_is_not_lost():
    command = [sys.executable, "-c", STOPPED]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "stopped\n", ended.stderr
