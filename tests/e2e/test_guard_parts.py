"""Most of the guard is put into a frame only when files come near it: until it is there, and if it
never comes, nothing is handed to the page, and the person is told.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from support.browsers import Browser, HarnessError, Kind, Settings, started, until
from support.browsers.installation import Installation
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
REMOVE = "Remove and share"
ASKED = "Sharewise could not check what you picked, and could not show why. Share it as it is?"

HOLD = """(() => {
  const { scripting } = chrome;
  const run = scripting.executeScript.bind(scripting);
  self.asks = 0;
  const opened = new Promise((resolve) => { self.open = resolve; });
  scripting.executeScript = async (...given) => {
    self.asks += 1;
    await opened;
    return run(...given);
  };
  return true;
})()"""
"""The browser's own call, later: it puts nothing into a frame before `open`."""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def wait_until_asked(browser: Browser, count: int) -> None:
    """Wait until frames have asked for their parts so often."""

    async def probe() -> bool:
        return await browser.evaluate_in_background("self.asks") == count

    await until(probe, f"{count} frames to ask for their parts")


async def test_files_that_come_before_the_parts_wait_for_them_and_keep_their_order(
    own_browser: Browser, site: Site, telling: Path, tmp_path: Path
) -> None:
    other = put(tmp_path, "other.jpg", gps_jpeg())
    assert await own_browser.evaluate_in_background(HOLD)
    page = await own_browser.open(site.page("drop.html"))
    where = await page.centre("#zone")
    await page.drop_files(*where, [telling])
    await page.drop_files(*where, [other])
    await wait_until_asked(own_browser, 1)
    assert await page.evaluate("seen") == []
    assert await page.card_now() is None
    await own_browser.evaluate_in_background("self.open()")
    for count in (1, 2):
        await page.choose(REMOVE)
        received = await site.wait_for_files(count)
    assert [file.name for file in received] == [telling.name, other.name]
    assert not [file.name for file in received if DEVICE in file.data]
    assert await own_browser.evaluate_in_background("self.asks") == 1
    assert await own_browser.errors() == []


async def test_a_frame_that_is_left_before_its_parts_come_takes_nothing_along(
    own_browser: Browser, site: Site, telling: Path
) -> None:
    assert await own_browser.evaluate_in_background(HOLD)
    page = await own_browser.open(site.page("detached.html"))
    address = f"framed.html?{quote(site.address, safe='')}"
    show = "((address) => new Promise((done) => { inner.onload = done; inner.src = address; }))"
    await page.evaluate(
        f"""(() => {{
          const frame = document.createElement('iframe');
          frame.id = 'inner';
          frame.style.cssText = 'width: 300px; height: 40px';
          document.body.append(frame);
          return {show}('{address}');
        }})()"""
    )
    await page.pick_files("#inner", [telling])
    await wait_until_asked(own_browser, 1)
    await page.evaluate(f"{show}('{address}')")
    await own_browser.evaluate_in_background("self.open()")
    await page.pick_files("#inner", [telling])
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert DEVICE not in received.data
    assert await own_browser.errors() == []


@pytest_asyncio.fixture(loop_scope="session")
async def broken_browser(
    kind: Kind, installation: Installation, tmp_path: Path
) -> AsyncIterator[Browser]:
    """A browser with the extension without one of its parts: it refuses to put them in."""
    folder = tmp_path / "broken"
    shutil.copytree(EXTENSION, folder)
    (folder / "content" / "review.js").unlink()
    async with started(kind, Settings(folder, host=installation.launcher())) as browser:
        yield browser


async def test_where_the_parts_cannot_come_a_person_who_says_no_keeps_the_file(
    broken_browser: Browser, site: Site, telling: Path
) -> None:
    page = await broken_browser.open(site.page("auto.html"))
    # Asked anew for the next file: nothing was decided for good.
    for count in (1, 2):
        async with page.plainly_asked(agrees=False) as told:
            await page.pick_files("#file", [telling])
        assert told == [ASKED]
        await page.until_true(f"seen.length === {count}")
    assert await page.evaluate("seen.map(({ type }) => type)") == ["cancel", "cancel"]
    assert await page.evaluate("input.files.length") == 0
    assert not site.files


async def test_where_the_parts_cannot_come_a_person_may_share_all_the_same(
    broken_browser: Browser, site: Site, telling: Path
) -> None:
    page = await broken_browser.open(site.page("auto.html"))
    async with page.plainly_asked(agrees=True) as told:
        await page.pick_files("#file", [telling])
    assert told == [ASKED]
    (received,) = await site.wait_for_files(1)
    assert received.data == telling.read_bytes()


# Firefox ends the scripts of an extension that is updated, and runs the new ones in open pages.
@pytest.mark.parametrize("kind", [Kind.CHROMIUM], ids=str, indirect=True, scope="session")
async def test_an_update_under_an_open_page_hands_nothing_over_and_says_why(
    own_browser: Browser, site: Site, telling: Path
) -> None:
    page = await own_browser.open(site.page("auto.html"))
    # It takes the worker along that is asked to do it.
    with suppress(HarnessError):
        await own_browser.evaluate_in_background("chrome.runtime.reload()")
    async with page.plainly_asked(agrees=True) as told:
        await page.pick_files("#file", [telling])
    assert told == ["Sharewise was updated. Reload this page, then pick again."]
    await page.until_true("seen.length > 0")
    assert await page.evaluate("seen.map(({ type }) => type)") == ["cancel"]
    assert not site.files
