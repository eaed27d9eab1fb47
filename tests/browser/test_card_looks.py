"""How the card looks: a picture of each state into `output` for people to judge, and what a machine
can judge of it: room, direction, contrast and names (axe-core), and what each control says."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.browsers import Browser
from support.pictures import put
from support.sites import Site
from support.sites.photo import NAME, photo

OUTPUT = Path(__file__).parent / "output"
REMOVE = "Remove and share"
MAP = "(root) => root.querySelectorAll('.where-map .dot').length"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, NAME, photo())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_one_photo(browser: Browser, site: Site, telling: Path, *, dark: bool) -> None:
    page = await browser.open(site.page("auto.html"))
    await page.set_viewport(900, 900, dark=dark)
    await page.pick_files("#file", [telling])
    await page.card()

    await page.until_in_card(MAP, 1)

    await page.screenshot(OUTPUT / f"card-{'dark' if dark else 'light'}-{browser.name}.png")
