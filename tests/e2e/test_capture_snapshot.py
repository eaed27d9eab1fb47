"""The page as one HTML file: what is seen is kept; what runs, loads or is secret is not.

The script runs in the page here, as it does beside it when a page is saved.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.browsers import Browser, Page
from support.capturing import Pages, running_pages

SCRIPT = (
    Path(__file__).resolve().parents[2] / "extension/background/artefacts/in_page/snapshot.js"
).read_text("utf-8")
SECRET = "canary-7391"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    async with running_pages() as running:
        yield running


async def snapshot(
    browser: Browser, pages: Pages, body: str, *, change: str = "", head: str = ""
) -> tuple[str, dict[str, int]]:
    """Return the copy of a page and what was counted."""
    pages.html["page"] = f"<!doctype html><head><title>T</title>{head}</head><body>{body}</body>"
    page = await browser.open(pages.url("page"))
    taken = await page.evaluate(
        f"""(async () => {{ {change}; {SCRIPT};
        const summary = await sharewiseSnapshot.take(false);
        return {{ html: sharewiseSnapshot.piece(0, summary.length), summary }}; }})()"""
    )
    assert isinstance(taken, dict)
    return taken["html"], taken["summary"]


async def in_copy(page: Page, html: str, question: str) -> object:
    """Read the copy as a browser does and ask something of its document."""
    return await page.evaluate(
        f"""((copy) => {question})(new DOMParser()
            .parseFromString({json.dumps(html)}, 'text/html'))"""
    )


async def test_the_copy_may_fetch_and_run_nothing(browser: Browser, pages: Pages) -> None:
    html, _ = await snapshot(
        browser,
        pages,
        """<p onclick="canary()">text</p><script>canary = () => 1</script>
        <a href="javascript:canary()">go</a><noscript>canary</noscript><object data="canary">
        </object><img src="/gone.png" srcset="/gone2.png 2x"><form action="/send"></form>""",
        head='<base href="/elsewhere/"><meta http-equiv="refresh" content="9;url=/canary">',
    )
    assert "default-src 'none'; img-src data:" in html
    assert "canary" not in html
    found = await in_copy(
        browser.pages[-1],
        html,
        """[...copy.querySelectorAll('*')].flatMap((element) => [...element.attributes]
        .filter(({ name, value }) => /^(src|srcset|action|on.*)$/.test(name)
          && !value.startsWith('data:')).map(({ name }) => name))""",
    )
    assert found == []


async def test_text_and_attributes_cannot_break_out(browser: Browser, pages: Pages) -> None:
    html, _ = await snapshot(
        browser,
        pages,
        "<p></p><style></style>",
        change="""const p = document.querySelector('p');
        p.textContent = '</p><script>1</script>&amp;'; p.title = '"><img src=x onerror=1>'""",
    )
    assert await in_copy(
        browser.pages[-1],
        html,
        "[copy.querySelector('p').textContent, copy.querySelectorAll('script, img').length]",
    ) == ["</p><script>1</script>&amp;", 0]


async def test_fields_show_what_the_person_sees_in_them(browser: Browser, pages: Pages) -> None:
    html, _ = await snapshot(
        browser,
        pages,
        """<input id=a value=before><input type=checkbox id=b><textarea id=c>x</textarea>
        <select><option>1<option id=d>2</select>""",
        change="""const at = (id) => document.getElementById(id);
        at('a').value = 'now "quoted"'; at('b').checked = true;
        at('c').value = 'typed </textarea>'; at('d').selected = true""",
    )
    assert await in_copy(
        browser.pages[-1],
        html,
        """[copy.querySelector('#a').value, copy.querySelector('#b').checked,
        copy.querySelector('#c').value, copy.querySelector('#d').selected]""",
    ) == ['now "quoted"', True, "typed </textarea>", True]


@pytest.mark.parametrize(
    "body",
    [
        f"<input type=password value={SECRET}>",
        f"<input type=hidden name=x value={SECRET}>",
        f"<input autocomplete=cc-number value={SECRET}>",
        f"<input autocomplete=one-time-code value={SECRET}>",
        f"<input name=csrf_token value={SECRET}>",
        f"<div data-csrf-token={SECRET}></div>",
        f"<div nonce={SECRET}></div>",
        f"<meta name=csrf-token content={SECRET}>",
        f"<!-- {SECRET} -->",
        f"<template><p>{SECRET}</p></template>",
        f"<iframe srcdoc='<input type=password value={SECRET}>'></iframe>",
    ],
)
async def test_secrets_are_not_in_the_copy(browser: Browser, pages: Pages, body: str) -> None:
    html, _ = await snapshot(
        browser,
        pages,
        body + "<input type=password id=typed>",
        change=f"document.getElementById('typed').value = '{SECRET}'",
    )
    assert SECRET not in html


async def test_shadow_roots_frames_and_styles_are_kept(browser: Browser, pages: Pages) -> None:
    html, summary = await snapshot(
        browser,
        pages,
        """<div id=host></div><iframe id=frame></iframe><style>p { color: red }</style>""",
        change="""const root = document.getElementById('host').attachShadow({ mode: 'open' });
        root.append(Object.assign(document.createElement('b'), { textContent: 'inside' }));
        document.querySelector('style').sheet.insertRule('i { color: blue }');
        document.getElementById('frame').contentDocument.body.textContent = 'in a frame'""",
    )
    assert '<div id="host"><template shadowrootmode="open"><b>inside</b></template></div>' in html
    assert "in a frame" in html
    assert "i { color: blue; }" in html
    assert "p { color: red; }" in html
    assert summary["frames_left_out"] == 0


async def test_pictures_are_put_in_or_counted(browser: Browser, pages: Pages) -> None:
    pages.html["dot.svg"] = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    html, summary = await snapshot(
        browser,
        pages,
        f"<img src='{PIXEL}'><img src='dot.svg'><img src='gone.png'><canvas></canvas>",
    )
    sources = await in_copy(
        browser.pages[-1],
        html,
        "[...copy.images].map((image) => image.getAttribute('src')?.slice(0, 14) ?? null)",
    )
    assert sources == ["data:image/gif", "data:image/svg", None, "data:image/png"]
    assert (summary["images_total"], summary["images_left_out"]) == (2, 1)


async def test_links_lead_where_they_led(browser: Browser, pages: Pages) -> None:
    html, _ = await snapshot(browser, pages, "<a href='next#x' rel=opener>n</a><a href='#y'>y</a>")
    assert await in_copy(
        browser.pages[-1],
        html,
        "[...copy.links].map((link) => [link.getAttribute('href'), link.rel])",
    ) == [[pages.url("next#x"), "noreferrer"], ["#y", ""]]
