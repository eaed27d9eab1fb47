"""Ask the daemon from the command line; starts it if it is not running."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import Places, daemon_command, places, reach
from sharewise.wire.framing import MAX_FRAME_BYTES
from sharewise.wire.jsonrpc import decode_result, encode_request
from sharewise.wire.messages import PROTOCOL, Call, DaemonStatus, Hello, Sender

ANSWER_TIMEOUT_S = 630.0
"""Longer than the daemon itself gives any call: it, not we, should say that it took too long."""
OPEN_TIMEOUT_S = 10.0
START_TIMEOUT_S = 15.0
START_TRIES = 3
"""A daemon that is just ending holds the place a moment longer than it answers."""
START_POLL_S = 0.02
TOO_BIG_CLOSE_CODE = 1009
"""RFC 6455, 7.4.1: a message was too big to process."""

Result = TypeVar("Result")


def ask(call: Call[Result], *, start: bool = True, timeout_s: float = ANSWER_TIMEOUT_S) -> Result:
    """Return the daemon's answer to one call; `start` starts a daemon if none is running.

    Raises SharewiseError: what the daemon answers, or DAEMON_UNREACHABLE, DAEMON_GONE, TIMED_OUT
    or TOO_LARGE.
    """
    where = places()
    try:
        return ask_once(where, call, timeout_s=timeout_s)
    except SharewiseError as error:
        if error.code is not ErrorCode.DAEMON_UNREACHABLE or not start:
            raise
    start_daemon(where)
    return ask_once(where, call, timeout_s=timeout_s)


def ask_once(
    where: Places,
    call: Call[Result],
    *,
    timeout_s: float = ANSWER_TIMEOUT_S,
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """Ask the daemon of these places, over a connection of its own; never starts one."""
    line = reach(where, environ)
    try:
        with (
            line.connection,
            connect(
                line.uri,
                sock=line.connection,
                additional_headers=line.headers,
                compression=None,
                proxy=None,
                open_timeout=OPEN_TIMEOUT_S,
                max_size=MAX_FRAME_BYTES + 1,
            ) as socket,
        ):
            hello = Hello(protocol=PROTOCOL, version=sharewise.__version__)
            _exchange(socket, hello, request_id=1, timeout_s=OPEN_TIMEOUT_S)
            return _exchange(socket, call, request_id=2, timeout_s=timeout_s)
    except TimeoutError as error:
        raise SharewiseError(
            ErrorCode.TIMED_OUT, "The daemon did not answer in time. Run 'sharewise doctor'."
        ) from error
    except ConnectionClosed as error:
        if error.rcvd is not None and error.rcvd.code == TOO_BIG_CLOSE_CODE:
            raise _too_large() from error
        raise SharewiseError(
            ErrorCode.DAEMON_GONE,
            "The daemon ended before it had answered. See whether it was done, then try again.",
        ) from error
    except (WebSocketException, OSError) as error:
        raise SharewiseError(
            ErrorCode.DAEMON_UNREACHABLE,
            "The Sharewise daemon does not answer. Run 'sharewise doctor' to see why.",
        ) from error


def _exchange(
    socket: ClientConnection, call: Call[Result], *, request_id: int, timeout_s: float
) -> Result:
    frame = encode_request(call, request_id=request_id, sender=Sender.CLI)
    if len(frame) > MAX_FRAME_BYTES:
        raise _too_large()
    socket.send(frame, text=True)
    return decode_result(socket.recv(timeout=timeout_s), call)


def _too_large() -> SharewiseError:
    return SharewiseError(
        ErrorCode.TOO_LARGE, "That is too much for one request. Send it in smaller parts."
    )


def start_daemon(where: Places) -> None:
    """Start a daemon of its own session and return once it can be reached.

    Raises SharewiseError(DAEMON_UNREACHABLE) if it ended or was not there in time.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    for _ in range(START_TRIES):
        process = _spawn()
        has_ended = False
        while not has_ended and time.monotonic() < deadline:
            # Asked first: one that ended may have found another that was started meanwhile.
            has_ended = process.poll() is not None
            if can_be_reached(where):
                _see_off(process, where, deadline)
                return
            time.sleep(START_POLL_S)
    raise SharewiseError(
        ErrorCode.DAEMON_UNREACHABLE,
        "The daemon could not be started. Run 'sharewise daemon run' to see what stops it.",
    )


def _see_off(process: subprocess.Popen[bytes], where: Places, deadline: float) -> None:
    """Wait until our process ended if another one is the daemon: it would take over once that
    one is stopped, although nobody asked for it any more."""
    if sys.platform == "win32":  # what was spawned may be a launcher with a process of its own
        return
    with contextlib.suppress(SharewiseError, subprocess.TimeoutExpired):
        if ask_once(where, DaemonStatus()).pid != process.pid:
            process.wait(max(0.0, deadline - time.monotonic()))


def can_be_reached(where: Places) -> bool:
    """Return whether somebody takes connections at the daemon's place."""
    try:
        reach(where).connection.close()
    except SharewiseError as error:
        if error.code is not ErrorCode.DAEMON_UNREACHABLE:
            raise
        return False
    return True


def _spawn() -> subprocess.Popen[bytes]:
    # Standing in the root folder, it keeps no disk from being unmounted.
    root = Path(sys.executable).anchor or os.sep
    if sys.platform == "win32":
        return subprocess.Popen(
            daemon_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=root,
            creationflags=subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
    return subprocess.Popen(
        daemon_command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=root,
        start_new_session=True,
    )
