"""Measure beside the tools people pick today: python3 tests bench [NAME …] [options].

Every tool looks at the same files in the same run, caches warm; what counts is the ratio. Nothing
here judges: a slow machine is no defect. All of it takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import (
    capture,
    cleaning,
    evidence_page,
    fingerprints,
    guarding,
    inspecting,
    large,
    package_flips,
    starting,
    vault,
)
from bench.phone_set import make_phone_set
from bench.tables import Row

BUILD = Path(__file__).resolve().parents[2] / ".build" / "bench"
BENCHES = {"inspect": inspecting.measure, "clean": cleaning.measure}
BY_THEMSELVES: dict[str, Callable[[], list[str]]] = {
    "start": lambda: [starting.measure()],
    "large": lambda: list(large.measure(BUILD)),
    "capture": capture.measure,
    "vault": vault.measure,
    "page": evidence_page.measure,
    "guard": guarding.measure,
}
"""These need no photos: how soon the daemon answers, what videos of gigabytes cost, how long a page
takes to be saved, a vault with ten thousand captures, how soon its page shows a thousand, how
long a person waits for the upload guard."""

ONLY_BY_NAME = ("package", "pdq")
"""2,000 flipped bits of a package; fingerprints of copies (with --files: of those pictures)."""


def main() -> int:
    known = [*BY_THEMSELVES, *BENCHES]
    parser = argparse.ArgumentParser(prog="python3 tests bench", description=__doc__)
    parser.add_argument(
        "name", nargs="*", help=f"{', '.join(known)} (default: these); package, pdq"
    )
    parser.add_argument("--photos", type=int, default=1000, help="pictures in the phone set (1000)")
    parser.add_argument(
        "--real",
        type=Path,
        metavar="DIR",
        help="also a phone set with the metadata of the real JPEGs in this folder",
    )
    parser.add_argument("--files", type=Path, help="a folder of real files to measure as well")
    chosen = parser.parse_args()
    names = chosen.name or known
    if unknown := [name for name in names if name not in (*known, *ONLY_BY_NAME)]:
        there_are = ", ".join((*known, *ONLY_BY_NAME))
        parser.error(f"no bench called {', '.join(unknown)}; there are {there_are}")
    if "package" in names:
        print(f"package: {package_flips.measure()}", flush=True)
    if "pdq" in names:
        for line in fingerprints.measure(chosen.files):
            print(line, flush=True)
    for name in names:
        if name in BY_THEMSELVES:
            for line in BY_THEMSELVES[name]():
                print(f"{name}: {line}", flush=True)
    names = [name for name in names if name in BENCHES]
    if not names:
        return 0
    count: int = chosen.photos
    sets = {f"phone set, {count} JPEGs": make_phone_set(BUILD / "phone", count)}
    if chosen.real:
        files = make_phone_set(BUILD / "phone", count, chosen.real)
        sets[f"phone set, {count} JPEGs with the metadata of real ones"] = files
    if chosen.files:
        sets[f"files of {chosen.files.name}"] = sorted(
            path for path in chosen.files.rglob("*") if path.is_file()
        )
    for title, files in sets.items():
        megabytes = sum(file.stat().st_size for file in files) / 1e6
        for name in names:
            print(f"\n{name}: {title}, {megabytes:.0f} MB")
            show(BENCHES[name](files, BUILD))
    return 0


def show(rows: list[Row]) -> None:
    """Print a table with files a second, and how many times as fast as each tool ours is."""
    speeds = {row.name: row.files_per_s for row in rows}
    print(f"  {'':44}{'files/s':>10}{'CPU ms/file':>13}{'ours is':>10}  note")
    for row in rows:
        ratio = f"{speeds[row.against] / row.files_per_s:.2f} x" if row.against else ""
        cells = f"{row.files_per_s:10.1f}{row.cpu_ms:13.2f}{ratio:>10}"
        print(f"  {row.name:44}{cells}  {row.note}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
