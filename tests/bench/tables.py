"""A line of a result, and how it is taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One tool's speed over one set of files."""

    name: str
    files_per_s: float
    note: str = ""
    is_ours: bool = False


def timed(name: str, count: int, work: Callable[[], str], *, is_ours: bool = False) -> Row:
    """Return the row of work over `count` files; what the work returns is its note."""
    begun = time.perf_counter()
    note = work()
    return Row(name, count / (time.perf_counter() - begun), note, is_ours)


def tool(command: Sequence[str], files: Sequence[Path], *, batch: int = 500) -> str:
    """Run a program over files, some hundred a call; its output is thrown away."""
    failed = 0
    for start in range(0, len(files), batch):
        chosen = [str(file) for file in files[start : start + batch]]
        done = subprocess.run(
            [*command, *chosen],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        failed += done.returncode != 0
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
