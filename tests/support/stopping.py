"""Programs that are to be stopped as from a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_START = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def stoppable(command: Sequence[str]) -> list[str]:
    """Return a command that SIGINT ends: what a shell runs in the background ignores it."""
    return [sys.executable, "-c", _START, *command]
