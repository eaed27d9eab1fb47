"""The daemon's end: one WebSocket, and starting the daemon when nobody answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import Places, daemon_command, private_folder, reach

OPEN_TIMEOUT_S = 5.0
START_TIMEOUT_S = 10.0
POLL_S = 0.02
SEND_TIMEOUT_S = 30.0
CLOSE_TIMEOUT_S = 1.0
MAX_FROM_DAEMON_BYTES = 16 * 1024 * 1024
"""Read so that its id can be answered; a browser is never given more than a frame holds."""
ORDERLY_CLOSE_CODES = frozenset({1000, 1001})
"""The daemon said goodbye. Source: RFC 6455, 7.4.1."""


class LinkLostError(Exception):
    """The connection ended; `is_orderly` if the daemon meant it to."""

    def __init__(self, *, is_orderly: bool) -> None:
        super().__init__(is_orderly)
        self.is_orderly = is_orderly


@dataclass(frozen=True, slots=True)
class DaemonLink:
    """An open connection that carries JSON messages as they are."""

    _socket: ClientConnection

    async def send(self, message: bytes) -> None:
        """Pass a message on; waits while the daemon is slow to read. Raises LinkLostError."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send(message, text=True)
        except ConnectionClosed as error:
            raise lost(error) from error
        except TimeoutError as error:
            raise LinkLostError(is_orderly=False) from error

    async def receive(self) -> bytes:
        """Return the next message. Raises LinkLostError; keep-alive pings bound the wait."""
        try:
            return await self._socket.recv(decode=False)
        except ConnectionClosed as error:
            raise lost(error) from error


def lost(error: ConnectionClosed) -> LinkLostError:
    """Return how a connection ended."""
    code = error.rcvd.code if error.rcvd is not None else None
    return LinkLostError(is_orderly=code in ORDERLY_CLOSE_CODES)


@dataclass(frozen=True, slots=True)
class Dialler:
    """Connects to the daemon of these places."""

    where: Places
    environ: Mapping[str, str]

    @contextlib.asynccontextmanager
    async def dial(self, *, may_start: bool) -> AsyncIterator[DaemonLink]:
        """Connect, starting the daemon first if nobody answers and `may_start`.

        Raises SharewiseError: DAEMON_UNREACHABLE, or what makes the place unsafe.
        """
        socket = await self._connect(may_start=may_start)
        try:
            yield DaemonLink(socket)
        finally:
            await socket.close()

    async def _connect(self, *, may_start: bool) -> ClientConnection:
        try:
            return await self._connect_once()
        except SharewiseError as error:
            if not may_start or error.code is not ErrorCode.DAEMON_UNREACHABLE:
                raise
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                return await self._start_and_connect()
        except (TimeoutError, OSError) as error:
            raise not_started() from error

    async def _connect_once(self) -> ClientConnection:
        try:
            line = await asyncio.to_thread(reach, self.where, self.environ)
            line.connection.setblocking(False)
            return await connect(
                line.uri,
                sock=line.connection,
                additional_headers=line.headers,
                compression=None,
                proxy=None,
                user_agent_header=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_FROM_DAEMON_BYTES,
            )
        except (InvalidHandshake, OSError, EOFError) as error:  # TimeoutError is an OSError
            raise not_started() from error

    async def _start_and_connect(self) -> ClientConnection:
        with turn_to_start(self.where) as is_our_turn:
            process = await asyncio.to_thread(spawn) if is_our_turn else None
            while True:
                # Asked first: it may have ended because another daemon was there already.
                has_ended = process is not None and process.poll() is not None
                try:
                    return await self._connect_once()
                except SharewiseError as error:
                    if error.code is not ErrorCode.DAEMON_UNREACHABLE:
                        raise
                    if has_ended:
                        raise not_started() from error
                await asyncio.sleep(POLL_S)


def not_started() -> SharewiseError:
    """Return the error for a daemon that cannot be had."""
    return SharewiseError(
        ErrorCode.DAEMON_UNREACHABLE,
        "Sharewise is not running on this computer and could not be started. "
        "Run 'sharewise doctor' to see why.",
    )


@contextlib.contextmanager
def turn_to_start(where: Places) -> Iterator[bool]:
    """Give whether this host may start the daemon; False while another host is doing it.

    Every browser and profile has a host of its own, and they all begin at the same moment. The
    daemon's own lock keeps it single; this spares the machine from starting it many times.
    """
    if sys.platform == "win32":  # nothing like flock; the daemon's own lock decides
        yield True
        return
    import fcntl  # not on every system

    path = private_folder(where.runtime) / "start.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def spawn() -> subprocess.Popen[bytes]:
    """Start the daemon so that it outlives us and holds none of the browser's pipes.

    Firefox ends everything in a host's job on Windows that did not break away from it.
    Source: MDN, Native messaging, "Closing the native app".
    """
    root = Path(sys.executable).anchor or os.sep
    if sys.platform == "win32":
        return subprocess.Popen(
            daemon_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=root,
            creationflags=subprocess.DETACHED_PROCESS
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_BREAKAWAY_FROM_JOB,
        )
    return subprocess.Popen(
        daemon_command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=root,
        start_new_session=True,
    )
