"""A page that Chromium saved, as a web archive that ReplayWeb.page shows: the one proof that
counts. Served on loopback; nothing else is reached."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

import environment
from sharewise.webarchive.build import SavedPage, build
from support.browsers import Browser, Kind, Page, Settings, started, until
from support.capturing import running_pages

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
SECRET = "canary7391-Ab34cd56ef78"
PAGE = f"""<!doctype html><html><head><title>A thread</title>
<meta name="csrf-token" content="{SECRET}">
<link rel="stylesheet" href="/style.css?session_token={SECRET}">
<style>h1 {{ color: rgb(1, 2, 3) }}</style></head>
<body><h1>Words in the page</h1>
<form><input type="hidden" name="auth" value="{SECRET}"><input name="q" value="typed"></form>
<img src="/picture.svg?token={SECRET}" width="40" height="30" alt="">
<iframe src="/inner" width="200" height="80"></iframe>
<p id="made"></p>
<script>
  document.cookie = "session={SECRET}";
  fetch("/api.html?key={SECRET}").then((answer) => answer.text()).then((text) => {{
    globalThis.account = text;
    document.getElementById("made").textContent = "made by a script";
  }});
</script></body></html>"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>'
)
FIND_PAGE = """(() => {
  const look = (root) => {
    for (const one of root.querySelectorAll('*')) {
      if (one.localName === 'iframe') {
        let inner = null;
        try { inner = one.contentDocument } catch { }
        if (inner?.querySelector('#made')) return inner;
        const found = inner && look(inner);
        if (found) return found;
      }
      const found = one.shadowRoot && look(one.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const page = look(document);
  if (!page || page.readyState !== 'complete') return null;
  const picture = page.querySelector('img');
  const inner = page.querySelector('iframe').contentDocument;
  if (!picture.complete || !inner?.body?.textContent) return null;
  return {
    text: page.body.innerText,
    field: page.querySelector('[name=q]').value,
    background: page.defaultView.getComputedStyle(page.body).backgroundColor,
    heading: page.defaultView.getComputedStyle(page.querySelector('h1')).color,
    picture: picture.naturalWidth,
    inner: inner.body.textContent.trim(),
  };
})()"""


async def test_a_saved_page_is_replayed_without_its_secrets(tmp_path: Path) -> None:
    """The page, its style, its picture and its frame are there; the session is not."""
    async with started(Kind.CHROMIUM, Settings(EXTENSION)) as browser, running_pages() as site:
        site.html |= {
            "thread": PAGE,
            "inner": "<!doctype html><p>Words in a frame</p>",
            "picture.svg": PICTURE,
            "api.html": f"account of {SECRET}",
        }
        site.styles["style.css"] = "body { background: rgb(9, 8, 7) }"
        page = await browser.open(site.url("thread"))
        await page.until_true("document.getElementById('made').textContent")
        saved = await saved_as_mhtml(browser, page)
        address = site.url("thread")
    archive = build(
        SavedPage(address, "A thread", "2026-03-05T10:00:00.000Z", "Sharewise", mhtml=saved)
    )
    assert SECRET.encode() in saved, "the page itself had it"
    # The site is gone: whatever is shown comes out of the archive.
    async with started(Kind.CHROMIUM, Settings(EXTENSION)) as browser, replayer(archive) as door:
        shown = await browser.open(
            f"{door}/?source={door}/page.wacz#view=pages&url={address}&ts=20260305100000"
        )
        found = await shown.until_true(FIND_PAGE, within_s=60)
        await shown.screenshot(tmp_path / "replay.png")
    assert isinstance(found, dict)
    assert "Words in the page" in found["text"]
    assert "made by a script" in found["text"], "as it was when it was saved"
    assert found["field"] == "typed"
    assert found["background"] == "rgb(9, 8, 7)", "its style sheet"
    assert found["heading"] == "rgb(1, 2, 3)", "its own style"
    assert found["picture"] > 0
    assert found["inner"] == "Words in a frame"


async def saved_as_mhtml(browser: Browser, page: Page) -> bytes:
    """Let the extension's background save a tab as it does for a capture.

    Chromium may take the file away before it is read; then it is asked again, as the extension is.
    """
    url = json.dumps(await page.evaluate("location.href"))

    async def probe() -> str | None:
        text = await browser.evaluate_in_background(
            f"""chrome.tabs.query({{}})
            .then((tabs) => tabs.find((tab) => tab.url === {url}).id)
            .then((tabId) => chrome.pageCapture.saveAsMHTML({{ tabId }}))
            .then((blob) => blob.text())
            .catch((thrown) => {{ if (thrown.name !== "NotFoundError") throw thrown; }})"""
        )
        assert text is None or isinstance(text, str)
        return text

    return (await until(probe, "the page to be saved", within_s=30)).encode()


@asynccontextmanager
async def replayer(archive: bytes) -> AsyncIterator[str]:
    """Serve ReplayWeb.page and an archive on a free port of 127.0.0.1."""
    folder = environment.prepare_replayer()
    assert folder is not None, "npm is needed to get ReplayWeb.page"

    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"] or "index.html"
        if name == "page.wacz":
            return web.Response(body=archive, content_type="application/octet-stream")
        if name not in {"index.html", "ui.js", "sw.js"}:
            raise web.HTTPNotFound
        return web.FileResponse(folder / name)

    application = web.Application()
    application.router.add_get("/{name:[a-z.]*}", serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def test_what_is_replayed_is_the_pinned_version() -> None:
    """A download that is not what it was is not used."""
    with pytest.raises(SystemExit, match="not the file"):
        environment.unpacked_if_intact(b"another file", Path("nowhere"))
