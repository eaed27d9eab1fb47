"""The demo site: pages from two folders, and every upload kept byte for byte.

The pages of the demo lie in `installers/demo_site`, those that only tests need beside this file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, web

from support.sites.learning import what_it_tells
from support.sites.libraries import BUNDLES
from support.sites.odd_ways import OddWays

FOLDERS = (
    Path(__file__).parent / "pages",
    BUNDLES,
    Path(__file__).resolve().parents[3] / "installers" / "demo_site",
)
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MAX_UPLOAD_BYTES = 64 * 1024 * 1024
POLICIES = {
    "strict.html": "default-src 'none'; img-src 'self'; form-action 'self'",
    "trusted.html": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'",
}
"""`strict.html`: no script, no style, no frame, no connection. `trusted.html`: its own scripts, and
nothing that makes script or markup of text."""


@dataclass(frozen=True, slots=True)
class Received:
    """One file as it arrived."""

    field: str
    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """One request that brought files."""

    way: str
    """"multipart" or "raw"."""
    files: tuple[Received, ...]


@dataclass(slots=True)
class Site:
    """The running site."""

    address: str = ""
    """Where it is, without a slash at the end."""
    uploads: list[Upload] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def page(self, name: str) -> str:
        """Return the address of a page ("form.html", "messages.html")."""
        return f"{self.address}/{name}"

    @property
    def files(self) -> list[Received]:
        """Every file that came so far, in the order it came."""
        return [file for upload in self.uploads for file in upload.files]

    async def wait_for_files(self, count: int = 1, *, within_s: float = 15.0) -> list[Received]:
        """Return all files as soon as there are `count`. Raises TimeoutError."""
        async with asyncio.timeout(within_s), self._arrived:
            await self._arrived.wait_for(lambda: len(self.files) >= count)
        return self.files

    async def keep(self, upload: Upload) -> web.Response:
        """Keep an upload; answer with what a site can learn from each file."""
        async with self._arrived:
            self.uploads.append(upload)
            self._arrived.notify_all()
        told = [
            {
                "name": file.name,
                "type": file.type,
                "size_bytes": len(file.data),
                "learned": what_it_tells(file.data),
            }
            for file in upload.files
        ]
        return web.json_response(told)

    async def take_form(self, request: web.Request) -> web.Response:
        """Keep the files of a form."""
        files: list[Received] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.filename is None:
                continue
            kind = part.headers.get("Content-Type", "")
            data = bytes(await part.read(decode=False))
            if part.filename or data:  # an empty file field of a form sends a part, too
                files.append(Received(part.name or "", part.filename, kind, data))
        return await self.keep(Upload("multipart", tuple(files)))

    async def keep_raw(self, name: str, data: bytes) -> web.Response:
        """Keep one file that came by itself."""
        return await self.keep(Upload("raw", (Received("", name, "", data),)))

    async def take_raw(self, request: web.Request) -> web.Response:
        """Keep a body that is one file; its name is in the query."""
        data = await request.read()
        file = Received("", request.query.get("name", ""), request.content_type, data)
        return await self.keep(Upload("raw", (file,)))

    async def show(self, request: web.Request) -> web.Response:
        """Serve a page, a style or a script."""
        name = request.match_info["name"] or "index.html"
        for folder in FOLDERS:
            path = folder / name
            kind = TYPES.get(path.suffix)
            if kind is not None and await asyncio.to_thread(path.is_file):
                text = await asyncio.to_thread(path.read_text, "utf-8")
                policy = POLICIES.get(name)
                headers = {} if policy is None else {"Content-Security-Policy": policy}
                return web.Response(text=text, content_type=kind, headers=headers)
        raise web.HTTPNotFound


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    site = Site()
    application = web.Application(client_max_size=MAX_UPLOAD_BYTES)
    application.router.add_post("/upload", site.take_form)
    application.router.add_post("/raw", site.take_raw)
    OddWays(site).add_routes(application)
    application.router.add_get("/favicon.ico", nothing)
    application.router.add_get("/{name:[a-z0-9.-]*}", site.show)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        host, port = runner.addresses[0][:2]
        site.address = f"http://{host}:{port}"
        yield site
    finally:
        await runner.cleanup()


async def nothing(_request: web.Request) -> web.Response:
    """Answer that there is nothing, so that no browser logs an error."""
    return web.Response(status=204)
