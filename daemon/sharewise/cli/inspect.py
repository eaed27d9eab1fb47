"""`sharewise inspect`: what files give away."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from sharewise.base.codes import ErrorCode
from sharewise.cli.command import Command
from sharewise.cli.paths import Item, Named, Trouble, files_of
from sharewise.cli.progress import Progress
from sharewise.cli.showing import (
    WORDS,
    Json,
    complain,
    count_in_words,
    json_line,
    say,
    size_in_words,
)
from sharewise.formats.contract import Depth, Finding, Kind
from sharewise.gazetteer.bundled import near
from sharewise.seals.names import printable
from sharewise.services.batches import in_order
from sharewise.services.cleaning import Inspected, Inspection, NotJudged, inspect_file

EXIT_CLEAN = 0
EXIT_PRIVATE = 1
EXIT_NOT_JUDGED = 2
WIDTH = max(map(len, WORDS.values()))


@dataclass(frozen=True, slots=True)
class Looked:
    """One line of work and what came of it."""

    named: Named
    inspection: Inspection


@dataclass(frozen=True, slots=True)
class Told:
    """What is printed of one file: made where it was looked at, maybe in another process."""

    shown: str
    status: str
    text: str
    complaint: str | None
    """Why it could not be judged, for people; None where it was."""


def configure(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--recursive", action="store_true", help="look at all files of folders too")
    parser.add_argument(
        "--thorough",
        action="store_true",
        help="account for every byte even where the first look finds something",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a photo, or a folder of them")


def run(chosen: Namespace) -> int:
    """Look at each file and print what it gives away."""
    depth = Depth.THOROUGH if chosen.thorough else Depth.QUICK
    look = partial(look_and_tell, depth=depth, is_json=chosen.json)
    named = files_of(chosen.paths, is_recursive=chosen.recursive)
    counts: Counter[str] = Counter()
    with Progress(is_wanted=not chosen.json) as progress:
        for told in in_order(look, named):
            progress.clear()
            counts[told.status] += 1
            if told.complaint is not None:
                complain(told.shown, told.complaint)
            else:
                say(told.text)
            progress.step()
    if not chosen.json and counts.total() > 1:
        say(summary(counts))
    if counts["unsupported"] or counts["malformed"]:
        return EXIT_NOT_JUDGED
    return EXIT_PRIVATE if counts["private"] else EXIT_CLEAN


def look_and_tell(named: Named, *, depth: Depth, is_json: bool) -> Told:
    """Inspect one file and say what is printed of it."""
    looked = look_at(named, depth=depth)
    status = status_of(looked.inspection)
    if is_json:
        return Told(named.shown, status, json_line(record_of(looked, status)), None)
    if isinstance(looked.inspection, NotJudged):
        return Told(named.shown, status, "", looked.inspection.reason)
    return Told(named.shown, status, in_lines(looked, looked.inspection), None)


def look_at(named: Named, *, depth: Depth) -> Looked:
    """Inspect one file; what cannot be looked into stays what it is."""
    match named:
        case Trouble(_, code, reason):
            return Looked(named, NotJudged(code, reason, None, 0))
        case Item():
            return Looked(named, inspect_file(named.path, depth))
        case _:
            assert_never(named)


def status_of(inspection: Inspection) -> str:
    """Return the word for programs: private, clean, malformed or unsupported."""
    match inspection:
        case Inspected():
            return "private" if inspection.is_private else "clean"
        case NotJudged(ErrorCode.MALFORMED):
            return "malformed"
        case NotJudged():
            return "unsupported"
        case _:
            assert_never(inspection)


def record_of(looked: Looked, status: str) -> dict[str, Json]:
    """Return what `--json` prints for one file."""
    inspection = looked.inspection
    record: dict[str, Json] = {
        "path": looked.named.shown,
        "format": None,
        "size_bytes": inspection.size_bytes,
        "bytes_read": inspection.bytes_read,
        "status": status,
        "findings": [],
    }
    match inspection:
        case Inspected(format=format_, findings=findings):
            record["format"] = format_
            record["findings"] = [
                {
                    "kind": finding.kind.value,
                    "where": finding.where,
                    "summary": summary_of(finding),
                    "value": finding.value,
                }
                for finding in findings
            ]
        case NotJudged(code, reason):
            record["code"] = code.value
            record["reason"] = reason
        case _:
            assert_never(inspection)
    return record


def in_lines(looked: Looked, inspection: Inspected) -> str:
    """Return what a person wants to know of one file."""
    if not inspection.findings:
        return f"{_title(looked, inspection)}: nothing private"
    findings = (
        f"  {WORDS[finding.kind]:<{WIDTH}}  {printable(summary_of(finding))}"
        for finding in inspection.findings
    )
    return "\n".join((f"{_title(looked, inspection)}:", *findings))


def summary_of(finding: Finding) -> str:
    """Return a finding in one line, a location with the town that it is near."""
    place = near(finding.value) if finding.kind is Kind.LOCATION else None
    return finding.summary if place is None else f"{finding.summary}, {place}"


def _title(looked: Looked, inspection: Inspected) -> str:
    size = size_in_words(inspection.size_bytes)
    return f"{printable(looked.named.shown)} ({inspection.format}, {size})"


def summary(counts: Counter[str]) -> str:
    """Return the last line for people."""
    parts = [f"{counts['private']:,} with something private", f"{counts['clean']:,} with nothing"]
    not_judged = counts["unsupported"] + counts["malformed"]
    if not_judged:
        parts.append(f"{not_judged:,} that could not be judged")
    return f"{count_in_words(counts.total(), 'file', 'files')}: {', '.join(parts)}."


COMMAND = Command(
    name="inspect",
    help="show what photos give away",
    description="Shows what photos give away: where and when they were taken, by whom, with what. "
    "Nothing is changed. A file of which nothing private is shown was looked at byte by byte. "
    "Exit code: 0 nothing private, 1 something private, 2 something could not be read or judged.",
    configure=configure,
    run=run,
)
