"""The daemon's log: one JSON object a line, of ids, codes and counts.

What a library or an exception has to say may quote a path or an address, so neither is written
out: of an exception only its class and the line of ours that met it, of a library's record only
who spoke and how loudly.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from sharewise.places import Places, private_folder

MAX_LOG_BYTES = 512 * 1024
KEPT_LOGS = 3
"""Older log files beside the current one."""
OURS = "sharewise"

log = logging.getLogger(__name__)


class PrivateFormatter(logging.Formatter):
    """Writes a record as JSON and leaves out whatever we did not word ourselves."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, str | int] = {
            "at": f"{at}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "who": record.name,
        }
        if record.name.partition(".")[0] == OURS:
            line["what"] = record.getMessage()
        else:
            line["line"] = record.lineno
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line)


def describe(error: BaseException) -> str:
    """Return the class of an error, of its causes and members, and where in our code each rose.

    Never its message: that of an OSError, for one, holds the path.
    """
    parts = [f"{type(error).__name__}{_place(error.__traceback__)}"]
    if isinstance(error, BaseExceptionGroup):
        parts.append(f"[{', '.join(describe(member) for member in error.exceptions)}]")
    if error.__cause__ is not None:
        parts.append(f"from {describe(error.__cause__)}")
    return " ".join(parts)


def _place(traceback: TracebackType | None) -> str:
    """Return " at module:line" of the innermost frame that is ours, or nothing."""
    place = ""
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == OURS:
            place = f" at {module}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


class _PrivateFileHandler(RotatingFileHandler):
    """A rotated file that only its owner can read."""

    def _open(self) -> TextIO:  # type: ignore[override]  # narrower than the base class needs
        return open(self.baseFilename, "a", encoding="utf-8", opener=_open_private)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def set_up(where: Places, *, is_foreground: bool, level: int = logging.INFO) -> logging.Handler:
    """Send every record to the log file, and to stderr if the daemon runs in the foreground.

    Also takes what would otherwise be printed raw: uncaught errors of the program, of its
    threads and of its finalisers. Returns the handler of the file. Raises SharewiseError
    (UNSAFE_FOLDER).
    """
    private_folder(where.logs)
    _close_to_others(where.log)
    file = _PrivateFileHandler(
        where.log, maxBytes=MAX_LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8"
    )
    handlers: list[logging.Handler] = [file]
    if is_foreground:
        handlers.append(logging.StreamHandler(sys.stderr))
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    # A handler that cannot write would print the record, message and all.
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    for handler in handlers:
        handler.setFormatter(PrivateFormatter())
        root.addHandler(handler)
    sys.excepthook = _note_crash
    threading.excepthook = _note_thread_crash
    sys.unraisablehook = _note_unraisable
    return file


def _close_to_others(path: Path) -> None:
    """Take a log file that was left open to others back."""
    if path.exists():
        path.chmod(0o600)


def _note_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    log.critical("the program ended unasked", exc_info=(kind, error, traceback))


def _note_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        log.error("a thread ended unasked", exc_info=crash.exc_value)


def _note_unraisable(found: sys.UnraisableHookArgs) -> None:
    if found.exc_value is not None:
        log.error("a finaliser failed", exc_info=found.exc_value)


def note_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what the event loop could not hand to anybody; to be set as its exception handler."""
    error = context.get("exception")
    log.error(
        "the event loop met an error",
        exc_info=error if isinstance(error, BaseException) else None,
    )
