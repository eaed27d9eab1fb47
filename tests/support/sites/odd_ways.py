"""Ways to send a file that are no form: resumable, in parts, inside JSON, over a WebSocket."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from support.sites.server import Site


class OddWays:
    """What arrives bit by bit, until it is whole."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.parts: dict[str, bytearray] = {}
        self.lengths: dict[str, int] = {}

    def add_routes(self, application: web.Application) -> None:
        application.router.add_post("/part", self.take_part)
        application.router.add_post("/json", self.take_json)
        application.router.add_get("/socket", self.take_messages)
        application.router.add_post("/tus", self.begin_tus)
        application.router.add_route("PATCH", "/tus/{number}", self.go_on_tus)

    async def take_part(self, request: web.Request) -> web.Response:
        """Add one slice; the last one says so."""
        name = request.query["name"]
        self.parts.setdefault(name, bytearray()).extend(await request.read())
        if request.query.get("last") != "1":
            return web.json_response([])
        return await self.site.keep_raw(name, bytes(self.parts.pop(name)))

    async def take_json(self, request: web.Request) -> web.Response:
        """Keep a file that came as a data: address."""
        body = await request.json()
        data = base64.b64decode(body["address"].partition(",")[2])
        return await self.site.keep_raw(body["name"], data)

    async def take_messages(self, request: web.Request) -> web.WebSocketResponse:
        """Keep each message as a file."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await self.site.keep_raw("", message.data)
        return socket

    async def begin_tus(self, request: web.Request) -> web.Response:
        """Begin a resumable upload (tus 1.0.0, creation)."""
        number = str(len(self.lengths))
        self.lengths[number] = int(request.headers["Upload-Length"])
        self.parts[number] = bytearray()
        headers = {"Location": f"/tus/{number}", "Tus-Resumable": "1.0.0"}
        return web.Response(status=201, headers=headers)

    async def go_on_tus(self, request: web.Request) -> web.Response:
        """Add bytes to a resumable upload (tus 1.0.0, core)."""
        number = request.match_info["number"]
        part = self.parts[number]
        part.extend(await request.read())
        if len(part) == self.lengths[number]:
            await self.site.keep_raw("", bytes(part))
        headers = {"Upload-Offset": str(len(part)), "Tus-Resumable": "1.0.0"}
        return web.Response(status=204, headers=headers)
