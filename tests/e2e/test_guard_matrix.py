"""Every way in which pages take files, in both browsers, on a page that does what it can to get the
photo as it is.

Each way runs twice: without the extension, where the hostile page must get the photo (or its tries
would prove nothing), and with it. The table at the end says for each: was the file held until the
person chose, did a cleaned one arrive, did the page see the same events in the same order, and did
the hostile page get nothing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio

from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.chromium_page import ChromiumPage
from support.browsers.installation import Installation
from support.pictures import DEVICE, gps_jpeg, pixels, put
from support.screen import Screen, screen
from support.sites import Received, Site, running_site
from support.sites.libraries import bundle

REMOVE = "Remove and share"
OUTPUT = Path(__file__).parent / "output"
EXTENSION = Path(__file__).resolve().parents[2] / "extension"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a page, and what a person does."""

    name: str
    act: str = "pick"
    """"pick", "pick folder", "picker", "folder picker", "drop", "drop with words", "drop folder" or
    "paste"."""
    page: str = "way.html"
    is_library: bool = False
    only: Kind | None = None
    why: str = ""
    """Why only there."""
    on_screen: Kind | None = None
    """Which browser needs a window on a screen for it."""
    how: str = ""
    """What stands in for something that no driver reaches; the rest is the browser's own."""

    @property
    def address(self) -> str:
        """The page's name with its question."""
        return f"{self.page}?{'library' if self.is_library else 'way'}={self.name}"

    def __str__(self) -> str:
        act = "" if self.act == "pick" else f", {self.act}"
        return f"{self.name}{act}{', trusted types' if self.page == 'trusted.html' else ''}"


NO_HANDLES = "Firefox has no such call"
BY_HAND = "in Chromium on a screen: its window to pick in is no driver's"
PASTED = "in Chromium on a screen: without one it pastes no files"
DRAGGED = "in Firefox dragged on a screen: what its driver drops does nothing by itself"
A_DRAG = "the drag of the file and words is dispatched by the driver, trusted"
PICKED = (
    *("form", "form-submit", "form-request-submit", "form-submit-at-once", "fetch", "fetch-raw"),
    *("xhr", "beacon", "websocket", "worker", "json", "parts", "polling"),
    *("detached-listener", "detached-onchange", "detached-polling", "shadow-open"),
    *("shadow-closed", "frame-srcdoc", "frame-blob", "frame-data", "frame-sandboxed"),
    *("frame-written", "frame-written-later"),
)
WAYS = (
    *(Way(name) for name in PICKED),
    Way("fetch", page="trusted.html"),
    Way("detached-listener", page="trusted.html"),
    Way("frame-cross-site"),
    Way("folder-input", "pick folder"),
    *(
        Way(name, act, on_screen=Kind.CHROMIUM, how=BY_HAND, only=Kind.CHROMIUM, why=NO_HANDLES)
        for name, act in (("picker", "picker"), ("folder-picker", "folder picker"))
    ),
    Way("drop", "drop"),
    Way("drop", "drop", page="trusted.html"),
    Way("drop", "drop with words", how=A_DRAG),
    Way("drop-items", "drop"),
    Way("drop-entries", "drop"),
    Way("drop-entries-poisoned", "drop"),
    Way("drop-on-input", "drop", on_screen=Kind.FIREFOX, how=DRAGGED),
    Way("drop-entries", "drop folder", on_screen=Kind.FIREFOX, how=DRAGGED),
    Way("drop-handles", "drop", only=Kind.CHROMIUM, why=NO_HANDLES),
    Way("drop-folder-handles", "drop folder", only=Kind.CHROMIUM, why=NO_HANDLES),
    Way("paste", "paste", on_screen=Kind.CHROMIUM, how=PASTED),
    *(Way(name, is_library=True) for name in ("react18", "react19", "react-dropzone")),
    *(Way(name, is_library=True) for name in ("dropzone", "filepond", "jquery-file-upload", "tus")),
    *(
        Way(name, "drop", is_library=True)
        for name in ("react-dropzone", "dropzone", "uppy", "jquery-file-upload")
    ),
    Way("filepond", "drop", is_library=True, on_screen=Kind.FIREFOX, how=DRAGGED),
)
PICTURE_OF_A_PAGE = {
    "text/uri-list": "https://pictures.example/beach.jpg",
    "text/html": '<img src="https://pictures.example/beach.jpg">',
}
"""What a picture that is dragged from another page brings along beside its file."""

ROWS: dict[tuple[str, str], dict[str, bool]] = {}


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print the matrix when all is done, and keep it beside the pictures."""
    bundle()
    yield
    lines = [f"{'pattern':40}{'browser':10}{'held':6}{'cleaned':9}{'events':8}hostile failed"]
    for (name, kind), row in ROWS.items():
        marks = ["yes" if row.get(column) else "NO" for column in COLUMNS]
        lines.append(f"{name:40}{kind:10}{marks[0]:6}{marks[1]:9}{marks[2]:8}{marks[3]}")
    lines += [f"{way!s:40}{way.only} only: {way.why}" for way in WAYS if way.only is not None]
    lines += [f"{way!s:40}{way.how}" for way in WAYS if way.how]
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "guard-matrix.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))


COLUMNS = ("held", "cleaned", "events as before", "hostile page failed")


async def act(page: Page, way: Way, photo: Path, shown: Screen | None = None) -> None:
    """Do what a person does with the photo."""
    if way.is_library:
        await page.until_true("document.getElementById('way').childElementCount > 0")
    if way.name.startswith("frame-"):
        where = await frame_input(page)
        await page.pick_files(where, [photo])
    elif way.act.endswith("picker"):
        assert shown is not None
        picked = photo.parent if way.act == "folder picker" else photo
        await shown.pick(page, "#target", picked)
    elif way.act == "pick":
        await page.pick_files(await where_to_click(page, way), [photo])
    elif way.act == "pick folder":
        await page.pick_files("#target", [photo.parent])
    elif way.act == "paste":
        await page.click("#target")
        if shown is None:
            await page.paste_files([photo])
        else:
            assert isinstance(page, ChromiumPage)
            await page.press_paste()
    else:
        dropped = photo.parent if way.act == "drop folder" else photo
        words = PICTURE_OF_A_PAGE if way.act == "drop with words" else {}
        where = await page.centre("#target")
        if shown is None:
            await page.drop_files(*where, [dropped], words)
        else:
            await shown.drop(page, where, dropped)
    if way.name == "form":
        await page.until_true("seen.some(({ type }) => type === 'change')", within_s=20)


STANDS = """(async () => {
  const places = new Set();
  for (let frame = 0; frame < 20; frame += 1) {
    await new Promise(requestAnimationFrame);
    const node = document.querySelector(%s);
    if (!node || !node.checkVisibility({ checkOpacity: true })) return false;
    const { left, top, width, height } = node.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!node.contains(hit)) return false;
    places.add(`${left} ${top} ${width} ${height}`);
  }
  return places.size === 1;
})()"""
"""Whether an element of this selector is seen, can be hit and stays in its place."""


async def where_to_click(page: Page, way: Way) -> str | tuple[float, float]:
    if way.name == "filepond":
        # Its label fades in and springs into place, by script: no animation to be asked for.
        await page.until_true(STANDS % json.dumps(".filepond--label-action"), within_s=20)
        return ".filepond--label-action"
    if way.name.startswith("shadow-"):
        _, y = await page.centre("#target")
        left = await page.evaluate("document.getElementById('target').getBoundingClientRect().left")
        assert isinstance(left, int | float)
        return left + 30, y
    return "#target"


async def frame_input(page: Page) -> tuple[float, float]:
    await page.until_true("document.readyState === 'complete'")
    await page.until_true(STANDS % json.dumps("#target"))
    box = await page.evaluate(
        """(() => {
          const { left, top } = document.getElementById('target').getBoundingClientRect();
          return [left + 40, top + 25];
        })()"""
    )
    assert isinstance(box, list)
    return float(box[0]), float(box[1])


async def events(page: Page) -> list[object]:
    """Return what the page's handlers saw, without what cleaning is meant to change."""
    seen = await page.evaluate(
        """seen.map(({ type, files, is_composed, bubbles, carried }) => ({
          type, is_composed, bubbles, carried,
          files: files.map((file) => [file.name, file.type, file.last_modified, file.path]),
        }))"""
    )
    assert isinstance(seen, list)
    return seen


async def caught(page: Page) -> list[object]:
    found = await page.evaluate("hostile.report()")
    assert isinstance(found, list)
    return found


async def send_form(page: Page, way: Way) -> None:
    if way.name == "form":
        await page.click("#send")


@dataclass(slots=True)
class Windows:
    """Browsers that have a window, each on a screen of its own; started when first asked for."""

    kind: Kind
    installation: Installation
    photo: Path
    stack: AsyncExitStack
    _pair: tuple[Windowed, Windowed] | None = None

    async def pair(self) -> tuple[Windowed, Windowed]:
        """Return one without the extension and one with it; the photo is in both clipboards."""
        if self._pair is None:
            host = self.installation.launcher()
            self._pair = (
                await self._start(Settings(None, headless=False)),
                await self._start(Settings(EXTENSION, headless=False, host=host)),
            )
        return self._pair

    async def _start(self, settings: Settings) -> Windowed:
        shown = self.stack.enter_context(screen())
        await shown.copy(self.photo)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DISPLAY", shown.display)
            return shown, await self.stack.enter_async_context(started(self.kind, settings))


Windowed: TypeAlias = tuple[Screen, Browser]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def windows(
    kind: Kind, shared_installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Windows]:
    photo = put(tmp_path_factory.mktemp("screen") / "holiday", "beach.jpg", gps_jpeg())
    async with AsyncExitStack() as stack:
        yield Windows(kind, shared_installation, photo, stack)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_way(  # noqa: PLR0917  fixtures
    browser: Browser,
    bare_browser: Browser,
    windows: Windows,
    kind: Kind,
    tmp_path: Path,
    way: Way,
) -> None:
    if way.only not in (None, kind):
        pytest.skip(way.why)
    if way.on_screen is kind:
        await go_on_screen(windows, way)
    else:
        photo = put(tmp_path / "holiday", "beach.jpg", gps_jpeg())
        await go(browser, bare_browser, way, photo)


async def go(browser: Browser, bare_browser: Browser, way: Way, photo: Path) -> None:
    """Go a way without the guard and with it, and compare."""
    async with running_site() as site:
        original, before = await unguarded(bare_browser, site, way, photo)
    async with running_site() as site:
        await guarded(browser, site, way, photo, original, before)


async def go_on_screen(windows: Windows, way: Way) -> None:
    """Do the same with browsers that have a window."""
    (bare_screen, bare), (shown, browser) = await windows.pair()
    try:
        async with running_site() as site:
            original, before = await unguarded(bare, site, way, windows.photo, bare_screen)
        async with running_site() as site:
            await guarded(browser, site, way, windows.photo, original, before, shown)
    except Exception:  # raised on: only the fixtures' own browsers are told of by themselves
        await bare.print_logs()
        await browser.print_logs()
        raise
    finally:
        await bare.close_pages()
        await browser.close_pages()


async def unguarded(
    browser: Browser, site: Site, way: Way, photo: Path, shown: Screen | None = None
) -> tuple[Received, list[object]]:
    """Return what came and what the page saw; the hostile page must get the photo."""
    page = await browser.open(site.page(way.address))
    await act(page, way, photo, shown)
    await send_form(page, way)
    (original,) = await site.wait_for_files(1)
    assert DEVICE in original.data, "without the guard the page gets it all"
    if way.name.startswith("frame-"):
        # What a frame saw comes by message, the file may come before it.
        await page.until_true("seen.some(({ type }) => type === 'change')")
    else:
        assert await caught(page), "and the hostile page's tries succeed"
    before = await events(page)
    await browser.close_pages()
    return original, before


async def guarded(  # noqa: PLR0917  all of one way
    browser: Browser,
    site: Site,
    way: Way,
    photo: Path,
    original: Received,
    before: list[object],
    shown: Screen | None = None,
) -> None:
    """Hold the same way with the guard against what was seen without it."""
    row = ROWS.setdefault((str(way), browser.name), {})
    page = await browser.open(site.page(way.address))
    if way.name == "form":
        await page.pick_files("#target", [photo])
    else:
        await act(page, way, photo, shown)
    await page.card()
    early = await page.evaluate("seen.map(({ type }) => type)")
    row["held"] = not site.files and not early
    await page.choose(REMOVE)
    if way.name == "form":
        await page.until_true("seen.some(({ type }) => type === 'change')")
    await send_form(page, way)
    received = (await site.wait_for_files(1))[0]
    row["cleaned"] = DEVICE not in received.data and pixels(received.data) == pixels(
        photo.read_bytes()
    )
    await page.until_true(f"seen.length >= {len(before)}")
    after = await events(page)
    row["events as before"] = after == before
    won = await caught(page)
    row["hostile page failed"] = not won
    assert row["held"], f"before the choice the page saw {early}"
    assert row["cleaned"]
    assert json.dumps(after) == json.dumps(before)
    assert won == []
    assert len(site.files) == 1
    assert (received.name, received.type) == (original.name, original.type)
