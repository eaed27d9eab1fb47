"""Private windows: the browser keeps extensions out of them until the person lets them in."""

from __future__ import annotations

from pathlib import Path

from support.browsers import Browser, Kind, Settings, started
from support.browsers.installation import Installation
from support.browsers.waiting import until
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
OUTPUT = Path(__file__).parent / "output"
OPTIONS = "pages/options.html"
SHOWN = "document.body.innerText"
REMOVE = "Remove and share"
COUNT = "chrome.storage.local.get().then((kept) => Object.keys(kept).length)"


async def test_the_options_say_that_it_is_kept_out_and_what_to_do(
    browser: Browser, kind: Kind
) -> None:
    page = await browser.extension_page(OPTIONS)
    await page.until_true(f"{SHOWN}.includes('what you share there is not checked')")
    how = "allow it in Incognito" if kind is Kind.CHROMIUM else "run in private windows"
    assert how in str(await page.evaluate(SHOWN))
    await page.screenshot(OUTPUT / f"options-kept-out-{browser.name}.png", full=True)
    if kind is Kind.CHROMIUM:
        await page.click("#private-open")
        own = f"chrome://extensions/?id={browser.extension_origin.rpartition('/')[2]}"

        async def is_open() -> bool:
            return await browser.page_at(own) is not None

        await until(is_open, "the browser's page of the extension")
    else:
        assert await page.evaluate("document.getElementById('private-open').hidden") is True


async def test_a_private_window_is_guarded_once_it_is_let_in_and_nothing_is_kept_of_it(
    kind: Kind, shared_installation: Installation, site: Site, tmp_path: Path
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    settings = Settings(EXTENSION, host=shared_installation.launcher(), is_in_private=True)
    async with started(kind, settings) as browser:
        options = await browser.extension_page(OPTIONS)
        await options.until_true(f"{SHOWN}.includes('also checks what you share in private')")
        assert await options.evaluate("document.getElementById('private-how').hidden") is True
        page = await browser.open_private(site.page("way.html?way=fetch"))
        await page.pick_files("#target", [photo])
        card = await page.card()
        assert not any("Always" in button.text for button in card.buttons)
        assert not site.files
        await page.choose(REMOVE)
        await page.card_gone()
        (received,) = await site.wait_for_files(1)
        assert DEVICE not in received.data
        assert await browser.evaluate_in_background(COUNT) == 0
