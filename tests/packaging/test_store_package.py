"""The zip for a store: one browser's keys, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from installers.package import DROPPED, drop, pack

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "extension"


def manifest_in(package: Path) -> dict[str, object]:
    with zipfile.ZipFile(package) as opened:
        loaded = json.loads(opened.read("manifest.json"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize(
    ("browser", "background", "is_there", "is_not_there"),
    [
        ("chromium", {"service_worker", "type"}, "key", "browser_specific_settings"),
        ("firefox", {"scripts", "type"}, "browser_specific_settings", "key"),
    ],
)
def test_each_store_gets_its_browsers_keys_alone(
    tmp_path: Path, browser: str, background: set[str], is_there: str, is_not_there: str
) -> None:
    manifest = manifest_in(pack(EXTENSION, browser, tmp_path))
    assert isinstance(manifest["background"], dict)
    assert set(manifest["background"]) == background
    assert is_there in manifest
    assert is_not_there not in manifest


def test_everything_but_the_manifest_is_the_repositorys_own(tmp_path: Path) -> None:
    package = pack(EXTENSION, "firefox", tmp_path)
    with zipfile.ZipFile(package) as opened:
        names = opened.namelist()
        for name in names:
            if name != "manifest.json":
                assert opened.read(name) == (EXTENSION / name).read_bytes()
    assert names == sorted(names)
    assert not [name for name in names if name.startswith(".")]


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(EXTENSION, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    (copy / ".hidden").write_text("left out")
    one = pack(EXTENSION, "chromium", tmp_path / "one").read_bytes()
    two = pack(copy, "chromium", tmp_path / "two").read_bytes()
    assert hashlib.sha256(one).hexdigest() == hashlib.sha256(two).hexdigest()


def test_dropping_goes_down_and_minds_what_is_missing() -> None:
    manifest: dict[str, object] = {"a": {"b": 1, "c": 2}, "d": 3, "e": ["f", "g"]}
    for path in ("a.b", "d", "e.f", "e.z", "x", "x.y", "a.z"):
        drop(manifest, path)
    assert manifest == {"a": {"c": 2}, "e": ["g"]}


def test_every_dropped_key_is_in_the_manifest_today() -> None:
    """A key that was renamed would stay in the other store's package."""
    for paths in DROPPED.values():
        for path in paths:
            found: object = json.loads((EXTENSION / "manifest.json").read_bytes())
            for key in path.split("."):
                if isinstance(found, list):
                    assert key in found
                else:
                    assert isinstance(found, dict)
                    found = found[key]


@pytest.mark.parametrize(("browser", "code"), [("firefox", 0), ("mosaic", 2)])
def test_the_command_packs_or_says_which_stores_there_are(
    tmp_path: Path, browser: str, code: int
) -> None:
    command = [sys.executable, str(ROOT / "installers"), "--package", browser, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert len(list(tmp_path.glob("*.zip"))) == (1 if code == 0 else 0)
