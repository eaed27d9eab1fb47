"""The table from a call to the service that answers it; typed at the place of registration."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.messages import Call, Message, Sender

Kind = TypeVar("Kind", bound=Call[object])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as a service needs to know it."""

    connection_id: int
    """Never given twice while the daemon runs."""


NOBODY = Caller(connection_id=0)
"""For calls that come over no connection."""


def _nobody_listens(_: Sender) -> None:
    """For a table that is told to nobody."""


class Calls:
    """Which handler answers which call; filled once, at start, by the `*_calls` modules."""

    def __init__(self, *, is_complete: bool = True) -> None:
        """`is_complete` false: more handlers come, and calls that lack one wait for `complete`."""
        self._handlers: dict[
            type[Call[object]], Callable[[Call[object], Caller], Awaitable[Message]]
        ] = {}
        self.heard: Callable[[Sender], None] = _nobody_listens
        """Told of the sender of every call that was understood."""
        self._complete = asyncio.Event()
        if is_complete:
            self._complete.set()

    def on(self, kind: type[Kind], handler: Callable[[Kind], Awaitable[Message]]) -> None:
        """Answer calls of this kind with this handler; a second one for a kind is a defect."""

        async def answer(call: Kind, _caller: Caller) -> Message:
            return await handler(call)

        self.on_behalf(kind, answer)

    def on_behalf(
        self, kind: type[Kind], handler: Callable[[Kind, Caller], Awaitable[Message]]
    ) -> None:
        """As `on`, for a handler that keeps something for its caller."""
        assert kind not in self._handlers, f"{kind.__name__} has a handler already"

        async def answer(call: Call[object], caller: Caller) -> Message:
            assert isinstance(call, kind)
            return await handler(call, caller)

        self._handlers[kind] = answer

    def complete(self) -> None:
        """Say that every handler is there."""
        self._complete.set()

    @property
    def is_complete(self) -> bool:
        """Whether every handler is there."""
        return self._complete.is_set()

    async def answer(self, call: Call[object], caller: Caller = NOBODY) -> Message:
        """Return the answer to a decoded call. Raises whatever SharewiseError the service does.

        Waits, without a limit of its own, for a handler that is still to come.
        """
        if type(call) not in self._handlers:
            await self._complete.wait()
        handler = self._handlers.get(type(call))
        if handler is None:
            raise SharewiseError(ErrorCode.UNKNOWN_METHOD, "The daemon does not do this.")
        return await handler(call, caller)

    @property
    def kinds(self) -> frozenset[type[Call[object]]]:
        """The calls that are answered; a test holds them against every call there is."""
        return frozenset(self._handlers)
