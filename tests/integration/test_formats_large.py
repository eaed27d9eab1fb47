"""Very large files: what is read and held stays small, whatever their size.

The files are sparse: their frames are holes, their tables and notes are real.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.movies import LONG_FILM_CHUNK_BYTES, gpmf, long_film

GIGABYTE = 1024**3
QUICK_BYTES = 1024 * 1024
MEMORY_BYTES = 64 * 1024 * 1024
TIMEOUT_S = 120

MEASURE = """
import json, sys
from pathlib import Path
from sharewise.disk.reading import open_file
from sharewise.formats import judge, registry
from sharewise.formats.contract import Depth, Insert, Plan

def hold(steps, file):
    try:
        batch = next(steps)
        while True:
            batch = steps.send(tuple(file.answer(request) for request in batch))
    except StopIteration as stop:
        return stop.value

def held(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

registry.formats()
with open_file(Path(sys.argv[1])) as file:
    idle = held("VmRSS:")
    source = file.source()
    read = file.bytes_read
    quick = hold(judge.inspect(source, Depth.QUICK), file)
    read = file.bytes_read
    examined = hold(judge.plan(source), file)
    plan = examined.cleaning
    length = sum(
        len(step.data) if isinstance(step, Insert) else step.length for step in plan.steps
    ) if isinstance(plan, Plan) else 0
    peak = held("VmHWM:")
print(json.dumps({
    "read": read, "memory": peak - idle, "cleaning": type(plan).__name__,
    "quick": [one.value for one in quick.findings], "size": length,
}))
"""


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it"
)


@dataclass(frozen=True)
class Measured:
    """What a quick look and a plan cost in a process of their own."""

    read: int
    memory: int
    cleaning: str
    quick: list[str | None]
    size: int


def measure(file: Path) -> Measured:
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        capture_output=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return Measured(**json.loads(ended.stdout))


def test_quick_look_at_a_gigabyte_reads_less_than_a_megabyte(tmp_path: Path) -> None:
    measured = measure(long_film(tmp_path / "film.mp4", GIGABYTE))
    assert measured.read <= QUICK_BYTES
    assert "45.764,4.8357" in measured.quick


def test_plan_for_four_gigabytes_holds_little(tmp_path: Path) -> None:
    file = long_film(tmp_path / "film.mp4", 4 * GIGABYTE)
    measured = measure(file)
    assert measured.cleaning == "Plan"
    assert measured.size == file.stat().st_size
    assert measured.memory < MEMORY_BYTES


def test_plan_for_four_gigabytes_full_of_telemetry_holds_little(tmp_path: Path) -> None:
    telemetry = gpmf(45.764, 4.8357)
    file = long_film(tmp_path / "film.mp4", 4 * GIGABYTE, telemetry)
    measured = measure(file)
    assert measured.read <= QUICK_BYTES
    assert measured.cleaning == "Plan"
    chunks = 4 * GIGABYTE // LONG_FILM_CHUNK_BYTES
    assert measured.size == file.stat().st_size - chunks * len(telemetry)
    assert measured.memory < MEMORY_BYTES
