"""Each script in a page declares one name, which its file has, too."""

from __future__ import annotations

import json
import re
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
DECLARED = re.compile(r"^(?:const|let|var|class|(?:async )?function\*?) (\w+)", re.MULTILINE)


def declared(world: str) -> dict[str, list[str]]:
    """Return what each content script of a world declares for all others."""
    manifest = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))
    return {
        Path(file).stem: DECLARED.findall((EXTENSION / file).read_text(encoding="utf-8"))
        for entry in manifest["content_scripts"]
        if entry.get("world", "ISOLATED") == world
        for file in entry["js"]
    }


def test_scripts_of_our_own_world_are_named_as_what_they_declare() -> None:
    found = declared("ISOLATED")
    assert found.pop("guard") == []
    named = {stem: ["sharewise" + stem.title().replace("_", "")] for stem in found}
    assert found == named


def test_scripts_in_the_world_of_the_page_declare_nothing_it_could_see() -> None:
    found = declared("MAIN")
    assert found == {stem: [] for stem in found}
    assert "page_hooks" in found
