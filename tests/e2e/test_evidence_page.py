"""The page that shows what was saved, with the real host and daemon."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from support.accessibility import violations
from support.browsers import Browser, Page
from support.browsers.installation import Installation
from support.capturing import ask, control_page, sealed_count
from support.sealed_captures import sealed, wanted

OUTPUT = Path(__file__).parent / "output"
PAGE = "pages/evidence.html"
PASSPHRASE = "four plain garden words"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
TITLES = "[...document.querySelectorAll('#timeline .row-title')].map((t) => t.textContent)"
SHOWN = "document.body.innerText"
IS_LEAVE_ON_TOP = """(() => {
  const { left, top, width, height } = document.querySelector('#leave').getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2)?.id === 'leave';
})()"""
PICTURES = "document.querySelectorAll('#timeline .thumbnail img').length"
PRESS = """(() => { const found = [...document.querySelectorAll('button, summary')]
  .find((each) => each.textContent.trim() === %s && each.checkVisibility());
  found.click(); })()"""
KEEP_FILE = """(() => {
  const before = URL.createObjectURL;
  URL.createObjectURL = (blob) => { window.keptFile = blob; return before.call(URL, blob); };
  HTMLAnchorElement.prototype.click = function () { window.keptName = this.download; };
})()"""
HAND_IN = """(async (flip) => {
  const bytes = new Uint8Array(await window.keptFile.arrayBuffer());
  if (flip) bytes[Math.floor(bytes.length / 2)] ^= 1;
  const files = new DataTransfer();
  files.items.add(new File([bytes], 'case.zip'));
  const input = document.querySelector('#check-file');
  input.files = files.files;
  input.dispatchEvent(new Event('change'));
})(%s)"""


async def opened(browser: Browser, *, rows: int) -> Page:
    page = await browser.extension_page(PAGE)
    await page.set_viewport(1180, 820)
    await page.until_true("!document.querySelector('#screen-list').hidden")
    await page.until_true(f"document.querySelectorAll('#timeline .row-title').length >= {rows}")
    return page


async def press(page: Page, words: str) -> None:
    await page.evaluate(PRESS % json.dumps(words))


async def open_first(page: Page) -> None:
    await page.click("#timeline .row")
    await page.until_true("document.querySelector('#screen-item h1') !== null")


async def typed(page: Page, field: str, text: str) -> None:
    await page.evaluate(f"document.querySelector('{field}').value = {json.dumps(text)}")


async def test_everything_saved_is_shown_and_every_screen_is_accessible(
    own_browser: Browser,
) -> None:
    control = await control_page(own_browser)
    titles = [
        "A letter",
        "\u0631\u0633\u0627\u0644\u0629 \u0645\u0646 \u0634\u062e\u0635",
        "Chat with somebody",
    ]
    await sealed(control, *(wanted(title) for title in titles))
    page = await opened(own_browser, rows=3)
    await page.until_true(f"{PICTURES} === 3")
    assert await page.evaluate(TITLES) == titles[::-1]
    assert await page.evaluate("document.title") == "Sharewise"
    blur = "getComputedStyle(document.querySelector('.private-picture')).filter"
    assert "blur" in str(await page.evaluate(blur))
    name = own_browser.name
    await page.screenshot(OUTPUT / f"evidence-list-{name}.png")
    assert await violations(page) == []
    await page.set_viewport(1180, 820, dark=True)
    await page.screenshot(OUTPUT / f"evidence-list-{name}-dark.png")
    assert await violations(page) == []
    await page.set_viewport(340, 700)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"evidence-list-{name}-phone.png")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    assert await page.evaluate(OVERFLOW) is False
    await page.set_viewport(1180, 820)
    await page.screenshot(OUTPUT / f"evidence-list-{name}-rtl.png")
    await page.evaluate("document.documentElement.dir = 'ltr'")
    await open_first(page)
    await page.until_true("document.querySelector('.stage img') !== null")
    await page.screenshot(OUTPUT / f"evidence-item-{name}.png", full=True)
    assert await violations(page) == []
    await press(page, "Back to the list")
    await page.until_true("!document.querySelector('#screen-list').hidden")
    await page.evaluate("document.querySelectorAll('#cases button')[1].click()")
    for button, screen in (("Export", "export"), ("What happened", "incident")):
        await page.until_true("!document.querySelector('#case-actions').hidden")
        await press(page, button)
        await page.until_true(f"!document.querySelector('#screen-{screen}').hidden")
        await page.screenshot(OUTPUT / f"evidence-{screen}-{name}.png", full=True)
        assert await violations(page) == []
        await press(page, "Cancel")
    for screen in ("check", "settings"):
        await page.click(f"#to-{screen}")
        await page.screenshot(OUTPUT / f"evidence-{screen}-{name}.png", full=True)
        assert await violations(page) == []
    assert await own_browser.errors() == []


async def test_words_tags_and_notes_find_what_was_saved(own_browser: Browser) -> None:
    control = await control_page(own_browser)
    await sealed(
        control,
        wanted("One", text="he wants 500 by tonight"),
        wanted("Two", text="nothing of that kind"),
    )
    page = await opened(own_browser, rows=2)
    await typed(page, "#search-words", "tonight")
    await press(page, "Search")
    await page.until_true(f"JSON.stringify({TITLES}) === '[\"One\"]'")
    assert "500 by tonight" in str(await page.evaluate(SHOWN))
    await open_first(page)
    await typed(page, "#item-tags", "money, threat ,money")
    await page.evaluate("document.querySelector('#item-tags').form.requestSubmit()")
    await typed(page, "#item-note", "came at night")
    await page.evaluate("document.querySelector('#item-note').form.requestSubmit()")
    await page.until_true("document.querySelector('#told').textContent === 'Saved'")
    await press(page, "Back to the list")
    await page.until_true("!document.querySelector('#screen-list').hidden")
    await press(page, "Show all")
    await page.until_true(f"{TITLES}.length === 2")
    await page.until_true("document.querySelectorAll('#timeline .tag').length === 2")
    await typed(page, "#search-words", "night came")
    await press(page, "Search")
    await page.until_true(f"JSON.stringify({TITLES}) === '[\"One\"]'")


async def test_the_keyboard_goes_through_the_list_and_back(own_browser: Browser) -> None:
    control = await control_page(own_browser)
    await sealed(control, *(wanted(f"Page {number}", age="adults") for number in range(3)))
    page = await opened(own_browser, rows=3)
    focused = "document.activeElement.querySelector('.row-title')?.textContent"
    await page.evaluate("document.querySelector('#timeline .row').focus()")
    await page.press("ArrowDown")
    assert await page.evaluate(focused) == "Page 1"
    await page.press("End")
    assert await page.evaluate(focused) == "Page 0"
    await page.press("Enter")
    await page.until_true("document.querySelector('#screen-item h1')?.textContent === 'Page 0'")
    await page.until_true("document.activeElement.tagName === 'H1'")
    await page.press("Escape")
    await page.until_true("!document.querySelector('#screen-list').hidden")


async def test_by_keyboard_it_is_put_into_another_case(own_browser: Browser) -> None:
    control = await control_page(own_browser)
    (made,) = await sealed(control, wanted("A letter"))
    for label, answer in (("March", "adults"), ("Words alone", "minor_or_unsure")):
        params = {"label": label, "age_answer": answer}
        assert "result" in await ask(control, "case.create", params)
    page = await opened(own_browser, rows=1)
    await open_first(page)
    await page.until_true("document.querySelector('.stage img') !== null")
    options = "[...document.querySelectorAll('#item-case option')].map((each) => each.textContent)"
    offered = await page.evaluate(options)
    assert isinstance(offered, list)
    assert offered[0] == "March"
    assert "Words alone" not in offered, "pictures may not go there"
    await page.evaluate("document.querySelector('#item-tags').focus()")
    await to(page, "document.activeElement.id === 'item-case'")
    assert await violations(page) == []
    await page.set_viewport(340, 700)
    assert await page.evaluate(OVERFLOW) is False
    await page.screenshot(OUTPUT / f"evidence-move-{own_browser.name}-phone.png", full=True)
    await page.set_viewport(1180, 820)
    await page.press("Home")
    await page.until_true("document.querySelector('#item-case').selectedIndex === 0")
    await to(
        page,
        "document.activeElement.form?.contains(document.querySelector('#item-case'))"
        " && document.activeElement.type === 'submit'",
    )
    await page.press("Enter")
    await page.until_true("document.querySelector('#told').textContent === 'Saved'")

    counts = """[...document.querySelectorAll('#cases .side-link')].map((each) =>
      [each.querySelector('.side-name').textContent, each.querySelector('.count').textContent])"""
    shown = await page.evaluate(counts)
    assert isinstance(shown, list)
    assert ["March", "1"] in shown
    answer = await ask(control, "item.show", {"item_id": made["item_id"]})
    assert isinstance(answer["result"], dict)
    assert answer["result"]["item"]["case_id"] != made["case_id"]
    assert await own_browser.errors() == []


async def to(page: Page, is_there: str) -> None:
    """Go on with the tabulator until something has the focus."""
    for _ in range(6):
        if await page.evaluate(is_there):
            return
        await page.press("Tab")
    raise AssertionError("the keyboard does not reach it")


async def test_locked_nothing_is_shown_and_saving_goes_on(
    own_browser: Browser, installation: Installation
) -> None:
    control = await control_page(own_browser)
    await sealed(control, wanted("A secret title"))
    page = await opened(own_browser, rows=1)
    await page.until_true(f"{PICTURES} === 1")
    await page.click("#to-settings")
    for field in ("#passphrase-new", "#passphrase-again"):
        await typed(page, field, PASSPHRASE)
    await page.evaluate("document.querySelector('#passphrase-understood').checked = true")
    await page.evaluate("document.querySelector('#passphrase-form').requestSubmit()")
    await page.until_true("!document.querySelector('#lock').hidden", within_s=30)
    assert await page.evaluate("document.querySelector('#no-passphrase').hidden") is True

    await page.click("#lock")

    await page.until_true("!document.querySelector('#screen-locked').hidden")
    assert "A secret title" not in str(await page.evaluate("document.documentElement.innerHTML"))
    assert await page.evaluate("document.querySelectorAll('img[src^=blob]').length") == 0
    await page.screenshot(OUTPUT / f"evidence-locked-{own_browser.name}.png")
    assert await violations(page) == []
    await sealed(control, wanted("Saved while locked"))
    assert sealed_count(installation) == 2
    await typed(page, "#unlock-passphrase", "not this one")
    await page.click("#unlock [type=submit]")
    await page.until_true("!document.querySelector('#unlock-problem').hidden", within_s=30)
    await page.until_true(
        "chrome.runtime.sendMessage({ method: 'vault.status', params: {} })"
        ".then((answer) => answer.result.wait_s === 0)",
        within_s=30,
    )
    await typed(page, "#unlock-passphrase", PASSPHRASE)
    await page.click("#unlock [type=submit]")
    await page.until_true(f"{TITLES}.length === 2", within_s=30)


async def test_an_exported_case_stands_the_check_and_a_changed_one_does_not(
    own_browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    control = await control_page(own_browser)
    await sealed(control, wanted("A letter"))
    page = await opened(own_browser, rows=1)
    await page.evaluate("document.querySelectorAll('#cases button')[1].click()")
    await page.until_true("!document.querySelector('#case-actions').hidden")
    await press(page, "Export")
    await page.evaluate(KEEP_FILE)
    await press(page, "Make the file")
    await page.until_true("!document.querySelector('#export-done').hidden", within_s=60)
    await page.screenshot(OUTPUT / f"evidence-exported-{own_browser.name}.png")
    assert await violations(page) == []
    assert str(await page.evaluate("window.keptName")).endswith(".zip")
    key = str(await page.evaluate("document.querySelector('#export-key').textContent"))
    data = await page.evaluate("""window.keptFile.arrayBuffer().then((buffer) =>
      btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')))""")
    package = tmp_path / "case.zip"
    package.write_bytes(base64.b64decode(str(data)))
    checked = await installation.sharewise("verify", str(package))
    assert checked.code == 0, checked.output

    await page.click("#to-check")
    await typed(page, "#check-key", key)
    await page.evaluate(HAND_IN % "false")
    result = "document.querySelector('#check-result')"
    await page.until_true(f"!{result}.hidden && {result}.dataset.state === 'good'", within_s=60)
    assert await violations(page) == []
    await page.screenshot(OUTPUT / f"evidence-checked-{own_browser.name}.png", full=True)
    await page.evaluate(HAND_IN % "true")
    await page.until_true(f"!{result}.hidden && {result}.dataset.state === 'bad'", within_s=60)
    assert await page.evaluate("document.querySelectorAll('.problems li').length > 0") is True
    await page.screenshot(OUTPUT / f"evidence-changed-{own_browser.name}.png", full=True)


async def test_a_case_for_somebody_under_18_says_so_and_takes_no_picture(
    own_browser: Browser,
) -> None:
    page = await opened(own_browser, rows=0)
    await page.click("#new-case")
    await page.until_true("!document.querySelector('#screen-case').hidden")
    assert await violations(page) == []
    await typed(page, "#case-label", "Notes 7")
    await page.evaluate("document.querySelector('#case-age-answer').selectedIndex = 3")
    await page.evaluate("document.querySelector('#case-form').requestSubmit()")
    await page.until_true("document.querySelector('#list-title').textContent === 'Notes 7'")
    await page.until_true("!document.querySelector('#case-under-age').hidden")
    await page.until_true("document.querySelectorAll('#case-under-age-help li').length === 2")
    cases = await ask(page, "case.summaries", {})
    (case,) = cases["result"]["cases"]  # type: ignore[index]  # it is JSON
    begun = await ask(page, "capture.begin", {"case_id": case["case_id"]})
    part = {**begun["result"], "name": "screenshot-window.png", "sequence": 0, "data": ""}  # type: ignore[dict-item]  # it is JSON
    part.pop("age_answer", None)
    refused = await ask(page, "capture.part", part)
    assert refused["error"]["code"] == "pictures_refused"  # type: ignore[index]  # it is JSON


async def test_what_happened_is_kept_with_the_case(own_browser: Browser) -> None:
    control = await control_page(own_browser)
    await sealed(control, wanted("A letter"))
    page = await opened(own_browser, rows=1)
    for is_again in (False, True):
        await page.evaluate("document.querySelectorAll('#cases button')[1].click()")
        await page.until_true("!document.querySelector('#case-actions').hidden")
        await press(page, "What happened")
        await page.until_true("!document.querySelector('#screen-incident').hidden")
        if is_again:
            break
        await press(page, "Add an account or person")
        await press(page, "Add a demand")
        values = {"User name, exactly as written": "Person.01", "Amount": "500"}
        for label, value in values.items():
            field = (
                "[...document.querySelectorAll('#incident-parts label')]"
                f".find((each) => each.textContent === {json.dumps(label)}).control"
            )
            await page.evaluate(f"{field}.value = {json.dumps(value)}")
        assert await violations(page) == []
        await page.screenshot(OUTPUT / f"evidence-incident-{own_browser.name}.png", full=True)
        await page.evaluate("document.querySelector('#incident-form').requestSubmit()")
        await page.until_true("!document.querySelector('#screen-list').hidden")
    kept = await page.evaluate(
        "[...document.querySelectorAll('#incident-parts input')].map((each) => each.value)"
    )
    assert isinstance(kept, list)
    assert {"Person.01", "500"} <= set(kept)


async def test_deleting_says_what_stays_and_takes_it_away(
    own_browser: Browser, installation: Installation
) -> None:
    control = await control_page(own_browser)
    await sealed(control, wanted("Keep"), wanted("Go"))
    page = await opened(own_browser, rows=2)
    await open_first(page)
    await press(page, "Delete this")
    assert "does not go from backups" in str(await page.evaluate(SHOWN))
    await press(page, "Delete it for good")
    await page.until_true(f"JSON.stringify({TITLES}) === '[\"Keep\"]'")
    assert sealed_count(installation) == 1
    await page.evaluate("document.querySelectorAll('#cases button')[1].click()")
    await page.until_true("!document.querySelector('#case-actions').hidden")
    await press(page, "Change this case")
    await press(page, "Delete this case")
    await press(page, "Delete the case and all that is in it")
    await page.until_true("!document.querySelector('#list-empty').hidden")
    assert sealed_count(installation) == 0


async def test_time_stamps_are_off_until_chosen_and_the_page_says_who_learns_what(
    own_browser: Browser,
) -> None:
    page = await opened(own_browser, rows=0)
    await page.click("#to-settings")
    await page.until_true("!document.querySelector('#screen-settings').hidden")
    assert await page.evaluate("document.querySelector('#stamps-on').checked") is False
    assert "a checksum (not the page)" in str(await page.evaluate(SHOWN))
    await typed(page, "#stamps-url", "http://127.0.0.1:9/tsa")
    await page.evaluate("document.querySelector('#stamps-on').checked = true")
    await page.evaluate("document.querySelector('#stamps-form').requestSubmit()")
    await page.until_true("document.querySelector('#told').textContent === 'Saved'")
    status = await ask(page, "stamp.status", {})
    assert status["result"]["is_on"] is True  # type: ignore[index]  # it is JSON
    assert await violations(page) == []


@pytest.mark.parametrize("way", ["button", "Shift three times"])
async def test_leaving_hides_and_replaces_the_page(own_browser: Browser, way: str) -> None:
    control = await control_page(own_browser)
    await sealed(control, *(wanted(f"Page {number}") for number in range(12)))
    page = await opened(own_browser, rows=8)
    for y in (0, 300, 900):
        await page.evaluate(f"window.scrollTo(0, {y})")
        assert await page.evaluate(IS_LEAVE_ON_TOP) is True
    if way == "button":
        await page.click("#leave")
    else:
        for _ in range(3):
            await page.press("Shift")
    origin = own_browser.extension_origin
    await page.until_true(f"!location.href.startsWith({origin!r})", within_s=20)
