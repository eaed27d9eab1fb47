"""How the card looks: a picture of each state into `output` for people to judge, and what a machine
can judge of it: room, direction, names and contrast (axe-core), and what each control does."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from support.accessibility import violations
from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.installation import Installation
from support.pictures import DEVICE, gps_jpeg, plain_jpeg, put
from support.sites import Site
from support.sites.photo import NAME, photo

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
OUTPUT = Path(__file__).parent / "output"
REMOVE = "Remove and share"
SHARE_MANY = "Share as they are"
CANCEL = "Cancel"
DOTS = "(root) => root.querySelectorAll('.where-map .dot').length"
MARKUP = "(root) => root.querySelector('dialog[open]')?.outerHTML ?? null"
SIDEWAYS = """(root) => [...root.querySelectorAll('dialog, .main, .choices, .checks, button')]
  .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.className)"""

SPILT = """(root) => [...root.querySelectorAll('.top canvas, .top svg')].filter((picture) =>
  picture.getBoundingClientRect().bottom >
    picture.closest('.top').getBoundingClientRect().bottom + 1).length"""
DRAWN = "(root) => root.querySelectorAll('.top canvas').length"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, NAME, photo())


async def card_violations(browser: Browser, page: Page) -> list[str]:
    """Return what axe-core finds wrong with the card as it is now.

    axe-core cannot enter a closed shadow root, so the card's own markup and sheet are laid out
    once more in a page of the site.
    """
    (markup,) = [found for found in await page.in_closed_roots(MARKUP) if found]
    source = await asyncio.to_thread((EXTENSION / "content" / "card_style.js").read_text, "utf-8")
    sheet = source.partition("`")[2].rpartition("`")[0].replace(":host", "#host")
    copy = await browser.open(str(await page.evaluate("location.href")))
    await copy.evaluate(
        f"""(() => {{
          document.documentElement.lang = 'en';
          document.title = 'The card';
          const style = document.createElement('style');
          style.textContent = {json.dumps(sheet)};
          document.head.append(style);
          document.body.innerHTML = {json.dumps(markup)};
          const dialog = document.querySelector('dialog');
          dialog.removeAttribute('open');
          dialog.style.animation = 'none';
          dialog.showModal();
        }})()"""
    )
    found = await violations(copy)
    await copy.close()
    browser.pages.remove(copy)
    await page.activate()
    return found


def many(folder: Path) -> list[Path]:
    """Thirty files: photos from two places, clean ones, one damaged, one of an unknown kind."""
    one = [put(folder, f"IMG_{2040 + n}.jpg", photo() if n == 0 else gps_jpeg()) for n in range(18)]
    clean = [put(folder, f"drawing {n}.jpg", plain_jpeg()) for n in range(10)]
    damaged = put(folder, "damaged.jpg", gps_jpeg()[:-700])
    unknown = put(folder, "still.heic", b"\0\0\0\x18ftypheic" + bytes(400))
    return [*one, *clean, damaged, unknown]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_one_photo(browser: Browser, site: Site, telling: Path, *, dark: bool) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.set_viewport(900, 900, dark=dark)
    await page.pick_files("#file", [telling])
    await page.card()
    await page.until_in_card(DOTS, 1)
    await page.screenshot(OUTPUT / f"card-{'dark' if dark else 'light'}-{browser.name}.png")
    assert await page.in_closed_roots(SIDEWAYS) == [[]]
    assert await card_violations(browser, page) == []


async def test_thirty_files_with_a_choice_for_each(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.set_viewport(900, 900)
    files = many(tmp_path)
    await page.pick_files("#file", files)
    card = await page.card(within_s=60)
    assert "18 of these 30 files say where they were taken" in card.text
    await page.until_in_card(DOTS, 2)
    await page.screenshot(OUTPUT / f"card-30-files-{browser.name}.png")
    assert await card_violations(browser, page) == []

    await page.choose("IMG_2040.jpg: Remove. Change")
    await page.choose("Leave out")
    await page.choose("IMG_2041.jpg: Remove. Change")
    await page.screenshot(OUTPUT / f"card-30-files-one-{browser.name}.png")
    assert await card_violations(browser, page) == []
    await page.choose("As it is")
    card = await page.card()
    assert "Cleaned: 16. As they are: 13. Left out: 1." in card.text
    await page.choose("damaged.jpg: As it is. Change")
    await page.choose("Leave out")
    await page.choose("Share as chosen")

    received = await site.wait_for_files(28, within_s=60)
    names = [one.name for one in received]
    assert names == [
        path.name for path in files if path.name not in ("IMG_2040.jpg", "damaged.jpg")
    ]
    private = [one.name for one in received if DEVICE in one.data]
    assert private == ["IMG_2041.jpg"]


async def test_the_keyboard_alone_chooses_for_one_file(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    files = [put(tmp_path, name, gps_jpeg()) for name in ("a.jpg", "b.jpg")]
    await page.pick_files("#file", files)
    assert (await page.card()).focused == REMOVE
    for _ in range(12):
        if (await page.card()).focused == "b.jpg: Remove. Change":
            break
        await page.press("Shift+Tab")
    await page.press("Enter")
    assert (await page.card()).focused == "b.jpg: Remove. Change"
    for _ in range(3):
        await page.press("Tab")
    assert (await page.card()).focused == "Leave out"
    await page.press(" ")
    assert (await page.card()).focused == "b.jpg: Leave out. Change"
    await page.choose("Share as chosen")
    (received,) = await site.wait_for_files(1)
    assert received.name == "a.jpg"
    assert DEVICE not in received.data


MOTION = """(root) => {
  const dialog = root.querySelector('dialog[open]');
  if (!dialog) return null;
  const view = dialog.ownerDocument.defaultView;
  const button = view.getComputedStyle(root.querySelector('.choices button'));
  const backdrop = view.getComputedStyle(dialog, '::backdrop');
  const { animationName } = view.getComputedStyle(dialog);
  return [animationName, backdrop.animationName, button.transitionDuration];
}"""


@pytest.mark.parametrize(
    ("is_reduced", "motion"),
    [(False, ["rise", "dim", "0.12s"]), (True, ["none", "none", "0s"])],
    ids=["moves", "stands still"],
)
async def test_who_wants_less_motion_sees_none(
    browser: Browser, site: Site, telling: Path, *, is_reduced: bool, motion: list[str]
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.set_motion(is_reduced=is_reduced)
    try:
        await page.pick_files("#file", [telling])
        await page.card()
        assert await page.in_closed_roots(MOTION) == [motion]
    finally:
        await page.set_motion(is_reduced=False)


@pytest.mark.parametrize(("width", "height"), [(320, 256), (360, 640)], ids=["zoom 400 %", "phone"])
async def test_little_room(
    browser: Browser, site: Site, telling: Path, width: int, height: int
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    await page.card()
    await page.set_viewport(width, height)
    card = await page.card()
    assert card.x >= 0
    assert card.x + card.width <= width
    assert await page.in_closed_roots(SIDEWAYS) == [[]]
    await page.until_in_card(DRAWN, 1)
    assert await page.in_closed_roots(SPILT) == [0]
    await page.screenshot(OUTPUT / f"card-{width}-{browser.name}.png")
    assert await card_violations(browser, page) == []
    # Everything is reached by scrolling.
    await page.choose(CANCEL)
    await page.card_gone()


async def test_arabic_runs_from_right_to_left(
    installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    # Debian's Firefox speaks English without a package more; Chromium has all its languages.
    settings = Settings(EXTENSION, host=installation.launcher(), language="ar")
    async with started(Kind.CHROMIUM, settings) as browser:
        page = await browser.open(site.page("auto.html"))
        await page.set_viewport(900, 900)
        await page.pick_files("#file", [telling])
        card = await page.card(within_s=60)
        assert card.direction == "rtl"
        assert "أين" in card.text
        await page.until_in_card(DOTS, 1)
        await page.screenshot(OUTPUT / "card-rtl-chromium.png")
        assert await page.in_closed_roots(SIDEWAYS) == [[]]
        assert not re.search(r"\b(This|Remove|share|Where|Near|north)\b", card.text)
        await page.choose("إلغاء")
        await page.card_gone()
        await page.pick_files("#file", many(tmp_path))
        await page.card(within_s=60)
        await page.until_in_card(DOTS, 2)
        await page.screenshot(OUTPUT / "card-rtl-30-files-chromium.png")
        for path in ("popup", "options"):
            own = await browser.extension_page(f"pages/{path}.html")
            await own.set_viewport(360 if path == "popup" else 900, 800)
            await own.until_true("document.documentElement.dir === 'rtl'")
            await own.until_true("!document.querySelector('#daemon-state, #sites-none').hidden")
            assert await violations(own) == []
            await own.screenshot(OUTPUT / f"{path}-arabic-chromium.png")
