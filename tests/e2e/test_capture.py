"""A page is saved: pictures of all of it, the page itself, its text; sealed by the real daemon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from support.browsers import Browser, Kind, Settings, started
from support.browsers.installation import Installation
from support.capturing import (
    SAVING,
    Pages,
    ask,
    begin_saving,
    colour_at,
    control_page,
    is_near,
    outcome,
    record_of,
    running_pages,
    save,
    sealed_count,
    sealed_folder,
    tab_id,
    verified,
)

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
BLOCKS = 12
SLOW_BLOCKS = 5 * BLOCKS
"""Of a page that cannot be saved before a test comes to disturb that."""
BLOCK_HEIGHT = 500
HEADER = (200, 0, 0)
FOOTER = (0, 0, 200)
STICKY = (250, 220, 0)
COOKIE = "session-canary-5512"


def block_colour(number: int) -> tuple[int, int, int]:
    return (20 + number * 15, 220 - number * 12, 110)


def long_page(blocks_count: int = BLOCKS) -> str:
    """A page of known colours, 6,060 px high, with a bar at its top and one at its bottom."""
    blocks = "".join(
        f'<div class="block" style="background: rgb{block_colour(number)}">block {number}</div>'
        for number in range(blocks_count)
    )
    sticky = f'<p class="sticky" style="background: rgb{STICKY}">sticky</p>'
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>A long page</title><style>
        html {{ scroll-behavior: smooth }}
        body {{ margin: 0; padding-bottom: 60px; background: white }}
        .block {{ height: {BLOCK_HEIGHT}px }}
        header, footer {{ position: fixed; left: 0; right: 0; height: 60px }}
        header {{ top: 0; background: rgb{HEADER}; transition: opacity 2s }}
        footer {{ bottom: 0; background: rgb{FOOTER} }}
        .sticky {{ position: sticky; top: 60px; height: 40px; margin: 0 0 -40px; width: 200px }}
        </style></head><body><header style="padding: 1px">bar</header>{sticky}{blocks}
        <footer>foot</footer></body></html>"""


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        yield running


async def test_a_long_page_is_saved_whole_and_put_back(
    own_browser: Browser, installation: Installation, pages: Pages, tmp_path: Path
) -> None:
    pages.html["long"] = long_page()
    pages.redirects["short"] = "/long"
    pages.headers = {"Set-Cookie": COOKIE, "X-Csrf-Token": COOKIE, "X-Plain": "kept"}
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("short"))
    await page.evaluate("window.scrollTo({ top: 777, behavior: 'instant' })")
    before = await page.evaluate("document.documentElement.outerHTML")

    sealed = await save(control, page)

    assert sealed["missing"] == []
    assert await page.evaluate("window.scrollY") == 777
    assert await page.evaluate("document.documentElement.outerHTML") == before
    folder = sealed_folder(installation)
    check_pictures(folder)
    check_record(record_of(folder), pages)
    assert "block 11" in (folder / "text.txt").read_text("utf-8")
    assert "block 11" in (folder / "page.html").read_text("utf-8")
    has_mhtml = await control.evaluate("'pageCapture' in chrome")
    assert (folder / "page.mhtml").exists() == has_mhtml
    for part in folder.iterdir():
        assert COOKIE.encode() not in part.read_bytes()
    assert await verified(installation, tmp_path)
    assert await own_browser.errors() == []


def check_pictures(folder: Path) -> None:
    """Known colours at the top, in the middle and at the bottom; each bar once."""
    whole = folder / "screenshot-full.png"
    with Image.open(whole) as image:
        assert image.height == BLOCKS * BLOCK_HEIGHT + 60
        assert 1000 < image.width <= 1280
        pixels = image.convert("RGB")
        column = [pixels.getpixel((600, y)) for y in range(pixels.height)]
        left = [pixels.getpixel((150, y)) for y in range(pixels.height)]
    for number in range(1, BLOCKS - 1):
        middle = number * BLOCK_HEIGHT + BLOCK_HEIGHT // 2
        if not is_near(column[middle], FOOTER):
            assert is_near(column[middle], block_colour(number)), number
    assert sum(is_near(pixel, HEADER) for pixel in column) in range(60, 64)
    assert sum(is_near(pixel, FOOTER) for pixel in column) in range(59, 62)
    assert is_near(colour_at(whole, 600, 5), HEADER)
    assert is_near(colour_at(whole, 600, BLOCK_HEIGHT + 3), block_colour(1))
    assert sum(is_near(pixel, STICKY) for pixel in left) <= 40
    window = folder / "screenshot-window.png"
    with Image.open(window) as image:
        assert image.height < 1000
    assert is_near(colour_at(window, 600, 5), HEADER)
    assert is_near(colour_at(window, 600, -5), FOOTER)
    assert is_near(colour_at(window, 600, 200), block_colour((777 + 200) // BLOCK_HEIGHT))


def check_record(record: dict[str, object], pages: Pages) -> None:
    said = record["page"]
    assert isinstance(said, dict)
    assert record["status"] == "COMPLETE"
    assert (said["url"], said["final_url"]) == (pages.url("long"), pages.url("long"))
    assert said["redirects"] == [pages.url("short")]
    assert (said["title"], said["status_code"]) == ("A long page", 200)
    assert said["server_ip"] == "127.0.0.1"
    headers = {name.lower(): value for name, value in said["response_headers"]}
    assert headers["x-plain"] == "kept"
    assert not {"set-cookie", "x-csrf-token"} & set(headers)
    assert said["page_size"]["height"] == BLOCKS * BLOCK_HEIGHT + 60
    assert said["scroll_steps"] > 1
    assert said["browser"].split()[0] in {"Chromium", "Firefox"}


async def test_pictures_that_load_on_scrolling_are_waited_for(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["late.svg"] = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">'
        '<rect width="400" height="300" fill="rgb(10,160,90)"/></svg>'
    )
    pages.delays_s["late.svg"] = 0.15
    image = '<img loading="lazy" width="400" height="300" src="late.svg" style="display: block">'
    pages.html["lazy"] = (
        f'<!doctype html><body style="margin: 0"><div style="height: 7000px"></div>{image}'
    )
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("lazy"))
    assert "late.svg" not in pages.asked

    await save(control, page)

    folder = sealed_folder(installation)
    assert is_near(colour_at(folder / "screenshot-full.png", 100, 7150), (10, 160, 90))
    assert 'src="data:image/svg+xml' in (folder / "page.html").read_text("utf-8")


@pytest.mark.parametrize("is_under_way", [False, True])
async def test_a_page_left_while_it_is_saved_is_not_sealed(
    own_browser: Browser, installation: Installation, pages: Pages, *, is_under_way: bool
) -> None:
    pages.html["long"] = long_page(SLOW_BLOCKS)
    pages.html["other"] = "<!doctype html><title>Other</title>other"
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("long"))
    await begin_saving(control, page)
    if is_under_way:
        await control.until_true(f"{SAVING}.then((saving) => saving.step === 'full_page')")

    await page.goto(pages.url("other"))

    assert await outcome(control) == {"state": "failed", "code": "page_changed"}
    assert sealed_count(installation) == 0


async def test_a_tab_closed_while_it_is_saved_is_not_sealed(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["long"] = long_page(SLOW_BLOCKS)
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("long"))
    await begin_saving(control, page)

    await page.close()

    assert await outcome(control) == {"state": "failed", "code": "page_closed"}
    assert sealed_count(installation) == 0


async def test_stopping_keeps_nothing_and_puts_the_page_back(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["long"] = long_page(SLOW_BLOCKS)
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("long"))
    before = await page.evaluate("document.documentElement.outerHTML")
    await begin_saving(control, page)

    assert await ask(control, "saving.stop", {}) == {"result": {}}

    assert await outcome(control) == {"state": "failed", "code": "stopped"}
    assert sealed_count(installation) == 0
    assert await page.evaluate("window.scrollY") == 0
    assert await page.evaluate("document.documentElement.outerHTML") == before


async def test_two_pages_are_not_saved_at_once(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["long"] = long_page()
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("long"))
    await begin_saving(control, page)

    again = {"tab_id": await tab_id(control, pages.url("long"))}
    answer = await ask(control, "saving.start", again)

    assert answer["error"]["code"] == "busy"
    assert (await outcome(control))["state"] == "sealed"
    assert sealed_count(installation) == 1


async def test_a_page_behind_another_tab_is_never_pictured_as_that_tab(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["long"] = long_page()
    pages.html["other"] = '<!doctype html><body style="background: rgb(1, 2, 3)">other'
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("long"))
    await begin_saving(control, page)
    await asyncio.sleep(1.2)

    await own_browser.open(pages.url("other"))
    state = await outcome(control)

    assert state["state"] == "sealed", state
    folder = sealed_folder(installation)
    for picture in folder.glob("*.png"):
        with Image.open(picture) as image:
            colours = image.convert("RGB").getcolors(1 << 24) or []
        assert (1, 2, 3) not in {colour for _count, colour in colours}
    if (await control.evaluate("'captureTab' in chrome.tabs")) is False:
        assert record_of(folder)["status"] == "INCOMPLETE"


async def test_pages_that_the_browser_keeps_to_itself_are_refused_in_words(
    own_browser: Browser, installation: Installation
) -> None:
    control = await control_page(own_browser)
    own = await tab_id(control, f"{own_browser.extension_origin}/pages/popup.html")

    await ask(control, "saving.start", {"tab_id": own})

    assert await outcome(control) == {"state": "failed", "code": "page_refused"}
    assert sealed_count(installation) == 0


async def test_without_the_program_nothing_is_called_saved(kind: Kind, pages: Pages) -> None:
    pages.html["long"] = long_page()
    async with started(kind, Settings(EXTENSION)) as browser:
        control = await control_page(browser)
        page = await browser.open(pages.url("long"))
        await begin_saving(control, page)
        assert await outcome(control) == {"state": "failed", "code": "host_missing"}
