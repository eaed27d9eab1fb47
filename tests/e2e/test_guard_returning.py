"""A page that goes into the back/forward cache and comes back is guarded as before: Chromium closes
its lines to the extension there, and tells it nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.browsers import Browser, Page
from support.pictures import DEVICE, gps_jpeg, pixels, put
from support.sites import Site

REMOVE = "Remove and share"
CANCEL = "Cancel"
FRAME = """(async () => {
  const frame = document.createElement('iframe');
  frame.src = 'way.html?way=fetch';
  frame.style.cssText = 'width: 240px; height: 60px; border: 0';
  document.body.prepend(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  const inner = frame.contentDocument.getElementById('target');
  inner.scrollIntoView();
  const [a, b] = [frame, inner].map((one) => one.getBoundingClientRect());
  return [a.left + b.left + 20, a.top + b.top + b.height / 2];
})()"""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def go_and_come_back(page: Page, site: Site) -> None:
    """Leave for another page and come back, with all that the page had in its memory."""
    await page.evaluate("void addEventListener('pageshow', (e) => { window.kept = e.persisted; })")
    here = await page.evaluate("location.href")
    await page.goto(site.page("drop.html"))
    await page.evaluate("void setTimeout(() => history.back())")
    await page.until_true(f"location.href === {here!r} && window.kept === true")


async def assert_cleaned(site: Site, count: int, original: Path) -> None:
    for received in await site.wait_for_files(count):
        assert DEVICE not in received.data
        assert pixels(received.data) == pixels(original.read_bytes())
    assert len(site.files) == count


@pytest.mark.parametrize("before", ["nothing", "a file was taken", "a file was cancelled"])
async def test_a_page_that_came_back_is_guarded(
    browser: Browser, site: Site, telling: Path, before: str
) -> None:
    page = await browser.open(site.page("way.html?way=fetch"))
    if before != "nothing":
        await page.pick_files("#target", [telling])
        await page.card()
        await page.choose(REMOVE if before == "a file was taken" else CANCEL)
        await page.card_gone()
    taken = 1 if before == "a file was taken" else 0
    await assert_cleaned(site, taken, telling)
    await go_and_come_back(page, site)
    await page.pick_files("#target", [telling])
    await page.card()
    assert len(site.files) == taken
    await page.choose(REMOVE)
    await page.card_gone()
    await assert_cleaned(site, taken + 1, telling)


async def test_a_card_that_was_open_when_the_page_went_away_still_works(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("way.html?way=fetch"))
    await page.pick_files("#target", [telling])
    await page.card()
    await go_and_come_back(page, site)
    await page.card()
    assert not site.files
    await page.choose(REMOVE)
    await page.card_gone()
    await assert_cleaned(site, 1, telling)


@pytest.mark.parametrize("choice", [REMOVE, CANCEL])
async def test_the_card_of_a_frame_still_works(
    browser: Browser, site: Site, telling: Path, choice: str
) -> None:
    page = await browser.open(site.page("detached.html"))
    where = await page.evaluate(FRAME)
    assert isinstance(where, list)
    await page.pick_files((where[0], where[1]), [telling])
    card = await page.card()
    assert card.height > 60, "it is shown in the top frame"
    await go_and_come_back(page, site)
    await page.card()
    assert not site.files
    await page.choose(choice)
    await page.card_gone()
    await assert_cleaned(site, 1 if choice == REMOVE else 0, telling)
