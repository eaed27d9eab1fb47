"""A page that looks for the extension before any file is picked learns nothing: whatever it asks,
the answers are those of a browser without it.

Nothing is said of how long a call takes: a page with a fine clock can measure that a call is
hooked, and no test here may hang on time.
"""

from __future__ import annotations

import json
from pathlib import Path

from support.browsers import Browser, Kind
from support.browsers.firefox import EXTENSION_UUID
from support.browsers.hosts import CHROMIUM_ID
from support.sites import Site

OUTPUT = Path(__file__).parent / "output"
ADDRESSES = [f"chrome-extension://{CHROMIUM_ID}", f"moz-extension://{EXTENSION_UUID}"]

LATER = "the error is made when nobody of ours can reach it before the page"
WITHIN = "the page's own code makes the stack, while the browser calls it from within our call"
KNOWN: dict[Kind, dict[str, str]] = {
    Kind.CHROMIUM: {
        **{f"callers: {name}": WITHIN for name in ("cloned", "method", "once")},
        **{
            f"rejections: {name}": LATER
            for name in ("Blob arrayBuffer", "Blob text", "createImageBitmap", "fetch")
        },
        "calls: Function.prototype toString value": "a call of ours stands between the two",
    },
    Kind.FIREFOX: {},
}
"""Answers that differ and cannot be made the same, each with its reason (see SECURITY.md): stacks
of Chromium, which has no getter for them."""


async def answers_of(browser: Browser, site: Site) -> dict[str, dict[str, object]]:
    page = await browser.open(site.page("probing.html"))
    found = await page.evaluate(f"probe({json.dumps(ADDRESSES)})")
    assert isinstance(found, dict)
    return found


async def test_a_page_that_looks_for_the_extension_finds_no_sign_of_it(
    browser: Browser, bare_browser: Browser, kind: Kind, site: Site
) -> None:
    bare = await answers_of(bare_browser, site)
    await bare_browser.close_pages()
    guarded = await answers_of(browser, site)
    assert bare.keys() == guarded.keys()
    lines = [f"{'probe':12}{'answers':>9}  {'differ':>6}  of those known"]
    differences: list[str] = []
    for name, expected in bare.items():
        found = guarded[name]
        differ = sorted(
            key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)
        )
        known = [key for key in differ if f"{name}: {key}" in KNOWN[kind]]
        lines.append(f"{name:12}{len(expected):9}  {len(differ):6}  {len(known)}")
        for key in differ:
            if key not in known:
                without, with_it = expected.get(key), found.get(key)
                differences.append(f"{name}: {key}\n  without: {without}\n  with: {with_it}")
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / f"probing-{browser.name}.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))
    assert sum(len(answers) for answers in bare.values()) > 1000
    assert not differences, "\n".join(differences)
