"""axe-core over a page of ours."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.browsers import Page

AXE = Path(__file__).resolve().parents[1] / "tooling" / "node_modules" / "axe-core" / "axe.min.js"
LISTED = """axe.run(document, { resultTypes: ['violations'] }).then((found) =>
  found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`))"""


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now."""
    source = await asyncio.to_thread(AXE.read_text, "utf-8")
    found = await page.evaluate(f"(() => {{ {source}\nreturn {LISTED}; }})()")
    assert isinstance(found, list)
    return [str(entry) for entry in found]
