"""Killed at a random moment, whatever was answered as sealed is there, and nothing is half."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from sharewise.clock import SystemClock
from sharewise.places import Places
from sharewise.services.case_store import DAMAGED, CaseStore
from sharewise.services.cases import Cases
from sharewise.services.verification import verify

ROUNDS = 20
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


def test_what_was_sealed_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    moments = random.Random(20260305)
    home = tmp_path / "home"
    answered: set[tuple[str, str]] = set()
    exported: list[Path] = []
    store = CaseStore(home / "data" / "cases", home / "data" / "staging")
    for number in range(ROUNDS):
        out = tmp_path / f"out{number}"
        out.mkdir()
        told = killed(moments, home, out)
        answered |= {(words[1], words[2]) for words in told if words[0] == "sealed"}
        exported += [Path(words[1]) for words in told if words[0] == "exported"]
        there = {
            (case_id, item_id)
            for case_id in store.case_ids()
            for item_id in store.item_ids(case_id)
        }
        assert answered <= there, "what was answered is there"
    for case_id, item_id in there:
        assert verify(store.item_folder(case_id, item_id)).problems == ()
    assert len(answered) > ROUNDS
    assert all(verify(package).is_verified for package in exported)
    for package in tmp_path.glob("out*/case-*.zip"):
        assert verify(package).is_verified, "one that has its name is whole, answered or not"
    places = Places(home / "run", home / "data", home / "config", home / "logs")
    cases = asyncio.run(Cases(places, SystemClock()).list())
    assert all(case.label != DAMAGED for case in cases)
    store.sweep(lambda _: False)
    assert list(store.staging.iterdir()) == []
    left = [file for file in tmp_path.glob("out*/*") if not file.name.startswith("case-")]
    assert all(file.stat().st_size == 0 for file in left), "no content lies about"
