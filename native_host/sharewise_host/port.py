"""The browser's end: frames on stdin and stdout, and nothing else ever on stdout."""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sharewise.wire import framing

CHUNK_BYTES = 64 * 1024
CHUNKS_AHEAD = 4
"""Reads that may wait for the relay; the browser's pipe holds the rest back."""
WRITE_TIMEOUT_S = 60.0
"""A browser that takes no answer for so long is gone."""


@dataclass(frozen=True, slots=True)
class Streams:
    """File descriptors that carry frames: `incoming` from the browser, `outgoing` to it."""

    incoming: int
    outgoing: int


def claim_streams() -> Streams:
    """Take stdin and stdout for frames alone and return them.

    Afterwards descriptor 1 is stderr, so that a stray `print` anywhere cannot break a frame, and
    descriptor 0 is empty, so that no child or library can eat one. The two that are returned are
    not inherited by children.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(2)
    except OSError:
        os.dup2(null, 2)
    streams = Streams(os.dup(0), os.dup(1))
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    if sys.platform == "win32":
        import msvcrt  # not on every system

        msvcrt.setmode(streams.incoming, os.O_BINARY)
        msvcrt.setmode(streams.outgoing, os.O_BINARY)
    return streams


class BrowserPort:
    """Reads chunks and writes messages without blocking the loop.

    Two daemon threads do the blocking calls: a pending read of a pipe cannot be cancelled, and
    Windows offers no other way to wait for stdin. They die with the process.
    """

    def __init__(self, streams: Streams, on_gone: Callable[[], None]) -> None:
        """`on_gone` is called in the loop once the browser no longer takes what is written."""
        self._streams = streams
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue(CHUNKS_AHEAD)
        self._room = threading.Semaphore(CHUNKS_AHEAD)
        self._frames: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        self._turn = asyncio.Lock()

    def open(self) -> None:
        """Start to read and to be ready to write."""
        for work in (self._read_all, self._write_all):
            threading.Thread(target=work, daemon=True).start()

    async def read(self) -> bytes:
        """Return the next bytes from the browser, at most `CHUNK_BYTES`; empty at the end."""
        chunk = await self._chunks.get()
        self._room.release()
        return chunk

    async def write(self, message: bytes) -> None:
        """Send one JSON message as a frame; whole, and in the order of the calls.

        Raises SharewiseError(TOO_LARGE) for one that a browser would not take.
        """
        frame = framing.encode(message)
        async with self._turn:
            written: asyncio.Future[None] = self._loop.create_future()
            self._frames.put((frame, written))
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await written
            except (OSError, TimeoutError):
                self._on_gone()

    def _read_all(self) -> None:
        while True:
            self._room.acquire()
            try:
                chunk = os.read(self._streams.incoming, CHUNK_BYTES)
            except OSError:
                chunk = b""
            if not self._in_loop(self._chunks.put_nowait, chunk) or not chunk:
                return

    def _write_all(self) -> None:
        while True:
            frame, written = self._frames.get()
            rest = memoryview(frame)
            failure: OSError | None = None
            try:
                while rest:
                    rest = rest[os.write(self._streams.outgoing, rest) :]
            except OSError as error:
                failure = error
            if not self._in_loop(settle, written, failure):
                return

    def _in_loop(self, call: Callable[..., None], *arguments: object) -> bool:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop has ended, and so has all interest
            return False
        return True


def settle(written: asyncio.Future[None], failure: OSError | None) -> None:
    """Tell the writer how it went, unless it no longer waits."""
    if written.done():
        return
    if failure is None:
        written.set_result(None)
    else:
        written.set_exception(failure)
