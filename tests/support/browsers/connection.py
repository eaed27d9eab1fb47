"""Commands, answers and events of CDP and of WebDriver BiDi: both are JSON with an id."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from support.browsers.errors import HarnessError

COMMAND_TIMEOUT_S = 30.0

Json = dict[str, object]
Listener = Callable[[Json], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the browser refused a command."""

    method: str
    why: str


class CommandRefused(HarnessError):
    """The browser answered a command with an error."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.method}: {refusal.why}")
        self.refusal = refusal


@dataclass(slots=True)
class Connection:
    """Matches answers to commands and hands events to listeners; the transport feeds it."""

    send: Callable[[str], Awaitable[None]]
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, asyncio.Future[Json]] = field(default_factory=dict)
    _listeners: list[tuple[str, Listener]] = field(default_factory=list)
    _ended: str | None = None
    _is_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(
        self,
        method: str,
        params: Json | None = None,
        *,
        session: str | None = None,
        timeout_s: float = COMMAND_TIMEOUT_S,
    ) -> Json:
        """Send one command and return its result.

        Raises CommandRefused if the browser says no, HarnessError if it says nothing in time.
        """
        if self._ended is not None:
            raise HarnessError(f"{method}: the connection is over: {self._ended}")
        number = next(self._ids)
        message: Json = {"id": number, "method": method, "params": params or {}}
        if session is not None:
            message["sessionId"] = session
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(timeout_s):
                await self.send(json.dumps(message))
                found = await answer
        except TimeoutError:
            raise HarnessError(f"{method}: no answer within {timeout_s:g} s") from None
        finally:
            del self._waiting[number]
        if "error" in found:
            raise CommandRefused(Refusal(method, refusal_of(found)))
        result = found.get("result")
        return result if isinstance(result, dict) else {}

    def feed(self, text: str | bytes) -> None:
        """Take one message of the browser."""
        message = json.loads(text)
        number = message.get("id")
        if number is not None:
            answer = self._waiting.get(number)
            if answer is not None and not answer.done():
                answer.set_result(message)
            return
        for method, listener in list(self._listeners):
            if method == message.get("method"):
                listener(message)

    def end(self, why: str) -> None:
        """The transport is gone: everything that waits is told so."""
        if self._ended is None:
            self._ended = why
        self._is_over.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(HarnessError(f"the browser went away: {self._ended}"))

    async def ended(self) -> None:
        """Wait until the browser has gone away."""
        await self._is_over.wait()

    def listen(self, method: str, listener: Listener) -> None:
        """Call `listener` with every event of this name for as long as the connection lasts."""
        self._listeners.append((method, listener))

    @contextmanager
    def expecting(
        self, method: str, matches: Callable[[Json], bool] = lambda _: True
    ) -> Iterator[asyncio.Future[Json]]:
        """Catch the first event that matches, also one that comes before it is awaited."""
        caught: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def listener(event: Json) -> None:
            if not caught.done() and matches(event):
                caught.set_result(event)

        entry = (method, listener)
        self._listeners.append(entry)
        try:
            yield caught
        finally:
            self._listeners.remove(entry)
            caught.cancel()


def refusal_of(message: Json) -> str:
    """Return the words of an error, which CDP nests and BiDi does not."""
    error = message["error"]
    if isinstance(error, dict):
        return str(error.get("message", error))
    return f"{error}: {message.get('message', '')}"


async def within(event: asyncio.Future[Json], what: str, *, within_s: float) -> Json:
    """Return the event. Raises HarnessError, naming `what`, if it does not come in time."""
    try:
        async with asyncio.timeout(within_s):
            return await event
    except TimeoutError:
        raise HarnessError(f"waited {within_s:g} s in vain for: {what}") from None
