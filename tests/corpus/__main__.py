"""`python3 tests corpus DIR`: clean every file of DIR and prove it with other tools.

With --peers the tools that people use today clean the same files, for a second table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from corpus.cases import Outcome, cases_in, run_case
from corpus.outside import private_tags
from corpus.peers import PEERS, print_peers
from corpus.places import is_found, places_in

PROCESSES = 2
COLUMNS = (
    *("files", "dirty", "cleaned", "already clean", "refused", "malformed", "unsupported"),
    *("tokens left", "pixels changed", "turned", "icc lost", "private tags", "places missed"),
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 tests corpus", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds canaries/manifest.json and files.json")
    parser.add_argument("-v", dest="verbose", action="store_true", help="name what is unsupported")
    parser.add_argument("--peers", action="store_true", help="also let other tools clean the files")
    chosen = parser.parse_args(arguments)
    cases = cases_in(chosen.folder)
    if not cases:
        print(f"{chosen.folder} has neither canaries/manifest.json nor files.json.")
        return 1
    with tempfile.TemporaryDirectory(prefix="sharewise-corpus-") as folder:
        names = [Path(folder) / f"{index:04}{case.file.suffix}" for index, case in enumerate(cases)]
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            outcomes = list(pool.map(run_case, cases, names, chunksize=4))
        look_from_outside(outcomes)
        look_for_places(outcomes)
    print_table(outcomes)
    if chosen.peers:
        print_peers(cases, outcomes, PEERS)
    return verdict(outcomes, is_verbose=chosen.verbose)


def look_from_outside(outcomes: list[Outcome]) -> None:
    """Let ExifTool look at every file that is now called clean."""
    cleaned = [outcome.output for outcome in outcomes if outcome.output is not None]
    tags = private_tags(cleaned)
    for outcome in outcomes:
        if outcome.output is not None and tags[outcome.output]:
            outcome.private_tags = tags[outcome.output]
            shown = ", ".join(outcome.private_tags[:8])
            outcome.problems.append(f"exiftool still sees {shown}")


def look_for_places(outcomes: list[Outcome]) -> None:
    """Let ExifTool say where places are; of a file that is judged none may be missed."""
    places = places_in([outcome.case.file for outcome in outcomes])
    for outcome in outcomes:
        is_judged = outcome.status in ("cleaned", "already clean", "refused")
        seen = places.get(outcome.case.file, set())
        if is_judged and not is_found(seen, outcome.findings):
            outcome.is_place_missed = True
            outcome.problems.append(f"exiftool sees a place that was not found: {sorted(seen)}")


def print_table(outcomes: list[Outcome]) -> None:
    """Print one line for each format, and one for all."""
    rows = {"all": [0] * len(COLUMNS)}
    for outcome in outcomes:
        is_judged = outcome.status in ("cleaned", "already clean", "refused")
        name = outcome.format if is_judged else outcome.case.kind.upper()
        name = {"JPG": "JPEG"}.get(name, name)
        counts = count(outcome)
        for row in (rows.setdefault(name, [0] * len(COLUMNS)), rows["all"]):
            row[:] = [one + other for one, other in zip(row, counts, strict=True)]
    widths = [len(column) for column in COLUMNS]
    print("  ".join(["format".ljust(8), *COLUMNS]))
    for name in [*sorted(set(rows) - {"all"}), "all"]:
        cells = (str(value).rjust(width) for value, width in zip(rows[name], widths, strict=True))
        print("  ".join([name.ljust(8), *cells]))


def count(outcome: Outcome) -> list[int]:
    """Return a file's share in each column."""
    statuses = ("cleaned", "already clean", "refused", "malformed", "unsupported")
    return [
        1,
        int(outcome.is_dirty),
        *(int(outcome.status == status) for status in statuses),
        outcome.tokens_left,
        int(outcome.are_pixels_changed),
        int(outcome.is_turned),
        int(outcome.is_icc_lost),
        len(outcome.private_tags),
        int(outcome.is_place_missed),
    ]


def verdict(outcomes: list[Outcome], *, is_verbose: bool) -> int:
    """Name every failure; unsupported files are neither passed nor failed."""
    failed = [outcome for outcome in outcomes if outcome.problems]
    unsupported = [outcome for outcome in outcomes if outcome.status == "unsupported"]
    print()
    for outcome in failed:
        print(f"FAILED {outcome.case.file}: {'; '.join(outcome.problems)}")
    if unsupported:
        print(f"Of a format that is not supported, so not cleaned: {len(unsupported)}")
    for outcome in unsupported if is_verbose else ():
        print(f"  {outcome.case.file}")
    passed = len(outcomes) - len(failed) - len(unsupported)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
