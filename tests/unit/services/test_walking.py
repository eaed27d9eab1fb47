import os
from pathlib import Path

import pytest

from sharewise.services.walking import walk
from support.pictures import put


def walked(root: Path, **others: object) -> tuple[list[str], list[str]]:
    errors: list[str] = []
    found = walk(
        root,
        is_left_out=lambda folder: folder.name == "closed",
        on_error=lambda path, _: errors.append(path.name),
    )
    return [str(path.relative_to(root)) for path in found], errors


def test_everything_below_comes_in_the_order_of_names(tmp_path):
    for name in ("b.jpg", "a/2.jpg", "a/1.jpg", "c/d/e.jpg", "closed/x.jpg"):
        put(tmp_path, name, b"")
    assert walked(tmp_path) == (["b.jpg", "a/1.jpg", "a/2.jpg", "c/d/e.jpg"], [])


def test_links_are_not_followed(tmp_path):
    put(tmp_path, "inside/a.jpg", b"")
    put(tmp_path, "outside/b.jpg", b"")
    (tmp_path / "inside/out").symlink_to(tmp_path / "outside")
    (tmp_path / "inside/loop").symlink_to(tmp_path / "inside")
    (tmp_path / "inside/b.jpg").symlink_to(tmp_path / "outside/b.jpg")
    assert walked(tmp_path / "inside") == (["a.jpg"], [])


def test_folder_that_cannot_be_read_does_not_end_the_walk(tmp_path, monkeypatch):
    for name in ("a/1.jpg", "b/2.jpg"):
        put(tmp_path, name, b"")
    real = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "a":
            raise PermissionError("no")
        return real(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert walked(tmp_path) == (["b/2.jpg"], ["a"])


def test_odd_names_come_as_they_are(tmp_path):
    odd = os.fsdecode(b"odd\xff\n.jpg")
    put(tmp_path, odd, b"")
    assert walked(tmp_path) == ([odd], [])


def test_absent_root_is_an_error(tmp_path):
    assert walked(tmp_path / "nothing") == ([], ["nothing"])


@pytest.mark.parametrize("depth", [300])
def test_deep_folders_do_not_end_the_walk(tmp_path, depth):
    folder = tmp_path
    for _ in range(depth):
        folder /= "d"
    folder.mkdir(parents=True)
    put(folder, "a.jpg", b"")
    assert len(walked(tmp_path)[0]) == 1
