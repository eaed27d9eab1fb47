"""Files are held before a page sees them, however it takes them; the page then sees what it would.

The plain ways are in `test_main_job.py`; here are the less plain ones, and what a page may notice.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import piexif
import pytest
from PIL import Image

from support.browsers import Browser, Kind, Page
from support.browsers.chromium_page import ChromiumPage
from support.pictures import DEVICE, gps_jpeg, pixels, plain_jpeg, put
from support.sites import Received, Site

REMOVE = "Remove and share"
SHARE = "Share as it is"
CANCEL = "Cancel"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    return put(tmp_path, "silent.jpg", plain_jpeg())


def assert_cleaned(received: Received, original: Path) -> None:
    before = original.read_bytes()
    assert DEVICE in before
    assert DEVICE not in received.data
    assert not piexif.load(received.data)["GPS"]
    assert pixels(received.data) == pixels(before)


async def seen_events(page: Page) -> list[str]:
    events = await page.evaluate("seen.map((event) => event.type)")
    assert isinstance(events, list)
    return [str(event) for event in events]


FRAMES = {
    "about:blank": "",
    "about:blank#x": "frame.src = 'about:blank#x';",
    "srcdoc": "frame.srcdoc = '<!doctype html><title>inner</title>';",
    "sandboxed": "frame.sandbox = 'allow-scripts allow-same-origin'; frame.srcdoc = '<p>inner';",
    "written": """frame.addEventListener('load', () => undefined);
        setTimeout(() => {
          frame.contentDocument.open();
          frame.contentDocument.write('<!doctype html><p>written');
          frame.contentDocument.close();
        });""",
}


async def make_frame(page: Page, setup: str, height: int = 60) -> tuple[float, float]:
    """Put a frame with an input that uploads into the page; return where to click."""
    point = await page.evaluate(
        f"""(async () => {{
          const frame = document.createElement('iframe');
          frame.style.cssText = 'width: 200px; height: {height}px';
          {setup}
          document.body.append(frame);
          await new Promise((resolve) => setTimeout(resolve, 300));
          const input = frame.contentDocument.createElement('input');
          input.type = 'file';
          watch(input);
          input.addEventListener('change', () => sendForm(input.files));
          frame.contentDocument.body.prepend(input);
          const outer = frame.getBoundingClientRect();
          const inner = input.getBoundingClientRect();
          return [outer.left + inner.left + 20, outer.top + inner.top + inner.height / 2];
        }})()"""
    )
    assert isinstance(point, list)
    return float(point[0]), float(point[1])


@pytest.mark.parametrize("setup", FRAMES.values(), ids=FRAMES)
async def test_a_small_frame_is_guarded_and_its_card_has_room(
    browser: Browser, site: Site, telling: Path, setup: str
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.pick_files(await make_frame(page, setup), [telling])
    card = await page.card()
    assert card.width > 300
    assert card.height > 300
    assert not site.files
    await page.choose(REMOVE)
    await page.card_gone()
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)
    assert await seen_events(page) == ["input", "change"]


async def test_a_frame_can_be_cancelled_from_the_top(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.pick_files(await make_frame(page, ""), [telling])
    await page.card()
    await page.press("Escape")
    await page.card_gone()
    await page.until_true("seen.length > 0")
    assert await seen_events(page) == ["cancel"]
    assert not site.files


POPUPS = {
    "empty, filled by its opener": "const inner = open('', '', 'width=600,height=700');",
    "written by its opener": """const inner = open('', '', 'width=600,height=700');
        inner.document.open();
        inner.document.write('<!doctype html><title>x</title><p>written');
        inner.document.close();""",
    "of its own address": """const inner = open('/form.html', '', 'width=600,height=700');
        await new Promise((resolve) => inner.addEventListener('load', resolve));""",
}


@pytest.mark.parametrize("setup", POPUPS.values(), ids=POPUPS)
async def test_a_window_that_the_page_opens_is_guarded(
    browser: Browser, site: Site, telling: Path, setup: str
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.evaluate(
        f"""(() => {{
          const old = document.getElementById('pick');
          const button = old.cloneNode(true);
          old.replaceWith(button);
          const show = async () => {{
            {setup}
            const input = inner.document.createElement('input');
            input.type = 'file';
            input.id = 'inner';
            watch(input);
            input.addEventListener('change', () => sendForm(input.files));
            inner.document.body.prepend(input);
            inner.document.title = 'opened';
          }};
          // Chromium says nothing of a click that takes its own tab out of sight.
          button.addEventListener('click', () => setTimeout(show, 200));
        }})()"""
    )
    await page.click("#pick")
    window = await browser.page_titled("opened")
    await window.pick_files("#inner", [telling])
    await window.card()
    assert not site.files
    assert await seen_events(page) == []
    await window.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)
    assert await seen_events(page) == ["input", "change"]


DETACHED = {
    "showPicker": "input.showPicker()",
    "dispatchEvent": "input.dispatchEvent(new MouseEvent('click'))",
    "foreign realm": """(() => {
        const frame = document.createElement('iframe');
        document.body.append(frame);
        frame.contentWindow.HTMLElement.prototype.click.call(input);
      })()""",
    "attached, then removed": """(() => {
        document.body.append(input);
        input.click();
        input.remove();
      })()""",
    "capture": """(() => {
        input.addEventListener('input', (event) => note(event, input.files), true);
        input.click();
      })()""",
    "later a file input": """(() => {
        input.type = 'text';
        input.addEventListener('change', (event) => note(event, input.files), true);
        input.type = 'file';
        input.click();
      })()""",
}


@pytest.mark.parametrize("opens", DETACHED.values(), ids=DETACHED)
async def test_an_input_that_is_not_in_the_page_is_guarded(
    browser: Browser, site: Site, telling: Path, opens: str
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.evaluate(
        f"""(() => {{
          const old = document.getElementById('pick');
          const button = old.cloneNode(true);
          old.replaceWith(button);
          button.addEventListener('click', () => {{
            const input = document.createElement('input');
            input.type = 'file';
            input.addEventListener('change', () => {{
              if (input.files.length) sendForm(input.files);
            }});
            {opens};
          }});
        }})()"""
    )
    await page.pick_files("#pick", [telling])
    await page.card()
    assert await seen_events(page) == []
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)


async def test_a_drop_on_a_file_input_is_held_and_fills_it(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.drop_files(*await page.centre("#file"), [telling])
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)
    assert await seen_events(page) == ["input", "change"]


# Firefox's driver sends a drop to what the document shows at a point: the host.
@pytest.mark.parametrize("kind", [Kind.CHROMIUM], ids=str, indirect=True, scope="session")
@pytest.mark.parametrize("mode", ["open", "closed"])
@pytest.mark.parametrize("what", ["zone", "input"])
async def test_a_drop_in_a_shadow_tree_reaches_what_it_fell_on(
    browser: Browser, site: Site, telling: Path, mode: str, what: str
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.evaluate(
        f"""(() => {{
          const host = document.createElement('div');
          host.id = 'host';
          const inner = document.createElement('{"input" if what == "input" else "p"}');
          inner.style.cssText = 'display: block; width: 300px; height: 100px; margin: 0';
          host.style.cssText = inner.style.cssText;
          host.attachShadow({{ mode: '{mode}' }}).append(inner);
          document.body.prepend(host);
          inner.type = 'file';
          inner.addEventListener('change', () => sendForm(inner.files));
          inner.addEventListener('dragover', (event) => {{
            if (!inner.files) event.preventDefault();
          }});
          inner.addEventListener('drop', (event) => {{
            note(event, event.dataTransfer.files);
            if (inner.files) return;
            event.preventDefault();
            sendForm(event.dataTransfer.files);
          }});
        }})()"""
    )
    await page.drop_files(*await page.centre("#host"), [telling])
    await page.card()
    assert await seen_events(page) == []
    await page.choose(REMOVE)
    (received,) = await site.wait_for_files(1)
    assert_cleaned(received, telling)
    assert await seen_events(page) == ["drop"]


def red_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (24, 16), (200, 40, 10)).save(out, "PNG")
    return out.getvalue()


async def paste(page: Page, telling: Path) -> None:
    """Paste a photo; in Chromium, without a screen, a picture that it has drawn anew."""
    if isinstance(page, ChromiumPage):
        await page.paste_picture(red_png())
    else:
        await page.paste_files([telling])
        await page.choose(REMOVE)


async def test_a_pasted_picture_is_held_and_handed_over(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("way.html?way=paste"))
    await page.evaluate(
        """addEventListener('paste', (event) => { window.trusted = event.isTrusted; }, true)"""
    )
    await page.click("#target")
    await paste(page, telling)
    (received,) = await site.wait_for_files(1)
    assert await seen_events(page) == ["paste"]
    assert await page.evaluate("trusted") is False, "the browser's own event stayed outside"
    if isinstance(page, ChromiumPage):
        assert pixels(received.data) == pixels(red_png())
    else:
        assert_cleaned(received, telling)


async def test_a_picture_that_is_pasted_into_an_editor_is_put_in_cleaned(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("detached.html"))
    await page.evaluate(
        """(() => {
          const editor = document.createElement('div');
          editor.id = 'editor';
          editor.contentEditable = 'true';
          editor.style.height = '100px';
          document.body.prepend(editor);
        })()"""
    )
    await page.click("#editor")
    await paste(page, telling)
    address = await page.until_true("document.querySelector('#editor img')?.src")
    assert isinstance(address, str)
    data = base64.b64decode(address.partition(";base64,")[2])
    assert DEVICE not in data
    size = "document.querySelector('#editor img').naturalWidth"
    with Image.open(io.BytesIO(data)) as picture:
        assert await page.until_true(size) == picture.width


async def test_a_cancelled_drop_ends_like_one_that_went_elsewhere(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("drop.html"))
    await page.evaluate("zone.addEventListener('dragleave', (event) => note(event, []))")
    await page.drop_files(*await page.centre("#zone"), [telling])
    await page.choose(CANCEL)
    await page.until_true("seen.length > 0")
    assert await seen_events(page) == ["dragleave"]
    assert not site.files


# Firefox's own machinery makes no File of a folder: only Chromium can be driven to drop one.
@pytest.mark.parametrize("kind", [Kind.CHROMIUM], ids=str, indirect=True, scope="session")
async def test_a_dropped_folder_gives_what_was_decided_about_its_files(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("drop.html"))
    await page.evaluate(
        """zone.addEventListener('drop', (event) => {
          const folder = event.dataTransfer.items[0].webkitGetAsEntry();
          const reader = folder.createReader();
          reader.readEntries((entries) => entries[0].file((file) => sendForm([file])));
        })"""
    )
    await page.drop_files(*await page.centre("#zone"), [telling.parent])
    await page.card()
    assert await seen_events(page) == []
    await page.choose(REMOVE)
    assert_cleaned((await sent_as(site, telling.name)), telling)


async def sent_as(site: Site, name: str) -> Received:
    for count in range(1, 4):
        for file in await site.wait_for_files(count):
            if file.name == name:
                return file
    raise AssertionError(f"no {name} came")


async def test_a_cancelled_choice_leaves_what_was_chosen_before(
    browser: Browser, site: Site, telling: Path, silent: Path
) -> None:
    page = await browser.open(site.page("form.html"))
    await page.pick_files("#file", [silent])
    await page.until_true("seen.length === 2")
    await page.pick_files("#file", [telling])
    await page.card()
    names = "[...document.getElementById('file').files].map((file) => file.name)"
    assert await page.evaluate(names) == [silent.name], "while it is held"
    await page.choose(CANCEL)
    await page.until_true("seen.length === 3")
    assert await seen_events(page) == ["input", "change", "cancel"]
    assert await page.evaluate(names) == [silent.name]


async def test_a_form_sent_before_the_verdict_waits_for_it(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page = await browser.open(site.page("form.html"))
    await page.pick_files("#file", [put(tmp_path, "before.jpg", plain_jpeg())])
    await page.until_true("seen.length === 2")
    # So many that the click comes before the verdict, and the verdict before any card.
    files = [put(tmp_path, f"{number}.jpg", plain_jpeg()) for number in range(30)]
    await page.pick_files("#file", files)
    await page.click("#send")
    received = await site.wait_for_files(len(files))
    assert [file.name for file in received] == [file.name for file in files]
    assert len(site.uploads) == 1


async def test_what_is_no_picture_passes_unasked(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    notes = put(tmp_path, "notes.txt", b"only words")
    empty = put(tmp_path, "empty.jpg", b"")
    await page.pick_files("#file", [notes, empty])
    first, second = await site.wait_for_files(2)
    assert (first.data, second.data) == (b"only words", b"")
    assert await page.card_now() is None


async def test_a_page_that_takes_no_files_finds_nothing_of_us(browser: Browser, site: Site) -> None:
    page = await browser.open(site.page("detached.html"))
    found = await page.evaluate(
        """({
          names: Object.getOwnPropertyNames(window).filter((name) => /sharewise/i.test(name)),
          children: [...document.documentElement.children].map((child) => child.localName),
          attributes: document.documentElement.getAttributeNames(),
          click: String(HTMLElement.prototype.click).includes('[native code]'),
          keys: Object.getOwnPropertyNames(HTMLElement.prototype.click).sort().join(),
          stack: (() => {
            try { HTMLElement.prototype.click.call({}); } catch (error) { return error.stack; }
          })().includes('-extension:'),
          answers: (() => {
            let heard = 0;
            const hear = () => { heard += 1; };
            for (const type of ['load', 'joined', 'kin']) {
              addEventListener(type, hear, true);
              dispatchEvent(new MouseEvent(type, { relatedTarget: document.body }));
            }
            return heard;
          })(),
        })"""
    )
    assert found == {
        "names": [],
        "children": ["head", "body"],
        "attributes": ["lang"],
        "click": True,
        "keys": "length,name",
        "stack": False,
        # Each probe is heard once, by the page itself: nobody answers.
        "answers": 3,
    }


async def test_pixels_and_bytes_of_many_photos_keep_their_order(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    files = []
    for number in range(12):
        out = io.BytesIO()
        exif = piexif.dump({"0th": {piexif.ImageIFD.Model: DEVICE}}) if number % 2 else b""
        Image.new("RGB", (16 + number, 16), (number * 20, 0, 0)).save(out, "JPEG", exif=exif)
        files.append(put(tmp_path, f"{number}.jpg", out.getvalue()))
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", files)
    await page.choose(REMOVE)
    received = await site.wait_for_files(len(files))
    for file, original in zip(received, files, strict=True):
        assert file.name == original.name
        assert DEVICE not in file.data
        assert pixels(file.data) == pixels(original.read_bytes())
