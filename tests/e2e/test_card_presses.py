"""A press that was on its way when the card came into sight, or that was meant for something else,
hands no file over; Cancel always works.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.browsers import Browser, Page
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site

REMOVE = "Remove and share"
SHARE = "Share as it is"
CANCEL = "Cancel"

COVER = """(() => {
  const cover = document.createElement('dialog');
  cover.style.cssText =
    'inset: 0; width: 100vw; height: 100vh; max-width: none; max-height: none; background: white';
  cover.append('Press twice to go on.');
  cover.addEventListener('pointerdown', () => cover.close());
  document.body.append(cover);
  cover.showModal();
})()"""
"""A page's own dialog over the card, which goes at the first press."""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def with_card(browser: Browser, site: Site, telling: Path) -> Page:
    """Return a page on which the card has stood still and offers all three choices."""
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    card = await page.card()
    assert [button.text for button in card.buttons[-3:]] == [REMOVE, SHARE, CANCEL]
    return page


@pytest.mark.parametrize("name", [SHARE, REMOVE])
async def test_the_second_press_on_what_lay_over_the_card_shares_nothing(
    browser: Browser, site: Site, telling: Path, name: str
) -> None:
    page = await with_card(browser, site, telling)
    point = (await page.card()).button(name).middle
    await page.evaluate(COVER)
    await page.press_between(point, point, times=2)
    assert await page.evaluate("document.querySelector('body > dialog').open") is False
    assert (await page.card()).button(name).is_enabled
    assert not site.files
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert DEVICE not in received.data


async def test_cancel_needs_no_time(browser: Browser, site: Site, telling: Path) -> None:
    page = await with_card(browser, site, telling)
    point = (await page.card()).button(CANCEL).middle
    await page.evaluate(COVER)
    await page.press_between(point, point, times=2)
    await page.card_gone()
    await page.until_true("seen.at(-1).type === 'cancel'")
    assert not site.files


async def test_a_press_that_began_on_another_button_is_none(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await with_card(browser, site, telling)
    card = await page.card()
    await page.press_between(card.button(CANCEL).middle, card.button(SHARE).middle)
    await page.press_between(card.button(SHARE).middle, card.button(CANCEL).middle)
    # What is pressed next is heard after those, and the card is still there to hear it.
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert DEVICE not in received.data
