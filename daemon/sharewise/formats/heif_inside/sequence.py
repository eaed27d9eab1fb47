"""The tracks of an image sequence: its frames and alpha stay, cleaned as in a video.

Source: ISO/IEC 23008-12:2022, 7 (image sequences); AV1 Image File Format 1.1, 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Depth, Finding, Kind, Span, Steps
from sharewise.formats.heif_inside.blocks import read_blocks
from sharewise.formats.heif_inside.choose import ALPHA, choose
from sharewise.formats.heif_inside.items import read_meta
from sharewise.formats.isobmff import PADDING, Box, nonzero, walk
from sharewise.formats.metadata.words import amount, tidy, time_finding
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader
from sharewise.formats.video_inside.headers import header, object_descriptor, unwanted
from sharewise.formats.video_inside.look import Look
from sharewise.formats.video_inside.samples import Extents, read_extents, table_bytes
from sharewise.formats.video_inside.tracks import Numbers, Track, clean_track, read_track

TRACKS_LIMIT = 64
STRETCHES_LIMIT = 65_536
"""The most stretches that the frames of a sequence may lie in."""
TABLES_LIMIT_BYTES = 4 * 1024 * 1024
BLOCKS_BYTES = 256 * 1024
"""The largest `meta` box of a track that is read for people."""
_DESCRIPTION_BYTES = 4096

_SCATTERED = (
    "This moving picture is too long or too scattered to be cleaned with certainty. "
    "Share a screenshot of it instead, or do not share it."
)


@dataclass(slots=True)
class Sequence:
    """What was found of a sequence."""

    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    frames: list[Span] = field(default_factory=list)
    """Where the frames that stay lie; known after a thorough look only."""
    dropped: list[Span] = field(default_factory=list)
    """Where those of the other tracks lie."""
    refusal: str | None = None


def read_sequence(reader: Reader, moov: Box, depth: Depth, path: str) -> Steps[Sequence]:
    """Clean the tracks of a sequence, and say where its frames lie."""
    look = Look(reader, depth)
    here = f"{path}/moov"
    inside = yield from walk(reader, moov.start, moov.end, here)
    tracks: list[Track] = []
    has_header = False
    for box in inside.boxes:
        if box.kind == b"mvhd" and not has_header:
            has_header = True
            yield from header(look, box, f"{here}/mvhd")
        elif box.kind == b"trak":
            if len(tracks) == TRACKS_LIMIT:
                raise Malformed(path=here, at_byte=box.offset, why="it has too many tracks")
            tracks.append((yield from read_track(look, box, f"{here}/trak")))
        elif box.kind == b"iods":
            yield from object_descriptor(look, box, f"{here}/iods")
        elif box.kind in PADDING:
            look.padding.append(box)
        else:
            yield from unwanted(look, box, here)
    look.rest(inside)
    kept = yield from _choose(look, tracks, here)
    numbers = Numbers(
        frozenset(track.number for track in kept), frozenset(track.number for track in tracks)
    )
    for track in kept:
        is_sound = track.handler == b"soun"
        as_video = track if is_sound else replace(track, handler=b"vide")
        yield from clean_track(look, as_video, numbers, f"{here}/trak")
    for track in tracks:
        yield from _blocks(look, track, f"{here}/trak")
    sequence = Sequence(kept=look.kept, refusal=look.refusal)
    if look.is_thorough:
        others = [track for track in tracks if track not in kept]
        sequence.frames = yield from _frames(look, sequence, kept, f"{here}/trak")
        sequence.dropped = yield from _frames(look, sequence, others, f"{here}/trak")
    yield from _settle(look, here)
    sequence.findings, sequence.cuts = look.findings, look.cuts
    return sequence


def _choose(look: Look, tracks: list[Track], path: str) -> Steps[list[Track]]:
    """Return the tracks that are shown or heard, and take the others out."""
    kept: list[Track] = []
    for track in tracks:
        is_thumbnail = yield from _is_thumbnail(look, track, path)
        if track.handler in (b"pict", b"vide") and not is_thumbnail:
            kept.append(track)
        elif track.handler == b"soun" or (
            track.handler == b"auxv" and (yield from _is_alpha(look, track, path))
        ):
            kept.append(track)
            if track.handler == b"auxv" and "alpha" not in look.kept:
                look.kept.append("alpha")
        else:
            size = amount(track.box.length)
            kind, what = Kind.HIDDEN_MEDIA, f"Holds a hidden track that is not shown ({size})"
            if is_thumbnail:
                kind, what = Kind.THUMBNAIL, "Holds small pictures of its frames"
            look.drop(track.box, Finding(kind, f"{path}/trak", what))
    return kept


def _blocks(look: Look, track: Track, path: str) -> Steps[None]:
    """Say what the EXIF and XMP of a track give away; the box that has them is gone already."""
    box = track.parts.first(b"meta")
    if box is None or box.size > BLOCKS_BYTES:
        return
    payload = yield from look.reader.read(box.start, box.size, f"{path}/meta")
    try:
        meta = read_meta(payload, box.start, path)
    except Malformed:
        return  # notes of another kind, which were read as such
    choice = choose(meta)
    data_at = next((part.at + 8 for part in meta.order if part.kind == b"idat"), 0)
    blocks = yield from read_blocks(look.reader, meta, data_at, choice, path)
    found = blocks.findings({})
    if found:
        look.findings = [one for one in look.findings if one.spans != (box.span,)]
        look.findings += found


def _is_thumbnail(look: Look, track: Track, path: str) -> Steps[bool]:
    references = track.parts.first(b"tref")
    if references is None:
        return False
    inside = yield from walk(look.reader, references.start, references.end, path)
    return inside.first(b"thmb") is not None


def _is_alpha(look: Look, track: Track, path: str) -> Steps[bool]:
    description = track.tables.first(b"stsd")
    if description is None:
        return False
    length = min(description.size, _DESCRIPTION_BYTES)
    data = yield from look.reader.read(description.start, length, path)
    return any(name in data for name in ALPHA)


def _frames(look: Look, sequence: Sequence, tracks: list[Track], path: str) -> Steps[list[Span]]:
    """Return where the frames of these tracks lie."""
    if sum(table_bytes(track.tables) for track in tracks) > TABLES_LIMIT_BYTES:
        sequence.refusal = sequence.refusal or _SCATTERED
        return []
    found: list[Span] = []
    for track in tracks:
        extents: Extents = yield from read_extents(look.reader, track.tables, track.frame, path)
        if len(found) + len(extents) > STRETCHES_LIMIT:
            sequence.refusal = sequence.refusal or _SCATTERED
            return []
        found += [Span(start, end - start) for start, end in extents]
    return found


def _settle(look: Look, path: str) -> Steps[None]:
    """Say when and by what it was made; have padding and slack hold nothing but zeros."""
    if look.written_at:
        said = Finding(Kind.TIME, f"{path}/mvhd", "Says when it was made")
        if look.written:
            said = time_finding(f"{path}/mvhd", look.written[0], "when it was made")
        look.findings.append(said._replace(spans=tuple(look.written_at)))
    if look.programs:
        names = tidy(", ".join(name for name in look.programs if name))
        what = "Names the programs that wrote it"
        places = tuple(span for spans in look.programs.values() for span in spans)
        said_what = f"{what}: {names}" if names else what
        found = Finding(Kind.SOFTWARE, f"{path}/trak", said_what, names or None, places)
        look.findings.append(found)
    padding = {box.start: box for box in look.padding}
    for span in (yield from nonzero([Span(box.start, box.size) for box in padding.values()])):
        what = f"Holds leftover data in unused space ({amount(span.length)})"
        look.drop(padding[span.offset], Finding(Kind.OTHER, path, what))
    for span in (yield from nonzero(look.slack)):
        look.blank(span)
        what = "Has bytes in its headers that belong to nothing"
        look.findings.append(Finding(Kind.OTHER, path, what, spans=(span,)))
