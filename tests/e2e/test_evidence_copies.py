"""Redacted copies and fingerprints of one's own pictures, with the real host and daemon."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path

from support.accessibility import violations
from support.browsers import Browser, Page
from support.capturing import control_page
from support.scenes import resized, saved, scene
from support.sealed_captures import sealed, wanted

OUTPUT = Path(__file__).parent / "output"
PAGE = "pages/evidence.html"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PRESS = """(() => { const found = [...document.querySelectorAll('button')]
  .find((each) => each.textContent.trim() === %s && each.checkVisibility() && !each.disabled);
  found?.click(); return Boolean(found); })()"""
SHOWN = "document.querySelector('#screen-item').innerText"
PIXELS = """(async (places) => {
  const image = document.querySelector('.stage img');
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3));
})(%s)"""
EXPORT = """(async (params) => {
  const call = async (method, params) => {
    const answer = await chrome.runtime.sendMessage({ method, params });
    if (answer.error) throw new Error(answer.error.code);
    return answer.result;
  };
  const made = await call('export.make', params);
  let content = '';
  for (let offset = 0; offset < made.size_bytes; ) {
    const piece = await call('export.read', { export_id: made.export_id, offset });
    content += atob(piece.data);
    offset = content.length;
  }
  await call('export.close', { export_id: made.export_id });
  return btoa(content);
})(%s)"""
PICK = """((data) => {
  const files = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  files.items.add(new File([bytes], 'mine.png', { type: 'image/png' }));
  files.items.add(new File(['no picture'], 'other.png', { type: 'image/png' }));
  document.querySelector('#own-files').files = files.files;
})(%s)"""


async def opened(browser: Browser, *, rows: int) -> Page:
    page = await browser.extension_page(PAGE)
    await page.set_viewport(1180, 900)
    await page.until_true("!document.querySelector('#screen-list').hidden")
    await page.until_true(f"document.querySelectorAll('#timeline .row-title').length >= {rows}")
    return page


async def press(page: Page, words: str) -> None:
    """Press a button as soon as it is there and can be pressed."""
    await page.until_true(PRESS % json.dumps(words), within_s=30)


async def shown_from_right_to_left(page: Page, name: str) -> None:
    """Turn the page round at two widths, check that it fits, and keep pictures."""
    await page.evaluate("document.documentElement.dir = 'rtl'")
    for width, size in ((340, "phone"), (1180, "wide")):
        await page.set_viewport(width, 800)
        assert await page.evaluate(OVERFLOW) is False
        await page.screenshot(OUTPUT / f"evidence-{name}-rtl-{size}.png", full=True)
    await page.evaluate("document.documentElement.dir = 'ltr'")


async def exported(page: Page, case_id: str, *, originals: bool) -> zipfile.ZipFile:
    params = {"case_id": case_id, "include_originals": originals}
    content = await page.evaluate(EXPORT % json.dumps(params))
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(str(content))))


async def test_a_copy_is_blacked_out_by_keys_alone_and_goes_out_instead_of_the_original(
    own_browser: Browser,
) -> None:
    control = await control_page(own_browser)
    (made,) = await sealed(control, wanted("A letter"))
    page = await opened(own_browser, rows=1)
    await page.click("#timeline .row")
    await press(page, "Black out parts")
    await page.until_true("document.activeElement.textContent === 'Add a box'")
    await page.press("Enter")
    await page.until_true("document.activeElement.className === 'box'")
    box = "document.querySelector('.box').style"
    left = await page.evaluate(f"parseFloat({box}.left)")
    await page.press("ArrowRight")
    await page.until_true(f"parseFloat({box}.left) > {left}")
    name = own_browser.name
    await page.screenshot(OUTPUT / f"evidence-redact-{name}.png", full=True)
    assert await violations(page) == []
    await page.set_viewport(340, 800, dark=True)
    await page.screenshot(OUTPUT / f"evidence-redact-{name}-phone-dark.png")
    await shown_from_right_to_left(page, f"redact-{name}")
    place = await page.evaluate(f"[{box}.left, {box}.top, {box}.width, {box}.height]")
    assert isinstance(place, list)
    x, y, width, height = (float(str(each).rstrip("%")) / 100 for each in place)
    await press(page, "Make the copy")
    await page.until_true(f"{SHOWN}.includes('Show the original')", within_s=30)
    await page.until_true("document.querySelector('.stage img') !== null")
    inside = [round((x + width / 2) * 900), round((y + height / 2) * 1200)]
    outside = [round(x * 900) - 9, inside[1]]
    pixels = await page.evaluate(PIXELS % json.dumps([inside, outside]))
    assert isinstance(pixels, list)
    assert pixels[0] == [0, 0, 0]
    assert pixels[1] != [0, 0, 0]
    assert await violations(page) == []
    await page.screenshot(OUTPUT / f"evidence-copy-{name}.png", full=True)

    case_id = str(made["case_id"])
    with await exported(page, case_id, originals=False) as package:
        names = [each for each in package.namelist() if each.endswith(".png")]
        assert [each.partition("/data/")[2] for each in names] == [
            "items/0001/redacted/screenshot-full.png"
        ], "the original and its words stay here"
        assert not any(each.endswith("text.txt") for each in package.namelist())
    with await exported(page, case_id, originals=True) as package:
        assert sum(each.endswith("/screenshot-full.png") for each in package.namelist()) == 2

    await press(page, "Show the original")
    await page.until_true(f"!{SHOWN}.includes('Show the original')")
    await page.until_true("document.querySelector('.stage img') !== null")
    pixels = await page.evaluate(PIXELS % json.dumps([inside]))
    assert pixels != [[0, 0, 0]]
    assert await own_browser.errors() == []


async def test_ones_own_picture_is_known_on_a_saved_page_and_only_its_fingerprint_is_kept(
    own_browser: Browser,
) -> None:
    control = await control_page(own_browser)
    page = await opened(own_browser, rows=0)
    await page.click("#to-own")
    await page.until_true("!document.querySelector('#screen-own').hidden")
    mine = scene(3)
    await page.evaluate(PICK % json.dumps(base64.b64encode(saved(mine)).decode()))
    await page.evaluate("document.querySelector('#own-form').requestSubmit()")
    assert await page.evaluate("document.querySelectorAll('#own-list li').length") == 0
    await page.evaluate("document.querySelector('#own-name').value = 'At the sea'")
    await page.evaluate("document.querySelector('#own-adults').checked = true")
    await page.evaluate("document.querySelector('#own-form').requestSubmit()")
    await page.until_true("document.querySelector('#own-list b')?.textContent === 'At the sea 1'")
    await page.until_true("!document.querySelector('#own-problem').hidden")
    assert "other.png" in str(
        await page.evaluate("document.querySelector('#own-problem').textContent")
    )
    name = own_browser.name
    await page.screenshot(OUTPUT / f"evidence-own-{name}.png", full=True)
    assert await violations(page) == []
    await page.set_viewport(340, 800, dark=True)
    await page.screenshot(OUTPUT / f"evidence-own-{name}-phone-dark.png", full=True)
    assert await violations(page) == []
    await shown_from_right_to_left(page, f"own-{name}")
    await page.set_viewport(1180, 900)

    theirs = base64.b64encode(saved(resized(mine, 0.5), "JPEG", quality=60)).decode()
    html = f'<!doctype html><title>T</title><img src="data:image/jpeg;base64,{theirs}">'
    one = wanted("Somebody shows it")
    parts = one["parts"]
    assert isinstance(parts, dict)
    parts["page.html"] = base64.b64encode(html.encode()).decode()
    await sealed(control, one, wanted("Somebody does not"))
    await page.evaluate("document.querySelector('#cases button').click()")
    await page.until_true("document.querySelectorAll('#timeline .row-title').length === 2")
    for at, is_shown in ((0, "false"), (1, "true")):
        await page.evaluate(f"document.querySelectorAll('#timeline .row')[{at}].click()")
        await page.until_true("document.querySelector('#screen-item h1') !== null")
        assert await page.evaluate(f"{SHOWN}.includes('At the sea 1') === {is_shown}") is True
        if is_shown == "false":
            await press(page, "Back to the list")
            await page.until_true("!document.querySelector('#screen-list').hidden")
            await page.until_true("document.querySelectorAll('#timeline .row').length === 2")
    await page.screenshot(OUTPUT / f"evidence-own-shown-{name}.png")
    assert await violations(page) == []

    await page.click("#to-own")
    await press(page, "Remove")
    await page.until_true("document.querySelectorAll('#own-list li').length === 0")
    assert await page.evaluate("document.querySelector('#own-none').hidden") is False
    assert await own_browser.errors() == []
