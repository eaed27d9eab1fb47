"""`sharewise clean`: files without what they give away."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, assert_never

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.command import Command
from sharewise.cli.paths import Item, Named, Trouble, files_of
from sharewise.cli.progress import Progress
from sharewise.cli.showing import Json, complain, count_in_words, in_words, print_json, say
from sharewise.disk.faults import explained
from sharewise.formats.contract import Kind, Wish
from sharewise.seals.names import printable
from sharewise.services.batches import in_order
from sharewise.services.cleaning import (
    AT_ONCE,
    Cleaned,
    InPlace,
    IntoFolder,
    NotCleaned,
    Outcome,
    WasClean,
    clean_file,
    settle_folders,
)

EXIT_DONE = 0
EXIT_REFUSED = 2
NEUTRAL_NAME = "photo"
NEUTRAL_TIME_NS: Final = 946_728_000_000_000_000
"""2000-01-01 12:00 UTC: the same day nearly everywhere, and one that every archive can hold."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with every file."""

    wish: Wish
    output: Path | None
    """None: in place."""
    backup: Path | None
    has_neutral_names: bool
    has_neutral_dates: bool
    may_redraw: bool


@dataclass(frozen=True, slots=True)
class Treated:
    """One line of work and what came of it."""

    named: Named
    outcome: Outcome


def configure(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--recursive", action="store_true", help="clean all files of folders too")
    parser.add_argument(
        "--keep",
        type=kinds_of,
        default=frozenset(),
        metavar="KIND,…",
        help="keep these although they are private: " + ", ".join(Kind),
    )
    parser.add_argument(
        "--coarse-location",
        action="store_true",
        help="keep the location, rounded to about 10 km",
    )
    parser.add_argument(
        "--neutral-names",
        action="store_true",
        help="call a file photo-0001 and so on if its name gives something away",
    )
    parser.add_argument(
        "--neutral-dates",
        action="store_true",
        help="date clean files 2000-01-01 12:00 UTC instead of keeping the original's file dates "
        "(a system's own record of when a file was made on this disk stays)",
    )
    parser.add_argument(
        "--reencode",
        action="store_true",
        help="where a file cannot be cleaned without touching its pixels, or is of a kind that is "
        "not known here: make a re-drawn copy (JPEG, PNG, WebP and GIF stay what they are, others "
        "become PNG; HEIC needs the extra sharewise[heif])",
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--output", type=Path, metavar="DIR", help="write clean files there, never over another"
    )
    where.add_argument("--in-place", action="store_true", help="replace the files themselves")
    parser.add_argument(
        "--backup",
        type=Path,
        metavar="DIR",
        help="with --in-place: copy each original there before it is replaced",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a photo, or a folder of them")


def kinds_of(untrusted: str) -> frozenset[Kind]:
    """Return the kinds that a list with commas names."""
    try:
        return frozenset(Kind(word.strip()) for word in untrusted.split(",") if word.strip())
    except ValueError as error:
        raise ArgumentTypeError(f"there is no such kind; there are {', '.join(Kind)}") from error


def run(chosen: Namespace) -> int:
    """Clean each file and print what was done."""
    if chosen.backup is not None and not chosen.in_place:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS, "--backup goes with --in-place; --output keeps originals."
        )
    task = Task(
        Wish(chosen.keep, has_coarse_location=chosen.coarse_location),
        chosen.output,
        chosen.backup,
        chosen.neutral_names,
        chosen.neutral_dates,
        chosen.reencode,
    )
    ours = [folder for folder in (task.output, task.backup) if folder is not None]
    named = files_of(chosen.paths, is_recursive=chosen.recursive, left_out=ours)
    counts: Counter[str] = Counter()
    folders: dict[Path, None] = {}
    try:
        with Progress(is_wanted=not chosen.json) as progress:
            for treated in in_order(partial(treat, task=task), named, at_once=AT_ONCE):
                progress.clear()
                status = status_of(treated.outcome)
                counts[status] += 1
                if task.output is not None and not isinstance(treated.outcome, NotCleaned):
                    folders[treated.outcome.output.parent] = None
                if chosen.json:
                    print_json(record_of(treated, status))
                else:
                    show(treated, task)
                progress.step()
    finally:
        settle_folders(folders)
    if not chosen.json and counts.total() > 1:
        say(summary(counts))
    return EXIT_REFUSED if counts["refused"] else EXIT_DONE


def treat(named: Named, *, task: Task) -> Treated:
    """Clean one file; what cannot be looked into stays what it is."""
    match named:
        case Trouble(_, code, reason):
            return Treated(named, NotCleaned(code, reason, 0))
        case Item(below=below, number=number):
            neutral = f"{NEUTRAL_NAME}-{number:04}" if task.has_neutral_names else None
            target = (
                InPlace(task.backup) if task.output is None else IntoFolder(task.output / below)
            )
            outcome = clean_file(
                named.path, task.wish, target, neutral_name=neutral, may_redraw=task.may_redraw
            )
            return Treated(named, date_neutrally(outcome) if task.has_neutral_dates else outcome)
        case _:
            assert_never(named)


def date_neutrally(outcome: Outcome) -> Outcome:
    """Set the dates of a clean file; where the system refuses, it is not as it was asked for."""
    if isinstance(outcome, NotCleaned):
        return outcome
    try:
        with explained():
            os.utime(outcome.output, ns=(NEUTRAL_TIME_NS, NEUTRAL_TIME_NS))
    except SharewiseError as error:
        why = f"It is clean, but its dates could not be changed. {error.message}"
        return NotCleaned(error.code, why, outcome.bytes_read)
    return outcome


def status_of(outcome: Outcome) -> str:
    """Return the word for programs: cleaned, already_clean or refused."""
    match outcome:
        case Cleaned():
            return "cleaned"
        case WasClean():
            return "already_clean"
        case NotCleaned():
            return "refused"
        case _:
            assert_never(outcome)


def record_of(treated: Treated, status: str) -> dict[str, Json]:
    """Return what `--json` prints for one file."""
    outcome = treated.outcome
    record: dict[str, Json] = {
        "path": treated.named.shown,
        "output": None,
        "status": status,
        "removed": [],
        "kept": [],
        "bytes_read": outcome.bytes_read,
        "bytes_written": 0,
        "reason": None,
    }
    match outcome:
        case Cleaned() | WasClean():
            record["output"] = str(outcome.output)
            record["kept"] = list(outcome.kept)
            record["bytes_written"] = outcome.bytes_written
            if isinstance(outcome, Cleaned):
                record["removed"] = [kind.value for kind in outcome.removed]
                if outcome.is_redrawn:
                    record["redrawn"] = True
        case NotCleaned(code, reason):
            record["reason"] = reason
            record["code"] = code.value
        case _:
            assert_never(outcome)
    return record


def show(treated: Treated, task: Task) -> None:
    """Print what a person wants to know of one file."""
    shown = printable(treated.named.shown)
    match treated.outcome:
        case NotCleaned(_, reason):
            complain(treated.named.shown, f"not cleaned. {reason}")
        case Cleaned(output, kept=kept, is_redrawn=True):
            where = f" → {printable(str(output))}" if str(output) != treated.named.shown else ""
            said = f"; kept {', '.join(kept)}" if kept else ""
            say(f"{shown}{where}: a re-drawn copy, not the original picture data{said}")
        case Cleaned(output, removed, kept):
            where = f" → {printable(str(output))}" if str(output) != treated.named.shown else ""
            said = f"; kept {', '.join(kept)}" if kept else ""
            say(f"{shown}{where}: removed {in_words(removed)}{said}")
        case WasClean(output):
            copied = "" if task.output is None else f", copied to {printable(str(output))}"
            say(f"{shown}: nothing to remove{copied}")
        case _:
            assert_never(treated.outcome)


def summary(counts: Counter[str]) -> str:
    """Return the last line for people."""
    parts = [f"{counts['cleaned']:,} cleaned", f"{counts['already_clean']:,} clean already"]
    if counts["refused"]:
        parts.append(f"{counts['refused']:,} not cleaned and left as they were")
    return f"{count_in_words(counts.total(), 'file', 'files')}: {', '.join(parts)}."


COMMAND = Command(
    name="clean",
    help="remove what photos give away",
    description="Removes what photos give away, without touching a pixel; each result is looked at "
    "again before it is called clean. With --output the originals stay as they are. With "
    "--in-place each file is replaced, its date and mode kept; use --backup to keep the originals. "
    "A file that cannot be cleaned for sure is left as it is; with --reencode a copy is drawn anew "
    "instead. "
    "Exit code: 0 all are clean, 2 something was not cleaned.",
    configure=configure,
    run=run,
)
