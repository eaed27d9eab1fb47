"""What a page may still try with a file that the person did not share: each way fails, and the
person is told.

The file is made by the page itself, of the name, size and date of the one that was cancelled: so
it has it in its hands, as if it had come by it in a way that nobody thought of. A file of another
name goes through: what is refused is that file, not the call.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from support.browsers import Browser, Page
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site

CANCEL = "Cancel"
CLOSE = "Close"
OUTPUT = Path(__file__).parent / "output"

WAYS = {
    "fetch": ("fetch('/raw?name=f', { method: 'POST', body: file })", "TypeError"),
    "fetch, in a form": (
        """(() => {
          const body = new FormData();
          body.append('photo', file);
          return fetch('/upload', { method: 'POST', body });
        })()""",
        "NotReadableError",
    ),
    "fetch, in a form under another name": (
        """(() => {
          const body = new FormData();
          body.set('photo', file, 'other.jpg');
          return fetch('/upload', { method: 'POST', body });
        })()""",
        "NotReadableError",
    ),
    "fetch, told at the second time": (
        """(() => {
          let count = 0;
          const body = () => (count++ ? file : 'x');
          return fetch('/raw', { method: 'POST', get body() { return body(); } });
        })()""",
        "done",
    ),
    "fetch, told by a function": (
        "fetch('/raw?name=f', Object.assign(() => 0, { method: 'POST', body: file }))",
        "TypeError",
    ),
    "fetch, of another realm": (
        "realm.fetch(location.origin + '/raw?name=o', { method: 'POST', body: file })",
        "TypeError",
    ),
    "Request": ("new Request('/raw', { method: 'POST', body: file })", "TypeError"),
    "Response": ("new Response(file).arrayBuffer()", "TypeError"),
    "XMLHttpRequest": (
        """new Promise((sent, failed) => {
          const request = new XMLHttpRequest();
          request.onload = sent;
          request.onerror = failed;
          request.open('POST', '/raw?name=x');
          request.send(file);
        })""",
        "NetworkError",
    ),
    "sendBeacon": ("navigator.sendBeacon('/raw?name=b', file) || refuse()", "Refused"),
    "WebSocket": (
        """new Promise((opened, failed) => {
          const socket = new WebSocket(`ws://${location.host}/socket`);
          socket.onopen = () => opened(socket);
          socket.onerror = failed;
        }).then((socket) => socket.send(file))""",
        "NetworkError",
    ),
    "RTCDataChannel": ("channel.send(file)", "NetworkError"),
    "Worker": (
        "new Worker(URL.createObjectURL(new Blob(['']))).postMessage({ deep: [file] })",
        "DataCloneError",
    ),
    "MessagePort": ("new MessageChannel().port1.postMessage(file)", "DataCloneError"),
    "BroadcastChannel": ("new BroadcastChannel('one').postMessage(file)", "DataCloneError"),
    "window": ("window.postMessage(new Map([[1, file]]), '*')", "DataCloneError"),
    "structuredClone": ("structuredClone(new Set([file]))", "DataCloneError"),
    "navigation": ("navigation.updateCurrentEntry({ state: { file } })", "DataCloneError"),
    "history": ("history.replaceState({ file }, '')", "DataCloneError"),
    "text": ("file.text()", "NotReadableError"),
    "text, of another realm": ("realm.Blob.prototype.text.call(file)", "NotReadableError"),
    "text of a part": ("file.slice(1, 9).slice(1).text()", "NotReadableError"),
    "stream": ("file.stream()", "NotReadableError"),
    "FileReader": ("new FileReader().readAsDataURL(file)", "NotReadableError"),
    "object URL": ("URL.createObjectURL(file)", "NotReadableError"),
    "ImageBitmap": ("createImageBitmap(file)", "NotReadableError"),
    "Blob of it": ("new Blob(['a', file]).text()", "NotReadableError"),
    "File of it": ("new File([file], 'new.jpg').arrayBuffer()", "NotReadableError"),
    "form, submitted": (
        "submitted((form, input) => { input.files = listed(); form.submit(); })",
        "NotReadableError",
    ),
    "form, by formdata": (
        """submitted((form) => new Promise((done, failed) => {
          form.addEventListener('formdata', ({ formData }) => {
            try {
              done(formData.append('photo', file));
            } catch (error) {
              failed(error);
            }
          });
          form.requestSubmit();
        }))""",
        "NotReadableError",
    ),
    "form, by an element of one's own": (
        "submitted((form) => { form.append(own(file)); form.requestSubmit(); })",
        "NotReadableError",
    ),
    "file of one's own": (
        """navigator.storage.getDirectory()
          .then((folder) => folder.getFileHandle('own', { create: true }))
          .then((handle) => handle.createWritable())
          .then((open) => open.write(file).finally(() => open.close()))""",
        "NotReadableError",
    ),
}
"""What the page does with `file`, and the error that tells it was refused."""

WITHOUT = {"RTCDataChannel": "InvalidStateError"}
"""What is said of a file that may go, where it cannot arrive either: the channel is not open."""

TRY = """(async () => {
  const bytes = Uint8Array.from(atob('%(data)s'), (letter) => letter.charCodeAt(0));
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const realm = window[0];
  const channel = new RTCPeerConnection().createDataChannel('one');
  const refuse = () => { throw Object.assign(new Error(), { name: 'Refused' }); };
  const file = new File([bytes], '%(name)s', { type: 'image/jpeg', lastModified: %(date)s });
  const listed = () => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    return transfer.files;
  };
  const submitted = async (send) => {
    const made = (name, fields) => Object.assign(document.createElement(name), fields);
    const sink = made('iframe', { name: 'sink' });
    const form = made('form', {
      action: '/upload', method: 'post', enctype: 'multipart/form-data', target: 'sink' });
    const input = made('input', { type: 'file', name: 'photo' });
    form.append(input);
    document.body.append(sink, form);
    try {
      await send(form, input);
      await new Promise((loaded) => { sink.onload = loaded; });
    } finally {
      form.remove();
      sink.remove();
    }
  };
  const own = (value) => {
    if (!customElements.get('own-field')) {
      customElements.define('own-field', class extends HTMLElement {
        static formAssociated = true;
        inner = this.attachInternals();
      });
    }
    const field = document.createElement('own-field');
    field.setAttribute('name', 'photo');
    field.inner.setFormValue(value);
    return field;
  };
  const ways = { %(ways)s };
  const results = {};
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way();
      results[name] = 'done';
    } catch (error) {
      results[name] = error.name;
    }
  }
  frame.remove();
  return results;
})()"""


INNOCENT = """(async () => {
  class Options {
    #method = 'POST';
    get method() { return this.#method; }
    get body() { return 'words'; }
  }
  const asked = new Request('/raw?name=i', { headers: { 'x-own': 'kept' }, cache: 'no-store' });
  const again = new Request('/raw?name=j', asked);
  const { status } = await fetch('/nowhere', new Options());
  const plain = await fetch(location.href, asked);
  return [again.headers.get('x-own'), again.cache, status, plain.ok];
})()"""
"""Requests that are described by more than a plain object, and carry nothing that is held."""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def tried(page: Page, photo: Path, name: str) -> dict[str, str]:
    """Return how each way ended with a file of this name and the photo's size and date."""
    ways = ", ".join(f"{json.dumps(way)}: () => {body}" for way, (body, _) in WAYS.items())
    given = {
        "data": base64.b64encode(photo.read_bytes()).decode(),
        "name": name,
        "date": int(photo.stat().st_mtime * 1000),
        "ways": ways,
    }
    found = await page.evaluate(TRY % given)
    assert isinstance(found, dict)
    return {str(way): str(result) for way, result in found.items()}


async def test_no_call_takes_a_file_along_that_was_not_shared_and_the_person_is_told(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [telling])
    await page.choose(CANCEL)
    await page.card_gone()
    other = await tried(page, telling, "other.jpg")
    assert await page.card_now() is None, "another file is the page's own"
    before = len(site.files)
    held = await tried(page, telling, telling.name)
    lines = [f"{'attempt':38}{'held back':20}another file"]
    lines += [f"{way:38}{held[way]:20}{other[way]}" for way in WAYS]
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / f"last-line-{browser.name}.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))
    assert held == {way: error for way, (_, error) in WAYS.items()}
    assert other == {way: WITHOUT.get(way, "done") for way in WAYS}
    card = await page.card()
    assert "tried to use a file that you did not share" in card.text
    assert [button.text for button in card.buttons] == [CLOSE]
    await page.screenshot(OUTPUT / f"card-blocked-{browser.name}.png")
    await page.choose(CLOSE)
    await page.card_gone()
    await tried(page, telling, telling.name)
    assert await page.card_now() is None, "told once"
    sent = [file for file in site.files[before:] if DEVICE in file.data]
    assert sent == []


async def test_what_takes_no_such_file_along_goes_as_ever_while_one_is_held(
    browser: Browser, site: Site, telling: Path
) -> None:
    page = await browser.open(site.page("auto.html"))
    fine = ["kept", "no-store", 405, True]
    assert await page.evaluate(INNOCENT) == fine
    await page.pick_files("#file", [telling])
    await page.choose(CANCEL)
    await page.card_gone()
    assert await page.evaluate(INNOCENT) == fine
    assert await page.card_now() is None
