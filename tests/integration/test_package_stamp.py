"""A package that is time-stamped as a whole, in the hands of a stranger with openssl."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sharewise.seals import layout
from sharewise.services.verification import verify
from support.by_commands import Handed, run, unpacked
from support.packages import case_of_two, made, stamper_of, zipped
from support.stamping import authority

STAMP_FILES = sorted(layout.STAMP_FILES)


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    root = tmp_path_factory.mktemp("package")
    package = made(*case_of_two(root), stamper_of(authority(root / "tsa")))
    file = root / f"{package.name}.zip"
    file.write_bytes(zipped(package))
    return unpacked(file)


def inside(handed: Handed) -> tuple[str, ...]:
    """The commands for the unpacked folder alone."""
    return tuple(line for line in handed.commands[2:] if "check_zip.sh" not in line)


def copied(handed: Handed, tmp_path: Path) -> Path:
    folder = tmp_path / handed.folder.name
    shutil.copytree(handed.folder, folder)
    return folder


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_commands_pass_and_tell_the_time(handed: Handed, tmp_path: Path, shell: str) -> None:
    shutil.copy(handed.zipped, tmp_path)
    ended = run(handed.commands, tmp_path, shell)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    words = ended.stdout + ended.stderr
    assert words.count("Verification: OK") == 1
    assert "subject=CN = Root" in words or "subject=CN=Root" in words
    stamp = verify(handed.zipped).package_stamp
    assert stamp is not None
    assert stamp.at_utc[:4] in words, "the year of the time-stamp"
    assert stamp.authority_sha256.upper() in words.replace(":", "")


@pytest.mark.parametrize("name", STAMP_FILES)
def test_a_flipped_bit_in_it_is_found_by_the_commands(
    handed: Handed, tmp_path: Path, name: str
) -> None:
    folder = copied(handed, tmp_path)
    content = (folder / name).read_bytes()
    for at in range(0, len(content), len(content) // 9):
        broken = bytearray(content)
        broken[at] ^= 1 << (at % 8)
        (folder / name).write_bytes(broken)
        assert run(inside(handed), folder).returncode != 0, at
        assert not verify(folder).is_verified, at
    (folder / name).write_bytes(content)
    assert run(inside(handed), folder).returncode == 0


@pytest.mark.parametrize("name", STAMP_FILES)
def test_one_that_was_taken_out_is_found_by_the_commands(
    handed: Handed, tmp_path: Path, name: str
) -> None:
    folder = copied(handed, tmp_path)
    (folder / name).unlink()
    ended = run(inside(handed), folder)
    assert ended.returncode != 0
    assert name in ended.stdout
    assert name in {problem.member for problem in verify(folder).problems}


def test_the_stamp_of_another_package_is_found_by_openssl(handed: Handed, tmp_path: Path) -> None:
    contents, key = case_of_two(tmp_path)
    other = made(contents, key, stamper_of(authority(tmp_path / "tsa")))
    folder = copied(handed, tmp_path)
    token = other.files[layout.STAMP].content
    assert isinstance(token, bytes)
    (folder / layout.STAMP).write_bytes(token)
    (line,) = [one for one in handed.commands if "ts -verify" in one]
    assert run((line,), folder).returncode != 0


def test_without_attime_a_stamp_would_still_have_to_pass(handed: Handed) -> None:
    (line,) = [one for one in handed.commands if "ts -verify" in one]
    at = '"$(date -u -d "$at" +%s)"'
    assert at in line
    assert run((line.replace(at, "1000000000"),), handed.folder).returncode != 0


def test_bagit_calls_it_valid(handed: Handed) -> None:
    validate = [sys.executable, "-m", "bagit", "--validate", str(handed.folder)]
    ended = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_command_line_says_whose_word_it_is(handed: Handed) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sharewise", "verify", str(handed.zipped)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "as a whole has a time-stamp" in ended.stdout
    assert "This program knows no authority" in ended.stdout
