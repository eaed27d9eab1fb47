"""The film of a file: go through `moov`, then account for the media data."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import PADDING, Box, nonzero, walk
from sharewise.formats.metadata.words import amount
from sharewise.formats.plans import Cut
from sharewise.formats.video_inside.fragments import Fragment, read_fragment
from sharewise.formats.video_inside.headers import (
    EXTENDS,
    NOTES,
    container,
    header,
    lock,
    object_descriptor,
    unwanted,
)
from sharewise.formats.video_inside.look import NAME, Look
from sharewise.formats.video_inside.notes import read_notes
from sharewise.formats.video_inside.samples import (
    UNSORTED_LIMIT,
    Extents,
    between,
    read_extents,
    read_offsets,
    table_bytes,
)
from sharewise.formats.video_inside.tracks import Numbers, Track, choose, clean_track, read_track

TRACKS_LIMIT = 256
TABLES_LIMIT_BYTES = 16 * 1024 * 1024
"""The most of sample tables that is held: those of about twenty hours."""
GAPS_LIMIT = 4096
"""The most gaps in the media data that are looked at one by one; more are all cut out."""
CUTS_LIMIT = 150_000
ZEROS_LIMIT_BYTES = 64 * 1024 * 1024
"""The most that is overwritten with zeros; more is cut out."""
SPANS_SHOWN = 64

_PIECE_BYTES = 64 * 1024
_TOO_MUCH = (
    "This video is too long or too scattered to be cleaned with certainty. "
    "Cut it into shorter ones, or export it anew with a video program."
)
_FRAGMENTED = (
    "Something is hidden between the parts of this video and cannot be taken out in place. "
    "Export it anew with a video program."
)


@dataclass(slots=True)
class Film:
    """What was read of a file's structure."""

    media: list[Box] = field(default_factory=list)
    fragments: list[Box] = field(default_factory=list)
    is_fragmented: bool = False
    """Whether there is a fragment, wherever it stands."""
    kept: list[Track] = field(default_factory=list)
    removed: list[Track] = field(default_factory=list)
    sample_bytes: dict[int, int] = field(default_factory=dict)
    """The sizes that `trex` gives each track's samples."""


def read_moov(look: Look, film: Film, moov: Box) -> Steps[None]:
    """Go through the boxes of the film itself."""
    path = f"{NAME}/moov"
    inside = yield from walk(look.reader, moov.start, moov.end, path)
    tracks: list[Track] = []
    has_header = False
    for box in inside.boxes:
        here = f"{path}/{box.name}"
        if box.kind == b"mvhd" and not has_header:
            has_header = True
            yield from header(look, box, here)
        elif box.kind == b"trak":
            if len(tracks) == TRACKS_LIMIT:
                raise Malformed(path=path, at_byte=box.offset, why="it has too many tracks")
            tracks.append((yield from read_track(look, box, here)))
        elif box.kind == b"mvex":
            yield from container(look, box, here, EXTENDS)
            yield from _defaults(look, film, box, here)
        elif box.kind == b"iods":
            yield from object_descriptor(look, box, here)
        elif box.kind in (b"cmov", b"rmra"):
            raise Malformed(path=here, at_byte=box.offset, why="it is of a kind no one uses today")
        elif box.kind in PADDING:
            look.padding.append(box)
        elif box.kind in NOTES:
            notes = yield from read_notes(look.reader, box, path)
            look.facts = look.facts.or_else(notes.facts)
            look.findings += notes.placed(box.span)
            look.room.append(box)
        elif box.kind == b"pssh":
            yield from lock(look, box, here)
        else:
            yield from unwanted(look, box, path)
    look.rest(inside)
    film.kept = yield from choose(look, tracks, path)
    film.removed = [track for track in tracks if track not in film.kept]
    present = frozenset(track.number for track in tracks)
    numbers = Numbers(frozenset(track.number for track in film.kept), present)
    for track in film.kept:
        yield from clean_track(look, track, numbers, f"{path}/trak")


def _defaults(look: Look, film: Film, mvex: Box, path: str) -> Steps[None]:
    inside = yield from walk(look.reader, mvex.start, mvex.end, path)
    for box in inside.boxes:
        if box.kind == b"trex" and box.size >= 24:
            data = yield from look.reader.read(box.start, 24, path)
            _, track, _, _, size, _ = struct.unpack(">6I", data)
            film.sample_bytes[track] = size


def account(look: Look, film: Film) -> Steps[None]:
    """Take out what lies in the media data and is played by no track that stays."""
    tables = sum(table_bytes(track.tables) for track in (*film.kept, *film.removed))
    if tables > TABLES_LIMIT_BYTES:
        look.refusal = _TOO_MUCH
        return
    media = [Span(box.start, box.size) for box in film.media]
    played = yield from _extents(look, film.kept)
    for extents, track in zip(played, film.kept, strict=True):
        if track.frame is not None:
            # plain sound is counted generously, where the tables do not say its bytes
            extents.clip(media)
    runs = {track.number: Extents() for track in film.kept}
    for box in film.fragments:
        fragment = Fragment(box.offset, box.offset, film.sample_bytes, runs)
        yield from read_fragment(look, box, fragment, f"{NAME}/moof")
    played += runs.values()
    gone = yield from _extents(look, film.removed)
    for extents in (*played, *gone):
        if not extents.is_sorted():
            if len(extents) > UNSORTED_LIMIT:
                look.refusal = _TOO_MUCH
                return
            extents.sort()
    found = between(media, played, look.reader.size)
    look.played_outside = found.outside if found.inside_bytes else Extents()
    # what the removed tracks held has findings of its own
    nameless = between(media, [*played, *gone], look.reader.size).gaps if gone else found.gaps
    yield from _take_out(look, film, found.gaps, nameless)


def _extents(look: Look, tracks: Sequence[Track]) -> Steps[list[Extents]]:
    found: list[Extents] = []
    for track in tracks:
        path = f"{NAME}/moov/trak"
        found.append((yield from read_extents(look.reader, track.tables, track.frame, path)))
    return found


def _take_out(look: Look, film: Film, gaps: Extents, nameless: Extents) -> Steps[None]:
    if not len(gaps):
        return
    yield from _tell(look, nameless)
    if len(gaps) <= GAPS_LIMIT:
        spans = yield from nonzero([Span(start, end - start) for start, end in gaps])
        if sum(span.length for span in spans) <= ZEROS_LIMIT_BYTES:
            for span in spans:
                look.blank(span)
            return
    if film.fragments or len(gaps) > CUTS_LIMIT or _has_other_offsets(film):
        look.refusal = _FRAGMENTED if film.fragments else _TOO_MUCH
        return
    yield from _cut(look, film, gaps)


def _tell(look: Look, gaps: Extents) -> Steps[None]:
    """Say what no track at all plays; too many gaps are named without looking into each."""
    some = [Span(start, end - start) for start, end in islice(gaps, GAPS_LIMIT)]
    total = gaps.total
    if len(gaps) <= GAPS_LIMIT:
        some = yield from nonzero(some)
        total = sum(span.length for span in some)
    if some:
        what = f"Holds data that nothing plays, between pictures and sound ({amount(total)})"
        spans = tuple(some[:SPANS_SHOWN])
        look.findings.append(Finding(Kind.OTHER, f"{NAME}/mdat", what, spans=spans))


def _has_other_offsets(film: Film) -> bool:
    return any(box.kind == b"saio" for track in film.kept for box in track.tables.boxes)


def _cut(look: Look, film: Film, gaps: Extents) -> Steps[None]:
    """Cut the gaps out, and make every chunk offset say where its chunk lies then."""
    sums = gaps.running()
    for start, end in gaps:
        look.cuts.append(Cut(start, end - start))
    for box in film.media:
        removed = gaps.before(box.end, sums) - gaps.before(box.start, sums)
        if removed and not box.is_open:
            look.cuts.append(_resized(box, box.length - removed))
    for track in film.kept:
        for place in track.tables.boxes:
            if place.kind not in (b"stco", b"co64"):
                continue
            offsets = yield from read_offsets(look.reader, track.tables, NAME)
            moved = array("Q", (offset - gaps.before(offset, sums) for offset in offsets))
            look.cuts += _table(place, moved)
            break


def _resized(box: Box, length: int) -> Cut:
    if box.header == 8:
        return Cut(box.offset, 4, length.to_bytes(4, "big"))
    return Cut(box.offset + 8, 8, length.to_bytes(8, "big"))


def _table(box: Box, offsets: Sequence[int]) -> Iterable[Cut]:
    width = 4 if box.kind == b"stco" else 8
    each = _PIECE_BYTES // width
    for first in range(0, len(offsets), each):
        piece = offsets[first : first + each]
        data = b"".join(offset.to_bytes(width, "big") for offset in piece)
        yield Cut(box.start + 8 + first * width, len(data), data)
