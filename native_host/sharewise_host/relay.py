"""Carries messages between a browser and the daemon, and outlives the daemon's restarts."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire import jsonrpc
from sharewise.wire.framing import MAX_TO_BROWSER_BYTES, Decoder
from sharewise_host import glance
from sharewise_host.link import LinkLostError

EXIT_ENDED = 0
EXIT_BROKEN_STREAM = 4

MAX_WAITING = 16
"""Requests that wait for the daemon; while it is full, nothing more is read from the browser."""
MAX_IN_FLIGHT = 256
"""Requests that were passed on and are not answered; one more is told BUSY."""
HELLO_TIMEOUT_S = 10.0
FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 8.0
STEADY_S = 10.0
"""A connection that lasted so long makes the delays start anew."""
PROBE_S = 5.0
"""How often to look for a daemon that was stopped in order; a request looks at once."""


class Port(Protocol):
    """The browser's end."""

    async def read(self) -> bytes:
        """Return the next bytes; empty at the end."""
        ...

    async def write(self, message: bytes) -> None:
        """Send one message as a frame."""
        ...


class Link(Protocol):
    """One connection to the daemon; both raise LinkLostError."""

    async def send(self, message: bytes) -> None:
        """Pass a message on."""
        ...

    async def receive(self) -> bytes:
        """Return the next message."""
        ...


class Dial(Protocol):
    """Connects to the daemon; raises SharewiseError if that cannot be done."""

    def __call__(self, *, may_start: bool) -> AbstractAsyncContextManager[Link]:
        """Give a connection; `may_start` allows to start the daemon for it."""
        ...


class Relay:
    """One browser port. Messages pass as they are; only their envelope is looked at."""

    def __init__(self, port: Port, dial: Dial) -> None:
        self._port = port
        self._dial = dial
        self._waiting: asyncio.Queue[tuple[bytes, glance.Envelope]] = asyncio.Queue(MAX_WAITING)
        self._held: tuple[bytes, glance.Envelope] | None = None
        self._in_flight: set[int] = set()
        self._delay_s = 0.0
        self._hello_on_trial: tuple[bytes, int] | None = None
        self._hello: tuple[bytes, int] | None = None
        """The extension's first call and its id, once the daemon agreed: said again after a
        restart, of which the extension need not know."""

    async def run(self) -> int:
        """Relay until the browser closes the port; returns the exit code."""
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(self._keep_linked())
            try:
                return await self._take_requests()
            finally:
                keeper.cancel()

    async def _take_requests(self) -> int:
        decoder = Decoder()
        while chunk := await self._port.read():
            try:
                messages = decoder.feed(chunk)
            except SharewiseError as error:
                # Where the next frame begins is lost with this one: the stream is over.
                await self._refuse(error, None)
                return EXIT_BROKEN_STREAM
            for message in messages:
                await self._take(message)
        return EXIT_ENDED if decoder.is_between_frames else EXIT_BROKEN_STREAM

    async def _take(self, untrusted: bytes) -> None:
        try:
            envelope = glance.request(untrusted)
        except SharewiseError as error:
            await self._refuse(error, jsonrpc.request_id_of(untrusted))
        else:
            await self._waiting.put((untrusted, envelope))

    async def _keep_linked(self) -> None:
        loop = asyncio.get_running_loop()
        may_start = True
        while True:
            try:
                async with self._dial(may_start=may_start) as link:
                    since_s = loop.time()
                    await self._greet_again(link)
                    is_orderly = await self._serve(link)
            except SharewiseError as error:
                if may_start:
                    await self._refuse_for_a_while(error)
                may_start = await self._is_asked_within(PROBE_S)
                continue
            await self._give_up_in_flight()
            if loop.time() - since_s > STEADY_S:
                self._delay_s = 0.0
            if is_orderly:
                # Somebody stopped it: it stays stopped until the extension wants something.
                may_start = await self._is_asked_within(FIRST_DELAY_S)
            else:
                await asyncio.sleep(self._delay_s)
                self._lengthen_delay()
                may_start = True

    async def _greet_again(self, link: Link) -> None:
        """Say the extension's hello to a daemon that has just been reached again.

        Raises SharewiseError if it does not agree any more: it may have been updated.
        """
        if self._hello is None:
            return
        message, hello_id = self._hello
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                await link.send(message)
                while glance.answer(answer := await link.receive()).id != hello_id:
                    await self._deliver(answer)
        except (LinkLostError, TimeoutError) as error:
            raise SharewiseError(
                ErrorCode.DAEMON_UNREACHABLE,
                "Sharewise was started again but does not answer. Run 'sharewise doctor'.",
            ) from error
        jsonrpc.decode_result(answer, jsonrpc.decode_request(message)[1])

    async def _serve(self, link: Link) -> bool:
        """Carry messages both ways until the connection ends; returns whether in order."""
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._pass_requests(link))
            try:
                while True:
                    await self._deliver(await link.receive())
            except LinkLostError as ended:
                return ended.is_orderly
            finally:
                sender.cancel()

    async def _pass_requests(self, link: Link) -> None:
        try:
            while True:
                message, envelope = self._held or await self._waiting.get()
                self._held = None
                if envelope.id is not None:
                    if len(self._in_flight) >= MAX_IN_FLIGHT:
                        await self._refuse(too_busy(), envelope.id)
                        continue
                    self._in_flight.add(envelope.id)
                    if envelope.is_hello:
                        self._hello_on_trial = (message, envelope.id)
                await link.send(message)
        except LinkLostError:
            return  # the receiving side hears of it too, and says how it ended

    async def _deliver(self, message: bytes) -> None:
        envelope = glance.answer(message)
        if envelope.id is not None:
            self._in_flight.discard(envelope.id)
            self._note_hello(envelope.id, is_refused=envelope.is_refusal)
        if len(message) <= MAX_TO_BROWSER_BYTES:
            await self._port.write(message)
        elif envelope.id is not None:
            await self._refuse(too_large(), envelope.id)

    def _note_hello(self, answered_id: int, *, is_refused: bool) -> None:
        if self._hello_on_trial is not None and self._hello_on_trial[1] == answered_id:
            self._hello = None if is_refused else self._hello_on_trial
            self._hello_on_trial = None

    async def _give_up_in_flight(self) -> None:
        self._hello_on_trial = None
        lost, self._in_flight = sorted(self._in_flight), set()
        for request_id in lost:
            await self._refuse(gone(), request_id)

    async def _refuse_for_a_while(self, error: SharewiseError) -> None:
        """Answer what waits and what comes with this error, before the next try."""
        self._lengthen_delay()
        if self._held is not None:
            await self._refuse(error, self._held[1].id)
            self._held = None
        try:
            async with asyncio.timeout(self._delay_s):
                while True:
                    _message, envelope = await self._waiting.get()
                    await self._refuse(error, envelope.id)
        except TimeoutError:
            return

    async def _is_asked_within(self, wait_s: float) -> bool:
        """Return as soon as a request is there, which is held, or False after the wait."""
        try:
            async with asyncio.timeout(wait_s):
                self._held = self._held or await self._waiting.get()
        except TimeoutError:
            return False
        return True

    async def _refuse(self, error: SharewiseError, request_id: int | None) -> None:
        await self._port.write(jsonrpc.encode_error(error, request_id=request_id))

    def _lengthen_delay(self) -> None:
        self._delay_s = min(max(FIRST_DELAY_S, self._delay_s * 2), LONGEST_DELAY_S)


def gone() -> SharewiseError:
    """Return the error for a request whose daemon ended before it answered."""
    return SharewiseError(
        ErrorCode.DAEMON_GONE,
        "Sharewise stopped before it answered and is being started again. Please try once more.",
    )


def too_busy() -> SharewiseError:
    """Return the error for a request too many."""
    return SharewiseError(
        ErrorCode.BUSY, "Too much was asked at the same time. Try again in a moment."
    )


def too_large() -> SharewiseError:
    """Return the error for an answer that no browser takes."""
    return SharewiseError(
        ErrorCode.TOO_LARGE, "The answer is too large for the browser. Ask for less at once."
    )
