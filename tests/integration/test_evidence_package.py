"""A package in the hands of a stranger: unzip, sha256sum, openssl and bagit, not our program."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sharewise.services.verification import verify
from support.by_commands import Handed, run, unpacked
from support.evidence import exported
from support.opening import item_folders, open_bag

INSIDE = 2
"""The first command for the unpacked folder."""


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    root = tmp_path_factory.mktemp("package")
    content, _ = exported(root)
    zipped = next(root.glob("case-*.zip"))
    assert zipped.read_bytes() == content
    return unpacked(zipped)


def is_found_by_the_commands(handed: Handed, folder: Path) -> bool:
    """Whether any command after the unpacking fails."""
    return run(for_folder(handed), folder).returncode != 0


def for_folder(handed: Handed) -> tuple[str, ...]:
    """Return the commands for somebody who got the folder and no zip."""
    return tuple(line for line in handed.commands[INSIDE:] if "check_zip.sh" not in line)


def copied(handed: Handed, tmp_path: Path) -> Path:
    folder = tmp_path / handed.folder.name
    shutil.copytree(handed.folder, folder)
    return folder


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_commands_pass_on_a_good_package(handed: Handed, tmp_path: Path, shell: str) -> None:
    shutil.copy(handed.zipped, tmp_path)
    ended = run(handed.commands, tmp_path, shell)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    told = ended.stdout.splitlines()
    assert told.count("Verified OK") >= 3, "the package and both captures, and the log"
    verdict = verify(handed.zipped)
    assert verdict.signed_by is not None
    assert verdict.signed_by in ended.stdout


def test_each_command_alone_passes_and_prints_what_the_text_says(handed: Handed) -> None:
    for line in handed.commands[INSIDE:]:
        ended = run((line,), handed.folder)
        assert ended.returncode == 0, line
        is_heard = any(word in line for word in ("openssl dgst", "inclusion", "check_zip"))
        assert bool(ended.stdout) == is_heard, line


def test_nothing_of_the_package_runs_before_it_is_known_whose_it_is(
    handed: Handed, tmp_path: Path
) -> None:
    scripts = [at for at, line in enumerate(handed.commands) if re.search(r"\bsh \S+\.sh\b", line)]
    assert len(scripts) >= 3
    before = handed.commands[INSIDE : scripts[0]]
    assert any("-verify" in line for line in before)
    for name in ("check_zip.sh", "log/check_inclusion.sh"):
        folder = copied(handed, tmp_path / name)
        (folder / name).write_text("touch ran; echo Same")
        assert run(before, folder).returncode != 0


def test_a_flipped_bit_in_any_file_is_found(handed: Handed, tmp_path: Path) -> None:
    folder = copied(handed, tmp_path)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 25
    for file in files:
        content = file.read_bytes()
        for at in {0, len(content) // 3, len(content) - 1}:
            broken = bytearray(content)
            broken[at] ^= 1 << (at % 8)
            file.write_bytes(broken)
            name = file.relative_to(folder).as_posix()
            assert is_found_by_the_commands(handed, folder), (name, at)
            assert not verify(folder).is_verified, (name, at)
        file.write_bytes(content)
    assert not is_found_by_the_commands(handed, folder)


def test_a_flipped_bit_in_any_member_of_the_zip_is_found(handed: Handed, tmp_path: Path) -> None:
    content = handed.zipped.read_bytes()
    target = tmp_path / handed.zipped.name
    with zipfile.ZipFile(handed.zipped) as opened:
        members = opened.infolist()
    for member in members:
        at = member.header_offset + 30 + len(member.filename) + member.file_size // 2
        broken = bytearray(content)
        broken[at] ^= 0x10
        target.write_bytes(broken)
        assert run(handed.commands, tmp_path).returncode != 0, member.filename
        assert not verify(target).is_verified, member.filename
        shutil.rmtree(tmp_path / handed.folder.name)


def test_a_removed_file_is_found(handed: Handed, tmp_path: Path) -> None:
    folder = copied(handed, tmp_path)
    for file in [file for file in folder.rglob("*") if file.is_file()]:
        content = file.read_bytes()
        file.unlink()
        assert is_found_by_the_commands(handed, folder), file.name
        assert not verify(folder).is_verified
        file.write_bytes(content)


@pytest.mark.parametrize(
    "name",
    ["extra.txt", "data/extra.txt", "data/items/0001/extra.png", "keys/other.pem", ".hidden"],
)
def test_an_added_file_is_found_and_named(handed: Handed, tmp_path: Path, name: str) -> None:
    folder = copied(handed, tmp_path)
    (folder / name).write_text("x")
    ended = run(for_folder(handed), folder)
    assert ended.returncode != 0
    assert name in ended.stdout
    assert name in {problem.member for problem in verify(folder).problems}


def test_a_link_in_place_of_a_file_is_found_by_the_check(handed: Handed, tmp_path: Path) -> None:
    folder = copied(handed, tmp_path)
    file = folder / "data/items/0001/text.txt"
    file.rename(tmp_path / "moved.txt")
    file.symlink_to(tmp_path / "moved.txt")
    assert "data/items/0001/text.txt" in {problem.member for problem in verify(folder).problems}


def test_bagit_calls_it_valid_and_a_changed_one_not(handed: Handed, tmp_path: Path) -> None:
    folder = copied(handed, tmp_path)
    validate = [sys.executable, "-m", "bagit", "--validate", str(folder)]
    good = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    (folder / "data/CUSTODY.csv").write_text("other")
    assert subprocess.run(validate, capture_output=True, check=False).returncode != 0


def test_openssl_reads_the_certificate(handed: Handed) -> None:
    ended = subprocess.run(
        ["openssl", "verify", "-CAfile", "keys/device.crt", "keys/device.crt"],
        cwd=handed.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_one_that_was_packed_again_is_checked_as_a_folder(handed: Handed, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "again"), "zip", handed.zipped.parent, handed.folder.name)
    ended = sharewise_verify(tmp_path / "again.zip", cwd=tmp_path)
    assert ended.returncode == 2
    assert "Unpack it and check the folder" in ended.stderr
    subprocess.run(["unzip", "-q", "again.zip", "-d", "out"], cwd=tmp_path, check=True)
    assert sharewise_verify(tmp_path / "out", cwd=tmp_path).returncode == 0


# --- the command line, as a person runs it ------------------------------------------------------


def sharewise_verify(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharewise", "verify", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"SHAREWISE_HOME": str(cwd / "no home is needed"), "PATH": "/nowhere"},
        timeout=60,
    )


def test_the_command_verifies_zip_folder_and_single_capture(
    handed: Handed, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = handed.zipped.parent
    item = open_bag(home, item_folders(home)[0], tmp_path_factory.mktemp("opened"))
    for package in (handed.zipped, handed.folder, item):
        ended = sharewise_verify(package, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith("Verified")
        assert "What this check cannot show" in ended.stdout
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind and needs no daemon"


def test_the_command_names_the_problem_and_exits_1(handed: Handed, tmp_path: Path) -> None:
    folder = copied(handed, tmp_path)
    (folder / "data/items/0001/text.txt").write_text("other words")
    ended = sharewise_verify(folder, cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stdout.startswith("Not verified")
    assert "data/items/0001/text.txt: Its content is not what was sealed" in ended.stdout


@pytest.mark.parametrize("what", ["absent", "noise", "empty folder"])
def test_the_command_exits_2_for_what_it_cannot_read(tmp_path: Path, what: str) -> None:
    package = tmp_path / "package"
    if what == "noise":
        package.write_bytes(b"noise")
    elif what == "empty folder":
        package.mkdir()
    ended = sharewise_verify(package, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("sharewise: ")
