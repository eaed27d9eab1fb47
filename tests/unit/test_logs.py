"""The log holds what we worded ourselves; paths in errors and records of libraries stay out."""

from __future__ import annotations

import asyncio
import json
import logging
import logging.handlers
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sharewise import logs
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import read_small
from sharewise.places import Places

CANARY = "canary-91c2"


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")


@pytest.fixture
def log(where: Places) -> Iterator[logging.Logger]:
    """Set logging up as the daemon does, and put everything back."""
    root, ours = logging.getLogger(), logging.getLogger("sharewise")
    before = (root.level, root.handlers[:], ours.level, logging.raiseExceptions)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    logs.set_up(where, is_foreground=False)
    try:
        yield logging.getLogger("sharewise.test")
    finally:
        for handler in set(root.handlers) - set(before[1]):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(before[0])
        ours.setLevel(before[2])
        logging.raiseExceptions = before[3]
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def lines(where: Places) -> list[dict[str, object]]:
    return [json.loads(line) for line in where.log.read_text().splitlines()]


def test_a_line_says_when_how_loud_who_and_what(log: logging.Logger, where: Places) -> None:
    log.info("photo %s: %s", 7, ErrorCode.UNREADABLE)
    (line,) = lines(where)
    assert line.pop("at")
    assert line == {"level": "info", "who": "sharewise.test", "what": "photo 7: unreadable"}


def test_of_an_error_only_class_and_place_are_written(log: logging.Logger, where: Places) -> None:
    missing = where.data / CANARY
    try:
        read_small(missing, 10)
    except (OSError, SharewiseError):
        log.exception("reading failed")
    (line,) = lines(where)
    assert CANARY not in where.log.read_text()
    assert " at sharewise.disk.reading:" in str(line["error"])


def test_causes_and_members_of_an_error_are_named() -> None:
    error = ExceptionGroup(CANARY, [KeyError(CANARY), ValueError(CANARY)])
    error.__cause__ = OSError(CANARY)
    assert logs.describe(error) == "ExceptionGroup [KeyError, ValueError] from OSError"


@pytest.mark.parametrize("name", ["aiohttp.server", "asyncio", "py.warnings", "sharewiser"])
def test_what_a_library_says_is_left_out(log: logging.Logger, where: Places, name: str) -> None:
    logging.getLogger(name).error("cannot open %s", CANARY, exc_info=OSError(CANARY))
    (line,) = lines(where)
    assert CANARY not in where.log.read_text()
    assert (line["who"], line["error"]) == (name, "OSError")


def test_a_record_that_does_not_fit_its_arguments_is_not_printed(
    log: logging.Logger, where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    log.error("two %s %s", CANARY)  # noqa: PLE1206  the mistake that is meant
    assert CANARY not in capsys.readouterr().err + where.log.read_text()


def test_uncaught_errors_are_described_and_not_printed(
    log: logging.Logger, where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OSError(CANARY)
    sys.excepthook(OSError, error, None)
    threading.excepthook(threading.ExceptHookArgs((OSError, error, None, None)))
    with asyncio.Runner() as runner:
        logs.note_loop_error(runner.get_loop(), {"message": CANARY, "exception": error})
    assert [line["error"] for line in lines(where)] == ["OSError"] * 3
    assert CANARY not in where.log.read_text() + capsys.readouterr().err


def test_files_are_private_also_when_they_are_rotated(
    where: Places, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            handler.maxBytes = 1000
    for number in range(100):
        log.info("line %d", number)
    files = sorted(where.logs.iterdir())
    assert len(files) == 1 + logs.KEPT_LOGS
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(file.stat().st_size <= 1000 for file in files)


def test_a_log_that_was_open_to_others_is_closed(where: Places) -> None:
    where.logs.mkdir(mode=0o755)
    where.log.write_text("")
    where.log.chmod(0o644)
    logs._close_to_others(where.log)
    assert stat.S_IMODE(where.log.stat().st_mode) == 0o600
