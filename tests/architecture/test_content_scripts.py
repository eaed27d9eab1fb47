"""Each script in a page declares one name, which its file has, too."""

from __future__ import annotations

import json
import re
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
PART = re.compile(r'"(content/[a-z_]+\.js)"')
DECLARED = re.compile(r"^(?:const|let|var|class|(?:async )?function\*?) (\w+)", re.MULTILINE)


def listed(world: str) -> list[str]:
    """Return the content scripts that the manifest lists for a world."""
    manifest = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))
    return [
        file
        for entry in manifest["content_scripts"]
        if entry.get("world", "ISOLATED") == world
        for file in entry["js"]
    ]


def parts() -> list[str]:
    """Return the content scripts that are put into a frame when files come near it."""
    return PART.findall((EXTENSION / "background" / "parts.js").read_text(encoding="utf-8"))


def declared(files: list[str]) -> dict[str, list[str]]:
    """Return what each content script declares for all others."""
    return {
        Path(file).stem: DECLARED.findall((EXTENSION / file).read_text(encoding="utf-8"))
        for file in files
    }


def test_each_content_script_is_run_once() -> None:
    there = {f"content/{path.name}" for path in (EXTENSION / "content").glob("*.js")}
    run = [*listed("MAIN"), *listed("ISOLATED"), *parts()]
    assert sorted(run) == sorted(there)


def test_the_last_part_tells_that_all_are_there() -> None:
    assert parts()[-1] == "content/parts_end.js"
    assert "content/review.js" in parts()


def test_scripts_of_our_own_world_are_named_as_what_they_declare() -> None:
    found = declared([*listed("ISOLATED"), *parts()])
    assert found.pop("guard") == []
    assert found.pop("parts_end") == []
    named = {stem: ["sharewise" + stem.title().replace("_", "")] for stem in found}
    assert found == named


def test_scripts_in_the_world_of_the_page_declare_nothing_it_could_see() -> None:
    found = declared(listed("MAIN"))
    assert found == {stem: [] for stem in found}
    assert "page_hooks" in found
