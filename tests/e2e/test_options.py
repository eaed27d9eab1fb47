"""Options and memory: what is chosen on the card is listed, shown in the popup, and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.accessibility import violations
from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.installation import Installation
from support.browsers.waiting import until
from support.pictures import DEVICE, gps_jpeg, plain_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
OUTPUT = Path(__file__).parent / "output"
OPTIONS = "pages/options.html"
REMOVE = "Remove and share"
SHARE = "Share as it is"
SHOWN = "document.body.innerText"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BADGE = "chrome.action.getBadgeText({})"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "IMG_20260509_204117.jpg", gps_jpeg())


@pytest.fixture
def another(tmp_path: Path) -> Path:
    """A file of its own: Chromium tells a page nothing when the same one is picked again."""
    return put(tmp_path, "IMG_20260509_204118.jpg", gps_jpeg())


def host_of(site: Site) -> str:
    return site.address.removeprefix("http://")


async def share(page: Page, file: Path) -> None:
    await page.pick_files("#file", [file])


async def test_always_remove_is_remembered_counted_listed_and_undone(
    own_browser: Browser, site: Site, telling: Path
) -> None:
    page = await own_browser.open(site.page("auto.html"))
    await share(page, telling)
    await page.choose(f"Always do this on {host_of(site)}", within_s=20)
    await page.choose(REMOVE)
    (first,) = await site.wait_for_files(1)
    assert DEVICE not in first.data
    await page.card_gone()

    await share(page, telling)

    second = (await site.wait_for_files(2))[1]
    assert DEVICE not in second.data

    async def is_counted() -> bool:
        return await own_browser.evaluate_in_background(BADGE) == "2"

    # The page does not wait for the badge.
    await until(is_counted, "the badge to count both")

    options = await own_browser.extension_page(OPTIONS)
    await options.until_true("document.querySelectorAll('#sites .site').length === 1")
    text = str(await options.evaluate(SHOWN))
    assert host_of(site) in text
    await options.until_true(f"{SHOWN}.includes('Today: with something private 2, cleaned 2')")
    assert await violations(options) == []
    await options.set_viewport(900, 860)
    await options.screenshot(OUTPUT / f"options-{own_browser.name}.png")
    await options.click("#sites button")
    await options.until_true("document.querySelectorAll('#sites .site').length === 0")
    kept = await own_browser.evaluate_in_background("chrome.storage.local.get()")
    assert isinstance(kept, dict)
    assert list(kept) == ["sharing_today"]
    assert set(kept["sharing_today"]) == {"day", "found", "cleaned"}

    await page.activate()
    await share(page, telling)
    assert (await page.card()).focused == REMOVE


async def test_a_neutral_name_ticked_along_with_always_is_used_the_next_time_too(
    own_browser: Browser, site: Site, telling: Path, another: Path
) -> None:
    page = await own_browser.open(site.page("auto.html"))
    await share(page, telling)
    await page.choose("Also rename it to photo-1.jpg", within_s=20)
    await page.choose(f"Always do this on {host_of(site)}")
    await page.choose(REMOVE)
    await site.wait_for_files(1)
    await page.card_gone()

    await share(page, another)

    second = (await site.wait_for_files(2))[1]
    assert DEVICE not in second.data
    assert second.name == "photo-1.jpg"
    options = await own_browser.extension_page(OPTIONS)
    await options.until_true("document.querySelectorAll('#sites .site').length === 1")
    assert "neutral names used without asking" in str(await options.evaluate(SHOWN))
    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true("!document.querySelector('#site').hidden")
    assert "neutral names used here without asking" in str(await popup.evaluate(SHOWN))
    await popup.close()


FULL = """(async () => {
  const area = chrome.storage.AREA;
  const kept = area.set;
  self.mend = () => (area.set = kept);
  area.set = () => Promise.reject(new Error('full'));
})()"""


async def test_an_option_that_could_not_be_kept_is_not_shown_as_if_it_were(
    own_browser: Browser,
) -> None:
    options = await own_browser.extension_page(OPTIONS)
    await options.until_true("!document.querySelector('#sites-none').hidden")
    # No disk is full at will: the place where options are kept is stood in for.
    await own_browser.evaluate_in_background(FULL.replace("AREA", "local"))
    await options.click("#neutral_names")
    await options.until_true("!document.querySelector('#failed').hidden")
    await options.until_true("!document.querySelector('#neutral_names').checked")
    assert "Something went wrong" in str(await options.evaluate(SHOWN))
    assert await violations(options) == []
    await own_browser.evaluate_in_background("void self.mend()")
    await options.click("#neutral_names")
    await options.until_true("document.querySelector('#failed').hidden")
    kept = await own_browser.evaluate_in_background("chrome.storage.local.get('sharing_options')")
    assert isinstance(kept, dict)
    assert kept["sharing_options"]["neutral_names"] is True


async def test_a_pause_that_could_not_be_kept_is_said(own_browser: Browser, site: Site) -> None:
    page = await own_browser.open(site.page("auto.html"))
    await own_browser.evaluate_in_background(FULL.replace("AREA", "session"))
    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true("!document.querySelector('#site').hidden")
    await popup.evaluate("document.querySelector('#site-pause').click()")
    await popup.until_true("!document.querySelector('#site-failed').hidden")
    assert "are checked before" in str(await popup.evaluate(SHOWN))
    await own_browser.evaluate_in_background("void self.mend()")
    await popup.evaluate("document.querySelector('#site-pause').click()")
    await popup.until_true(f"{SHOWN}.includes('Paused: files are not checked')")
    assert await popup.evaluate("document.querySelector('#site-failed').hidden") is True
    await popup.close()


async def test_the_focus_stays_in_the_list_while_another_tab_adds_to_it(
    own_browser: Browser,
) -> None:
    sites = "'https://b.example': 'share', 'http://b.example': 'remove'"

    async def keep(what: str) -> None:
        await own_browser.evaluate_in_background(f"chrome.storage.local.set({{ {what} }})")

    await keep(f"sharing_sites: {{ {sites} }}")
    options = await own_browser.extension_page(OPTIONS)
    await options.until_true("document.querySelectorAll('#sites .site').length === 2")
    # They are two sites to the browser, so they must not look the same.
    shown = "[...document.querySelectorAll('#sites .site-name')].map((one) => one.textContent)"
    assert await options.evaluate(f"{shown}.sort()") == ["b.example", "http://b.example"]
    await options.evaluate(
        "document.querySelector('#sites [aria-label=\"Ask me again on b.example\"]').focus()"
    )
    focused = "document.activeElement.getAttribute('aria-label')"
    assert await options.evaluate(focused) == "Ask me again on b.example"

    await keep(f"sharing_sites: {{ {sites}, 'https://c.example': 'share' }}")
    await options.until_true("document.querySelectorAll('#sites .site').length === 3")

    assert await options.evaluate(focused) == "Ask me again on b.example"


async def test_always_share_hands_over_unseen_and_the_popup_says_so(
    own_browser: Browser, site: Site, telling: Path, another: Path
) -> None:
    page = await own_browser.open(site.page("auto.html"))
    await share(page, telling)
    await page.choose(f"Always do this on {host_of(site)}", within_s=20)
    await page.choose(SHARE)
    await site.wait_for_files(1)
    await share(page, another)
    second = (await site.wait_for_files(2))[1]
    assert second.data == telling.read_bytes()

    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true("!document.querySelector('#site').hidden")
    assert "without a check" in str(await popup.evaluate(SHOWN))
    await popup.evaluate("document.querySelector('#site-forget').click()")
    await popup.until_true("document.querySelector('#site-forget').hidden")
    assert "are checked before" in str(await popup.evaluate(SHOWN))
    await popup.close()
    await share(page, telling)
    assert (await page.card()).buttons


async def test_a_pause_is_for_this_site_and_ends(
    own_browser: Browser, site: Site, telling: Path, another: Path
) -> None:
    page = await own_browser.open(site.page("auto.html"))
    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true("!document.querySelector('#site').hidden")
    await popup.evaluate("document.querySelector('#site-pause').click()")
    await popup.until_true(f"{SHOWN}.includes('Paused: files are not checked')")
    await popup.screenshot(OUTPUT / f"popup-site-paused-{own_browser.name}.png")
    await popup.close()
    await share(page, telling)
    (received,) = await site.wait_for_files(1)
    assert received.data == telling.read_bytes()

    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true(f"{SHOWN}.includes('Paused: files are not checked')")
    await popup.evaluate("document.querySelector('#site-pause').click()")
    await popup.until_true(f"{SHOWN}.includes('are checked before')")
    await popup.close()
    await share(page, another)
    assert (await page.card()).buttons


async def test_a_pause_ends_with_the_last_window_of_a_browser_that_lives_on(
    installation: Installation, site: Site
) -> None:
    # Chromium without a screen lives on, as on macOS; Firefox ends with its last window here.
    settings = Settings(EXTENSION, host=installation.launcher())
    async with started(Kind.CHROMIUM, settings) as browser:
        await browser.open(site.page("auto.html"))
        paused = "chrome.storage.session.get('sharing_paused')"
        keep = f"chrome.storage.session.set({{ sharing_paused: ['{site.address}'] }})"
        await browser.evaluate_in_background(keep)
        ids = "chrome.windows.getAll().then((all) => all.map(({ id }) => id))"
        (first,) = list(await browser.evaluate_in_background(ids))
        await browser.evaluate_in_background("chrome.windows.create({}).then(() => null)")
        await browser.evaluate_in_background(f"chrome.windows.remove({first})")
        assert await browser.evaluate_in_background(paused) == {"sharing_paused": [site.address]}
        (last,) = list(await browser.evaluate_in_background(ids))
        await browser.evaluate_in_background(f"chrome.windows.remove({last})")

        async def is_over() -> bool:
            return await browser.evaluate_in_background(paused) == {}

        await until(is_over, "the pause to end")


async def test_neutral_names_and_dates_reach_the_page(
    own_browser: Browser, site: Site, telling: Path, tmp_path: Path
) -> None:
    options = await own_browser.extension_page(OPTIONS)
    await options.until_true("!document.querySelector('#sites-none').hidden")
    await options.click("#neutral_names")
    await options.click("#neutral_dates")
    page = await own_browser.open(site.page("auto.html"))
    await share(page, put(tmp_path, "Anna at the sea.JPG", plain_jpeg()))
    (clean,) = await site.wait_for_files(1)
    assert clean.name == "photo-1.jpg"
    await share(page, telling)
    card = await page.card()
    assert "The file name holds" in card.text
    assert card.button("Also rename it to photo-1.jpg").is_checked
    await page.choose(REMOVE)
    assert (await site.wait_for_files(2))[1].name == "photo-1.jpg"
    await page.until_true("seen.length >= 4")
    dates = await page.evaluate("seen.flatMap(({ files }) => files.map((f) => f.last_modified))")
    assert isinstance(dates, list)
    assert set(dates) == {946728000000}

    await share(page, telling)
    await page.choose("Also rename it to photo-1.jpg", within_s=20)
    await page.choose(REMOVE)
    assert (await site.wait_for_files(3))[2].name == telling.name


@pytest.mark.parametrize(("width", "dark"), [(900, False), (360, True)], ids=["wide", "phone"])
async def test_the_options_fit_and_are_accessible(
    browser: Browser, width: int, *, dark: bool
) -> None:
    page = await browser.extension_page(OPTIONS)
    await page.set_viewport(width, 800, dark=dark)
    await page.until_true("document.querySelector('#shows_count').checked")
    assert await page.evaluate(OVERFLOW) is False
    assert await violations(page) == []
    await page.screenshot(OUTPUT / f"options-{width}-{browser.name}.png", full=True)
