"""Do to the corpus what people do today, and look at the results with the checkers of ours.

Nobody is treated specially: the same files, the same tokens, the same list of what is harmless,
the same comparison of pixels. A tool that fails, says no or takes too long has not handled a file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from corpus.cases import Case, Outcome
from corpus.outside import private_tags
from corpus.pixels import compare
from corpus.tokens import tokens_left

PROCESSES = 2
FILE_TIMEOUT_S = 60
MEMORY_BYTES = 4 * 1024**3
BY_LIBRARY = (sys.executable, str(Path(__file__).with_name("by_library.py")))
EXIFTOOL = ("exiftool", "-q", "-q", "-overwrite_original", "-all=")


@dataclass(frozen=True)
class Peer:
    """A tool and the words by which a person has it remove metadata in place."""

    name: str
    command: tuple[str, ...]
    """The file's name is added to these."""
    version: tuple[str, ...]
    """Prints its version somewhere in the first line."""


PEERS = (
    Peer("ExifTool `-all=`", EXIFTOOL, ("exiftool", "-ver")),
    Peer(
        "ExifTool, orientation and ICC put back",
        (*EXIFTOOL, "-tagsfromfile", "@", "-orientation", "-icc_profile"),
        ("exiftool", "-ver"),
    ),
    Peer("exiv2 `rm`", ("exiv2", "rm"), ("exiv2", "--version")),
    Peer("jhead `-purejpg`", ("jhead", "-q", "-purejpg"), ("jhead", "-V")),
    Peer("mat2", ("mat2", "--inplace"), ("mat2", "--version")),
    Peer("mat2 `--lightweight`", ("mat2", "--lightweight", "--inplace"), ("mat2", "--version")),
    Peer("piexif `remove`", (*BY_LIBRARY, "piexif"), (*BY_LIBRARY, "version", "piexif")),
    Peer("Pillow, saved again", (*BY_LIBRARY, "pillow"), (*BY_LIBRARY, "version", "pillow")),
)


@dataclass(frozen=True)
class Treated:
    """What became of one file in the hands of one tool."""

    is_canary: bool
    is_handled: bool
    has_token_left: bool = False
    has_private_tags: bool = False
    are_pixels_changed: bool = False
    is_turned: bool = False
    is_icc_lost: bool = False


COLUMNS = (
    *("tool", "files handled", "canaries with a token left", "files with private tags left"),
    *("pixels changed", "shown turned", "ICC lost", "not handled or failed"),
)


def print_peers(cases: Sequence[Case], ours: Sequence[Outcome], peers: Sequence[Peer]) -> None:
    """Print a table in Markdown: ours and each peer over the files that are not malformed."""
    chosen = [case for case in cases if not case.is_malformed]
    by_us = [treated_by_us(one) for one in ours if not one.case.is_malformed]
    print("\n| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|")
    print_row(row("**Sharewise**", by_us))
    for peer in peers:
        print_row(row(peer.name, treat_all(peer, chosen)))
    versions = dict.fromkeys(
        f"{peer.name.split(maxsplit=1)[0].strip(',')} {version_of(peer)}" for peer in peers
    )
    print("\nVersions: " + ", ".join(versions) + ".\n")


def print_row(cells: Sequence[str]) -> None:
    """Print a line at once: the next tool may take minutes."""
    print("| " + " | ".join(cells) + " |", flush=True)


def row(name: str, treated: Sequence[Treated]) -> list[str]:
    """Return a tool's line; what is wrong is counted among the files that it handled."""
    handled = [one for one in treated if one.is_handled]
    canaries = [one for one in handled if one.is_canary]
    return [
        name,
        f"{len(handled)} of {len(treated)}",
        f"{sum(one.has_token_left for one in canaries)} of {len(canaries)}",
        str(sum(one.has_private_tags for one in handled)),
        str(sum(one.are_pixels_changed for one in handled)),
        str(sum(one.is_turned for one in handled)),
        str(sum(one.is_icc_lost for one in handled)),
        str(len(treated) - len(handled)),
    ]


def treated_by_us(outcome: Outcome) -> Treated:
    """Return our own outcome in the words of this table."""
    return Treated(
        outcome.case.is_canary,
        outcome.output is not None,
        bool(outcome.tokens_left),
        bool(outcome.private_tags),
        outcome.are_pixels_changed,
        outcome.is_turned,
        outcome.is_icc_lost,
    )


def treat_all(peer: Peer, cases: Sequence[Case]) -> list[Treated]:
    """Let a tool clean a copy of each file, and check each result."""
    with tempfile.TemporaryDirectory(prefix="sharewise-peer-") as folder:
        copies = [Path(folder) / f"{index:04}{one.file.suffix}" for index, one in enumerate(cases)]
        with ThreadPoolExecutor(PROCESSES) as threads:
            handled = list(threads.map(is_handled, [peer] * len(cases), cases, copies))
        there = [copy for copy, is_ok in zip(copies, handled, strict=True) if is_ok]
        tags = private_tags(there)
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            given = [tuple(tags.get(copy, ())) for copy in copies]
            return list(pool.map(check, cases, copies, handled, given, chunksize=4))


def is_handled(peer: Peer, case: Case, copy: Path) -> bool:
    """Run a tool over a copy of a file; whether it says that it did what it was asked for."""
    shutil.copyfile(case.file, copy)
    bounded = ["prlimit", f"--as={MEMORY_BYTES}", "timeout", "--kill-after=1", str(FILE_TIMEOUT_S)]
    ended = subprocess.run(
        [*bounded, *peer.command, copy.name], cwd=copy.parent, capture_output=True, check=False
    )
    return ended.returncode == 0 and copy.exists() and copy.stat().st_size > 0


def check(case: Case, copy: Path, is_handled: bool, tags: tuple[str, ...]) -> Treated:
    """Return what is wrong with a file that a tool handled."""
    if not is_handled:
        return Treated(case.is_canary, is_handled=False)
    original, cleaned = case.file.read_bytes(), copy.read_bytes()
    left = bool(tokens_left(cleaned, list(case.tokens)))
    if original == cleaned:
        return Treated(case.is_canary, True, left, bool(tags))
    difference = compare(original, cleaned)
    return Treated(
        case.is_canary,
        True,
        left,
        bool(tags),
        difference.are_pixels_changed,
        difference.is_turned,
        difference.is_icc_lost,
    )


def version_of(peer: Peer) -> str:
    """Return what a tool says of its version."""
    ended = subprocess.run(peer.version, capture_output=True, text=True, check=False, timeout=60)
    words = (ended.stdout or ended.stderr).strip().partition("\n")[0].split()
    return words[-1] if words else "unknown"
