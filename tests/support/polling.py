"""Wait for what another process does, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_S = 0.05


def wait_until(is_so: Callable[[], bool], what: str, limit_s: float = 30.0) -> None:
    """Return once something is so; fail with what was waited for once the time is over."""
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, f"{limit_s:.0f} s passed without: {what}"
        time.sleep(POLL_S)
