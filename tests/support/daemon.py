"""A real daemon in a home of its own, for the tests that need one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from websockets.sync.client import ClientConnection, connect

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.client import ask_once
from sharewise.places import Places, daemon_command, places, reach
from sharewise.wire.jsonrpc import decode_result, encode_request
from sharewise.wire.messages import (
    PROTOCOL,
    Call,
    DaemonStatus,
    DaemonStatusResult,
    DaemonStop,
    Hello,
    Sender,
)

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
        """Ask it to end as the command line does; returns its exit code.

        An answer that comes together with the goodbye may be lost on a busy machine.
        """
        with suppress_code(ErrorCode.DAEMON_GONE):
            self.ask(DaemonStop())
        return self.process.wait(STOP_LIMIT_S)

    def errors(self) -> str:
        """Return what it wrote to stdout and stderr so far."""
        return Path(self._errors.name).read_text(encoding="utf-8")


@contextmanager
def suppress_code(code: ErrorCode) -> Iterator[None]:
    """Go on after an error of this code; any other rises."""
    try:
        yield
    except SharewiseError as error:
        if error.code is not code:
            raise


@dataclass(slots=True)
class Talk:
    """A connection to the daemon over which any sender may speak, as the host's does."""

    _socket: ClientConnection
    _last_id: int = 0

    def call(self, call: Call[Result], sender: Sender = Sender.PAGE) -> Result:
        """Return the answer, or raise the SharewiseError that it is."""
        self._last_id += 1
        return decode_result(
            self.exchange(encode_request(call, request_id=self._last_id, sender=sender)), call
        )

    def exchange(self, frame: bytes | str) -> bytes:
        """Send whatever it is and return the next message."""
        self._socket.send(frame, text=True)
        return self._socket.recv(timeout=START_LIMIT_S, decode=False)


@contextmanager
def talking_to(daemon: RunningDaemon) -> Iterator[Talk]:
    """Open a connection and greet."""
    line = reach(daemon.places, daemon.environment)
    with (
        line.connection,
        connect(
            line.uri,
            sock=line.connection,
            additional_headers=line.headers,
            compression=None,
            proxy=None,
        ) as socket,
    ):
        talk = Talk(socket)
        talk.call(Hello(protocol=PROTOCOL, version="test"), Sender.BACKGROUND)
        yield talk


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
def running_daemon(
    environment: Mapping[str, str] | None = None, command: Sequence[str] = ()
) -> Iterator[RunningDaemon]:
    """Run a daemon until the block ends; in a new home unless an environment names one.

    `command` runs another program that is a daemon, say one with a fault put in.
    """
    if environment is None:
        with home_for_daemon() as made, running_daemon(made, command) as daemon:
            yield daemon
        return
    home = Path(environment["SHAREWISE_HOME"])
    with tempfile.NamedTemporaryFile(prefix="sw-stderr-") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            command or daemon_command(), env=environment, stdout=errors, stderr=errors
        )
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
