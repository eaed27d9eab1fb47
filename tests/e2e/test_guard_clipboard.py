"""Pictures that a page reads from the clipboard by itself, with no paste: on a screen, where
another program has copied them byte for byte."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.chromium import Chromium
from support.browsers.firefox import Firefox
from support.browsers.installation import Installation
from support.pictures import pixels
from support.screen import screen
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
WORDS = b"written by Ada Example"
READ = """void addEventListener('click', async () => {
  window.got = null;
  try {
    const [item] = await navigator.clipboard.read();
    const blob = await item.getType('image/png');
    const text = (whole) => btoa(String.fromCharCode(...new Uint8Array(whole)));
    window.got = [item.types.join(), blob.constructor.name, blob.type,
      text(await blob.arrayBuffer()), text(await (await item.getType('image/png')).arrayBuffer())];
  } catch (error) {
    window.got = error.name;
  }
}, true)"""


def picture(words: bytes | None) -> bytes:
    said = PngImagePlugin.PngInfo()
    if words is not None:
        said.add_text("Author", words.decode())
    out = io.BytesIO()
    Image.new("RGB", (24, 16), (200, 40, 10)).save(out, "PNG", pnginfo=said)
    return out.getvalue()


@asynccontextmanager
async def reading(
    kind: Kind, png: bytes, site: Site, installation: Installation | None
) -> AsyncIterator[Page]:
    """Give a page that reads the clipboard at a click, in a browser that has a window."""
    with screen() as shown, pytest.MonkeyPatch.context() as patch:
        await shown.copy_picture(png)
        patch.setenv("DISPLAY", shown.display)
        extension = None if installation is None else EXTENSION
        host = None if installation is None else installation.launcher()
        async with started(kind, Settings(extension, headless=False, host=host)) as browser:
            await allow(browser)
            page = await browser.open(site.page("way.html?way=paste"))
            await page.evaluate(READ)
            await page.click("#target")
            yield page


async def allow(browser: Browser) -> None:
    """Answer for the person, whom both browsers ask before a page may read the clipboard."""
    if isinstance(browser, Chromium):
        await browser.call("Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]})
    else:
        assert isinstance(browser, Firefox)
        name = "dom.events.testing.asyncClipboard"
        await browser.in_window(f"void Services.prefs.setBoolPref('{name}', true)")


async def got(page: Page) -> list[str]:
    await page.until_true("Boolean(window.got)", within_s=20)
    found = await page.evaluate("window.got")
    assert isinstance(found, list), found
    return [str(part) for part in found]


async def test_without_the_guard_the_page_gets_all_that_the_picture_says(
    kind: Kind, site: Site
) -> None:
    telling = picture(WORDS)
    async with reading(kind, telling, site, None) as page:
        types, name, kind_of_it, first, again = await got(page)
    assert (types, name, kind_of_it) == ("image/png", "Blob", "image/png")
    assert base64.b64decode(first) == base64.b64decode(again) == telling


async def test_a_picture_that_is_read_is_held_and_comes_cleaned(
    kind: Kind, site: Site, installation: Installation
) -> None:
    telling = picture(WORDS)
    async with reading(kind, telling, site, installation) as page:
        await page.card()
        assert await page.evaluate("window.got") is None
        await page.choose("Remove and share")
        types, name, kind_of_it, first, again = await got(page)
        assert (types, name, kind_of_it) == ("image/png", "Blob", "image/png")
        assert first == again
        cleaned = base64.b64decode(first)
        assert WORDS not in cleaned
        assert pixels(cleaned) == pixels(telling)
        await page.card_gone()
        await page.click("#target")
        await page.card()
        await page.choose("Cancel")
        await page.until_true("window.got === 'NotAllowedError'")


async def test_a_picture_that_says_nothing_comes_as_it_is(
    kind: Kind, site: Site, installation: Installation
) -> None:
    plain = picture(None)
    async with reading(kind, plain, site, installation) as page:
        *_, first, again = await got(page)
        assert base64.b64decode(first) == base64.b64decode(again) == plain
        assert await page.card_now() is None
