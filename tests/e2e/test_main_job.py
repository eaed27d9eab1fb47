"""The main job, in Chromium and in Firefox, with the real host and the real daemon.

A photo picked in a page is held, shown, cleaned and handed over; a page that threatens is sealed,
exported and verified. Nothing in between is made up.
"""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from support.browsers import Browser, Page
from support.browsers.installation import Installation
from support.sites import Received, Site
from support.sites.photo import NAME, SERIAL, clean_photo, photo

OUTPUT = Path(__file__).parent / "output"
REMOVE = "Remove and share"
SHARE = "Share as it is"
CANCEL = "Cancel"
TELLING = ("GPS", "IFD1", "ExifIFD", "XMP", "MakerNotes")
"""exiftool's groups in which nothing may be left."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which a page takes files."""

    page: str
    trigger: str | None
    """What opens the file chooser; None: files are dropped, or the page tells where to click."""
    sends: str | None = None
    """What is clicked to upload; None: the page uploads by itself."""
    events: tuple[str, ...] = ("input", "change")


WAYS = {
    "attached": Way("form.html", "#file", sends="#send"),
    "at-once": Way("auto.html", "#file"),
    "detached": Way("detached.html", "#pick"),
    "shadow-open": Way("shadow.html?open", None),
    "shadow-closed": Way("shadow.html?closed", None),
    "drop": Way("drop.html", None, events=("drop",)),
    "strict-policy": Way("strict.html", "#file", sends="#send"),
}


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo that says where it was taken, with what, and when."""
    path = tmp_path_factory.mktemp("photos") / NAME
    path.write_bytes(photo())
    return path


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo that says nothing."""
    path = tmp_path_factory.mktemp("photos") / "lake.jpg"
    path.write_bytes(clean_photo())
    return path


async def give(page: Page, way: Way, *files: Path) -> None:
    """Pick the files in the way of the page, or drop them."""
    if way.events == ("drop",):
        await page.drop_files(*await page.centre("#zone"), files)
    elif way.trigger is None:
        x, y = await page.evaluate("middle()")
        await page.pick_files((x, y), files)
    else:
        await page.pick_files(way.trigger, files)


async def taken(page: Page, way: Way) -> None:
    """Wait until the page has the files, and have it send them."""
    if way.sends is not None:
        await page.until_true("document.getElementById('file').files.length > 0")
        await page.click(way.sends)


def tags(data: bytes) -> dict[str, object]:
    """Return what exiftool finds, by group and name."""
    command = ["exiftool", "-j", "-a", "-u", "-ee", "-G1", "-"]
    ended = subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)
    found = json.loads(ended.stdout)[0]
    assert isinstance(found, dict)
    return found


def pixels(data: bytes) -> bytes:
    """Return the decoded picture."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.tobytes()


def assert_cleaned(received: Received, original: Path) -> None:
    """What arrived is the same picture under the same name, and says nothing any more."""
    before = original.read_bytes()
    assert (received.name, received.type) == (original.name, "image/jpeg")
    left = {name: value for name, value in tags(received.data).items() if name.startswith(TELLING)}
    assert not left
    assert SERIAL.encode() in before
    assert SERIAL.encode() not in received.data
    assert pixels(received.data) == pixels(before)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_remove_and_share_takes_what_is_private_and_no_pixel(
    browser: Browser, site: Site, telling: Path, way: Way
) -> None:
    # A tab of an earlier test that was closed while our scripts began may have logged an error.
    before = await browser.errors()
    page = await browser.open(site.page(way.page))
    await give(page, way, telling)
    card = await page.card()
    assert {REMOVE, SHARE, CANCEL} <= {button.text for button in card.buttons}, card.text
    assert card.focused == REMOVE
    assert SERIAL in card.text
    assert not site.files, "nothing leaves before the choice"
    if way.page == "detached.html":
        await page.screenshot(OUTPUT / f"{browser.name}-card.png")
    await page.choose(REMOVE)
    await page.card_gone()
    await taken(page, way)
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)
    if way.page != "strict.html":
        seen = await page.evaluate("seen")
        assert [event["type"] for event in seen] == list(way.events)
        (given,) = seen[0]["files"]
        assert given["name"] == telling.name
        assert given["type"] == "image/jpeg"
        assert given["last_modified"] == int(telling.stat().st_mtime * 1000)
    assert await browser.errors() == before


@pytest.mark.parametrize("way", [WAYS["attached"], WAYS["detached"], WAYS["drop"]], ids=str)
async def test_a_photo_that_says_nothing_passes_untouched_and_unasked(
    browser: Browser, site: Site, silent: Path, way: Way
) -> None:
    page = await browser.open(site.page(way.page))
    await give(page, way, silent)
    await taken(page, way)
    (received,) = await site.wait_for_files(1)
    assert received.data == silent.read_bytes()
    assert await page.card_now() is None
    seen = await page.evaluate("seen")
    assert [event["type"] for event in seen] == list(way.events)


async def test_share_as_it_is_gives_the_original(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.pick_files("#pick", [telling])
    await page.choose(SHARE)
    (received,) = await site.wait_for_files(1)
    assert received.data == telling.read_bytes()


@pytest.mark.parametrize("by", ["button", "Escape"])
async def test_cancel_gives_nothing(
    browser: Browser, site: Site, telling: Path, silent: Path, by: str
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    await page.card()
    if by == "button":
        await page.choose(CANCEL)
    else:
        await page.press("Escape")
    await page.card_gone()
    assert await page.evaluate("document.getElementById('file').files.length") == 0
    # What is picked next arrives alone: the cancelled photo was never sent.
    await page.pick_files("#file", [silent])
    await site.wait_for_files(1)
    assert [file.name for file in site.files] == [silent.name]


async def test_many_photos_are_decided_at_once_and_keep_their_order(
    browser: Browser, site: Site, telling: Path, silent: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [silent, telling])
    await page.choose(REMOVE)
    first, second = await site.wait_for_files(2)
    assert first.data == silent.read_bytes()
    assert_cleaned(second, telling)


async def test_a_threatening_page_is_sealed_exported_and_verified(
    own_browser: Browser, installation: Installation, site: Site, tmp_path: Path
) -> None:
    page = await own_browser.open(site.page("messages.html"))
    await own_browser.trigger_action(page)
    popup = await own_browser.popup()
    await popup.until_true("!document.getElementById('save').disabled")
    await popup.click("#save")
    await popup.until_true("!document.getElementById('asking').hidden")
    await popup.click("[data-age=adults]")
    await popup.until_true("!document.getElementById('saved').hidden", within_s=60)
    await popup.screenshot(OUTPUT / f"{own_browser.name}-sealed.png")
    await popup.close()

    listed = await installation.sharewise("case", "list")
    assert listed.code == 0, listed.errors
    (line,) = listed.output.splitlines()
    case_id = line.split()[0]
    shown = await installation.sharewise("case", "show", case_id)
    assert "Messages: robin.vale.88" in shown.output
    assert site.page("messages.html") in shown.output

    exported = await installation.sharewise("case", "export", case_id, str(tmp_path))
    assert exported.code == 0, exported.errors
    (package,) = tmp_path.glob("case-*.zip")
    verified = await installation.sharewise("verify", str(package))
    assert verified.code == 0, verified.output + verified.errors

    whole = bytearray(package.read_bytes())
    whole[len(whole) // 2] ^= 1
    package.write_bytes(whole)
    refused = await installation.sharewise("verify", str(package))
    assert refused.code != 0, "one bit was flipped"
