"""Look into the JPEG streams that a TIFF stores its pixels in: their segments may hold notes.

Only markers are looked for and segments that draw nothing are read. Such a segment stays, since
nothing may move, but what it holds becomes zero. Source: ISO/IEC 10918-1, B; TIFF Technical Note 2.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from sharewise.formats.contract import Finding, FindMarkers, Kind, Span, Steps
from sharewise.formats.engine import BATCH_REQUESTS, offsets_of
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER
from sharewise.formats.metadata.words import amount, decode, tidy
from sharewise.formats.metadata.xmp import read_xmp
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.walk import Directory, Scheme

COMPRESSIONS = frozenset({6, 7, 34892})
STREAMS_LIMIT = 4096
"""Streams in one file; more cannot be looked into at a bounded cost."""
_MARKERS_LIMIT = 64
_SEGMENTS_LIMIT = 1024
_HEAD_BYTES = 1024
_NOTE_BYTES = 64 * 1024
_END, _COMMENT = 0xD9, 0xFE
_BARE = frozenset({0xD8, 0x01})
"""Markers without a length."""
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_EXACT = ((0xE0, b"JFIF\0", 16), (0xEE, b"Adobe", 14))
"""Segments that matter for colour, and the length that they have if nothing is hidden in them."""


@dataclass(slots=True)
class Streams:
    """What is left of the streams as pixels, and what is not."""

    pixels: list[Span] = field(default_factory=list)
    notes: list[Span] = field(default_factory=list)
    """What segments hold that draw nothing."""


def may_be_in(scheme: Scheme, directory: Directory) -> bool:
    """Return whether a directory's pixels are said to be JPEG streams."""
    compression = directory.number(scheme, tags.COMPRESSION, 1)
    return compression in COMPRESSIONS or directory.find(tags.JPEG_AT) is not None


def look_into(reader: Reader, spans: Sequence[Span], path: str) -> Steps[Streams]:
    """Return where the streams hold notes; a span that is no JPEG stream is all pixels."""
    found = Streams()
    heads = [Span(one.offset, min(one.length, _HEAD_BYTES)) for one in spans]
    yield from reader.prefetch(heads)
    for first in range(0, len(spans), BATCH_REQUESTS):
        batch = spans[first : first + BATCH_REQUESTS]
        answers = yield tuple(
            FindMarkers(one.offset, one.offset + one.length, _MARKERS_LIMIT) for one in batch
        )
        for span, answer in zip(batch, answers, strict=True):
            assert isinstance(answer, bytes)
            yield from _walk(reader, span, offsets_of(answer), found, path)
    return found


def _walk(reader: Reader, span: Span, markers: list[int], found: Streams, path: str) -> Steps[None]:
    stop = end = span.offset + span.length
    notes: list[Span] = []
    at = span.offset + 2
    is_stream = bool(markers) and markers[0] == span.offset
    for _ in range(_SEGMENTS_LIMIT):
        place = bisect_left(markers, at)
        if is_stream and place == len(markers) == _MARKERS_LIMIT and at < end:
            (answer,) = yield (FindMarkers(at, end, _MARKERS_LIMIT),)
            assert isinstance(answer, bytes)
            markers, place = offsets_of(answer), 0
        if not is_stream or place >= len(markers):
            break
        at = markers[place]
        head = yield from reader.read(at, min(20, end - at), path)
        marker, length = head[1], int.from_bytes(head[2:4], "big")
        if marker == _END:
            stop = at + 2
            break
        if marker in _BARE:
            at += 2
            continue
        if len(head) < 4 or length < 2 or at + 2 + length > end:
            break
        if _is_note(marker, head, length):
            notes.append(Span(at + 4, length - 2))
        at += 2 + length
    start = span.offset
    for note in notes:
        found.pixels.append(Span(start, note.offset - start))
        start = note.offset + note.length
    found.pixels.append(Span(start, max(stop, start) - start))
    found.notes += notes


def _is_note(marker: int, head: bytes, length: int) -> bool:
    if any(
        marker == kind and head[4:].startswith(name) and length == size
        for kind, name, size in _EXACT
    ):
        return False
    return marker == _COMMENT or 0xE0 <= marker <= 0xEF or marker < 0xC0


def read_notes(reader: Reader, notes: Sequence[Span], path: str) -> Steps[list[Finding]]:
    """Return the findings of notes; those that are all zeros have been cleaned."""
    findings: list[Finding] = []
    for note in notes:
        if not note.length:
            continue
        data = yield from reader.read(note.offset, min(note.length, _NOTE_BYTES), path)
        if not data.strip(b"\0"):
            continue
        where = f"{path}/JPEG"
        if data.startswith(EXIF_HEADER):
            some = read_exif(data[len(EXIF_HEADER) :], where).findings
        elif data.startswith(_XMP_HEADER):
            some = read_xmp(data[len(_XMP_HEADER) :], where).findings
        else:
            some = ()
        if not some:
            text = tidy(decode(data)) if data[:20].isascii() else ""
            what = f"Holds notes among its pixels ({amount(note.length)})"
            kind = Kind.DESCRIPTION if text else Kind.OTHER
            some = (Finding(kind, where, f"{what}: {text}" if text else what, text or None),)
        findings += [one._replace(spans=(note,)) for one in some]
    return findings
