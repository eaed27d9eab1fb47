"""JPEG: every marker segment anywhere, every scan, and what stands behind the end.

Source: ITU-T T.81 (JPEG), ITU-T T.871 (JFIF), CIPA DC-008 (Exif), CIPA DC-007 (MPF).
"""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.base.errors import Malformed
from sharewise.formats.coded import HIDDEN_WORDS
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Cleaning,
    Depth,
    Examined,
    Find,
    Finding,
    Format,
    Kind,
    Plan,
    Refused,
    Report,
    Source,
    Steps,
    Wish,
)
from sharewise.formats.jpeg_inside.pictures import Role, Second, read_seconds, settle_pictures
from sharewise.formats.jpeg_inside.segments import Contents, read_segments
from sharewise.formats.jpeg_inside.settle import settle_exif
from sharewise.formats.jpeg_inside.walk import Walk, walk
from sharewise.formats.metadata.words import merged
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer

NAME = "JPEG"
_EOI = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class _Survey:
    """All that is known of a file after one look."""

    report: Report
    cuts: tuple[Cut, ...]
    has_words: bool
    """Whether words stand at the end of what only a decoder could read."""


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a JPEG."""
    return head.startswith(b"\xff\xd8\xff")


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away."""
    return (yield from _survey(source, depth, NOTHING_KEPT)).report


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    survey = yield from _survey(source, Depth.THOROUGH, wish)
    return Examined(survey.report, _cleaning(source, survey))


def _cleaning(source: Source, survey: _Survey) -> Cleaning:
    kept = survey.report.kept
    if survey.has_words:
        return Refused(HIDDEN_WORDS)
    if not survey.cuts:
        return AlreadyClean(kept)
    removed = tuple(dict.fromkeys(finding.kind for finding in survey.report.findings))
    return Plan(assemble(0, source.size_bytes, survey.cuts), removed, kept)


def _survey(source: Source, depth: Depth, wish: Wish) -> Steps[_Survey]:
    reader = Reader(source)
    is_thorough = depth is Depth.THOROUGH or source.size_bytes <= len(source.head)
    walked = yield from walk(reader, 0, NAME, has_scans=is_thorough)
    depth = Depth.THOROUGH if is_thorough else Depth.QUICK
    found = yield from read_segments(reader, walked, NAME, depth)
    settle_exif(found, wish)
    seconds = yield from read_seconds(reader, walked, found, depth)
    settle_pictures(walked, found, seconds)
    end = walked.end if walked.end is not None else (yield from _quick_end(source, walked))
    has_words = found.has_words or any(
        one.contents.has_words for one in seconds if one.role is not Role.HIDDEN
    )
    trailing: list[Finding] = []
    for start, stop in _between(end, seconds, source.size_bytes):
        trailing += yield from read_trailer(reader, start, stop, NAME)
        found.cuts.append(Cut(start, stop - start))
    findings = merged([*_without_claims(found, trailing), *trailing])
    report = Report(NAME, depth, findings, tuple(found.kept))
    return _Survey(report, tuple(found.cuts), has_words)


def _quick_end(source: Source, walked: Walk) -> Steps[int]:
    """Return where the picture ends as far as its tail shows, else where the first EOI is."""
    if source.tail.endswith(_EOI):
        return source.size_bytes
    (place,) = yield (Find(_EOI, walked.scan_at, source.size_bytes),)
    if not isinstance(place, int):
        at = source.size_bytes
        raise Malformed(path=NAME, at_byte=at, why="it breaks off: its end is missing")
    return place + len(_EOI)


def _between(end: int, seconds: list[Second], size: int) -> list[tuple[int, int]]:
    """Return what lies behind the first picture and belongs to none of the others."""
    gaps: list[tuple[int, int]] = []
    for second in seconds:
        if second.start > end:
            gaps.append((end, second.start))
        end = max(end, second.end)
    return [*gaps, (end, size)] if end < size else gaps


def _without_claims(found: Contents, trailing: list[Finding]) -> list[Finding]:
    """Leave out what XMP says of a hidden video where the video itself was found."""
    if not any(finding.kind is Kind.HIDDEN_MEDIA for finding in trailing):
        return found.findings
    return [
        finding
        for finding in found.findings
        if not (finding.kind is Kind.HIDDEN_MEDIA and finding.where.endswith("/XMP"))
    ]


FORMAT = Format(
    name=NAME,
    media_types=("image/jpeg",),
    extensions=(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".jps"),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
