"""Inputs that nobody listens to: a page that wants the photo as it is never asks such an input in
the way that pages do, and goes for its files by another.

Each try runs without the extension first, where the photo must arrive, or it would prove nothing.
With it, nothing arrives before the person has chosen, and the photo as it is never.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browsers import Browser
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site, running_site

REMOVE = "Remove and share"
OUTPUT = Path(__file__).parent / "output"

PREPARE = """
  const old = document.getElementById('pick');
  const button = old.cloneNode(true);
  old.replaceWith(button);
  const sink = document.createElement('iframe');
  sink.name = 'sink';
  document.body.append(sink);
  const other = document.createElement('iframe');
  other.src = '/form.html';
  await new Promise((loaded) => { other.onload = loaded; document.body.append(other); });
  const realm = other.contentWindow;
  const filesOf = (one) => Object.getOwnPropertyDescriptor(
    one.HTMLInputElement.prototype, 'files').get;
  const made = (name, fields) => Object.assign(document.createElement(name), fields);
  const form = (...fields) => {
    const filled = made('form', {
      action: '/upload', method: 'post', enctype: 'multipart/form-data', target: 'sink' });
    filled.append(...fields);
    return filled;
  };
  const inTree = (mode, inner) => {
    const host = made('div');
    document.body.append(host);
    host.attachShadow({ mode }).append(inner);
  };
  const named = (name) => made('input', { name });
  const opened = (open) => {
    button.onclick = () => {
      const input = made('input', { type: 'file', name: 'photo' });
      open(input);
    };
  };
  // What it is called tells that something was picked, and no more.
  const then = (input, take) => {
    const timer = setInterval(() => {
      if (!input.value) return;
      clearInterval(timer);
      take(input);
    }, 5);
  };
  const picked = (take) => opened((input) => {
    input.click();
    then(input, take);
  });
"""

TRIES = {
    "files, by another frame": "picked((input) => sendForm(filesOf(realm).call(input)))",
    "files, moved to another document": """picked((input) => {
        document.implementation.createHTMLDocument('').adoptNode(input);
        sendForm(filesOf(window).call(input));
      })""",
    "files, moved to another frame": """picked((input) => {
        realm.document.adoptNode(input);
        sendForm(filesOf(window).call(input));
      })""",
    "FormData of another frame": """picked((input) => {
        fetch('/upload', { method: 'POST', body: new realm.FormData(form(input)) });
      })""",
    "submit of another frame": """picked((input) => {
        const sent = form(input);
        document.body.append(sent);
        realm.HTMLFormElement.prototype.submit.call(sent);
      })""",
    "a form in a shadow tree": """picked((input) => {
        const sent = form(input);
        inTree('closed', sent);
        sent.requestSubmit();
      })""",
    "the same, by submit": """picked((input) => {
        const sent = form(input);
        inTree('closed', sent);
        sent.submit();
      })""",
    "the same, by another frame": """picked((input) => {
        const sent = form(input);
        inTree('open', sent);
        realm.HTMLFormElement.prototype.requestSubmit.call(sent);
      })""",
    "a button in a shadow tree": """picked((input) => {
        const send = made('button');
        inTree('closed', form(input, send));
        send.click();
      })""",
    "a field named elements": """picked((input) => {
        const sent = form(input, named('elements'), named('localName'));
        document.body.append(sent);
        sent.requestSubmit();
      })""",
    "a field named nodeType": """picked((input) => {
        const sent = form(input, named('nodeType'), named('querySelectorAll'));
        document.body.append(sent);
        HTMLFormElement.prototype.submit.call(sent);
      })""",
    "FormData with such fields": """picked((input) => {
        const sent = form(input, named('nodeType'), named('elements'), named('getRootNode'));
        fetch('/upload', { method: 'POST', body: new FormData(sent) });
      })""",
    "in the page, then in a shadow tree": """opened((input) => {
        inTree('closed', input);
        input.dispatchEvent(new MouseEvent('click'));
        input.remove();
        then(input, () => {
          const sent = form(input);
          inTree('open', sent);
          sent.requestSubmit();
        });
      })""",
}
ARRIVING = {
    "submit of another frame",
    "a form in a shadow tree",
    "the same, by submit",
    "the same, by another frame",
    "a button in a shadow tree",
    "a field named elements",
    "a field named nodeType",
    "in the page, then in a shadow tree",
}
"""Forms are sent when the person has chosen; whoever reads at once finds nothing."""

ROWS: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print what came of each try, and keep the table beside the pictures."""
    yield
    lines = [f"{'input that nobody listens to, by':40}{'browser':10}what came"]
    lines += [f"{name:40}{kind:10}{end}" for (name, kind), end in ROWS.items()]
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "guard-unheard.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


@pytest.mark.parametrize("name", TRIES)
async def test_nothing_comes_of_it_that_was_not_let_through(
    browser: Browser, bare_browser: Browser, telling: Path, name: str
) -> None:
    async with running_site() as site:
        page = await bare_browser.open(site.page("detached.html"))
        await page.evaluate(f"(async () => {{ {PREPARE} {TRIES[name]}; }})()")
        await page.pick_files("#pick", [telling])
        (original,) = await site.wait_for_files(1)
        await bare_browser.close_pages()
        assert DEVICE in original.data, "without the guard the page gets it all"
    async with running_site() as site:
        await guarded(browser, site, telling, name)


async def guarded(browser: Browser, site: Site, telling: Path, name: str) -> None:
    """Try the same with the guard."""
    page = await browser.open(site.page("detached.html"))
    await page.evaluate(f"(async () => {{ {PREPARE} {TRIES[name]}; }})()")
    await page.pick_files("#pick", [telling])
    await page.card()
    assert not site.files
    await page.choose(REMOVE)
    await page.card_gone()
    if name in ARRIVING:
        await site.wait_for_files(1)
    # Whatever the page was going to send comes before an answer to a later question of its own.
    await page.evaluate("fetch('/part?name=over', { method: 'POST', body: 'over' })")
    photos = site.files
    ROWS[name, browser.name] = "the cleaned photo" if photos else "nothing"
    assert not [file.name for file in photos if DEVICE in file.data]
    assert len(photos) == (name in ARRIVING)
