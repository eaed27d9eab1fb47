"""The command line's frame: what is unknown, what is printed, how it ends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import pytest

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import main as cli
from sharewise.cli.command import Command


def takes_nothing(_parser: ArgumentParser) -> None:
    """Add no argument."""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Namespace], int]], None]:
    """Let every sub-command do what a test says."""

    def replace(run: Callable[[Namespace], int]) -> None:
        monkeypatch.setattr(
            cli, "load", lambda name: Command(name, "help", "description", takes_nothing, run)
        )

    return replace


def test_an_unknown_command_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["inspekt", "clean"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "inspekt" in said
    assert all(name in said for name in cli.MODULES)


def test_no_command_is_told_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"sharewise {sharewise.__version__}\n"


@pytest.mark.parametrize("name", cli.MODULES)
def test_every_command_is_there_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = cli.load(name)
    assert command.name == name
    with pytest.raises(SystemExit) as caught:
        cli.main([name, "--help"])
    assert caught.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    assert " ".join(command.description.split())[:40] in words


def test_only_the_command_that_is_named_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> Command:
        loaded.append(name)
        return Command(name, "", "", takes_nothing, lambda _chosen: 0)

    monkeypatch.setattr(cli, "load", load)
    assert cli.main(["doctor"]) == 0
    assert loaded == ["doctor"]


def test_an_error_is_one_sentence_and_exit_code_2(
    command: Callable[[Callable[[Namespace], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_chosen: Namespace) -> int:
        raise SharewiseError(ErrorCode.BUSY, "Try again in a moment.")

    command(fail)
    assert cli.main(["doctor"]) == 2
    assert capsys.readouterr() == ("", "sharewise: Try again in a moment.\n")


def test_being_interrupted_ends_quietly(
    command: Callable[[Callable[[Namespace], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_chosen: Namespace) -> int:
        raise KeyboardInterrupt

    command(interrupt)
    assert cli.main(["doctor"]) == 130
    assert capsys.readouterr() == ("", "sharewise: stopped\n")


def test_the_exit_code_is_the_commands(
    command: Callable[[Callable[[Namespace], int]], None],
) -> None:
    command(lambda _chosen: 3)
    assert cli.main(["doctor"]) == 3


@pytest.mark.parametrize(("encoding", "expected"), [("utf-8", b"a\xffb"), ("ascii", b"a\\udcffb")])
def test_a_name_of_odd_bytes_is_printed(
    encoding: str, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    cli.let_any_name_be_printed()
    print("a\udcffb", end="", flush=True)
    assert raw.getvalue() == expected


@pytest.mark.skipif(os.name == "nt", reason="pipes are not closed like this there")
def test_a_reader_that_has_enough_causes_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "sharewise", "completions", "bash"],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")
