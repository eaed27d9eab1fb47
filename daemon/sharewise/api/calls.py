"""The table from a call to the service that answers it; typed at the place of registration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.messages import Call, Message

Kind = TypeVar("Kind", bound=Call[object])


class Calls:
    """Which handler answers which call; filled once, at start, by the `*_calls` modules."""

    def __init__(self) -> None:
        self._handlers: dict[type[Call[object]], Callable[[Call[object]], Awaitable[Message]]] = {}

    def on(self, kind: type[Kind], handler: Callable[[Kind], Awaitable[Message]]) -> None:
        """Answer calls of this kind with this handler; a second one for a kind is a defect."""
        assert kind not in self._handlers, f"{kind.__name__} has a handler already"

        async def answer(call: Call[object]) -> Message:
            assert isinstance(call, kind)
            return await handler(call)

        self._handlers[kind] = answer

    async def answer(self, call: Call[object]) -> Message:
        """Return the answer to a decoded call. Raises whatever SharewiseError the service does."""
        handler = self._handlers.get(type(call))
        if handler is None:
            raise SharewiseError(ErrorCode.UNKNOWN_METHOD, "The daemon does not do this.")
        return await handler(call)

    @property
    def kinds(self) -> frozenset[type[Call[object]]]:
        """The calls that are answered; a test holds them against every call there is."""
        return frozenset(self._handlers)
