"""How quickly what a file gives away is found, and how little is read for it."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import piexif
from PIL import Image

from bench.tables import Row, has, installed, timed, tool, warm
from sharewise.formats.contract import Depth
from sharewise.formats.registry import formats
from sharewise.services.batches import in_order
from sharewise.services.cleaning import Inspected, inspect_file

ONE_BY_ONE = 30
"""Files for the rows that start a program for each file."""
SLOW = 200
"""Files for the peers that take long over each."""
ROUNDS = 5
QUICK, THOROUGH = "sharewise, quick", "sharewise, thorough"
PROGRAM = "sharewise inspect --json, 1 processor"
JUDGED = (0, 1, 2)
"""The exit codes of `inspect`: clean, private, not judged."""


def measure(files: Sequence[Path], work: Path) -> list[Row]:
    """Return a row a tool."""
    warm(files)
    formats()
    count = len(files)
    rows = [
        timed(QUICK, count, ours(files, Depth.QUICK), rounds=ROUNDS),
        timed(f"{QUICK}, 2 processes", count, parallel(files, Depth.QUICK), rounds=ROUNDS),
        timed(THOROUGH, count, ours(files, Depth.THOROUGH), rounds=3),
        timed(f"{THOROUGH}, 2 processes", count, parallel(files, Depth.THOROUGH), rounds=3),
        *programs(files, work),
        timed("floor: first 64 kB and tail", count, partial(ends, files), against=QUICK),
        timed("floor: whole file read", count, partial(whole, files), against=THOROUGH),
    ]
    some, few = files[:SLOW], files[:ONE_BY_ONE]
    if has("exiftool"):
        fast = ["exiftool", "-fast2", "-json"]
        deep = ["exiftool", "-ee", "-a", "-json"]
        rows += [
            timed("exiftool -fast2, batch", count, partial(tool, fast, files), against=QUICK),
            timed("exiftool -ee -a, batch", len(some), partial(tool, deep, some), against=THOROUGH),
            timed(
                "exiftool -fast2, one a file",
                len(few),
                partial(tool, fast, few, batch=1),
                against=QUICK,
            ),
        ]
    if has("exiv2"):
        command = ["exiv2", "-q", "-pa", "print"]
        rows.append(timed("exiv2, batch", count, partial(tool, command, files), against=QUICK))
    if has("jhead"):
        rows.append(timed("jhead, batch", count, partial(tool, ["jhead"], files), against=QUICK))
    if has("mat2"):
        few = files[: ONE_BY_ONE // 3]
        show = ["mat2", "--show"]
        rows.append(timed("mat2 --show", len(few), partial(tool, show, few), against=QUICK))
    again = ours(files, Depth.QUICK)
    for name, load in (
        ("piexif load (EXIF only)", load_piexif),
        ("Pillow getexif (EXIF only)", load_pillow),
    ):
        rows.append(timed(name, count, partial(each, files, load), against=QUICK))
    rows.append(timed(f"{QUICK}, once more", count, again, rounds=ROUNDS, against=QUICK))
    return rows


def programs(files: Sequence[Path], work: Path) -> list[Row]:
    """Return the rows of the whole program: its start, every line that it prints, and all between.

    The peers' batches are whole programs too.
    """
    env = installed(work)
    count = len(files)
    inspect = [sys.executable, "-m", "sharewise", "inspect", "--json"]
    thorough = [*inspect, "--thorough"]
    ask = partial(tool, files=files, batch=count, expected=JUDGED, env=env)
    ask(inspect)
    one = partial(tool, inspect, files[:1], expected=JUDGED, env=env)
    return [
        timed(PROGRAM, count, partial(ask, inspect, processors=1), rounds=3, against=QUICK),
        timed(
            "sharewise inspect --json, all processors",
            count,
            partial(ask, inspect),
            rounds=3,
            against=QUICK,
        ),
        timed(
            "sharewise inspect --json --thorough, all",
            count,
            partial(ask, thorough),
            rounds=3,
            against=THOROUGH,
        ),
        timed("sharewise inspect --json, one file", 1, one, rounds=ROUNDS),
    ]


def ours(files: Sequence[Path], depth: Depth) -> Callable[[], str]:
    def work() -> str:
        read: list[int] = []
        private = 0
        for file in files:
            found = inspect_file(file, depth, is_clean_to_be_proved=False)
            read.append(found.bytes_read)
            private += isinstance(found, Inspected) and found.is_private
        median, most = statistics.median(read) / 1000, max(read) / 1000
        return f"reads {median:.0f} kB a file (median), {most:.0f} at most; {private} private"

    return work


def parallel(files: Sequence[Path], depth: Depth) -> Callable[[], str]:
    def work() -> str:
        private = sum(in_order(partial(is_private, depth=depth), files, workers=2))
        return f"with the start of the processes; {private} private"

    return work


def is_private(file: Path, depth: Depth) -> bool:
    found = inspect_file(file, depth, is_clean_to_be_proved=False)
    return isinstance(found, Inspected) and found.is_private


def ends(files: Sequence[Path]) -> str:
    for file in files:
        with file.open("rb", buffering=0) as opened:
            opened.read(64 * 1024)
            opened.seek(-min(4096, file.stat().st_size), 2)
            opened.read(4096)
    return ""


def whole(files: Sequence[Path]) -> str:
    for file in files:
        file.read_bytes()
    return ""


def each(files: Sequence[Path], load: Callable[[Path], object]) -> str:
    failed = 0
    for file in files:
        try:
            load(file)
        except Exception:  # noqa: BLE001  a peer's failure is counted, whatever it is
            failed += 1
    return f"{failed} failed" if failed else ""


def load_piexif(file: Path) -> object:
    return piexif.load(str(file))


def load_pillow(file: Path) -> object:
    with Image.open(file) as image:
        return dict(image.getexif())
