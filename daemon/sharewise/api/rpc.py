"""One WebSocket connection: decodes calls, answers them side by side, encodes what went wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from sharewise.api.calls import Caller, Calls
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire import captures, evidence, items, jsonrpc, messages, packages
from sharewise.wire.framing import MAX_FRAME_BYTES
from sharewise.wire.messages import PROTOCOL, Call, Hello, Message

MAX_IN_FLIGHT = 64
"""Calls of one connection that are answered at the same time; another one is told BUSY."""
SEND_TIMEOUT_S = 20.0
"""How long a peer may leave an answer unread before the connection is given up."""
ANSWER_TIMEOUT_S = 30.0
LONG_TIMEOUT_S = 600.0
LONG_CALLS: frozenset[type[Call[object]]] = frozenset(
    {
        packages.ExportMake,
        packages.FingerprintAdd,
        items.ItemDelete,
        items.ItemRead,
        items.ItemRedact,
        items.ItemSearch,
        packages.PackageVerify,
        evidence.StampNow,
        captures.CaptureSeal,
        captures.CaseDelete,
        captures.CaseExport,
        captures.CaseList,
        messages.WatchAdd,
        messages.WatchUndo,
    }
)
"""Calls whose work grows with what a person has on disk."""

log = logging.getLogger(__name__)


class Connection:
    """What the daemon keeps for one connection, and the loop that serves it."""

    def __init__(
        self,
        connection_id: int,
        socket: web.WebSocketResponse,
        calls: Calls,
        on_gone: Callable[[Caller], None],
        abort: Callable[[], None],
    ) -> None:
        """`on_gone` is called once, after the last call of the connection has ended; `abort`
        cuts the connection without a goodbye."""
        self._caller = Caller(connection_id)
        self._socket = socket
        self._calls = calls
        self._on_gone = on_gone
        self._abort = abort
        self._in_flight = 0
        self._is_greeted = False
        self._is_draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def serve(self) -> None:
        """Answer until the peer leaves; its last calls are carried through all the same."""
        try:
            async with asyncio.TaskGroup() as tasks:
                async for frame in self._socket:
                    if frame.type is WSMsgType.TEXT:
                        await self._take(frame.data, tasks)
                    elif frame.type is WSMsgType.BINARY:
                        await self._socket.close(
                            code=WSCloseCode.UNSUPPORTED_DATA, message=b"text only"
                        )
        finally:
            self._on_gone(self._caller)

    async def drain(self) -> None:
        """Refuse new calls, wait until none is in flight, and say goodbye."""
        self._is_draining = True
        await self._idle.wait()
        await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"stopping")

    async def _take(self, untrusted: str, tasks: asyncio.TaskGroup) -> None:
        if self._is_draining:
            await self._refuse(untrusted, _stopping())
        elif self._in_flight >= MAX_IN_FLIGHT:
            await self._refuse(untrusted, _busy())
        else:
            self._in_flight += 1
            self._idle.clear()
            tasks.create_task(self._answer(untrusted))

    async def _refuse(self, untrusted: str, error: SharewiseError) -> None:
        await self._send(jsonrpc.encode_error(error, request_id=jsonrpc.request_id_of(untrusted)))

    async def _answer(self, untrusted: str) -> None:
        try:
            await self._send(await self._answer_to(untrusted))
        finally:
            self._in_flight -= 1
            if self._in_flight == 0:
                self._idle.set()

    async def _answer_to(self, untrusted: str) -> bytes:
        """Return the JSON of the answer, whatever happens: the edge where errors become codes."""
        method = "an unreadable call"
        try:
            request, call = jsonrpc.decode_request(untrusted)
            method = call.METHOD
            self._calls.heard(request.sender)
            result = await self._within_time(call)
            return _fitting(jsonrpc.encode_result(result, request_id=request.id))
        except SharewiseError as error:
            log.info("%s: %s", method, error.code)
            told = error
        except Exception:  # the edge: whatever it is, the caller hears a code
            log.exception("%s: %s", method, ErrorCode.INTERNAL)
            told = _internal()
        return jsonrpc.encode_error(told, request_id=jsonrpc.request_id_of(untrusted))

    async def _within_time(self, call: Call[object]) -> Message:
        limit = asyncio.timeout(timeout_s_of(call))
        try:
            async with limit:
                return await self._in_order(call)
        except TimeoutError as error:
            # A disk or a network can raise the same error; only ours means that time is up.
            if not limit.expired():
                raise
            raise SharewiseError(
                ErrorCode.TIMED_OUT, "This took too long and was given up. Try again."
            ) from error

    async def _in_order(self, call: Call[object]) -> Message:
        """Answer a call once both sides have said that they speak the same protocol."""
        if isinstance(call, Hello):
            agree(call)
            self._is_greeted = True
        elif not self._is_greeted:
            raise SharewiseError(
                ErrorCode.PROTOCOL_MISMATCH, "The first call of a connection must be hello."
            )
        return await self._calls.answer(call, self._caller)

    async def _send(self, answer: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send_str(answer.decode())
        except (ConnectionError, TimeoutError) as error:
            log.info("an answer was not taken: %s", type(error).__name__)
            # No goodbye: whoever does not read would not read that either.
            self._abort()


def timeout_s_of(call: Call[object]) -> float:
    """Return how long a call may take."""
    return LONG_TIMEOUT_S if type(call) in LONG_CALLS else ANSWER_TIMEOUT_S


def agree(hello: Hello) -> None:
    """Raise SharewiseError(PROTOCOL_MISMATCH), saying which side to update, or return."""
    if hello.protocol == PROTOCOL:
        return
    if hello.protocol < PROTOCOL:
        advice = "The browser extension or the command is too old for it: update that."
    else:
        advice = (
            "It is too old for the browser extension or the command: update Sharewise on this "
            "computer, then run 'sharewise daemon stop'."
        )
    raise SharewiseError(
        ErrorCode.PROTOCOL_MISMATCH, f"The daemon speaks protocol {PROTOCOL}. {advice}"
    )


def _fitting(answer: bytes) -> bytes:
    if len(answer) > MAX_FRAME_BYTES:
        raise SharewiseError(
            ErrorCode.TOO_LARGE, "The answer is too large to send. Ask for less at once."
        )
    return answer


def _busy() -> SharewiseError:
    return SharewiseError(
        ErrorCode.BUSY, "Too much was asked at the same time. Try again in a moment."
    )


def _stopping() -> SharewiseError:
    return SharewiseError(ErrorCode.DAEMON_GONE, "The daemon is stopping. Try again in a moment.")


def _internal() -> SharewiseError:
    return SharewiseError(
        ErrorCode.INTERNAL,
        "Something in Sharewise broke, and nothing was changed that could not be finished. "
        "'sharewise doctor' says where the log is.",
    )
