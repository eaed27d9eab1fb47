"""Measure beside the tools people pick today: python3 tests bench [NAME …] [options].

Every tool looks at the same files in the same run, caches warm; what counts is the ratio. Nothing
here judges: a slow machine is no defect.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import capture, cleaning, inspecting, starting
from bench.phone_set import make_phone_set
from bench.tables import Row

BUILD = Path(__file__).resolve().parents[2] / ".build" / "bench"
BENCHES = {"inspect": inspecting.measure, "clean": cleaning.measure}
BY_THEMSELVES: dict[str, Callable[[], list[str]]] = {
    "start": lambda: [starting.measure()],
    "capture": capture.measure,
}
"""Need no files: how soon the daemon answers, how long a page takes to be saved."""


def main() -> int:
    every = [*BY_THEMSELVES, *BENCHES]
    parser = argparse.ArgumentParser(prog="python3 tests bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"{', '.join(every)} (default: all)")
    parser.add_argument("--photos", type=int, default=200, help="pictures in the phone set")
    parser.add_argument("--files", type=Path, help="a folder of real files to measure as well")
    chosen = parser.parse_args()
    names = chosen.name or every
    if unknown := [name for name in names if name not in every]:
        parser.error(f"no bench called {', '.join(unknown)}; there are {', '.join(every)}")
    for name in names:
        if name in BY_THEMSELVES:
            for line in BY_THEMSELVES[name]():
                print(f"{name}: {line}", flush=True)
    names = [name for name in names if name in BENCHES]
    if not names:
        return 0
    sets = {f"phone set, {chosen.photos} JPEGs": make_phone_set(BUILD / "phone", chosen.photos)}
    if chosen.files:
        sets[f"files of {chosen.files.name}"] = sorted(
            path for path in chosen.files.rglob("*") if path.is_file()
        )
    for title, files in sets.items():
        megabytes = sum(file.stat().st_size for file in files) / 1e6
        for name in names:
            print(f"\n{name}: {title}, {megabytes:.0f} MB")
            show(BENCHES[name](files, BUILD / "work"))
    return 0


def show(rows: list[Row]) -> None:
    """Print a table with files a second, and how many times as fast as each tool ours is."""
    ours = next(row for row in rows if row.is_ours)
    print(f"  {'':44}{'files/s':>10}{'ours is':>12}  note")
    for row in rows:
        ratio = "" if row is ours else f"{ours.files_per_s / row.files_per_s:.2f} x"
        print(f"  {row.name:44}{row.files_per_s:10.1f}{ratio:>12}  {row.note}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
