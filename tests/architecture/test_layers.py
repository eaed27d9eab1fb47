"""Imports point down; the tree has the agreed rooms. Each rule has a case in which it bites."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from architecture import layers

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "daemon",
    "extension",
    "installers",
    "native_host",
    "pyproject.toml",
    "tests",
}


def test_imports_point_down() -> None:
    assert layers.breaches(layers.modules_below(ROOT / "daemon")) == []


def test_host_uses_wire_places_and_base_only() -> None:
    assert layers.breaches(layers.modules_below(ROOT / "native_host")) == []


def test_extension_rooms_keep_to_themselves() -> None:
    assert layers.script_breaches(EXTENSION) == []


def test_top_level_has_only_the_agreed_rooms() -> None:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    names = {line.split("/")[0] for line in done.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize(
    ("importer", "line", "why"),
    [
        ("sharewise.formats.jpeg", "import os", "formats is pure"),
        ("sharewise.formats.pdf", "from io import BytesIO", "formats is pure"),
        ("sharewise.formats.pdf_inside.document", "import os", "formats is pure"),
        ("sharewise.wire.framing", "import logging", "wire is pure"),
        ("sharewise.seals.manifest", "from pathlib import Path", "seals is pure"),
        ("sharewise.base.private", "import asyncio.queues", "base is pure"),
        ("sharewise.base.codes", "from sharewise.wire import framing", "points up"),
        ("sharewise.wire.messages", "from sharewise.formats import jpeg", "side by side"),
        ("sharewise.services.photos", "from sharewise.api.app import App", "points up"),
        ("sharewise.services.photos", "from sharewise import run", "points up"),
        ("sharewise.disk", "import sharewise.services.cleaning", "points up"),
        ("sharewise.disk", "from sharewise.helpers import x", "no layer is given"),
        ("sharewise.helpers.things", "import json", "no layer is given"),
        ("sharewise.cli.main", "from sharewise.dev import generate", "imports dev"),
        ("sharewise.api.app", "import sharewise_host.relay", "only the command line"),
        ("sharewise.api.app", "from . import calls", "absolute"),
        ("sharewise_host.relay", "from sharewise.services import photos", "the host may use only"),
        ("sharewise_host.relay", "from sharewise import disk", "the host may use only"),
        ("sharewise_host.relay", "from sharewise.dev import generate", "imports dev"),
    ],
)
def test_layer_check_bites(importer: str, line: str, why: str) -> None:
    hidden = f"def late():\n    {line}\n"
    for source in (line, hidden):
        found = layers.breaches(iter([(importer, source)]))
        assert len(found) == 1
        assert why in found[0].why


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("sharewise.api.app", "from sharewise.services.photos import PhotoSessions"),
        ("sharewise.services.photos", "from sharewise.services import status"),
        ("sharewise.settings", "from sharewise import disk"),
        ("sharewise.cli.doctor", "from sharewise_host import browsers"),
        ("sharewise.dev.generate", "from sharewise.wire import messages"),
        ("sharewise_host.relay", "from sharewise.places import places"),
    ],
)
def test_layer_check_lets_good_imports_be(importer: str, line: str) -> None:
    assert layers.breaches(iter([(importer, line)])) == []


@pytest.mark.parametrize(
    ("file", "line", "why"),
    [
        ("content/guard.js", 'import "../shared/plan.js";', "content may not use shared"),
        ("background/main.js", 'import { x } from "../pages/popup.js";', "may not use pages"),
        ("pages/popup.js", 'const x = await import("../background/main.js");', "may not use"),
        ("background/main.js", 'import x from "left-pad";', "no run-time dependencies"),
        ("shared/plan.js", 'import "./gone.js";', "not there"),
    ],
)
def test_script_check_bites(file: str, line: str, why: str, tmp_path: Path) -> None:
    for name in ("content/guard.js", "background/main.js", "pages/popup.js", "shared/plan.js"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_text("")
    (tmp_path / file).write_text(line)
    found = layers.script_breaches(tmp_path)
    assert len(found) == 1
    assert why in found[0].why
