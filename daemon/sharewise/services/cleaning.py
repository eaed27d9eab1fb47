"""Say what a file on this machine gives away, and clean it so that it is proved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import TypeAlias, assert_never

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import OpenFile, Stamp, converse, open_file, opened
from sharewise.disk.writing import (
    BeforeSwap,
    Proof,
    Written,
    accept,
    give_name,
    publish_file,
    replace_file,
    result_of,
    sync_folder,
    whole,
)
from sharewise.formats import judge
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Depth,
    Examined,
    Finding,
    Insert,
    Kind,
    Plan,
    Refused,
    Step,
    Unsupported,
    Wish,
)
from sharewise.formats.filename import inspect_name
from sharewise.formats.registry import formats

NAME_TRIES = 10_000
AT_ONCE = 2
"""Files that a process cleans at once: one is looked at while the other waits to be on the disk.

Each is there, whole, before it gets its name, as ever; only the waiting is shared.
"""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was judged; it is proved that there is nothing more if `depth` is THOROUGH."""

    format: str
    depth: Depth
    findings: tuple[Finding, ...]
    kept: tuple[str, ...]
    size_bytes: int
    bytes_read: int

    @property
    def is_private(self) -> bool:
        """Whether it gives something away, in itself or by its name."""
        return bool(self.findings)


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A file about which nothing can be promised."""

    code: ErrorCode
    """UNSUPPORTED, MALFORMED, or why it could not be read."""
    reason: str
    """One sentence for people."""
    size_bytes: int | None
    bytes_read: int


Inspection: TypeAlias = Inspected | NotJudged


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean file is at `output`, looked at again there."""

    output: Path
    removed: tuple[Kind, ...]
    kept: tuple[str, ...]
    bytes_read: int
    bytes_written: int
    is_redrawn: bool = False
    """Whether it is a copy that was drawn anew, and not the picture data of the original."""


@dataclass(frozen=True, slots=True)
class WasClean:
    """There was nothing to remove; `output` is a plain copy, or the file itself."""

    output: Path
    kept: tuple[str, ...]
    bytes_read: int
    bytes_written: int


@dataclass(frozen=True, slots=True)
class NotCleaned:
    """The file is as it was and no output was made."""

    code: ErrorCode
    reason: str
    bytes_read: int


Outcome: TypeAlias = Cleaned | WasClean | NotCleaned


@dataclass(frozen=True, slots=True)
class InPlace:
    """Put the clean file in the place of the original.

    `backup`: the folder that gets a copy of each original first, never over a file there.
    """

    backup: Path | None = None


@dataclass(frozen=True, slots=True)
class IntoFolder:
    """Put the clean file, or a copy of one that was clean, into a folder that is made if need be;
    a name that is taken gets a number.

    The bytes are on the disk, but the name only once somebody calls `settle_folders`: until then
    a power cut may take the new file away, never the original.
    """

    folder: Path


Target: TypeAlias = InPlace | IntoFolder
KeepOriginal: TypeAlias = Callable[[OpenFile, Stamp], None]
"""Puts the original away before it is replaced; told it and the stamp (but for the ctime) of what
replaces it. What it raises leaves the file as it is."""


def inspect_file(
    path: Path, depth: Depth, *, follow: bool = True, is_clean_to_be_proved: bool = True
) -> Inspection:
    """Return what a file gives away.

    QUICK is content with what headers and tail show. Where they show nothing, a thorough look
    follows, so that no finding means clean; `is_clean_to_be_proved` false leaves that out, and
    then the `depth` of the answer says so.
    """
    try:
        file = opened(path, follow=follow)
    except SharewiseError as error:
        return NotJudged(error.code, error.message, None, 0)
    try:
        return _inspect(file, path.name, depth, is_clean_to_be_proved)
    except SharewiseError as error:
        return NotJudged(error.code, _reason(error), file.size_bytes, file.bytes_read)
    finally:
        file.close()


def _inspect(file: OpenFile, name: str, depth: Depth, is_clean_to_be_proved: bool) -> Inspection:
    source = file.source()
    report = converse(judge.inspect(source, depth), file)
    if isinstance(report, Unsupported):
        code = ErrorCode.UNSUPPORTED
        return NotJudged(code, report.reason, file.size_bytes, file.bytes_read)
    if report.depth is Depth.QUICK and is_clean_to_be_proved and not report.findings:
        report = converse(judge.inspect(source, Depth.THOROUGH), file)
        if isinstance(report, Unsupported):
            raise Malformed(path="file", at_byte=0, why="looks like two formats")
    return Inspected(
        report.format,
        report.depth,
        (*report.findings, *inspect_name(name)),
        report.kept,
        file.size_bytes,
        file.bytes_read,
    )


def clean_file(
    path: Path,
    wish: Wish,
    target: Target,
    *,
    neutral_name: str | None = None,
    keep_original: KeepOriginal | None = None,
    may_redraw: bool = False,
) -> Outcome:
    """Clean a file, or say why that was not done.

    `neutral_name`: what the clean file is called instead, without its ending. In place, a link is
    refused: it would be the link that is replaced. `may_redraw`: where nothing else makes it clean,
    a copy is drawn anew, of which a wish keeps nothing.
    """
    try:
        with open_file(path, follow=isinstance(target, IntoFolder)) as file:
            job = _Job(file, path, wish, target, neutral_name, keep_original, may_redraw)
            try:
                return _clean(job)
            except SharewiseError as error:
                return NotCleaned(error.code, _reason(error), file.bytes_read)
    except SharewiseError as error:
        return NotCleaned(error.code, error.message, 0)


def settle_folders(folders: Iterable[Path]) -> None:
    """Have the names of the files that were put into these folders on the disk."""
    for folder in folders:
        with explained():
            sync_folder(folder)


@dataclass(frozen=True, slots=True)
class _Job:
    file: OpenFile
    path: Path
    wish: Wish
    target: Target
    neutral_name: str | None
    keep_original: KeepOriginal | None
    may_redraw: bool


def _clean(job: _Job) -> Outcome:
    file, name = job.file, job.path.name
    file.hold()
    examined = converse(judge.plan(file.source(), job.wish), file)
    if isinstance(examined, Unsupported):
        if job.may_redraw and file.size_bytes:
            return _redraw(job, ())
        return NotCleaned(ErrorCode.UNSUPPORTED, examined.reason, file.bytes_read)
    tells_by_name = bool(inspect_name(name))
    if job.neutral_name is not None and tells_by_name:
        name = job.neutral_name + _ending(job.path, examined.report.format)
    is_renamed = name != job.path.name
    kept = (Kind.FILENAME.value,) if tells_by_name and not is_renamed else ()
    removed = (Kind.FILENAME,) if is_renamed else ()
    match examined.cleaning:
        case Refused() if job.may_redraw:
            return _redraw(job, kinds(examined.report.findings))
        case Refused(reason):
            return NotCleaned(ErrorCode.REFUSED, reason, file.bytes_read)
        case AlreadyClean(kept=plan_kept):
            steps = whole(file)
            put = _put(job, name, steps, _same(file, steps) or accept)
            kept = (*plan_kept, *kept)
            if is_renamed:
                return Cleaned(put.path, removed, kept, file.bytes_read, put.bytes_written)
            return WasClean(put.path, kept, file.bytes_read, put.bytes_written)
        case Plan(steps, plan_removed, plan_kept):
            put = _put(job, name, steps, _same(file, steps) or _judged_again(job.wish))
            return Cleaned(
                put.path,
                # What a person keeps is written anew, so it was removed and is there again.
                (*(kind for kind in plan_removed if kind.value not in plan_kept), *removed),
                (*plan_kept, *kept),
                file.bytes_read + put.bytes_read,
                put.bytes_written,
            )
        case _:
            assert_never(examined.cleaning)


def _redraw(job: _Job, found: tuple[Kind, ...]) -> Cleaned:
    from sharewise.services.redrawing import redraw  # slow to load, seldom needed

    drawn = redraw(job.file)
    ending = _ending(job.path, drawn.format)
    tells_by_name = bool(inspect_name(job.path.name))
    is_neutral = job.neutral_name is not None and tells_by_name
    stem = job.neutral_name if is_neutral and job.neutral_name else job.path.stem
    removed = (*found, Kind.FILENAME) if is_neutral else found
    kept = drawn.kept if is_neutral or not tells_by_name else (*drawn.kept, Kind.FILENAME.value)
    put = _put(job, stem + ending, (Insert(drawn.data),), _judged_again(NOTHING_KEPT))
    bytes_read = job.file.bytes_read + put.bytes_read
    return Cleaned(put.path, removed, kept, bytes_read, put.bytes_written, is_redrawn=True)


def _put(job: _Job, name: str, steps: tuple[Step, ...], prove: Proof) -> Written:
    match job.target:
        case IntoFolder(folder):
            with explained():
                folder.mkdir(parents=True, exist_ok=True)
            names = numbered(folder, name)
            return publish_file(job.file, names, steps, prove=prove, is_name_synced=False)
        case InPlace(backup):
            written = Written(job.path, 0, 0)
            if steps != whole(job.file):
                before = _before_swap(job, backup)
                written = replace_file(job.file, job.path, steps, prove=prove, before_swap=before)
            if name == job.path.name:
                return written
            return replace(written, path=_rename(job.path, name))
        case _:
            assert_never(job.target)


def _before_swap(job: _Job, backup: Path | None) -> BeforeSwap:
    def put_away(stamp: Stamp) -> None:
        if job.keep_original is not None:
            job.keep_original(job.file, stamp)
        if backup is not None:
            backup.mkdir(parents=True, exist_ok=True)
            names = numbered(backup, job.path.name)
            publish_file(job.file, names, whole(job.file), prove=accept)

    return put_away


def _rename(path: Path, name: str) -> Path:
    with explained():
        for free in numbered(path.parent, name):
            if os.path.lexists(free):
                continue
            give_name(path, free)
            path.unlink(missing_ok=True)
            return free
    raise SharewiseError(ErrorCode.OUTPUT_EXISTS, "There are too many files of this name.")


def _ending(path: Path, format_name: str) -> str:
    """Return the usual ending for a format: that of the file, unless it is of no use."""
    ending = path.suffix.lower()
    for format_ in formats().values():
        if format_.name == format_name and ending not in format_.extensions:
            return format_.extensions[0]
    return ending


def _same(file: OpenFile, steps: tuple[Step, ...]) -> Proof | None:
    """Return the proof that the written file is the one that was judged, if that can be compared.

    The judge examined the result of the steps, every answer taken from the bytes that are held;
    a file that is that result byte for byte, read back, is judged with it. Nothing hangs on the
    original being the same when it was copied. None if it is too large to be held: what was
    written is then judged by itself.
    """
    return None if file.held is None else result_of(steps, file.held)


def _judged_again(wish: Wish) -> Proof:
    def prove(written: OpenFile) -> None:
        try:
            again = converse(judge.plan(written.source(), wish), written)
        except Malformed:
            again = None
        if not isinstance(again, Examined) or not isinstance(again.cleaning, AlreadyClean):
            raise SharewiseError(
                ErrorCode.VERIFY_FAILED,
                "Looked at again, the cleaned file was not clean, so the original was left as it "
                "is and nothing was written. Please report this kind of file.",
            )

    return prove


def _reason(error: SharewiseError) -> str:
    if isinstance(error, Malformed):
        return f"This file is damaged or cut short ({error.message}), so nothing can be promised."
    return error.message


def numbered(folder: Path, name: str) -> Iterator[Path]:
    """Yield the names that a file of this name may get there: "a.jpg", "a (2).jpg", …"""
    plain = Path(name)
    yield folder / name
    for number in islice(count(2), NAME_TRIES):
        yield folder / f"{plain.stem} ({number}){plain.suffix}"


def kinds(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """Return the kinds among findings, each once, in order."""
    return tuple(dict.fromkeys(finding.kind for finding in findings))
