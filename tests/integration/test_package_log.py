"""VERIFY.txt of a package with a custody log and time-stamps, in the hands of a stranger."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sharewise.services.verification import verify
from support.by_commands import Handed, run, unpacked
from support.flipping import is_found_by_commands, is_found_by_us
from support.packages import case_of_two, made, zipped
from support.stamping import authority

FLIPS = 24
"""Of the 2,000 that `python3 tests bench package` makes."""


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    root = tmp_path_factory.mktemp("package")
    (root / "tsa").mkdir()
    package = made(*case_of_two(root, authority(root / "tsa")))
    file = root / f"{package.name}.zip"
    file.write_bytes(zipped(package))
    return unpacked(file)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_every_command_passes_and_says_what_the_text_promises(handed: Handed, shell: str) -> None:
    told = [run((line,), handed.folder, shell) for line in handed.commands[3:]]
    assert [one.returncode for one in told] == [0] * len(told), told
    words = "".join(one.stdout + one.stderr for one in told)
    assert words.count("Verification: OK") == 2, "both captures are time-stamped"
    assert words.count("Included") == 6, "four entries of the log and two time-stamped ones"
    assert words.count("Verified OK") == 3


def test_without_attime_an_old_stamp_would_still_have_to_pass(handed: Handed) -> None:
    stamped = [line for line in handed.commands if "ts -verify" in line]
    assert len(stamped) == 2
    for line in stamped:
        assert "-attime" in line
        long_ago = line.rpartition(" ")[0] + " 1000000000"
        assert run((long_ago,), handed.folder).returncode != 0, "no certificate was valid then"


def test_our_own_check_counts_what_it_saw(handed: Handed) -> None:
    verdict = verify(handed.zipped)
    assert verdict.problems == ()
    assert (verdict.log_entries, len(verdict.stamps)) == (4, 2)
    assert not any("no outside time-stamp" in limit for limit in verdict.limits)


def test_bagit_calls_it_valid(handed: Handed) -> None:
    validate = [sys.executable, "-m", "bagit", "--validate", str(handed.folder)]
    ended = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("log/entry.json", 20),
        ("log/inclusion.txt", 10),
        ("log/inclusion.txt", 90),
        ("log/checkpoint", 18),
        ("log/checkpoint", -20),
        ("keys/device.pub.pem", 60),
    ],
)
def test_the_script_alone_finds_a_change(
    handed: Handed, tmp_path: Path, name: str, at: int
) -> None:
    folder = tmp_path / "package"
    shutil.copytree(handed.folder, folder)
    script = "sh log/check_inclusion.sh log/entry.json log/inclusion.txt log/checkpoint"
    assert run((script,), folder).stdout == "Included\n"
    content = bytearray((folder / name).read_bytes())
    content[at] ^= 1
    (folder / name).write_bytes(content)
    ended = run((script,), folder)
    assert ended.returncode != 0, ended.stdout
    assert "Included" not in ended.stdout


def test_the_script_does_not_take_another_entry(handed: Handed) -> None:
    script = "sh log/check_inclusion.sh log/entries/0001.json log/inclusion.txt log/checkpoint"
    ended = run((script,), handed.folder)
    assert ended.returncode == 1
    assert "NOT INCLUDED: the proof is of another entry (log/entries/0001.json)" in ended.stdout


def test_a_stamp_of_other_words_is_found_by_openssl(handed: Handed, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    shutil.copytree(handed.folder, folder)
    (line,) = [one for one in handed.commands if "stamps/0001" in one and "ts -verify" in one]
    shutil.copy(folder / "log/stamps/0002/checkpoint", folder / "log/stamps/0001/checkpoint")
    assert run((line,), folder).returncode != 0


def test_flipped_bits_at_random_places_are_found_by_both(handed: Handed, tmp_path: Path) -> None:
    content = handed.zipped.read_bytes()
    chance = random.Random(7)
    target = tmp_path / handed.zipped.name
    for _ in range(FLIPS):
        at = chance.randrange(len(content))
        broken = bytearray(content)
        broken[at] ^= 1 << chance.randrange(8)
        target.write_bytes(bytes(broken))
        assert is_found_by_us(target), at
        assert is_found_by_commands(target, handed.commands), at
    target.write_bytes(content)
    assert not is_found_by_us(target)
    assert not is_found_by_commands(target, handed.commands)


def test_a_flipped_bit_in_the_container_is_found_by_both(handed: Handed, tmp_path: Path) -> None:
    content = handed.zipped.read_bytes()
    target = tmp_path / handed.zipped.name
    with zipfile.ZipFile(handed.zipped) as opened:
        begin, second = opened.start_dir, opened.infolist()[1].header_offset
    headers = (4, 10, 12, 26, 28)  # version, time, date, lengths
    directory = (4, 5, 8, 12, 14, 36, 38, 42)  # version, flags, time, date, attributes, offset
    places = [*(second + at for at in headers), *(begin + at for at in directory)]
    for at in [*places, len(content) - 1, len(content) - 18]:
        broken = bytearray(content)
        broken[at] ^= 1
        target.write_bytes(bytes(broken))
        assert is_found_by_us(target), at
        assert is_found_by_commands(target, handed.commands), at
