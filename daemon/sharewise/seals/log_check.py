"""Checks what a package shows of the custody log: entries, their proofs, the signed state.

Source: RFC 9162, 2.1.3.2 for the proofs; the shape of their lines is `merkle.inclusion_text`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sharewise.seals import checkpoint, layout, merkle, record
from sharewise.seals.digests import Digest
from sharewise.seals.entry import Entry
from sharewise.seals.entry import parse as parse_entry
from sharewise.seals.problems import CheckedStamp, Problem, ProblemKind
from sharewise.seals.stamp_check import Checked, check_stamp

_PROOF_LINE = re.compile(r"(leaf|left|right|root) ([0-9a-f]{64})")
_STAMP = re.compile(re.escape(layout.STAMPS) + r"([0-9]{4,6})/checkpoint")


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What was found."""

    problems: tuple[Problem, ...]
    entries: int
    """How many are shown to be in the log."""
    stamps: tuple[CheckedStamp, ...]
    """Those with which nothing is wrong."""


def check_log(
    names: Mapping[str, Digest],
    read: Callable[[str], bytes],
    *,
    public_key_pem: bytes,
) -> LogCheck:
    """Return what is wrong with the log's part of a package; nothing if it has none."""
    if layout.CHECKPOINT not in names:
        return LogCheck((), 0, ())
    problems = list(_checkpoint_problems(layout.CHECKPOINT, read, public_key_pem))
    lines = list(_custody_lines(names, read))
    entries: list[Entry] = []
    for number in range(1, len(lines) + 1):
        is_last = number == len(lines)
        name, proof = (layout.ENTRY, layout.PROOF) if is_last else layout.entry_names(number)
        found, entry = _inclusion(names, read, name, proof, layout.CHECKPOINT)
        problems += found
        if entry is not None:
            entries.append(entry)
            if (entry.at_utc, entry.what, entry.detail) != lines[number - 1]:
                problems.append(_differs(name, "CUSTODY.csv tells another thing than this entry."))
    if not lines:
        problems.append(_differs(layout.CUSTODY, "It has no line for the entries of the log."))
    problems += _item_problems(names, read, entries)
    stamps: list[CheckedStamp] = []
    for name in sorted(names):
        found_stamp = _STAMP.fullmatch(name)
        if found_stamp is not None:
            number = int(found_stamp.group(1))
            problems += _stamp_problems(names, read, number, public_key_pem)
            wrong, stamp = _token(names, read, layout.stamp_names(number))
            problems += wrong
            stamps += [] if stamp is None else [stamp]
    return LogCheck(tuple(problems), len(entries), tuple(stamps))


def _differs(member: str, meaning: str) -> Problem:
    return Problem(ProblemKind.LOG_DIFFERS, member, meaning)


def _checkpoint_problems(
    name: str, read: Callable[[str], bytes], public_key_pem: bytes
) -> Iterator[Problem]:
    note = read(name)
    if checkpoint.parse(note) is None:
        yield _differs(name, "It is no state of a log.")
        return
    try:
        is_fitting = checkpoint.fits(note, public_key_pem)
    except ValueError:
        is_fitting = False
    if not is_fitting:
        meaning = "This state of the log is not signed with the key of the package."
        yield Problem(ProblemKind.SIGNATURE_WRONG, name, meaning)


def _custody_lines(
    names: Mapping[str, Digest], read: Callable[[str], bytes]
) -> Iterator[tuple[str, str, str]]:
    """Yield time, event and detail of each line of CUSTODY.csv but its head."""
    if layout.CUSTODY not in names:
        return
    text = read(layout.CUSTODY).decode("utf-8", "replace")
    try:
        for row in csv.DictReader(f"{line}\n" for line in text.split("\n")):
            yield row.get("at_utc") or "", row.get("event") or "", row.get("detail") or ""
    except csv.Error:
        return


def _inclusion(
    names: Mapping[str, Digest], read: Callable[[str], bytes], name: str, proof: str, state: str
) -> tuple[list[Problem], Entry | None]:
    """Return what is wrong with one entry, and the entry."""
    if name not in names or proof not in names:
        return [_differs(name, "An entry of the log or its proof is missing.")], None
    data = read(name)
    entry = parse_entry(data)
    if entry is None:
        return [_differs(name, "It is no entry of a custody log.")], None
    reached = _root_of(read(proof), merkle.leaf_hash(data))
    said = checkpoint.parse(read(state))
    if reached is None or said is None or reached != said.root:
        return [_differs(proof, "The proof does not lead from the entry to the log.")], entry
    return [], entry


def _root_of(untrusted: bytes, leaf: bytes) -> bytes | None:
    """Follow a proof by hand and return the root that it names, or None."""
    lines = untrusted.decode("utf-8", "replace").split("\n")
    found = [_PROOF_LINE.fullmatch(line) for line in lines[:-1]]
    steps = [(one.group(1), bytes.fromhex(one.group(2))) for one in found if one is not None]
    if lines[-1] or len(steps) != len(found) or len(steps) < 2:
        return None
    if steps[0] != ("leaf", leaf) or steps[-1][0] != "root":
        return None
    reached = leaf
    for side, other in steps[1:-1]:
        if side == "left":
            reached = merkle.node_hash(other, reached)
        elif side == "right":
            reached = merkle.node_hash(reached, other)
        else:
            return None
    return reached if reached == steps[-1][1] else None


def _item_problems(
    names: Mapping[str, Digest], read: Callable[[str], bytes], entries: list[Entry]
) -> Iterator[Problem]:
    """Every capture was logged when it was sealed, with the digest of its own list of files.

    The digest is absent of one that was found sealed after a crash: its id has to do.
    """
    logged = {entry.subject_sha256 for entry in entries}
    found_later = {entry.item_id for entry in entries if entry.subject_sha256 is None}
    for name, digest in names.items():
        folder = layout.item_folder_of(name)
        if folder is None or name != layout.name_in_package(folder, layout.MANIFEST):
            continue
        told = record.parse(read(folder + layout.RECORD))
        is_found_later = told is not None and told.item_id in found_later - {""}
        if digest.sha256 not in logged and not is_found_later:
            yield _differs(name, "No entry of the custody log tells of this capture's sealing.")


def _stamp_problems(
    names: Mapping[str, Digest],
    read: Callable[[str], bytes],
    number: int,
    public_key_pem: bytes,
) -> Iterator[Problem]:
    where = layout.stamp_names(number)
    yield from _checkpoint_problems(where.checkpoint, read, public_key_pem)
    found, entry = _inclusion(names, read, where.entry, where.proof, where.checkpoint)
    yield from found
    seal = layout.name_in_package(layout.item_folder(number), layout.MANIFEST)
    is_of_item = entry is not None and seal in names and entry.subject_sha256 == names[seal].sha256
    if entry is not None and not is_of_item:
        yield _differs(where.entry, "The time-stamp is of another capture.")


def _token(
    names: Mapping[str, Digest], read: Callable[[str], bytes], where: layout.StampNames
) -> Checked:
    """Return what is wrong with the time-stamp of a capture, or what it says."""
    if where.token not in names or layout.STAMP_ROOTS not in names:
        meaning = "The time-stamp, or what it is checked with, is missing."
        return (_differs(where.token, meaning),), None
    roots = read(layout.STAMP_ROOTS)
    return check_stamp(where.token, read(where.token), data=read(where.checkpoint), roots_pem=roots)
