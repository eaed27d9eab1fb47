"""How soon after its start the daemon answers."""

from __future__ import annotations

import statistics

from support.daemon import running_daemon

RUNS = 9


def measure() -> str:
    """Return the median and the range of the time from the start of the process to its answer."""
    seconds: list[float] = []
    for _ in range(RUNS):
        with running_daemon() as daemon:
            seconds.append(daemon.answered_after_s)
    return (
        f"the daemon answers {statistics.median(seconds):.2f} s after its start "
        f"({min(seconds):.2f} to {max(seconds):.2f} s in {RUNS} starts)"
    )
