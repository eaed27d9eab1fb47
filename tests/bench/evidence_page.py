"""How soon the evidence page shows its list with 1,000 captures in the vault, per browser.

From the navigation to the first paint of anything, to the rows being in the page, and to the
first pictures of them; the mark for the first paint is 500 ms.
"""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path

from bench.vault import fill
from support.browsers import Browser, Kind, Settings, started
from support.browsers.installation import installed
from support.capturing import control_page
from support.evidence import Desk

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
COUNT = 1000
ROUNDS = 7
MARK_MS = 500
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
ROWS = "performance.getEntriesByName('list-shown')[0].startTime"
THUMBNAIL = "document.querySelector('#timeline .thumbnail img')"
DRAWN = f"{THUMBNAIL} !== null && {ROWS} > 0"
IN_PAGE = "document.querySelectorAll('#timeline li').length"


def measure() -> list[str]:
    """Return a line for each browser: the median of some rounds."""
    return [asyncio.run(_measured(kind)) for kind in Kind]


async def _measured(kind: Kind) -> str:
    async with installed() as installation:
        desk = Desk(installation.home)
        fill(desk, COUNT)
        desk.shelf.close()
        settings = Settings(EXTENSION, host=installation.launcher())
        async with started(kind, settings) as browser:
            await control_page(browser)
            rounds = [await _round(browser) for _ in range(ROUNDS)]
    paint, rows, in_page = (statistics.median(each) for each in zip(*rounds, strict=True))
    return (
        f"{kind}: {COUNT:,} captures, first paint {paint:.0f} ms, mark {MARK_MS} ms, "
        f"{paint / MARK_MS:.2f} of it; list {rows:.0f} ms, {in_page:.0f} rows in the page"
    )


async def _round(browser: Browser) -> tuple[float, float, float]:
    page = await browser.extension_page("pages/evidence.html")
    try:
        await page.until_true("performance.getEntriesByName('list-shown').length > 0", within_s=30)
        await page.until_true(DRAWN, within_s=30)
        found = await page.evaluate(f"[{PAINT}, {ROWS}, {IN_PAGE}]")
    finally:
        await page.close()
    assert isinstance(found, list)
    return float(found[0]), float(found[1]), float(found[2])
