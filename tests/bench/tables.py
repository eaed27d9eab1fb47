"""A line of a result, and how it is taken."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One tool's speed over one set of files."""

    name: str
    files_per_s: float
    cpu_ms: float
    """Of all processors together, user and system, for one file."""
    note: str = ""
    against: str | None = None
    """The row of ours that this one is compared with; None for ours."""


def timed(
    name: str,
    count: int,
    work: Callable[[], str],
    *,
    against: str | None = None,
    rounds: int = 1,
    before: Callable[[], None] = lambda: None,
) -> Row:
    """Return the row of work over `count` files: the median of the rounds.

    What the work returns is its note; `before` is called before each round and not measured.
    """
    walls: list[float] = []
    cpus: list[float] = []
    note = ""
    for _ in range(rounds):
        before()
        cpu = cpu_s()
        begun = time.perf_counter()
        note = work()
        walls.append(time.perf_counter() - begun)
        cpus.append(cpu_s() - cpu)
    cpu_ms = statistics.median(cpus) / count * 1000
    return Row(name, count / statistics.median(walls), cpu_ms, note, against)


def cpu_s() -> float:
    """Return what this process and its ended children have used of the processors, in seconds."""
    return sum(os.times()[:4])


def tool(
    command: Sequence[str],
    files: Sequence[Path],
    *,
    batch: int = 500,
    expected: Sequence[int] = (0,),
    env: Mapping[str, str] | None = None,
    processors: int | None = None,
) -> str:
    """Run a program over files, some hundred a call; its output is thrown away.

    `processors`: how many of the machine's it may use; None for all.
    """

    def confine() -> None:
        if processors is not None:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])

    failed = 0
    for start in range(0, len(files), batch):
        chosen = [str(file) for file in files[start : start + batch]]
        done = subprocess.run(
            [*command, *chosen],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=env,
            preexec_fn=confine if hasattr(os, "sched_setaffinity") else None,
            check=False,
        )
        failed += done.returncode not in expected
    return f"{failed} calls ended with an error" if failed else ""


def has(program: str) -> bool:
    return shutil.which(program) is not None


def warm(files: Sequence[Path]) -> None:
    """Read every file once, so that all tools find it in memory."""
    for file in files:
        with file.open("rb", buffering=0) as opened:
            while opened.read(1 << 20):
                pass


def fresh_copies(files: Sequence[Path], folder: Path) -> list[Path]:
    """Return copies with neutral names in an empty folder, for tools that write in place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copies: list[Path] = []
    for number, file in enumerate(files):
        copy = folder / f"{number:05d}{file.suffix}"
        shutil.copyfile(file, copy)
        copies.append(copy)
    os.sync()
    return copies


def installed(build: Path) -> dict[str, str]:
    """Return the environment of a program that is installed: its modules are compiled already."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(build / "compiled")}
