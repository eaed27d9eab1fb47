"""A real daemon in a home of its own, for the tests that need one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.client import ask_once
from sharewise.places import Places, daemon_command, places
from sharewise.wire.messages import Call, DaemonStatus, DaemonStatusResult, DaemonStop

START_LIMIT_S = 20.0
STOP_LIMIT_S = 20.0
POLL_S = 0.01

Result = TypeVar("Result")


@dataclass(slots=True)
class RunningDaemon:
    """One daemon process; `environment` is what any other of our programs needs to find it."""

    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    answered_after_s: float
    """From the start of the process to its first answer."""
    _errors: IO[bytes] = field(repr=False)

    @property
    def places(self) -> Places:
        return places(self.environment)

    def ask(self, call: Call[Result]) -> Result:
        """Ask it from the command line's side."""
        return ask_once(self.places, call, environ=self.environment)

    def ready(self) -> DaemonStatusResult:
        """Wait until every service is loaded."""
        deadline = time.monotonic() + START_LIMIT_S
        while not (status := self.ask(DaemonStatus())).is_ready:
            assert time.monotonic() < deadline, "the daemon never was ready"
            time.sleep(POLL_S)
        return status

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self.process.kill()
        self.process.wait(STOP_LIMIT_S)

    def terminate(self) -> int:
        """Ask it to end as the system does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_LIMIT_S)

    def stop(self) -> int:
        """Ask it to end as the command line does; returns its exit code."""
        self.ask(DaemonStop())
        return self.process.wait(STOP_LIMIT_S)

    def errors(self) -> str:
        """Return what it wrote to stderr so far."""
        return Path(self._errors.name).read_text(encoding="utf-8")


@contextmanager
def home_for_daemon(transport: str = "unix") -> Iterator[dict[str, str]]:
    """Give the environment of a new, empty home; removed afterwards.

    Its path is short: a Unix socket has room for about 100 bytes.
    """
    home = Path(tempfile.mkdtemp(prefix="sw-"))
    try:
        yield {**os.environ, "SHAREWISE_HOME": str(home), "SHAREWISE_TRANSPORT": transport}
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_daemon(environment: Mapping[str, str] | None = None) -> Iterator[RunningDaemon]:
    """Run a daemon until the block ends; in a new home unless an environment names one."""
    if environment is None:
        with home_for_daemon() as made, running_daemon(made) as daemon:
            yield daemon
        return
    home = Path(environment["SHAREWISE_HOME"])
    with tempfile.NamedTemporaryFile(prefix="sw-stderr-") as errors:
        began = time.monotonic()
        process = subprocess.Popen(daemon_command(), env=environment, stderr=errors)
        try:
            _wait_for_answer(process, environment, errors)
            answered_after_s = time.monotonic() - began
            yield RunningDaemon(home, dict(environment), process, answered_after_s, errors)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_for_answer(
    process: subprocess.Popen[bytes], environment: Mapping[str, str], errors: IO[bytes]
) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            ask_once(places(environment), DaemonStatus(), environ=environment)
        except SharewiseError as error:
            if error.code is not ErrorCode.DAEMON_UNREACHABLE:
                raise
            said = Path(errors.name).read_text(encoding="utf-8")
            assert process.poll() is None, f"the daemon ended: {said}"
            assert time.monotonic() < deadline, f"the daemon never answered: {said}"
            time.sleep(POLL_S)
        else:
            return
