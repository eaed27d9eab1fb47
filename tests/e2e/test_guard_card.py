"""The card: what it says, that only a person can answer it, and what it does in trouble."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from support.browsers import Browser, Kind, Settings, started
from support.pictures import gps_jpeg, plain_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
REMOVE = "Remove and share"
SHARE = "Share as it is"
CANCEL = "Cancel"
RETRY = "Try again"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def test_the_card_says_where_in_words(browser: Browser, site: Site, telling: Path) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    card = await page.card()
    assert "This photo says where it was taken" in card.text
    assert "45.750" in card.text
    assert "north" in card.text
    assert "Canary-Camera-7" in card.text


async def test_the_keyboard_alone_is_enough(browser: Browser, site: Site, telling: Path) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    assert (await page.card()).focused == REMOVE
    await page.press("Tab")
    assert (await page.card()).focused == SHARE
    await page.press("Tab")
    assert (await page.card()).focused == CANCEL
    await page.press("Shift+Tab")
    await page.press("Shift+Tab")
    await page.press("Enter")
    (received,) = await site.wait_for_files(1)
    assert b"Canary-Camera-7" not in received.data


async def test_a_page_can_neither_click_nor_hear_nor_remove_the_card(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.evaluate(
        """(() => {
          window.heard = [];
          for (const type of ['click', 'mousedown', 'pointerdown', 'keydown', 'keyup'])
            window.addEventListener(type, (event) => {
              if (event.target === document.getElementById('file')) return;
              heard.push(type);
              event.stopImmediatePropagation();
              event.preventDefault();
            }, true);
        })()"""
    )
    await page.pick_files("#file", [telling])
    box = (await page.card()).button(SHARE)
    await page.evaluate("heard.length = 0")
    x, y = box.middle
    await page.evaluate(
        f"""(() => {{
          const host = document.documentElement.lastElementChild;
          const at = {{ bubbles: true, composed: true, detail: 1, clientX: {x}, clientY: {y} }};
          host.dispatchEvent(new MouseEvent('click', at));
          host.dispatchEvent(new KeyboardEvent('keydown', {{ ...at, key: 'Escape' }}));
          host.click();
          host.remove();
        }})()"""
    )
    assert (await page.card()).buttons
    assert await page.evaluate("document.documentElement.lastElementChild.shadowRoot") is None
    await page.press("Tab")
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert b"Canary-Camera-7" not in received.data
    assert await page.evaluate("heard") == []
    children = "[...document.documentElement.children].map((child) => child.localName)"
    assert await page.evaluate(children) == ["head", "body"]


async def test_the_card_keeps_its_looks_on_a_page_with_hostile_styles(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.evaluate(
        """(() => {
          const style = document.createElement('style');
          style.textContent = `html { font-size: 3px } div, div * { visibility: hidden !important;
            opacity: 0 !important; display: none !important; font-size: 3px !important }`;
          document.head.append(style);
        })()"""
    )
    await page.pick_files("#file", [telling])
    card = await page.card()
    assert card.width > 400
    assert card.button(REMOVE).height >= 44
    await page.choose(CANCEL)
    await page.card_gone()


async def test_a_popover_of_the_page_is_hidden_by_the_card_and_back_after_it(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.evaluate(
        """(() => {
          const popover = document.createElement('p');
          popover.popover = 'manual';
          document.body.append(popover);
          popover.showPopover();
        })()"""
    )
    await page.pick_files("#file", [telling])
    await page.card()
    is_shown = "document.querySelector('[popover]').matches(':popover-open')"
    assert await page.evaluate(is_shown) is False
    await page.choose(CANCEL)
    await page.card_gone()
    assert await page.evaluate(is_shown) is True


@pytest.mark.parametrize("size", [(360, 640), (320, 256)], ids=["phone", "zoom 400 %"])
async def test_every_choice_can_be_reached_where_there_is_little_room(
    browser: Browser, site: Site, telling: Path, size: tuple[int, int]
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    await page.card()
    await page.set_viewport(*size)
    card = await page.card()
    assert card.x >= 0
    assert card.x + card.width <= size[0]
    assert card.y + card.height <= size[1]
    await page.choose(SHARE)
    await site.wait_for_files(1)


DAMAGED = {
    "truncated": (lambda: gps_jpeg()[:-700], "telling.jpg"),
    "text called .jpg": (lambda: b"only words", "words.jpg"),
    "a film without an index": (lambda: b"\0\0\0\x18ftypheic" + bytes(400), "still.heic"),
    "a format that is not known": (lambda: b"FUJIFILMCCD-RAW " + bytes(400), "still.raf"),
}


@pytest.mark.parametrize(("data", "name"), DAMAGED.values(), ids=DAMAGED)
async def test_what_cannot_be_judged_is_said_and_the_person_decides(
    browser: Browser, site: Site, tmp_path: Path, data: Callable[[], bytes], name: str
) -> None:
    file = put(tmp_path, name, data())
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [file])
    card = await page.card()
    assert card.focused == CANCEL
    assert not [button for button in card.buttons if button.text == REMOVE]
    assert not site.files
    await page.choose(SHARE)
    (received,) = await site.wait_for_files(1)
    assert received.data == file.read_bytes()


async def test_a_photo_of_3_gb_is_judged_by_parts_of_it(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    file = put(tmp_path, "large.jpg", gps_jpeg())
    os.truncate(file, 3 << 30)
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [file])
    card = await page.card()
    assert "says where it was taken" in card.text
    await page.choose(CANCEL)
    await page.card_gone()
    await page.until_true("seen.at(-1).type === 'cancel'")
    assert not site.files
    assert file.stat().st_size == 3 << 30


def noisy_png(behind: int) -> bytes:
    """Return a picture that hardly packs, with so many bytes behind the stream of its pixels."""
    out = io.BytesIO()
    Image.effect_noise((1100, 1100), 90).convert("RGB").save(out, "PNG")
    data = out.getvalue()
    chunks, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    last = max(index for index, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    chunks[last] = (b"IDAT", chunks[last][1] + b"w" * behind)
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


# Behind it in the piece that the browser's decoder is given, and in pieces of its own.
@pytest.mark.parametrize("behind", [0, 40, 3_000_000])
async def test_bytes_behind_the_pixels_of_a_png_are_found_by_the_browsers_own_decoder(
    browser: Browser, site: Site, tmp_path: Path, behind: int
) -> None:
    file = put(tmp_path, "noise.png", noisy_png(behind))
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [file])
    if behind == 0:
        (received,) = await site.wait_for_files(1)
        assert received.data == file.read_bytes()
        return
    card = await page.card()
    assert "does not answer" not in card.text
    assert not site.files
    await page.choose(CANCEL)
    await page.card_gone()


async def test_without_the_program_the_card_says_so_and_the_person_decides(
    kind: Kind, site: Site, telling: Path, tmp_path: Path
) -> None:
    silent = put(tmp_path, "silent.jpg", plain_jpeg())
    async with started(kind, Settings(EXTENSION, host=None)) as alone:
        page = await alone.open(site.page("auto.html"))
        await page.pick_files("#file", [telling, silent])
        card = await page.card()
        assert "does not answer" in card.text
        assert card.focused == RETRY
        await page.choose(RETRY)
        assert "does not answer" in (await page.card()).text
        await page.choose(CANCEL)
        await page.card_gone()
        assert not site.files
        await page.pick_files("#file", [silent])
        await page.choose(SHARE)
        (received,) = await site.wait_for_files(1)
        assert received.data == silent.read_bytes()
