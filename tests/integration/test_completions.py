"""The completion scripts are what the real shells can read."""

from __future__ import annotations

import subprocess

import pytest

from sharewise.cli import completions
from sharewise.cli.main import main


@pytest.mark.parametrize("shell", sorted(completions.SHELLS))
def test_a_script_is_what_its_shell_can_read(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completions", shell]) == 0
    script = capsys.readouterr().out
    assert (
        subprocess.run(
            [shell, "-n"], input=script, text=True, timeout=30, check=False, capture_output=True
        ).stderr
        == ""
    )
    broken = subprocess.run(
        [shell, "-n"],
        input=script + "\nif (",
        text=True,
        timeout=30,
        check=False,
        capture_output=True,
    )
    assert broken.stderr != "", "this shell finds no fault at all"


def test_fish_offers_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", "fish"]) == 0
    script = capsys.readouterr().out
    asked = f"{script}\ncomplete -C 'sharewise d'\ncomplete -C 'sharewise daemon st'\n"
    done = subprocess.run(
        ["fish", "--no-config"], input=asked, text=True, timeout=30, check=True, capture_output=True
    )
    offered = {line.split("\t")[0] for line in done.stdout.splitlines()}
    assert {"daemon", "doctor", "start", "stop", "status"} <= offered
