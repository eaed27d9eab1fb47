"""The parts of an installation that need no environment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from installers.guide import PAGES, Found, guide
from installers.layout import Layout, layout_here
from installers.plan import (
    StepFailed,
    Work,
    check_place,
    installed_apps,
    kinds,
    points_into,
    replace_folder,
    version_of,
)

from sharewise_host.browsers import TABLE
from sharewise_host.identity import Family

ROOT = Path(__file__).parents[2]


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "a.js").write_text("new")
    target.mkdir()
    (target / "a.js").write_text("old")
    (target / "b.js").write_text("old")
    return source, target


def test_a_folder_is_replaced_whole(folders: tuple[Path, Path]) -> None:
    source, target = folders
    replace_folder(source, target)
    assert tree(target.parent) == {"source/a.js": "new", "target/a.js": "new"}


def test_what_an_interrupted_run_left_is_no_obstacle(folders: tuple[Path, Path]) -> None:
    source, target = folders
    for leftover in ("target.new", "target.old"):
        (target.parent / leftover).mkdir()
        (target.parent / leftover / "half.js").write_text("half")
    replace_folder(source, target)
    assert tree(target.parent) == {"source/a.js": "new", "target/a.js": "new"}


def test_a_folder_that_cannot_be_copied_leaves_the_old_one(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = folders

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copytree", fail)
    with pytest.raises(OSError, match="no space"):
        replace_folder(source, target)
    assert tree(target) == {"a.js": "old", "b.js": "old"}


def test_a_folder_that_cannot_be_moved_in_is_moved_back(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = folders
    rename = Path.rename

    def fail_for_the_new_one(self: Path, to: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError("held open")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(OSError, match="held open"):
        replace_folder(source, target)
    assert tree(target) == {"a.js": "old", "b.js": "old"}


def test_a_new_version_lies_beside_the_ones_that_are_there() -> None:
    layout = Layout("linux", Path("/h"), Path("/h/.config"), Path("/h/p"))
    assert layout.app("1.0", frozenset()) == Path("/h/p/app/1.0-1")
    assert layout.app("1.0", frozenset({"1.0-1", "1.0-2"})) == Path("/h/p/app/1.0-3")


@pytest.mark.parametrize(
    ("platform", "environment", "prefix"),
    [
        ("linux", {}, "/h/.local/share/sharewise"),
        ("linux", {"XDG_DATA_HOME": "/d"}, "/d/sharewise"),
        ("darwin", {}, "/h/Library/Application Support/sharewise"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/sharewise"),
    ],
)
def test_each_system_has_its_place(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], prefix: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    layout = layout_here({"HOME": "/h", **environment}, None)
    assert layout.prefix == Path(prefix)
    assert kinds(layout)


def test_only_a_link_into_our_folder_is_ours(tmp_path: Path) -> None:
    link = tmp_path / "sharewise"
    assert not points_into(link, tmp_path / "app")
    link.symlink_to(tmp_path / "app/1/bin/sharewise")
    assert points_into(link, tmp_path / "app")
    assert not points_into(link, tmp_path / "ap")
    link.unlink()
    link.write_text("a file")
    assert not points_into(link, tmp_path / "app")


def test_a_folder_without_our_sources_is_refused(tmp_path: Path) -> None:
    sources = tmp_path / "daemon/sharewise"
    sources.mkdir(parents=True)
    (sources / "__init__.py").write_text("")
    with pytest.raises(StepFailed):
        version_of(tmp_path)
    assert version_of(ROOT)


def test_a_failed_program_is_told_with_its_last_words() -> None:
    layout = Layout("linux", Path("/h"), Path("/h/.config"), Path("/h/p"))
    work = Work(layout, is_dry_run=False)
    with pytest.raises(StepFailed, match="no room"):
        work.run(["sh", "-c", "echo no room; exit 1"])
    with pytest.raises(StepFailed, match="no-such-program"):
        work.run(["no-such-program"])


def test_every_browser_that_can_be_connected_has_its_steps() -> None:
    for browsers in TABLE.values():
        for browser in browsers:
            if browser.is_reachable:
                assert (browser.name in PAGES) == (browser.family is Family.CHROMIUM)


def test_the_guide_tells_each_browser_found_and_no_other() -> None:
    extension = Path("/x/extension")
    words = guide(
        [
            Found("brave", "Brave", "registered", ""),
            Found("firefox", "Firefox", "registered", ""),
            Found("opera", "Opera", "absent", ""),
            Found("chromium-snap", "Chromium (Snap)", "unreachable", "kept by its sandbox"),
        ],
        extension,
    )
    assert "brave://extensions" in words
    assert "choose /x/extension" in words
    assert "/x/extension/manifest.json" in words
    assert "there is no signed one yet" in words
    assert "Chromium (Snap): kept by its sandbox." in words
    assert "Opera" not in words


def test_without_a_browser_the_guide_says_what_to_install() -> None:
    assert "Install Chromium" in guide([], Path("/x"))


def test_a_folder_of_somebody_else_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    layout = Layout("linux", tmp_path, tmp_path / "config", tmp_path / "prefix")
    check_place(layout)
    foreign = layout.apps / "photos"
    foreign.mkdir(parents=True)
    (foreign / "beach.jpg").write_bytes(b"x")
    assert installed_apps(layout) == []
    layout.extension.mkdir()
    (layout.extension / "notes.txt").write_text("mine")
    with pytest.raises(StepFailed, match="would be lost"):
        check_place(layout)
    shutil.rmtree(layout.extension)
    shutil.copytree(ROOT / "extension", layout.extension)
    check_place(layout)


def test_a_checkout_is_no_place_to_install_into(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    with pytest.raises(StepFailed, match="sources"):
        check_place(Layout("linux", tmp_path, tmp_path, tmp_path))
