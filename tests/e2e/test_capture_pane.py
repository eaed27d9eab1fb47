"""A chat that holds only what is on screen is kept whole: in overlapping pictures and in words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from support.browsers import Browser
from support.browsers.installation import Installation
from support.capturing import (
    SAVING,
    Pages,
    begin_saving,
    control_page,
    is_near,
    outcome,
    record_of,
    running_pages,
    save,
    sealed_count,
    sealed_folder,
)

MESSAGES = 300
ROW = 60
BAR = 40
CHAT = """<!doctype html><meta charset="utf-8"><title>Chat</title><style>
  body { margin: 0; display: flex; flex-direction: column; height: 100vh }
  header { height: 60px; background: rgb(200, 0, 0) }
  #pane { flex: 1; overflow-y: auto; position: relative; scroll-behavior: smooth }
  .row { position: absolute; left: 0; right: 0; height: %(row)dpx }
  .mark { position: absolute; left: 0; top: 0; width: %(bar)dpx; height: 100%% }
  .row p { margin: 0 0 0 60px }
</style><header>somebody</header><div id="pane"><div id="all"></div></div><script>
  const rows = [];
  const pane = document.querySelector('#pane');
  const all = document.querySelector('#all');
  let loaded = %(loaded)d;
  let asked = false;
  function draw() {
    all.style.height = loaded * %(row)d + 'px';
    const first = Math.max(0, Math.floor(pane.scrollTop / %(row)d) - 2);
    const last = Math.min(loaded, Math.ceil((pane.scrollTop + pane.clientHeight) / %(row)d) + 2);
    for (const row of rows) row.remove();
    rows.length = 0;
    for (let at = last - 1; at >= first; at -= 1) {
      const number = %(messages)d - loaded + at;
      const row = document.createElement('div');
      row.className = 'row';
      row.style.top = at * %(row)d + 'px';
      row.innerHTML = `<div class="mark" style="background: rgb(${number %% 256},
        ${Math.floor(number / 256) * 50}, 90)"></div><p>message ${number}</p><p>the same</p>`;
      rows.push(row);
      all.append(row);
    }
  }
  function older() {
    if (pane.scrollTop > 100 || loaded >= %(messages)d || asked) return;
    asked = true;
    setTimeout(() => {
      const more = Math.min(100, %(messages)d - loaded);
      const top = pane.scrollTop;
      loaded += more;
      asked = false;
      draw();
      pane.scrollTo({ top: top + more * %(row)d, behavior: 'instant' });
      draw();
    }, 150);
  }
  pane.addEventListener('scroll', () => { draw(); older(); });
  draw();
  pane.scrollTo({ top: 1e9, behavior: 'instant' });
  draw();
</script>"""


def chat(*, loaded: int = MESSAGES, messages: int = MESSAGES) -> str:
    """A list that holds only the rows on screen, each marked by a colour of its own.

    Of its messages the last `loaded` are there at first; the others come when its top is reached.
    """
    return CHAT % {"row": ROW, "bar": BAR, "loaded": loaded, "messages": messages}


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        yield running


def colours_of(picture: Path) -> set[int]:
    """Return the numbers of the messages that a frame shows whole, by their marks."""
    with Image.open(picture) as image:
        pixels = image.convert("RGB")
        column = [pixels.getpixel((BAR // 2, y)) for y in range(pixels.height)]
    shown = set()
    for number in range(MESSAGES):
        mark = (number % 256, number // 256 * 50, 90)
        if sum(is_near(pixel, mark) and pixel == mark for pixel in column) >= ROW - 2:
            shown.add(number)
    return shown


@pytest.mark.parametrize("loaded", [MESSAGES, 100])
async def test_every_message_of_a_chat_is_in_a_picture_and_in_the_words(
    own_browser: Browser, installation: Installation, pages: Pages, loaded: int
) -> None:
    pages.html["chat"] = chat(loaded=loaded)
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("chat"))
    before = await page.evaluate("pane.scrollHeight - pane.scrollTop")

    sealed = await save(control, page)

    assert sealed["missing"] == []
    folder = sealed_folder(installation)
    assert record_of(folder)["status"] == "COMPLETE"
    text = (folder / "text.txt").read_text("utf-8")
    numbers = [int(found) for found in re.findall(r"message (\d+)", text.split("—")[-1])]
    assert numbers == list(range(MESSAGES))
    assert text.split("—")[-1].count("the same") == MESSAGES
    frames = sorted((folder / "frames").iterdir())
    shown = [colours_of(frame) for frame in frames]
    assert set().union(*shown) == set(range(MESSAGES))
    for one, next_one in pairwise(shown):
        assert one & next_one, "two frames that follow each other overlap"
    assert await page.evaluate("pane.scrollHeight - pane.scrollTop") == before
    assert await page.evaluate("pane.getAttribute('style')") is None
    assert await own_browser.errors() == []


async def test_a_chat_without_end_is_kept_around_where_the_person_was_and_said_to_be_cut(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["chat"] = chat(messages=3000, loaded=3000)
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("chat"))

    sealed = await save(control, page)

    missing = sealed["missing"]
    assert isinstance(missing, list)
    assert [entry["name"] for entry in missing] == ["frames"]
    assert "further up" in missing[0]["why"]
    folder = sealed_folder(installation)
    assert record_of(folder)["status"] == "INCOMPLETE"
    assert "message 2999" in (folder / "text.txt").read_text("utf-8")


async def test_leaving_the_page_while_its_chat_is_stepped_seals_nothing(
    own_browser: Browser, installation: Installation, pages: Pages
) -> None:
    pages.html["chat"] = chat()
    pages.html["other"] = "<!doctype html>other"
    control = await control_page(own_browser)
    page = await own_browser.open(pages.url("chat"))
    await begin_saving(control, page)
    await control.until_true(f"{SAVING}.then((saving) => saving.step === 'frames')")

    await page.goto(pages.url("other"))

    assert await outcome(control) == {"state": "failed", "code": "page_changed"}
    assert sealed_count(installation) == 0
