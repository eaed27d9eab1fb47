"""A handle gives the file as it is to whoever may use it where nothing is hooked, as in a worker.
One whose file was cleaned does not get there, one whose file was let through as it is does.

Only Chromium gives handles of what a person drops or picks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.browsers import Browser, Kind, Page
from support.browsers.chromium_page import ChromiumPage
from support.pictures import DEVICE, gps_jpeg, plain_jpeg, put
from support.sites import Site
from support.sites.picking import KEPT_HANDLE

REMOVE = "Remove and share"
SHARE = "Share as it is"
CLOSE = "Close"

pytestmark = pytest.mark.parametrize("kind", [Kind.CHROMIUM], ids=str, indirect=True)

PREPARE = """
  const STORE = 'handles';
  const script = `
    const send = async (handle) => {
      const body = await handle.getFile();
      await fetch('${location.origin}/raw?name=worker', { method: 'POST', body });
      postMessage('sent');
    };
    const stored = () => {
      const request = indexedDB.open('${STORE}');
      request.onsuccess = () => {
        const found = request.result.transaction('${STORE}').objectStore('${STORE}').get('one');
        found.onsuccess = () => send(found.result);
      };
    };
    onmessage = ({ data }) => data === 'stored' ? stored() : send(data.handle);`;
  const worker = new Worker(URL.createObjectURL(new Blob([script])));
  const ended = (end) => note({ type: end }, []);
  worker.onmessage = ({ data }) => ended(data);
  const post = (handle) => worker.postMessage({ handle });
  const store = (handle) => new Promise((stored, failed) => {
    const request = indexedDB.open(STORE);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      const change = request.result.transaction(STORE, 'readwrite');
      try {
        change.objectStore(STORE).put(handle, 'one');
      } catch (error) {
        failed(error);
      }
      change.oncomplete = stored;
    };
  });
  const dropped = (use) => zone.addEventListener('drop', async (event) => {
    event.preventDefault();
    try {
      await use(await event.dataTransfer.items[0].getAsFileSystemHandle());
    } catch (error) {
      ended(error.name);
    }
  });
"""

OWN_LIST = "Object.getPrototypeOf((await navigator.storage.getDirectory()).keys())"
"""What all lists of folders inherit, as a page has it without a drop."""

WAYS = {
    "posted": ("file", "post(handle)"),
    "stored": ("file", "await store(handle); worker.postMessage('stored')"),
    "cloned and posted": ("file", "post(structuredClone(handle))"),
    "by a channel": ("file", "new MessageChannel().port1.postMessage(handle); ended('sent')"),
    "a folder, posted": ("folder", "post(handle)"),
    "by name": ("folder", "post(await handle.getFileHandle('telling.jpg'))"),
    "by its values": ("folder", "for await (const one of handle.values()) post(one)"),
    "by its entries": ("folder", "for await (const [, one] of handle.entries()) post(one)"),
    "by itself": ("folder", "for await (const [, one] of handle) post(one)"),
    "by a call kept from a list of its own": (
        "folder",
        f"const {{ next }} = {OWN_LIST}; post((await next.call(handle.values())).value)",
    ),
}
"""What is dropped, and what the page does with its handle."""


async def dropped(page: Page, use: str, path: Path) -> None:
    """Drop a file or a folder on a page that uses the handle so."""
    await page.evaluate(f"(() => {{ {PREPARE} dropped(async (handle) => {{ {use}; }}); }})()")
    await page.drop_files(*await page.centre("#zone"), [path])


async def telling_dropped(browser: Browser, site: Site, folder: Path, way: str) -> Page:
    """Give a page on which a photo that tells something, or its folder, was dropped."""
    what, use = WAYS[way]
    photo = put(folder, "telling.jpg", gps_jpeg())
    page = await browser.open(site.page("drop.html"))
    await dropped(page, use, photo if what == "file" else photo.parent)
    return page


async def ends(page: Page) -> object:
    """Wait until the page says how it ended."""
    return await page.until_true(
        "seen.map(({ type }) => type).find((type) => type === 'sent' || /Error$/.test(type))"
    )


async def page_that_picks(browser: Browser, site: Site, path: Path) -> Page:
    """Give a page for which the person would pick the file or the folder at `path`."""
    first = await browser.open(site.page("way.html?way=keep-handle"))
    await first.drop_files(*await first.centre("#target"), [path])
    await first.choose(SHARE)
    await first.until_true("seen.at(-1)?.type === 'kept'")
    page = await browser.open("about:blank")
    assert isinstance(page, ChromiumPage)
    await page.at_start(KEPT_HANDLE)
    await page.goto(site.page("drop.html"))
    return page


@pytest.mark.parametrize("way", WAYS)
async def test_the_handle_of_a_cleaned_file_does_not_leave_the_page(
    browser: Browser, site: Site, tmp_path: Path, way: str
) -> None:
    page = await telling_dropped(browser, site, tmp_path, way)
    await page.choose(REMOVE)
    assert await ends(page) == "DataCloneError"
    card = await page.card()
    assert "tried to use a file that you did not share" in card.text
    await page.choose(CLOSE)
    assert not [file.name for file in site.files if DEVICE in file.data]


@pytest.mark.parametrize("way", ["posted", "stored", "by its values"])
async def test_the_handle_of_a_file_that_is_shared_as_it_is_goes_where_the_page_wants(
    browser: Browser, site: Site, tmp_path: Path, way: str
) -> None:
    page = await telling_dropped(browser, site, tmp_path, way)
    await page.choose(SHARE)
    assert await ends(page) == "sent"
    assert "worker" in [file.name for file in site.files]
    assert await page.card_now() is None


async def test_the_handle_of_a_clean_file_goes_where_the_page_wants(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    photo = put(tmp_path, "silent.jpg", plain_jpeg())
    page = await browser.open(site.page("drop.html"))
    await dropped(page, WAYS["posted"][1], photo)
    assert await ends(page) == "sent"
    assert await page.card_now() is None


@pytest.mark.parametrize(
    ("call", "what"), [("showOpenFilePicker", "file"), ("showDirectoryPicker", "folder")]
)
@pytest.mark.parametrize(("choice", "end"), [(REMOVE, "DataCloneError"), (SHARE, "sent")])
async def test_a_picked_handle_leaves_the_page_only_if_shared_as_it_is(  # noqa: PLR0917  a table
    browser: Browser, site: Site, tmp_path: Path, call: str, what: str, choice: str, end: str
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    page = await page_that_picks(browser, site, photo if what == "file" else photo.parent)
    await page.evaluate(
        f"""(() => {{
          {PREPARE}
          zone.onclick = async () => {{
            try {{
              const picked = await {call}();
              if (Array.isArray(picked)) post(picked[0]);
              else for await (const one of picked.values()) post(one);
            }} catch (error) {{
              ended(error.name);
            }}
          }};
        }})()"""
    )
    await page.click("#zone")
    await page.choose(choice)
    assert await ends(page) == end
    sent = [DEVICE in file.data for file in site.files]
    assert sent == ([True] if end == "sent" else [])


PATCHES = (
    f"{OWN_LIST}.next = async () => ({{ done: true }})",
    "Object.defineProperty(FileSystemHandle.prototype, 'kind', { get: () => 'directory' })",
)
"""What a page changes so that a folder would seem to be empty."""


@pytest.mark.parametrize("patch", PATCHES)
async def test_a_picked_folder_is_looked_at_whatever_the_page_made_of_lists(
    browser: Browser, site: Site, tmp_path: Path, patch: str
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    page = await page_that_picks(browser, site, photo.parent)
    await page.evaluate(
        f"""(() => {{
          {PREPARE}
          zone.onclick = async () => {{
            {patch};
            try {{
              post(await showDirectoryPicker());
            }} catch (error) {{
              ended(error.name);
            }}
          }};
        }})()"""
    )
    await page.click("#zone")
    await page.choose(REMOVE)
    assert await ends(page) == "DataCloneError"
    assert not [file.name for file in site.files if DEVICE in file.data]


COPY = """zone.addEventListener('drop', (event) => {
  event.preventDefault();
  const entry = event.dataTransfer.items[0].webkitGetAsEntry();
  const end = (type) => note({ type }, []);
  const send = (copy) => {
    const request = new XMLHttpRequest();
    request.open('GET', copy.toURL());
    request.responseType = 'blob';
    request.onload = async () => {
      await sendRaw(new File([request.response], 'copy'));
      end('sent');
    };
    request.send();
  };
  const fail = (error) => end(error.name);
  webkitRequestFileSystem(TEMPORARY, 1e7, ({ root }) => {
    root.getFile('x.jpg', {}, (old) => old.remove(copy), copy);
    function copy() { entry.copyTo(root, 'x.jpg', send, fail); }
  }, fail);
})"""


@pytest.mark.parametrize(("choice", "end"), [(REMOVE, "NotReadableError"), (SHARE, "sent")])
async def test_an_entry_is_copied_only_if_it_is_shared_as_it_is(
    browser: Browser, site: Site, tmp_path: Path, choice: str, end: str
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    page = await browser.open(site.page("drop.html"))
    await page.evaluate(f"void {COPY}")
    await page.drop_files(*await page.centre("#zone"), [photo])
    await page.choose(choice)
    assert await ends(page) == end
    copies = [file for file in site.files if file.name == "copy"]
    assert [DEVICE in file.data for file in copies] == ([True] if end == "sent" else [])


KEEP = """void webkitRequestFileSystem(TEMPORARY, 1e6, ({ root }) =>
  root.getFile('own', { create: true }, (own) => {
    const { file } = Object.getPrototypeOf(own);
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      const entry = event.dataTransfer.items[0].webkitGetAsEntry();
      file.call(entry, async (found) => {
        await sendRaw(new File([await found.arrayBuffer()], 'copy'));
        note({ type: 'sent' }, []);
      }, ({ name }) => note({ type: name }, []));
    });
    note({ type: 'kept' }, []);
  }))"""


async def test_a_call_that_was_kept_from_an_entry_of_the_page_gives_what_was_let_through(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    page = await browser.open(site.page("drop.html"))
    await page.evaluate(KEEP)
    await page.until_true("seen.some(({ type }) => type === 'kept')")
    await page.drop_files(*await page.centre("#zone"), [photo])
    await page.choose(REMOVE)
    assert await ends(page) == "sent"
    copies = [file for file in site.files if file.name == "copy"]
    assert [DEVICE in file.data for file in copies] == [False]
