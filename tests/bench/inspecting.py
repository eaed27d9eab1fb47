"""How quickly what a file gives away is found."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import piexif
from PIL import Image

from bench.tables import Row, has, timed, tool, warm
from sharewise.formats.contract import Depth
from sharewise.formats.registry import formats
from sharewise.services.cleaning import Inspected, inspect_file

ONE_BY_ONE = 30
"""Files for the rows that start a program for each file."""


def measure(files: Sequence[Path], _: Path) -> list[Row]:
    """Return a row a tool."""
    warm(files)
    count = len(files)
    rows = [
        timed("sharewise, start of a program", 1, start),
        timed("sharewise, quick", count, ours(files, Depth.QUICK), is_ours=True),
        timed("sharewise, thorough", count, ours(files, Depth.THOROUGH)),
        timed("sharewise, quick, 2 processes", count, parallel(files)),
        timed("floor: first 64 kB and tail", count, lambda: ends(files)),
        timed("floor: whole file read", count, lambda: whole(files)),
    ]
    if has("exiftool"):
        fast = ["exiftool", "-fast2", "-json"]
        rows.append(timed("exiftool -fast2, batch", count, lambda: tool(fast, files)))
        some = files[: max(50, count // 4)]
        deep = ["exiftool", "-ee", "-a", "-json"]
        rows.append(timed("exiftool -ee -a, batch", len(some), lambda: tool(deep, some)))
        few = files[:ONE_BY_ONE]
        rows.append(
            timed("exiftool -fast2, one a file", len(few), lambda: tool(fast, few, batch=1))
        )
    if has("exiv2"):
        command = ["exiv2", "-q", "-pa", "print"]
        rows.append(timed("exiv2, batch", count, lambda: tool(command, files)))
    if has("jhead"):
        rows.append(timed("jhead, batch", count, lambda: tool(["jhead"], files)))
    if has("mat2"):
        few = files[: ONE_BY_ONE // 3]
        rows.append(timed("mat2 --show", len(few), lambda: tool(["mat2", "--show"], few)))
    rows.append(timed("piexif load (EXIF only)", count, lambda: each(files, load_piexif)))
    rows.append(timed("Pillow getexif (EXIF only)", count, lambda: each(files, load_pillow)))
    return rows


def ours(files: Sequence[Path], depth: Depth) -> Callable[[], str]:
    def work() -> str:
        read: list[int] = []
        private = 0
        for file in files:
            found = inspect_file(file, depth, is_clean_to_be_proved=False)
            read.append(found.bytes_read)
            private += isinstance(found, Inspected) and found.is_private
        return f"median {statistics.median(read) / 1000:.0f} kB read a file; {private} private"

    return work


def start() -> str:
    """Load every format in a program of its own; the peers' batches begin so too."""
    load = "from sharewise.formats.registry import formats; import sharewise.services.cleaning"
    subprocess.run([sys.executable, "-c", f"{load}; formats()"], check=True)
    formats()
    return "once, whatever the number of files"


def parallel(files: Sequence[Path]) -> Callable[[], str]:
    def work() -> str:
        with ProcessPoolExecutor(2) as pool:
            private = sum(pool.map(is_private, files, chunksize=25))
        return f"{private} private"

    return work


def is_private(file: Path) -> bool:
    found = inspect_file(file, Depth.QUICK, is_clean_to_be_proved=False)
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
