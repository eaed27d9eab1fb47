"""The place where the one daemon listens: its lock, its socket, its endpoint file."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from sharewise.api.access import Access, LoopbackAccess, SocketAccess
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import write_private
from sharewise.places import LOOPBACK, Endpoint, Places, private_folder, uses_unix_socket

BACKLOG = 64
LOCK_TRIES = 3
LOCK_PAUSE_S = 0.01
"""`is_running` holds the lock for a moment. No longer: a daemon that lost the race to start must
not take over from the one that won, when that is told to stop."""
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that takes connections, and who may use them."""

    socket: socket.socket
    access: Access


@contextmanager
def only_daemon(where: Places) -> Iterator[None]:
    """Be the one daemon of this user; the kernel frees the lock however we end.

    Raises SharewiseError: ALREADY_RUNNING or UNSAFE_FOLDER.
    """
    private_folder(where.runtime)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(where.lock, flags, 0o600)
    try:
        _lock(handle)
        yield
    finally:
        # The file stays: whoever removed it could remove one that another daemon just locked.
        os.close(handle)


def _lock(handle: int) -> None:
    for _ in range(LOCK_TRIES):
        if _try_lock(handle):
            return
        time.sleep(LOCK_PAUSE_S)
    raise SharewiseError(
        ErrorCode.ALREADY_RUNNING,
        "The Sharewise daemon is running already. 'sharewise daemon status' tells how it is.",
    )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_running(where: Places) -> bool:
    """Return whether some daemon holds the lock: the truth also where it does not answer."""
    try:
        handle = os.open(where.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


@contextmanager
def listening(where: Places) -> Iterator[Listener]:
    """Listen where clients look for the daemon; call it with the lock held.

    What a killed daemon left in the way is replaced; at the end nothing is left.
    """
    with _by_socket(where) if uses_unix_socket(where) else _by_loopback(where) as listener:
        yield listener


@contextmanager
def _by_socket(where: Places) -> Iterator[Listener]:
    where.endpoint.unlink(missing_ok=True)
    where.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(where.socket))
        try:
            where.socket.chmod(0o600)
            listener.listen(BACKLOG)
            yield Listener(listener, SocketAccess(os.geteuid()))
        finally:
            where.socket.unlink(missing_ok=True)


@contextmanager
def _by_loopback(where: Places) -> Iterator[Listener]:
    where.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if sys.platform == "win32":
            # Elsewhere the default: nobody else may bind a port that is in use.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        listener.bind((LOOPBACK, 0))
        listener.listen(BACKLOG)
        port: int = listener.getsockname()[1]
        token = secrets.token_urlsafe(TOKEN_BYTES)
        write_private(where.endpoint, msgspec.json.encode(Endpoint(port, token)))
        try:
            yield Listener(listener, LoopbackAccess(port, token))
        finally:
            where.endpoint.unlink(missing_ok=True)
