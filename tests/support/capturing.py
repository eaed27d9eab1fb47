"""Save pages with the extension, and look at what was sealed."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from PIL import Image

from support.browsers import Browser, HarnessError, Page, until
from support.browsers.installation import Installation
from support.opening import case_of, item_folders, open_bag

POPUP = "pages/popup.html"
SAVING = "chrome.storage.session.get('saving').then((found) => found.saving)"
SEAL_LIMIT_S = 90.0

Colour = tuple[int, int, int]


@dataclass(slots=True)
class Pages:
    """A web site whose pages a test writes."""

    address: str = ""
    html: dict[str, str] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    delays_s: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for, in their order."""

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        await asyncio.sleep(self.delays_s.get(name, 0))
        if name in self.redirects:
            raise web.HTTPFound(self.redirects[name])
        if name in self.styles:
            return web.Response(text=self.styles[name], content_type="text/css")
        if name not in self.html:
            raise web.HTTPNotFound
        kind = "image/svg+xml" if name.endswith(".svg") else "text/html"
        return web.Response(text=self.html[name], content_type=kind, headers=self.headers)


@asynccontextmanager
async def running_pages(secured: ssl.SSLContext | None = None) -> AsyncIterator[Pages]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    pages = Pages()
    application = web.Application()
    application.router.add_get("/{name}", pages.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=secured).start()
        host, port = runner.addresses[0][:2]
        pages.address = f"{'https' if secured else 'http'}://{host}:{port}"
        yield pages
    finally:
        await runner.cleanup()


async def control_page(browser: Browser) -> Page:
    """Open the popup's page in a tab of its own, from which the extension can be asked."""
    return await browser.extension_page(POPUP)


async def ask(control: Page, method: str, params: Mapping[str, object]) -> dict[str, object]:
    """Ask the background as the popup does; returns the answer with `result` or `error`."""
    message = json.dumps({"method": method, "params": params})
    answer = await control.evaluate(f"chrome.runtime.sendMessage({message})")
    assert isinstance(answer, dict)
    return answer


async def tab_id(control: Page, url: str) -> int:
    """Return the browser's number of the tab with this address."""
    found = await control.evaluate(
        f"chrome.tabs.query({{}}).then((tabs) => tabs.find((t) => t.url === {json.dumps(url)})?.id)"
    )
    assert isinstance(found, int), "no tab has this address"
    return found


async def begin_saving(
    control: Page, page: Page, *, age_answer: str | None = "adults", case_id: str | None = None
) -> None:
    """Start to save what `page` shows; it is in front while that goes on."""
    url = await page.evaluate("location.href")
    await page.activate()
    wish = {"age_answer": age_answer, "case_id": case_id}
    wish = {name: value for name, value in wish.items() if value is not None}
    params = {"tab_id": await tab_id(control, str(url)), **wish}
    answer = await ask(control, "saving.start", params)
    assert "result" in answer, answer


async def outcome(control: Page) -> dict[str, object]:
    """Wait until saving has ended and return how, as the popup reads it."""

    async def probe() -> dict[str, object] | None:
        state = await control.evaluate(SAVING)
        assert state is None or isinstance(state, dict)
        return state if state is not None and state["state"] != "running" else None

    return await until(probe, "saving to end", within_s=SEAL_LIMIT_S)


async def save(
    control: Page, page: Page, *, age_answer: str | None = "adults", case_id: str | None = None
) -> dict[str, object]:
    """Save what `page` shows and return what was sealed."""
    await begin_saving(control, page, age_answer=age_answer, case_id=case_id)
    state = await outcome(control)
    assert state["state"] == "sealed", state
    sealed = state["sealed"]
    assert isinstance(sealed, dict)
    return sealed


def sealed_folder(installation: Installation) -> Path:
    """Return a folder with the parts of the one capture there is, decrypted."""
    (item,) = item_folders(installation.home)
    return open_bag(installation.home, item, installation.home / "opened") / "data"


def sealed_count(installation: Installation) -> int:
    """Return how many captures are on disk, sealed or not quite."""
    staged = [one for one in installation.home.glob("data/staging/*") if any(one.glob("*.age"))]
    return len(item_folders(installation.home)) + len(staged)


def record_of(folder: Path) -> dict[str, object]:
    """Return `capture.json`."""
    record: dict[str, object] = json.loads((folder / "capture.json").read_text("utf-8"))
    return record


def colour_at(picture: Path, x: int, y: int) -> Colour:
    """Return one pixel; negative values count from the right and lower edge."""
    with Image.open(picture) as image:
        found = image.convert("RGB").getpixel((x % image.width, y % image.height))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def is_near(one: Colour, other: Colour) -> bool:
    """Whether two colours are the same but for what a screen's profile does."""
    return all(abs(a - b) <= 4 for a, b in zip(one, other, strict=True))


async def verified(installation: Installation, folder: Path) -> str:
    """Export the one case into `folder` and return what `sharewise verify` says of it."""
    (case_id,) = {case_of(item) for item in item_folders(installation.home)}
    exported = await installation.sharewise("case", "export", case_id, str(folder))
    if exported.code != 0:
        raise HarnessError(f"no export: {exported.errors}")
    (package,) = folder.glob("case-*.zip")
    checked = await installation.sharewise("verify", str(package))
    if checked.code != 0:
        raise HarnessError(f"not verified: {checked.output}{checked.errors}")
    return checked.output
