"""Completions follow the parsers, whatever they come to hold."""

from __future__ import annotations

import shutil
import subprocess
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path

import pytest

from sharewise.cli import completions
from sharewise.cli.completions import Place, Word, places_of
from sharewise.cli.main import MODULES, main, parser_for


def example() -> ArgumentParser:
    parser = ArgumentParser(prog="example", add_help=False)
    parser.add_argument("-v", "--verbose", help="it's said: more")
    parser.add_argument("--hidden", help=SUPPRESS)
    below = parser.add_subparsers()
    adding = below.add_parser("add", help="add one", add_help=False)
    adding.add_argument("folder", metavar="DIR")
    below.add_parser("set", add_help=False).add_argument("mode", choices=["off", "on"])
    below.add_parser("read", add_help=False).add_argument("what", type=Path)
    return parser


def test_every_place_knows_its_words_and_whether_files_fit() -> None:
    assert tuple(places_of(example())) == (
        Place(
            "",
            (
                Word("--verbose", "it's said: more"),
                Word("add", "add one"),
                Word("set", ""),
                Word("read", ""),
            ),
            takes_files=False,
        ),
        Place(" add", (), takes_files=True),
        Place(" set", (Word("off", ""), Word("on", "")), takes_files=False),
        Place(" read", (), takes_files=True),
    )


def test_every_command_and_action_of_ours_is_a_place() -> None:
    paths = {place.path for place in places_of(parser_for(()))}
    assert {f" {name}" for name in MODULES} <= paths
    assert {" daemon run", " daemon status", " watch add", " case export"} <= paths


@pytest.mark.parametrize("shell", sorted(completions.SHELLS))
def test_every_word_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", shell]) == 0
    script = capsys.readouterr().out
    for place in places_of(parser_for(())):
        assert place.path in script
        assert all(word.text in script for word in place.words)


def test_quotes_and_backslashes_of_a_help_text_stay_inside_it() -> None:
    script = completions.fish(tuple(places_of(example())))
    assert "-d 'it’s said: more'" in script
    assert "'--verbose:it’s said: more'" in completions.zsh(tuple(places_of(example())))


ASK_BASH = """
source /dev/stdin <<< "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_sharewise
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on this machine")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ins"], {"inspect"}),
        (["d"], {"daemon", "doctor"}),
        (["daemon", "st"], {"start", "stop", "status"}),
        (["daemon", "status", "--j"], {"--json"}),
        (["watch", "set", "off"], {"off"}),
        (["inspect", "hol"], {"holiday one.jpg", "holidays"}),
        (["clean", "--output", "holidays", "holiday "], {"holiday one.jpg"}),
        (["daemon", "hol"], {""}),
        (["--vers"], {"--version"}),
    ],
)
def test_bash_completes_words_and_files(
    words: list[str], expected: set[str], tmp_path: Path
) -> None:
    (tmp_path / "holiday one.jpg").touch()
    (tmp_path / "holidays").mkdir()
    script = completions.bash(tuple(places_of(parser_for(()))))
    answered = subprocess.run(
        ["bash", "-c", ASK_BASH, "bash", "sharewise", *words],
        env={"SCRIPT": script, "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert answered.stderr == ""
    assert set(answered.stdout.removesuffix("\n").split("\n")) == expected
