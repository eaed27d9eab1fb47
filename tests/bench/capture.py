"""How long it takes to save a page of 20,000 px with the extension, host and daemon, per browser.

Chromium allows two pictures of a tab a second, so its mark is tiles / 2 + 1.5 s; Firefox draws the
whole page at once, and its mark is 3 s.
"""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path

from support.browsers import Kind, Page, Settings, started
from support.browsers.installation import installed
from support.capturing import ask, begin_saving, control_page, outcome, running_pages

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
HEIGHT = 20_000
BLOCK = 250
RUNS = 3
FIREFOX_MARK_S = 3.0
NOTE_STEPS = """(() => {
  window.noteStep ??= (changes) => {
    const saving = changes.saving?.newValue;
    if (saving) window.steps.push([performance.now(), saving.step ?? saving.state]);
  };
  window.steps = [];
  chrome.storage.session.onChanged.addListener(window.noteStep);
})()"""


def measure() -> list[str]:
    """Return a line for each browser, of the quickest of some runs, and the time of each step."""
    return [asyncio.run(_measured(kind)) for kind in Kind]


def page_of_blocks() -> str:
    """A page of words and colours, `HEIGHT` high: no margin adds to that."""
    blocks = "".join(
        f'<div style="height:{BLOCK}px;background:hsl({number * 29 % 360} 60% 80%)">'
        f'<p style="margin:0">message {number}: some words that somebody wrote</p></div>'
        for number in range(HEIGHT // BLOCK)
    )
    return f'<!doctype html><title>A long page</title><body style="margin:0">{blocks}'


async def _measured(kind: Kind) -> str:
    async with (
        running_pages() as pages,
        installed() as installation,
        started(kind, Settings(EXTENSION, host=installation.launcher())) as browser,
    ):
        pages.html["long"] = page_of_blocks()
        control = await control_page(browser)
        page = await browser.open(pages.url("long"))
        assert await page.evaluate("document.documentElement.scrollHeight") == HEIGHT
        runs = [await _run(control, page) for _ in range(RUNS)]
    total_s, steps, tiles = min(runs)
    mark = tiles / 2 + 1.5 if kind is Kind.CHROMIUM else FIREFOX_MARK_S
    told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in steps)
    return (
        f"{kind}: {total_s:.2f} s for {HEIGHT} px in {tiles or 1} pictures, "
        f"mark {mark:.1f} s, {total_s / mark:.2f} of it ({told})"
    )


async def _run(control: Page, page: Page) -> tuple[float, list[tuple[str, float]], int]:
    await ask(control, "saving.dismiss", {})
    await control.evaluate(NOTE_STEPS)
    await begin_saving(control, page)
    state = await outcome(control)
    assert state["state"] == "sealed", state
    noted = await control.evaluate("window.steps")
    assert isinstance(noted, list)
    starts: list[tuple[str, float]] = []
    tiles = 0
    for at_ms, name in noted:
        if not starts or starts[-1][0] != name:
            starts.append((str(name), float(at_ms) / 1000))
        tiles += name == "full_page"
    spans = [(name, after - at) for (name, at), (_, after) in pairwise(starts)]
    viewport = await page.evaluate("innerHeight")
    assert isinstance(viewport, int), json.dumps(viewport)
    has_tiles = await control.evaluate("!('captureTab' in chrome.tabs)")
    return starts[-1][1] - starts[0][1], spans, -(-HEIGHT // viewport) if has_tiles else 0
