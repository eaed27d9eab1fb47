"""After saving, the popup shows what was kept; a note and a case can be given to it at once."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from support.accessibility import violations
from support.browsers import Browser, Page
from support.browsers.installation import Installation
from support.capturing import Pages, ask, control_page, running_pages, save

OUTPUT = Path(__file__).parent / "output"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PICTURE = "document.querySelector('#kept-picture')"
IS_PICTURED = f"!document.querySelector('#kept-look').hidden && {PICTURE}.naturalWidth > 0"
FOCUSED = "document.activeElement.id || document.activeElement.tagName"
TOLD = "document.querySelector('#kept-told').textContent"
CASES = "[...document.querySelectorAll('#kept-case option')].map((each) => each.textContent)"
NOTE = "zanahoria 88 was here"


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        running.html["letter"] = (
            "<!doctype html><title>A letter</title><h1>A letter</h1><p>with some words in it</p>"
        )
        yield running


async def show(page: Page, name: str, *, width: int = 344, dark: bool = False) -> None:
    """Set a size, check that everything fits and is accessible, and keep a picture."""
    await page.set_viewport(width, 600, dark=dark)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"popup-kept-{name}.png", full=True)
    assert await violations(page) == []


async def to(page: Page, wanted: str) -> None:
    """Go on with the tabulator to an element."""
    for _ in range(12):
        if await page.evaluate(FOCUSED) == wanted:
            return
        await page.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


async def detail(control: Page, item_id: object) -> dict[str, object]:
    answer = await ask(control, "item.show", {"item_id": item_id})
    found = answer["result"]
    assert isinstance(found, dict)
    item: dict[str, object] = found["item"]
    return item


async def test_what_was_kept_is_shown_noted_and_put_into_a_case_by_keyboard(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("letter"))
    sealed = await save(control, page)
    await control.activate()
    await control.until_true(IS_PICTURED)
    name = own_browser.name
    await show(control, name)
    await show(control, f"{name}-dark", dark=True)
    await control.evaluate("document.documentElement.dir = 'rtl'")
    await show(control, f"{name}-rtl", width=320)
    await control.evaluate("document.documentElement.dir = 'ltr'")
    await control.set_viewport(344, 600)

    filters = f"getComputedStyle({PICTURE}).filter"
    assert "blur" in str(await control.evaluate(filters)), "not for whoever looks over a shoulder"
    assert await control.evaluate(f"{PICTURE}.alt") == "A small picture of what was saved"
    await to(control, "kept-blur")
    await control.press("Enter")
    await control.until_true(f"{filters} === 'none'")

    await to(control, "kept-note")
    await control.type("zanahoria")
    await control.evaluate(f"document.querySelector('#kept-note').value = {json.dumps(NOTE)}")
    await to(control, "kept-case")
    assert await control.evaluate(f"{CASES}.at(-1)") == "New case\u2026"
    await control.press("End")
    await control.until_true("!document.querySelector('#kept-new-case').hidden")
    await show(control, f"{name}-new-case")
    await control.set_viewport(344, 600)
    await to(control, "kept-case-name")
    await control.type("March")
    await control.press("Enter")
    await control.until_true(f"{TOLD} === 'Saved'")

    item = await detail(control, sealed["item_id"])
    assert item["note"] == NOTE
    assert item["case_id"] != sealed["case_id"]
    listed = await installation.sharewise("case", "show", str(item["case_id"]))
    assert "March" in listed.output
    assert "A letter" in listed.output
    assert await control.evaluate(f"{CASES}.includes('March')") is True
    await to(control, "saved-dismiss")
    await control.press("Enter")
    await control.until_true("document.querySelector('#saved').hidden")
    assert await control.evaluate(f"{PICTURE}.hasAttribute('src')") is False
    answer = await ask(control, "item.thumbnail", {"item_id": sealed["item_id"]})
    assert isinstance(answer["result"], dict)
    thumbnail = base64.b64decode(str(answer["result"]["data"]))
    for file in installation.home.rglob("*"):
        if file.is_file() and not file.is_socket():
            content = file.read_bytes()
            assert thumbnail[:200] not in content, "decrypted for the moment, written nowhere"
            assert NOTE.encode() not in content
    assert await own_browser.errors() == []


async def test_what_is_typed_is_kept_on_done_and_nothing_is_shown_while_locked(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("letter"))
    sealed = await save(control, page)
    await control.activate()
    await control.until_true(IS_PICTURED)
    await control.evaluate(f"document.querySelector('#kept-note').value = {json.dumps(NOTE)}")
    await control.click("#saved-dismiss")
    await control.until_true("document.querySelector('#saved').hidden")
    assert (await detail(control, sealed["item_id"]))["note"] == NOTE

    words = {"current": None, "new": "four plain garden words"}
    assert "result" in await ask(control, "vault.set_passphrase", words)
    assert "result" in await ask(control, "vault.lock", {})
    await save(control, page)
    await control.activate()
    await control.until_true("!document.querySelector('#kept-locked').hidden")
    text = str(await control.evaluate("document.querySelector('#kept').innerText"))
    assert "is locked" in text
    for part in ("#kept-form", "#kept-look"):
        assert await control.evaluate(f"document.querySelector('{part}').hidden") is True
    await show(control, f"{own_browser.name}-locked")
    assert await own_browser.errors() == []
