"""The guide: safety first, then the steps; without the program, without the network, no trace."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from support.accessibility import violations
from support.browsers import Browser, Kind, Page, Settings, started

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
OUTPUT = Path(__file__).parent / "output"
GUIDE = "pages/guide.html"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
KEPT = """Promise.all([
  chrome.storage.local.get(), chrome.storage.session.get(), chrome.storage.sync.get(),
  indexedDB.databases(), caches.keys(),
]).then(([local, session, sync, databases, stores]) => [
  ...Object.keys(local), ...Object.keys(sync), ...databases, ...stores,
  ...Object.keys(session).filter((key) => !key.startsWith('load:')),
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(document.cookie ? [1] : []),
])"""
FROM_OUTSIDE = """performance.getEntriesByType('resource')
  .map((entry) => entry.name).filter((name) => !name.startsWith(location.origin))"""
IS_LEAVE_ON_TOP = """(() => {
  const { left, top, width, height } = document.querySelector('#leave').getBoundingClientRect();
  const found = document.elementFromPoint(left + width / 2, top + height / 2);
  return found?.id === 'leave' && top >= 0;
})()"""
CHOOSE_COUNTRY = """(() => {
  const country = document.querySelector('#country');
  country.value = %r;
  country.dispatchEvent(new Event('change'));
})()"""


@pytest_asyncio.fixture(loop_scope="session")
async def guide(browser: Browser) -> Page:
    page = await browser.extension_page(GUIDE)
    await page.set_viewport(400, 600)
    await page.until_true("document.querySelector('#questions input') !== null")
    return page


async def show_steps(guide: Page, *, device: str = "no", minor: str = "no") -> None:
    await guide.click(f"[data-device={device}]")
    await guide.click("[name=danger][value=no]")
    await guide.click(f"[name=minor][value={minor}]")
    await guide.click("[name=posted][value=no]")
    await guide.click("[name=known][value=no]")
    await guide.click("#questions [type=submit]")
    await guide.until_true("!document.querySelector('#screen-steps').hidden")


async def titles(guide: Page) -> list[str]:
    found = await guide.evaluate(
        "[...document.querySelectorAll('#parts h3')].map((title) => title.textContent)"
    )
    assert isinstance(found, list)
    return [str(title) for title in found]


async def test_the_first_thing_asked_is_whether_the_device_is_safe(guide: Page) -> None:
    assert await guide.evaluate("document.title") == "Sharewise"
    assert await guide.evaluate(
        "[...document.querySelectorAll('.screen')].filter((s) => !s.hidden).map((s) => s.id)"
    ) == ["screen-safety"]
    assert await violations(guide) == []


@pytest.mark.parametrize("dark", [False, True])
async def test_every_screen_is_accessible_and_fits(
    browser: Browser, guide: Page, *, dark: bool
) -> None:
    suffix = f"{browser.name}{'-dark' if dark else ''}"
    await guide.set_viewport(400, 600, dark=dark)
    await guide.screenshot(OUTPUT / f"guide-1-safety-{suffix}.png")
    await guide.click("[data-device=yes]")
    assert await violations(guide) == []
    await guide.screenshot(OUTPUT / f"guide-2-questions-{suffix}.png", full=True)
    await guide.click("#questions [type=submit]")
    await guide.evaluate(CHOOSE_COUNTRY % "GB")
    await guide.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert await violations(guide) == []
    await guide.screenshot(OUTPUT / f"guide-3-steps-{suffix}.png", full=True)
    await guide.set_viewport(320, 600, dark=dark)
    assert await guide.evaluate(OVERFLOW) is False
    await guide.set_viewport(1100, 800, dark=dark)
    await guide.evaluate("window.scrollTo(0, 0)")
    await guide.screenshot(OUTPUT / f"guide-4-wide-{suffix}.png")


async def test_whoever_may_be_watched_reads_of_that_before_the_steps(guide: Page) -> None:
    await show_steps(guide, device="yes")
    assert (await titles(guide))[:2] == ["If they may see this device", "Slow down"]


async def test_whoever_may_be_under_18_is_not_told_to_keep_pictures(guide: Page) -> None:
    await show_steps(guide, minor="unsure")
    assert (await titles(guide))[0] == "If you were under 18 in the pictures"
    text = str(await guide.evaluate("document.querySelector('#screen-steps').textContent"))
    assert "Do not use it on a page that shows such a picture" in text
    assert "use StopNCII.org" not in text
    names = await guide.evaluate(
        "[...document.querySelectorAll('.contact h3')].map((name) => name.textContent)"
    )
    assert isinstance(names, list)
    assert "Take It Down (NCMEC)" in names
    assert "StopNCII.org" not in names


async def test_the_emergency_number_is_shown_with_its_day_and_doubt(guide: Page) -> None:
    await guide.evaluate(CHOOSE_COUNTRY % "NZ")
    assert await guide.evaluate("document.querySelector('#emergency-now').textContent") == (
        "Emergency: 111"
    )
    note = "document.querySelector('#emergency-note').textContent"
    assert "2026" in str(await guide.evaluate(note))
    await guide.evaluate(CHOOSE_COUNTRY % "FR")
    assert "could not check" in str(await guide.evaluate(note))
    await guide.evaluate(CHOOSE_COUNTRY % "other")
    assert "lock screen" in str(await guide.evaluate(note))


async def test_links_tell_where_they_lead_before_they_can_be_opened(guide: Page) -> None:
    await show_steps(guide)
    await guide.evaluate(CHOOSE_COUNTRY % "US")
    links = await guide.evaluate("""[...document.querySelectorAll('#contacts a')].map((link) => ({
      rel: link.rel, href: link.href, isShown: link.checkVisibility(),
      said: link.closest('details').textContent }))""")
    assert isinstance(links, list)
    assert len(links) > 10
    for link in links:
        assert link["rel"] == "noreferrer noopener"
        assert link["isShown"] is False
        assert link["href"].rstrip("/") in link["said"].replace("/Open", "Open") + "/"
        assert "history" in link["said"]


async def test_nothing_is_kept_and_nothing_is_asked_of_the_network(guide: Page) -> None:
    before = await guide.evaluate(KEPT)
    # The counts of the day are from tests before this one in the same browser.
    assert set(before) <= {"sharing_today"}
    await show_steps(guide, device="yes", minor="yes")
    await guide.evaluate(CHOOSE_COUNTRY % "DE")
    assert await guide.evaluate(KEPT) == before
    assert await guide.evaluate(FROM_OUTSIDE) == []


async def test_the_way_out_is_never_covered(guide: Page) -> None:
    assert await guide.evaluate(IS_LEAVE_ON_TOP) is True
    await show_steps(guide)
    height = await guide.evaluate("document.documentElement.scrollHeight")
    assert isinstance(height, int)
    for y in range(0, height, 500):
        await guide.evaluate(f"window.scrollTo(0, {y})")
        assert await guide.evaluate(IS_LEAVE_ON_TOP) is True, y


@pytest.mark.parametrize("way", ["button", "Shift three times"])
async def test_leaving_replaces_the_page(browser: Browser, guide: Page, way: str) -> None:
    origin = browser.extension_origin
    await show_steps(guide)
    entries = await guide.evaluate("history.length")
    if way == "button":
        await guide.click("#leave")
    else:
        for _ in range(3):
            await guide.press("Shift")
    await guide.until_true(f"!location.href.startsWith({origin!r})", within_s=20)
    assert await guide.evaluate("history.length") == entries


async def test_the_small_window_closes_on_leaving(browser: Browser) -> None:
    page = await browser.extension_page(f"{GUIDE}?in=popup")
    await page.until_true("document.querySelector('#questions input') !== null")
    assert "nothing in the browser’s history" in str(
        await page.evaluate("document.querySelector('.hides').textContent")
    )
    await page.evaluate("(() => { window.close = () => { window.isClosed = true; }; })()")
    await page.click("#leave")
    assert await page.evaluate("[window.isClosed, document.body.childElementCount]") == [True, 0]


async def test_in_another_language_it_says_that_the_steps_are_in_english() -> None:
    settings = Settings(EXTENSION, language="ar")
    async with started(Kind.CHROMIUM, settings) as browser:
        page = await browser.extension_page(GUIDE)
        await page.set_viewport(400, 600)
        await page.until_true("document.querySelector('#questions input') !== null")
        assert await page.evaluate("document.documentElement.dir") == "rtl"
        await page.screenshot(OUTPUT / "guide-arabic-chromium.png")
        await show_steps(page)
        assert await page.evaluate("document.querySelector('#in-english').hidden") is False
        told = "['lang', 'dir'].map((name) => document.querySelector('#parts')[name])"
        assert await page.evaluate(told) == ["en", "ltr"]
        assert await page.evaluate(OVERFLOW) is False
        assert await violations(page) == []
        await page.screenshot(OUTPUT / "guide-arabic-steps-chromium.png")
