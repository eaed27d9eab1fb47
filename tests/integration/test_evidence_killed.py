"""Killed at a random moment, whatever was answered as sealed is there, and nothing is half."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sharewise.seals.check import check
from sharewise.services import recovering
from sharewise.services.sealed_words import DAMAGED
from sharewise.services.verification import verify
from support.evidence import MHTML, Desk, picture

ROUNDS = 10
"""SHAREWISE_KILLS asks for more, SHAREWISE_SEED for other moments. Each may draw a report of all
that was sealed in its home, and checks it."""
ROUNDS_A_HOME = 10
"""Then a new home: with hundreds of captures a report takes most of the time."""
SEED = 20260305
CANARIES = (b"A thread", b"example.org", b"Words on a page", MHTML[:40], picture()[:60], b"note 3")
TESTS = Path(__file__).resolve().parent.parent


def killed(moments: random.Random, home: Path, out: Path) -> list[list[str]]:
    """Run the loop, kill it somewhere behind some answer, and return what it had answered.

    Where is measured in the loop's own steps, so that a busy machine changes nothing.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    process = subprocess.Popen(
        [sys.executable, "-m", "support.sealing_loop", str(home), str(out)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        assert lines.readline() == "ready\n"
        began = time.monotonic()
        steps = moments.randint(1, 5)
        told = [lines.readline() for _ in range(steps)]
        step_s = (time.monotonic() - began) / steps
        with suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0.0, step_s))
        process.kill()
        told += lines
    assert process.returncode < 0, "it ended by the kill, not by an error"
    return [line.split() for line in told if line.endswith("\n")]


@pytest.mark.timeout(5400)
def test_what_was_sealed_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    moments = random.Random(int(os.environ.get("SHAREWISE_SEED", SEED)))
    rounds = int(os.environ.get("SHAREWISE_KILLS", ROUNDS))
    for first in range(0, rounds, ROUNDS_A_HOME):
        place = tmp_path / f"from{first}"
        survives(moments, place, min(ROUNDS_A_HOME, rounds - first))
        print(f"{min(rounds, first + ROUNDS_A_HOME)} kills survived", flush=True)
        shutil.rmtree(place)


def survives(moments: random.Random, place: Path, rounds: int) -> None:
    """Kill again and again what works on one home, and look at it after each kill."""
    home = place / "home"
    answered: set[str] = set()
    deleted: set[str] = set()
    exported: list[Path] = []
    for number in range(rounds):
        out = place / f"out{number}"
        out.mkdir(parents=True)
        told = killed(moments, home, out)
        answered |= {words[2] for words in told if words[0] == "sealed"}
        deleted |= {words[1] for words in told if words[0] == "deleting"}
        exported += [Path(words[1]) for words in told if words[0] == "exported"]
        found = after_a_start(home)
        assert answered - deleted <= found, "what was answered as sealed is there"
        assert_nothing_plain(home)
    assert answered
    assert deleted or rounds < ROUNDS
    assert all(verify(package).is_verified for package in exported)
    for package in place.glob("out*/case-*.zip"):
        assert verify(package).is_verified, "one that has its name is whole, answered or not"
    left = [file for file in place.glob("out*/*") if not file.name.startswith("case-")]
    assert left == [], "drafts in somebody's folder were cleared up"


def after_a_start(home: Path) -> set[str]:
    """Do what a daemon does when it starts; the vault is sound, and each capture in it whole."""
    desk = Desk(home)
    recovering.sweep(desk.shelf, lambda _: False)
    assert recovering.problems(desk.shelf) == []
    assert desk.staged() == []
    ids = desk.item_ids()
    assert all(check(desk.shelf.opened(item_id)).is_verified for item_id in ids)
    for case in asyncio.run(desk.cases.list()):
        assert case.label != DAMAGED
        assert all(item.title == "A thread" for item in case.items)
    desk.shelf.close()
    return set(ids)


def assert_nothing_plain(home: Path) -> None:
    """Search every byte below the home for what was captured."""
    for file in home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for canary in CANARIES:
                assert canary not in content, file.name
