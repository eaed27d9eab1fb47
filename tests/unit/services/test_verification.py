"""What is checked may lie in a zip, a folder or a capture; what is no file is never followed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.problems import ProblemKind
from sharewise.services.verification import open_folder, verify
from support.evidence import exported, unpacked


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return exported(tmp_path_factory.mktemp("export"))[0]


@pytest.fixture
def folder(package: bytes, tmp_path: Path) -> Path:
    made = tmp_path / "case"
    for name, content in unpacked(package).items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
    return made


def test_a_folder_is_found_also_one_level_down(folder: Path) -> None:
    assert verify(folder).is_verified
    assert verify(folder.parent).is_verified


def test_a_folder_that_is_no_package_is_told(folder: Path) -> None:
    (folder.parent / "another").mkdir()
    with pytest.raises(SharewiseError) as refused:
        verify(folder.parent)
    assert refused.value.code is ErrorCode.NOT_A_PACKAGE


def test_a_package_that_lost_its_declaration_is_still_checked(folder: Path) -> None:
    (folder / "bagit.txt").unlink()
    kinds = {(problem.kind, problem.member) for problem in verify(folder).problems}
    assert (ProblemKind.MISSING_FILE, "bagit.txt") in kinds


def test_what_is_absent_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SharewiseError) as refused:
        verify(tmp_path / "absent")
    assert refused.value.code is ErrorCode.UNREADABLE


@pytest.mark.skipif(os.name == "nt", reason="pipes in folders are of POSIX")
def test_links_and_pipes_are_named_and_never_opened(folder: Path) -> None:
    os.mkfifo(folder / "data/pipe")
    (folder / "data/loop").symlink_to(folder)
    (folder / "data/out").symlink_to("/etc/passwd")
    found = {problem.member for problem in open_folder(folder).problems}
    assert found == {"data/pipe", "data/loop", "data/out"}
    assert found <= {problem.member for problem in verify(folder).problems}


def test_folders_in_folders_without_end_are_cut(folder: Path) -> None:
    deep = folder.joinpath("data", *["d"] * 30)
    deep.mkdir(parents=True)
    assert any(problem.kind is ProblemKind.NOT_A_FILE for problem in verify(folder).problems)


@pytest.mark.skipif(os.name == "nt", reason="names of raw bytes are of POSIX")
def test_a_name_that_is_no_text_is_named_so_that_it_can_be_printed(folder: Path) -> None:
    with Path(os.fsdecode(os.fsencode(folder / "data") + b"/\xff\x1b")).open("wb"):
        pass
    members = {problem.member for problem in verify(folder).problems}
    assert "data/\\udcff\\x1b" in members
    assert all(member.isprintable() for member in members)


def test_a_zip_is_read_whatever_it_is_called(package: bytes, tmp_path: Path) -> None:
    file = tmp_path / "letter.dat"
    file.write_bytes(package)
    assert verify(file).is_verified


def test_an_empty_file_is_no_package(tmp_path: Path) -> None:
    file = tmp_path / "empty.zip"
    file.touch()
    with pytest.raises(SharewiseError) as refused:
        verify(file)
    assert refused.value.code is ErrorCode.NOT_A_PACKAGE


def test_a_capture_alone_is_checked_as_it_lies_on_disk(folder: Path, tmp_path: Path) -> None:
    item = tmp_path / "item"
    shutil.copytree(folder / "data/items/0001", item / "data")
    for file in (item / "data/seal").iterdir():
        file.rename(item / file.name)
    (item / "data/seal").rmdir()
    assert verify(item).is_verified
