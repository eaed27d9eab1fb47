"""The one question before the first pixel of a case, and what is kept unless all are adults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.accessibility import violations
from support.browsers import Browser, Page
from support.browsers.installation import Installation
from support.capturing import (
    Pages,
    begin_saving,
    control_page,
    record_of,
    running_pages,
    save,
    sealed_count,
    sealed_folder,
)

OUTPUT = Path(__file__).parent / "output"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        running.html["letter"] = "<!doctype html><title>A letter</title>with some words in it"
        yield running


async def show(page: Page, name: str, *, dark: bool = False) -> None:
    await page.set_viewport(344, 600, dark=dark)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"popup-{name}{'-dark' if dark else ''}.png", full=True)


@pytest.mark.parametrize("dark", [False, True])
async def test_nothing_is_kept_before_the_question_was_answered(
    own_browser: Browser, installation: Installation, pages: Pages, *, dark: bool
) -> None:
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("letter"))
    await begin_saving(control, page, age_answer=None)
    await control.until_true("!document.querySelector('#asking').hidden")
    assert sealed_count(installation) == 0
    await control.activate()
    await show(control, f"age-{own_browser.name}", dark=dark)
    assert await violations(control) == []
    await control.click("#asking-cancel")
    await control.until_true("document.querySelector('#asking').hidden")
    await control.until_true("!document.querySelector('#save').hidden")
    assert sealed_count(installation) == 0


async def test_under_18_or_not_sure_keeps_words_alone_and_says_why_and_who_helps(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("letter"))

    sealed = await save(control, page, age_answer="minor_or_unsure")

    assert sealed["parts"] == ["text.txt"]
    folder = sealed_folder(installation)
    assert sorted(file.name for file in folder.iterdir()) == ["capture.json", "text.txt"]
    record = record_of(folder)
    assert record["status"] == "INCOMPLETE"
    missing = {entry["name"]: entry["why"] for entry in sealed["missing"]}  # type: ignore[attr-defined]  # it is JSON
    for name in ("screenshot-window.png", "screenshot-full.png", "page.html"):
        assert "under 18" in missing[name]
    await control.activate()
    await control.until_true("document.querySelectorAll('#saved-under-age-help li').length === 2")
    text = str(await control.evaluate("document.body.innerText"))
    assert "Words saved" in text
    assert "Take It Down" in text
    assert "INHOPE" in text
    assert await control.evaluate("document.querySelector('#saved-missing').hidden") is True
    await control.until_true("!document.querySelector('#kept-form').hidden")
    assert await control.evaluate("document.querySelector('#kept-look').hidden") is True
    assert await control.evaluate("document.querySelector('#kept-picture').src") == ""
    await show(control, f"words-only-{own_browser.name}")
    assert await violations(control) == []
    assert await own_browser.errors() == []
