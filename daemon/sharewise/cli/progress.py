"""One line of progress on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO, final

REDRAW_S = 0.1
CLEAR = "\r\x1b[2K"


@final
class Progress:
    """Counts files on standard error while it is a terminal; a context, so that the line goes."""

    def __init__(self, *, is_wanted: bool = True, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_on = is_wanted and self._stream.isatty()
        self._count = 0
        self._drawn_at_s = time.monotonic()
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def step(self) -> None:
        """Count one more file; the line is drawn a few times a second at most."""
        self._count += 1
        now_s = time.monotonic()
        if self._is_on and now_s - self._drawn_at_s >= REDRAW_S:
            self._drawn_at_s = now_s
            self._is_drawn = True
            self._write(f"{CLEAR}{self._count:,} files …")

    def clear(self) -> None:
        """Take the line away, so that something else can be printed."""
        if self._is_drawn:
            self._is_drawn = False
            self._write(CLEAR)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
