"""The aiohttp application: one route, taken by WebSocket, behind one check at the door."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler

from sharewise.api.access import Access
from sharewise.api.calls import Caller, Calls
from sharewise.api.endpoint import Listener
from sharewise.api.rpc import Connection
from sharewise.places import RPC_PATH
from sharewise.wire.framing import MAX_FRAME_BYTES

MAX_CONNECTIONS = 64
DRAIN_TIMEOUT_S = 5.0
"""How long calls that are in flight may go on once the daemon is to stop."""
CLOSE_TIMEOUT_S = 1.0
"""How long a peer has to answer our goodbye."""

log = logging.getLogger(__name__)


class Server:
    """Serves connections on one listener until it is left."""

    def __init__(self, calls: Calls, on_gone: Callable[[Caller], None]) -> None:
        """`on_gone` is called for each connection, after the last of its calls has ended."""
        self._calls = calls
        self._on_gone = on_gone
        self._connections: dict[int, Connection] = {}
        self._last_id = 0
        self._is_draining = False

    @asynccontextmanager
    async def serving(self, listener: Listener) -> AsyncIterator[None]:
        """Take connections while the body runs, then end them in order.

        First no new ones, then what is in flight gets `DRAIN_TIMEOUT_S`, then all is cancelled.
        """
        runner = web.AppRunner(
            self._application(listener), access_log=None, shutdown_timeout=CLOSE_TIMEOUT_S
        )
        await runner.setup()
        site = web.SockSite(runner, listener.socket)
        try:
            await site.start()
            yield
            await site.stop()
            await self._drain()
        finally:
            await runner.cleanup()

    def _application(self, listener: Listener) -> web.Application:
        @web.middleware
        async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not _is_admitted(request, listener.access):
                log.warning("a connection was refused at the door")
                raise web.HTTPForbidden
            return await handler(request)

        application = web.Application(middlewares=[door])
        application.router.add_get(RPC_PATH, self._connect)
        return application

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self._is_draining or len(self._connections) >= MAX_CONNECTIONS:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(
            # The limit is the first size that is refused.
            max_msg_size=MAX_FRAME_BYTES + 1,
            compress=False,
            timeout=CLOSE_TIMEOUT_S,
        )
        await socket.prepare(request)
        self._last_id += 1
        connection_id = self._last_id
        connection = Connection(
            connection_id, socket, self._calls, self._on_gone, abort=_aborter(request)
        )
        self._connections[connection_id] = connection
        try:
            await connection.serve()
        finally:
            del self._connections[connection_id]
        return socket

    async def _drain(self) -> None:
        self._is_draining = True
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT_S), asyncio.TaskGroup() as tasks:
                for connection in self._connections.values():
                    tasks.create_task(connection.drain())
        except TimeoutError:
            log.warning("%d connections did not end in time", len(self._connections))


def _is_admitted(request: web.Request, access: Access) -> bool:
    peer = None if request.transport is None else request.transport.get_extra_info("socket")
    try:
        return peer is not None and access.admits(peer, request.headers)
    except OSError:
        # It has left already, so nobody can be asked about it.
        return False


def _aborter(request: web.Request) -> Callable[[], None]:
    transport = request.transport

    def abort() -> None:
        if transport is not None:
            transport.abort()

    return abort
