"""The drivers themselves: what they do is trusted, arrives, and reaches the extension.

With a tiny extension of its own under our id, so that a failure here is one of the harness.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from sharewise.wire.messages import PROTOCOL
from support.browsers import Browser, HarnessError, Kind, Page, Settings, processes, started, until
from support.browsers.installation import Installation
from support.sites import Site

ROOT = Path(__file__).resolve().parents[2]

BACKGROUND = """
console.info('background is up');
const told = [];
chrome.runtime.onMessage.addListener((message, sender, answer) => {
  told.push(message);
  answer({ echo: message });
});
globalThis.told = told;
globalThis.fail = () => setTimeout(() => { throw new Error('oh no'); });
globalThis.ask = (message) => new Promise((resolve) => {
  const port = chrome.runtime.connectNative('org.sharewise.host');
  port.onMessage.addListener((answer) => { resolve(answer); port.disconnect(); });
  port.onDisconnect.addListener(() =>
    resolve({ gone: String((port.error || chrome.runtime.lastError || {}).message) }));
  port.postMessage(message);
});
"""
CONTENT = """
(() => {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'closed' });
  root.innerHTML = `<dialog aria-label="Probe"><p>A calm question</p><p></p>
    <button>Yes</button><button disabled>Never</button></dialog>`;
  const dialog = root.querySelector('dialog');
  dialog.lastElementChild.style.marginBlock = '1200px';
  root.querySelector('button').addEventListener('click', (event) => {
    document.documentElement.dataset.answer = event.isTrusted ? 'trusted' : 'made up';
    dialog.close();
  });
  addEventListener('ask', () => {
    document.documentElement.append(host);
    dialog.showModal();
  });
})();
"""
POPUP_SCRIPT = """
document.getElementById('go').addEventListener('click', (event) => {
  chrome.runtime.sendMessage({ pressed: event.isTrusted });
});
"""
POPUP = """<!doctype html><meta charset="utf-8"><title>Popup</title>
<button id="go">Go</button><script src="popup.js"></script>"""


@pytest.fixture(scope="module")
def probe_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small extension under our id."""
    folder = tmp_path_factory.mktemp("probe")
    ours = json.loads((ROOT / "extension" / "manifest.json").read_text())
    kept = ("manifest_version", "version", "key", "browser_specific_settings", "host_permissions")
    manifest = {
        **{name: ours[name] for name in kept},
        "name": "Probe",
        "permissions": ["activeTab", "nativeMessaging", "tabs"],
        "background": {"service_worker": "background.js", "scripts": ["background.js"]},
        "content_scripts": [
            {"matches": ["<all_urls>"], "js": ["content.js"], "run_at": "document_start"}
        ],
        "action": {"default_popup": "popup.html"},
    }
    files = {
        "manifest.json": json.dumps(manifest),
        "background.js": BACKGROUND,
        "content.js": CONTENT,
        "popup.html": POPUP,
        "popup.js": POPUP_SCRIPT,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def probe_browser(
    kind: Kind, probe_extension: Path, shared_installation: Installation
) -> AsyncIterator[Browser]:
    settings = Settings(probe_extension, host=shared_installation.launcher())
    async with started(kind, settings) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def probe(probe_browser: Browser) -> AsyncIterator[Browser]:
    yield probe_browser
    await probe_browser.close_pages()


@pytest.fixture
def two_files(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "one ä.txt", tmp_path / "two.bin"]
    files[0].write_bytes(b"first")
    files[1].write_bytes(bytes(range(256)) * 300)
    return files


async def recorded(page: Page, event: str) -> None:
    """Have the page write down the events of this name in `heard`."""
    await page.evaluate(
        "(globalThis.heard ??= [], addEventListener("
        f"{json.dumps(event)}, (e) => heard.push([e.type, e.isTrusted, e.key ?? null]), true), 0)"
    )


async def test_clicks_are_trusted_and_activate_the_page(probe: Browser, site: Site) -> None:
    page = await probe.open(site.page("detached.html"))
    await recorded(page, "click")
    assert await page.evaluate("navigator.userActivation.hasBeenActive") is False
    await page.click("h1")
    assert await page.evaluate("heard") == [["click", True, None]]
    assert await page.evaluate("navigator.userActivation.hasBeenActive") is True


async def test_keys_are_trusted_and_chords_hold_their_modifier(probe: Browser, site: Site) -> None:
    page = await probe.open(site.page("form.html"))
    await recorded(page, "keydown")
    await page.press("Shift+Tab")
    await page.type("é1")
    assert await page.evaluate("heard") == [
        ["keydown", True, "Shift"],
        ["keydown", True, "Tab"],
        ["keydown", True, "é"],
        ["keydown", True, "1"],
    ]


@pytest.mark.parametrize("name", ["auto.html", "detached.html", "shadow.html?open"])
async def test_files_picked_in_a_chooser_arrive_whole(
    probe: Browser, site: Site, two_files: list[Path], name: str
) -> None:
    page = await probe.open(site.page(name))
    trigger = {"auto.html": "#file", "detached.html": "#pick"}.get(name)
    where = trigger or tuple(await page.evaluate("middle()"))
    await page.pick_files(where, two_files)
    received = await site.wait_for_files(2)
    assert [file.name for file in received] == [file.name for file in two_files]
    assert [file.data for file in received] == [file.read_bytes() for file in two_files]
    seen = await page.evaluate("seen")
    assert [event["type"] for event in seen] == ["input", "change"]
    assert seen[0]["is_composed"], "as when a person picks"
    assert [file["last_modified"] for file in seen[0]["files"]] == [
        int(file.stat().st_mtime * 1000) for file in two_files
    ]


async def test_a_chooser_that_does_not_open_is_an_error_in_words(
    probe: Browser, site: Site, two_files: list[Path]
) -> None:
    page = await probe.open(site.page("form.html"))
    with pytest.raises(HarnessError, match="the file chooser"):
        await page.pick_files("h1", two_files, within_s=0.5)


async def test_dropped_files_arrive_whole(
    probe: Browser, site: Site, two_files: list[Path]
) -> None:
    page = await probe.open(site.page("drop.html"))
    await recorded(page, "drop")
    await page.drop_files(*await page.centre("#zone"), two_files)
    received = await site.wait_for_files(2)
    assert {file.name: file.data for file in received} == {
        file.name: file.read_bytes() for file in two_files
    }
    assert await page.evaluate("heard") == [["drop", True, None]]


async def test_the_card_is_read_and_answered_in_its_closed_root(probe: Browser, site: Site) -> None:
    page = await probe.open(site.page("form.html"))
    assert await page.card_now() is None
    await page.evaluate("(dispatchEvent(new Event('ask')), 0)")
    card = await page.card()
    assert "A calm question" in card.text
    assert [(button.text, button.is_enabled) for button in card.buttons] == [
        ("Yes", True),
        ("Never", False),
    ]
    with pytest.raises(HarnessError, match=r"'Never' on the extension's card.*A calm"):
        await page.choose("Never", within_s=0.2)
    await page.choose("Yes")
    await page.card_gone()
    assert await page.evaluate("document.documentElement.dataset.answer") == "trusted"


async def test_a_strict_policy_of_the_page_stops_no_probe(probe: Browser, site: Site) -> None:
    page = await probe.open(site.page("strict.html"))
    await page.evaluate("(dispatchEvent(new Event('ask')), 0)")
    assert (await page.card()).button("Yes")


async def test_pictures_have_the_size_of_the_viewport_and_of_the_page(
    probe: Browser, site: Site, tmp_path: Path
) -> None:
    page = await probe.open(site.page("long.html"))
    await page.set_viewport(640, 480, dark=True)
    assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is True
    await page.screenshot(tmp_path / "window.png")
    await page.screenshot(tmp_path / "full.png", full=True)
    with Image.open(tmp_path / "window.png") as picture:
        assert picture.size == (640, 480)
    with Image.open(tmp_path / "full.png") as picture:
        assert picture.height == 20_000
        band_19 = picture.convert("RGB").getpixel((300, 19_500))
    assert band_19 == (228, 48, 231)


async def test_the_background_runs_and_its_log_is_collected(probe: Browser) -> None:
    assert await probe.evaluate_in_background("chrome.runtime.getManifest().name") == "Probe"
    await probe.evaluate_in_background("(fail(), 0)")

    async def told() -> bool:
        return any("oh no" in entry.text for entry in await probe.errors())

    await until(told, "the error in the log")
    assert any(entry.text == "background is up" for entry in await probe.logs())


async def test_the_button_opens_the_popup_and_clicks_in_it_are_trusted(
    probe: Browser, site: Site
) -> None:
    page = await probe.open(site.page("form.html"))
    await probe.trigger_action(page)
    popup = await probe.popup()
    assert await popup.evaluate("chrome.runtime.sendMessage('hi')") == {"echo": "hi"}
    await popup.click("#go")

    async def told() -> bool:
        messages = await probe.evaluate_in_background("told")
        return isinstance(messages, list) and {"pressed": True} in messages

    await until(told, "the click")
    await popup.close()


async def test_pages_of_the_extension_open(probe: Browser) -> None:
    page = await probe.extension_page("popup.html")
    assert await page.evaluate("location.origin") == probe.extension_origin


async def test_native_messaging_reaches_the_real_host_and_daemon(probe: Browser) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "hello",
        "sender": "background",
        "params": {"protocol": PROTOCOL, "version": "0.1.0"},
    }
    answer = await probe.evaluate_in_background(f"ask({json.dumps(hello)})")
    assert isinstance(answer, dict)
    assert answer.get("id") == 1, answer
    assert "result" in answer, answer
    assert answer["result"]["protocol"] == PROTOCOL


async def test_a_missing_browser_is_named_with_its_package() -> None:
    with pytest.raises(HarnessError, match="apt-get install firefox-esr"):
        processes.program(("no-such-browser",), "firefox-esr")


async def test_ending_a_browser_leaves_no_process_and_no_folder(
    kind: Kind, probe_extension: Path
) -> None:
    async with started(kind, Settings(probe_extension)) as browser:
        assert await asyncio.to_thread(processes_of, browser.folder)
    assert not browser.folder.exists()
    assert not await asyncio.to_thread(processes_of, browser.folder)


async def test_ending_a_browser_that_was_killed_leaves_nothing_either(
    kind: Kind, probe_extension: Path
) -> None:
    async with started(kind, Settings(probe_extension)) as browser:
        for process in await asyncio.to_thread(processes_of, browser.folder):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(HarnessError):
            await browser.open("about:blank")
    assert not browser.folder.exists()


def processes_of(folder: Path) -> list[int]:
    """Return the processes whose command line names this folder."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found
