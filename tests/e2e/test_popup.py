"""The popup: how the program is, the two buttons, the folders; with the real host and daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.accessibility import violations
from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.chromium import Chromium
from support.browsers.firefox import Firefox
from support.browsers.installation import Installation
from support.capturing import POPUP, Pages, running_pages, sealed_count
from support.https import secured

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
OUTPUT = Path(__file__).parent / "output"
READY = "document.querySelector('#daemon-state').textContent === 'Ready'"
SHOWN = "document.body.innerText"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LOADED_FROM_OUTSIDE = """performance.getEntriesByType('resource')
  .map((entry) => entry.name).filter((name) => !name.startsWith(location.origin))"""


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        running.html["letter"] = (
            "<!doctype html><title>A letter</title><h1>A letter</h1>"
            '<p style="height: 1500px">with some words in it</p>'
        )
        yield running


async def show(page: Page, name: str, *, dark: bool = False) -> None:
    """Set the popup's own size, check that it fits, and keep a picture."""
    await page.set_viewport(344, 600, dark=dark)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"popup-{name}{'-dark' if dark else ''}.png")


@pytest.mark.parametrize("dark", [False, True])
async def test_with_the_program_the_popup_says_ready(browser: Browser, *, dark: bool) -> None:
    page = await browser.extension_page(POPUP)
    await page.until_true(READY)
    await show(page, f"ready-{browser.name}", dark=dark)
    assert await page.evaluate("document.querySelector('#save').disabled") is False
    assert await page.evaluate("document.querySelector('#daemon-help').hidden") is True
    assert await page.evaluate(LOADED_FROM_OUTSIDE) == []
    assert await violations(page) == []


@pytest.mark.parametrize("dark", [False, True])
async def test_without_the_program_the_popup_says_what_to_do(kind: Kind, *, dark: bool) -> None:
    async with started(kind, Settings(EXTENSION)) as browser:
        page = await browser.extension_page(POPUP)
        await page.until_true("!document.querySelector('#daemon-help').hidden")
        await show(page, f"missing-{browser.name}", dark=dark)
        text = str(await page.evaluate(SHOWN))
        assert "Not installed" in text
        assert "python3 installers" in text
        assert await page.evaluate("document.querySelector('#save').disabled") is True
        assert await violations(page) == []
        # What helps a person in need does not depend on the program.
        await page.click("a[href^='guide.html']")
        await page.until_true("document.querySelector('#screen-safety h1')?.textContent")


async def test_folders_are_listed_and_watching_pauses(
    own_browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "Holiday pictures"
    folder.mkdir()
    added = await installation.sharewise("watch", "add", str(folder))
    assert added.code == 0, added.errors
    page = await own_browser.extension_page(POPUP)
    await page.until_true(READY)
    await page.until_true(f"{SHOWN}.includes('Holiday pictures')")
    await show(page, f"folders-{own_browser.name}")
    assert await violations(page) == []

    await page.click("#watching-pause")

    await page.until_true("document.querySelector('#daemon-state').textContent === 'Paused'")
    assert "Nothing is looked at" in str(await page.evaluate(SHOWN))
    await page.click("#watching-pause")
    await page.until_true(READY)


async def test_the_page_is_saved_from_the_real_popup(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    first = await own_browser.extension_page(POPUP)
    await first.until_true(READY)
    page = await own_browser.open(pages.url("letter"))
    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true(READY)

    await popup.evaluate("document.querySelector('#save').click()")
    await popup.until_true("!document.querySelector('#asking').hidden")
    assert sealed_count(installation) == 0
    await popup.evaluate("document.querySelector('[data-age=adults]').click()")

    await popup.until_true("!document.querySelector('#saving').hidden")
    assert "sealed" not in str(await popup.evaluate(SHOWN)).lower()
    await popup.until_true("!document.querySelector('#saved').hidden", within_s=60)
    assert "Saved and sealed" in str(await popup.evaluate(SHOWN))
    assert sealed_count(installation) == 1
    assert await own_browser.errors() == []
    result = await own_browser.extension_page(POPUP)
    await result.until_true("!document.querySelector('#saved').hidden")
    assert await result.evaluate("document.querySelector('#saved-missing').hidden") is True
    await show(result, f"sealed-{own_browser.name}")
    assert await violations(result) == []
    await result.click("#saved-dismiss")
    await result.until_true("document.querySelector('#saved').hidden")


async def test_where_the_browser_withholds_pages_the_popup_asks_for_them(
    installation: Installation,
) -> None:
    # A real install in Firefox grants no pages; a temporary one does, so they are given back here.
    # Chromium grants them at install, and no add-on can give them back.
    pages = '{ origins: ["<all_urls>"] }'
    settings = Settings(EXTENSION, host=installation.launcher())
    async with started(Kind.FIREFOX, settings) as browser:
        assert isinstance(browser, Firefox)
        await browser.in_window(
            "void Services.prefs.setBoolPref('extensions.webextOptionalPermissionPrompts', false)"
        )
        page = await browser.extension_page(POPUP)
        await page.until_true(READY)
        assert await page.evaluate("document.querySelector('#access').hidden") is True
        assert await page.evaluate(f"chrome.permissions.remove({pages})") is True
        again = await browser.extension_page(POPUP)
        await again.until_true("!document.querySelector('#access').hidden")
        await show(again, "access-firefox")
        assert await violations(again) == []
        await again.click("#access-allow")
        await again.until_true("document.querySelector('#access-allow').hidden")
        assert await again.evaluate(f"chrome.permissions.contains({pages})") is True
        assert "Reload the pages" in str(await again.evaluate(SHOWN))


async def test_a_page_that_was_open_before_the_extension_is_said_to_be_unchecked(
    installation: Installation, pages: Pages
) -> None:
    # Firefox puts content scripts into pages that are open already.
    settings = Settings(None, host=installation.launcher())
    async with started(Kind.CHROMIUM, settings) as browser:
        assert isinstance(browser, Chromium)
        page = await browser.open(pages.url("letter"))
        await browser.load(EXTENSION)
        await browser.trigger_action(page)
        popup = await browser.popup()
        await popup.until_true("!document.querySelector('#unchecked').hidden")
        await popup.until_true(READY)
        await popup.screenshot(OUTPUT / "popup-unchecked-chromium.png")
        assert await violations(popup) == []
        await popup.evaluate("document.querySelector('#unchecked-reload').click()")
        await page.until_true("document.readyState === 'complete'")
        assert await popup.evaluate("document.querySelector('#unchecked').hidden") is True
        await popup.close()
        await browser.trigger_action(page)
        again = await browser.popup()
        await again.until_true("!document.querySelector('#site').hidden")
        assert await again.evaluate("document.querySelector('#unchecked').hidden") is True


async def test_on_a_site_that_no_extension_may_enter_the_popup_promises_no_check(
    kind: Kind, installation: Installation, tmp_path: Path
) -> None:
    store = "chromewebstore.google.com"
    context = secured(tmp_path).context if kind is Kind.CHROMIUM else None
    async with running_pages(context) as pages:
        pages.html["letter"] = "<!doctype html><title>A letter</title>with words"
        port = pages.url("").split(":")[2].strip("/")
        settings = Settings(
            EXTENSION,
            host=installation.launcher(),
            trusts_any_site=True,
            arguments=(f"--host-resolver-rules=MAP {store} 127.0.0.1:{port}",)
            if kind is Kind.CHROMIUM
            else (),
        )
        async with started(kind, settings) as browser:
            address = f"https://{store}/letter"
            if isinstance(browser, Firefox):
                # Its own sites cannot be had here, so this one is made one of them.
                name = "extensions.webextensions.restrictedDomains"
                await browser.in_window(f"void Services.prefs.setStringPref('{name}', '127.0.0.1')")
                address = pages.url("letter")
            page = await browser.open(address)
            await browser.trigger_action(page)
            popup = await browser.popup()
            await popup.until_true("!document.querySelector('#barred').hidden")
            await popup.until_true(READY)
            said = str(await popup.evaluate(SHOWN))
            assert "Files are not checked here" in said
            assert "are checked before" not in said
            assert await popup.evaluate("document.querySelector('#unchecked').hidden") is True
            assert await violations(popup) == []
            await popup.screenshot(OUTPUT / f"popup-barred-{browser.name}.png")


async def test_the_popup_is_usable_from_right_to_left_and_narrow(browser: Browser) -> None:
    page = await browser.extension_page(POPUP)
    await page.until_true(READY)
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await page.set_viewport(320, 600)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"popup-rtl-{browser.name}.png")


async def test_the_keyboard_reaches_every_control(browser: Browser) -> None:
    page = await browser.extension_page(POPUP)
    await page.until_true(READY)
    reached = []
    for _ in range(4):
        await page.press("Tab")
        reached.append(
            await page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert reached == ["save", "to-saved", "action", "options"]
