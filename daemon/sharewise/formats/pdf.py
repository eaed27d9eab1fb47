"""PDF: its notes, those of its pictures, files inside it and its earlier versions.

A PDF is a graph, so it has no cut: it is read whole, swept and written anew with pikepdf, always
in the same way; streams that did not change are kept from the original. Written anew, only what
is shown is reachable: old revisions, unused objects and comments are gone. A file is clean if
writing it anew gives the very same bytes. Signed, locked and damaged documents are left alone.

What is shown stays: pages, links to the web, the fields of a form and what they hold. Scripts,
bookmarks, names, words of notes and words that stand for pictures go; the words stay where
descriptions are wished for. Objects stay only in a part that is known (see `pdf_inside/roles.py`);
what is hidden, or cannot be told from what draws, is refused. Of fonts only the notes go.

Source: ISO 32000-2:2020.
"""

from __future__ import annotations

from sharewise.base.errors import Malformed
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Cleaning,
    Depth,
    Examined,
    Finding,
    Format,
    Kind,
    Plan,
    Refused,
    Report,
    Source,
    Span,
    Steps,
    Wish,
)
from sharewise.formats.metadata.words import amount, merged
from sharewise.formats.pdf_inside.result import Judged
from sharewise.formats.pdf_inside.steps import steps_to
from sharewise.formats.reading import Reader

NAME = "PDF"
FILE_BYTES = 64 * 1024 * 1024
"""A larger file is not looked through: it would have to be held in memory several times."""

_BEGINNING = b"%PDF-"
_END = b"%%EOF"
_BLANKS = b"\0\t\n\f\r "
_NEXT = "Share a screenshot or a print of it instead."
_TOO_LARGE = "It is too large to be looked through."


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a PDF."""
    return head[:1024].lstrip(_BLANKS + b"\xef\xbb\xbf").startswith(_BEGINNING)


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; it is all read at either depth."""
    if depth is Depth.THOROUGH:
        return (yield from examine(source, NOTHING_KEPT)).report
    data = yield from _read(source)
    judged = _judge(data, NOTHING_KEPT, is_written=False)
    return Report(NAME, depth, _told(judged, _around(source, data)))


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    data = yield from _read(source)
    judged = _judge(data, wish, is_written=True)
    around = _around(source, data)
    is_same = judged.data == data and not around
    if not is_same and not judged.findings and not around and judged.refusal is None:
        what = "May hold leftovers between its parts, which writing it anew removes"
        around = [Finding(Kind.OTHER, NAME, what)]
    report = Report(NAME, Depth.THOROUGH, _told(judged, around), judged.kept)
    cleaning: Cleaning = AlreadyClean(judged.kept)
    if judged.refusal is not None:
        reason = f"This document was not cleaned: {judged.refusal[0].lower()}{judged.refusal[1:]}"
        cleaning = Refused(f"{reason} {_NEXT}")
    elif not is_same:
        removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
        cleaning = Plan(steps_to(data, judged.data), removed, judged.kept)
    return Examined(report, cleaning)


def _read(source: Source) -> Steps[bytes]:
    """Return the whole document, empty if it is too large."""
    if source.size_bytes > FILE_BYTES:
        return b""
    return (yield from Reader(source).read(0, source.size_bytes, NAME))


def _judge(data: bytes, wish: Wish, *, is_written: bool) -> Judged:
    # the library is large and most people share pictures: it is loaded for the first document
    from sharewise.formats.pdf_inside.judged import judge_document

    if not data:
        return Judged((), refusal=_TOO_LARGE)
    end = data.rfind(_END)
    if end < 0:
        raise Malformed(path=NAME, at_byte=len(data), why="it breaks off before its end")
    rest = data[end + len(_END) :]
    whole = data[: end + len(_END)] if rest.strip(_BLANKS) else data
    return judge_document(whole, wish, is_written=is_written)


def _around(source: Source, data: bytes) -> list[Finding]:
    """Return the findings of what stands before and behind the document."""
    findings: list[Finding] = []
    start = data.find(_BEGINNING)
    if start > 0:
        place = Span(0, start)
        what = f"Before the document unknown data stands ({amount(start)})"
        findings.append(Finding(Kind.OTHER, NAME, what, spans=(place,)))
    end = data.rfind(_END) + len(_END)
    if data[end:].strip(_BLANKS):
        place = Span(end, source.size_bytes - end)
        what = f"Behind the document unknown data stands ({amount(place.length)})"
        findings.append(Finding(Kind.OTHER, NAME, what, spans=(place,)))
    return findings


def _told(judged: Judged, around: list[Finding]) -> tuple[Finding, ...]:
    findings = [*judged.findings, *around]
    if judged.refusal is not None and not findings:
        what = "Cannot be looked through, so nobody can say what is in it"
        findings.append(Finding(Kind.OTHER, NAME, what))
    return merged(findings)


FORMAT = Format(
    name=NAME,
    media_types=("application/pdf",),
    extensions=(".pdf",),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
