"""The tracks of a film: which are its picture and sound, and what the others give away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import PADDING, Box, Boxes, shown, walk
from sharewise.formats.metadata.words import amount, decode, location_finding, tidy
from sharewise.formats.reading import Reader
from sharewise.formats.video_inside import positions
from sharewise.formats.video_inside.entries import AUDIO_BYTES, clean_entries
from sharewise.formats.video_inside.headers import (
    MEDIA,
    MEDIA_INFORMATION,
    NOTES,
    SAMPLE_TABLES,
    TRACK,
    Rule,
    container,
    is_turned,
    unwanted,
)
from sharewise.formats.video_inside.look import Look
from sharewise.formats.video_inside.samples import Frame, first_samples
from sharewise.formats.video_inside.spherical import clean_uuid

NO_BOXES = Boxes((), Span(0, 0))
"""What a container that is not there holds."""
SAMPLES_READ = 8
SAMPLE_BYTES = 64 * 1024
_QUICK_SAMPLES = 2
_REFERENCES_BYTES = 1024
_QUICK_GLANCE = 512

_PACKETS: dict[int, tuple[int, ...]] = {1: (28, 36), 2: (60, 56)}
"""Where an audio entry of QuickTime says the samples and the bytes of a packet, by version."""
_COMPRESSED = {
    **dict.fromkeys((b"ulaw", b"alaw"), (1, 1)),
    b"ima4": (64, 34),
    b"MAC3": (6, 2),
    b"MAC6": (6, 1),
    b"in24": (1, 3),
    **dict.fromkeys((b"in32", b"fl32"), (1, 4)),
    b"fl64": (1, 8),
}
"""(samples, bytes) of one channel, where the bits in the entry are not those in the file."""
_FRAME_LIMIT = 1 << 20
_CHANNELS_LIMIT = 64

_SUBTITLES = (b"sbtl", b"subt", b"clcp")
_SUBTITLE_FORMATS = (b"tx3g", b"wvtt", b"c608", b"c708")
_TELLING = re.compile(
    r"GPS|\$G[PNL]|lat(?:itude)?\W|ISO ?\d|\d{4}[-./:]\d\d[-./:]\d\d|\d\d:\d\d:\d\d", re.IGNORECASE
)
"""What cameras write into subtitles and people do not: places, times, exposure."""
_TRACKS: dict[bytes, tuple[Kind, str]] = {
    b"gpmd": (Kind.MAKER_NOTE, "Holds a track of the camera's measurements (GoPro)"),
    b"camm": (Kind.MAKER_NOTE, "Holds a track of the camera's movements"),
    b"mebx": (Kind.MAKER_NOTE, "Holds a track of the phone's measurements"),
    b"rtmd": (Kind.MAKER_NOTE, "Holds a track of the camera's measurements (Sony)"),
    b"tmcd": (Kind.TIME, "Has a clock that may say at what time of day it was filmed"),
    b"text": (Kind.DESCRIPTION, "Holds a track of text: chapters or notes"),
    b"tx3g": (Kind.DESCRIPTION, "Holds a track of text that a camera wrote"),
    b"fdsc": (Kind.MAKER_NOTE, "Holds a track of the camera's own notes (GoPro)"),
}


@dataclass(frozen=True, slots=True)
class Track:
    """One track, as far as it says what it is."""

    box: Box
    number: int
    handler: bytes
    format: bytes
    """The type of its first sample description."""
    entry: bytes
    """The beginning of that description's payload."""
    parts: Boxes
    media: Boxes
    information: Boxes
    tables: Boxes
    chapters: frozenset[int]
    """The numbers of the tracks that hold its chapters."""
    is_turned: bool

    @property
    def frame(self) -> Frame | None:
        """How the bytes of its sound are counted, if it may be plain samples."""
        if self.handler != b"soun" or len(self.entry) < AUDIO_BYTES:
            return None
        version, channels, bits = (
            int.from_bytes(self.entry[at : at + 2], "big") for at in (8, 16, 18)
        )
        places = _PACKETS.get(version, ())
        if places and len(self.entry) >= places[0] + 4:
            frame = [int.from_bytes(self.entry[at : at + 4], "big") for at in places]
            if 0 < frame[0] < _FRAME_LIMIT and 0 < frame[1] < _FRAME_LIMIT:
                return Frame(*frame)
        if not 0 < channels <= _CHANNELS_LIMIT:
            return None
        if self.format in _COMPRESSED:
            samples, size = _COMPRESSED[self.format]
            return Frame(samples, size * channels)
        return Frame(1, channels * ((min(bits, 64) + 7) // 8))


def read_track(look: Look, box: Box, path: str) -> Steps[Track]:
    """Return what a track is; nothing of it is judged yet."""
    reader = look.reader
    parts = yield from walk(reader, box.start, box.end, path)
    header, number, turned = parts.first(b"tkhd"), 0, False
    if header is not None:
        data = yield from reader.read(header.start, min(header.size, 96), path)
        at = 20 if data[:1] == b"\x01" else 12
        number, turned = int.from_bytes(data[at : at + 4], "big"), is_turned(data)
    media = yield from _inside(reader, parts.first(b"mdia"), path)
    handler = media.first(b"hdlr")
    kind = b""
    if handler is not None and handler.size >= 12:
        kind = (yield from reader.read(handler.start, 12, path))[8:12]
    information = yield from _inside(reader, media.first(b"minf"), path)
    glance = None if look.is_thorough else _QUICK_GLANCE
    tables = yield from _inside(reader, information.first(b"stbl"), path, glance)
    format_, entry = yield from _first_entry(reader, tables.first(b"stsd"), path)
    chapters = yield from _chapters(reader, parts.first(b"tref"), path)
    return Track(
        box, number, kind, format_, entry, parts, media, information, tables, chapters, turned
    )


def _inside(reader: Reader, box: Box | None, path: str, glance: int | None = None) -> Steps[Boxes]:
    if box is None:
        return NO_BOXES
    if glance is not None:
        return (yield from walk(reader, box.start, box.end, path, glance_bytes=glance))
    return (yield from walk(reader, box.start, box.end, path))


def _first_entry(reader: Reader, stsd: Box | None, path: str) -> Steps[tuple[bytes, bytes]]:
    if stsd is None or stsd.size < 16:
        return b"", b""
    data = yield from reader.read(stsd.start + 8, min(stsd.size - 8, 8 + 64), path)
    return data[4:8], data[8:]


def _chapters(reader: Reader, tref: Box | None, path: str) -> Steps[frozenset[int]]:
    inside = yield from _inside(reader, tref, path)
    box = inside.first(b"chap")
    if box is None:
        return frozenset()
    data = yield from reader.read(box.start, min(box.size, 64), path)
    return frozenset(int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data) - 3, 4))


def choose(look: Look, tracks: Sequence[Track], path: str) -> Steps[list[Track]]:
    """Return the tracks that stay; say what the others give away and take them out."""
    chapters = frozenset().union(*(track.chapters for track in tracks))
    kept: list[Track] = []
    for track in tracks:
        here = f"{path}/{track.box.name}"
        is_chapter = track.number in chapters
        if track.handler in (b"vide", b"soun") and not is_chapter:
            kept.append(track)
        elif track.handler in _SUBTITLES and track.format in _SUBTITLE_FORMATS and not is_chapter:
            text = yield from _text(look, track, here)
            if _TELLING.search(text):
                yield from _remove(look, track, here)
            else:
                kept.append(track)
        else:
            yield from _remove(look, track, here)
    return kept


def _remove(look: Look, track: Track, path: str) -> Steps[None]:
    name = tidy(shown(track.format or track.handler))
    where = f"{path}/{name}"
    if track.handler == b"vide":
        kind, what = Kind.THUMBNAIL, "Holds small pictures of its chapters"
    elif track.handler == b"auxv":
        kind, what = Kind.HIDDEN_MEDIA, "Holds a second film, such as a map of distances"
    else:
        known = _TRACKS.get(track.format) or _TRACKS.get(track.handler)
        kind, what = known or (Kind.OTHER, f"Holds a track that is no picture or sound ({name})")
    place, said = yield from _first_place(look, track, path)
    if kind is Kind.DESCRIPTION and said:
        what = f"{what}: {said}"
    findings = [Finding(kind, where, what, said if kind is Kind.DESCRIPTION else None)]
    if place is not None:
        findings.insert(0, location_finding(where, *place))
    look.drop(track.box, *findings)


def _first_place(
    look: Look, track: Track, path: str
) -> Steps[tuple[tuple[float, float] | None, str | None]]:
    """Return the first place that a track's first samples say, and its first text."""
    if track.handler in (b"vide", b"auxv", b"soun") or track.format == b"tmcd":
        return None, None
    most = SAMPLES_READ if look.is_thorough else _QUICK_SAMPLES
    said: str | None = None
    spans = yield from first_samples(look.reader, track.tables, most, path)
    for span in spans:
        length = min(span.length, SAMPLE_BYTES)
        if track.format == b"camm":
            # samples are tiny, and those with a place are among them
            length = min(SAMPLE_BYTES // 4, look.reader.size - span.offset)
        data = yield from look.reader.read(span.offset, length, path)
        if track.format in (b"text", b"tx3g") and said is None:
            said = tidy(decode(data[2 : 2 + int.from_bytes(data[:2], "big")])) or None
        place = _place_in(track.format, data)
        if place is not None:
            return place, said
    return None, said


def _place_in(format_: bytes, data: bytes) -> tuple[float, float] | None:
    if format_ == b"gpmd":
        return positions.in_gpmf(data)
    if format_ == b"camm":
        return positions.in_camm(data)
    return positions.in_text(data.decode("latin-1"))


def _text(look: Look, track: Track, path: str) -> Steps[str]:
    """Return the first texts of a subtitle track."""
    most = 4 * SAMPLES_READ if look.is_thorough else _QUICK_SAMPLES
    texts: list[str] = []
    spans = yield from first_samples(look.reader, track.tables, most, path)
    for span in spans:
        data = yield from look.reader.read(span.offset, min(span.length, 1024), path)
        texts.append(decode(data))
    return "\n".join(texts)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of the tracks that stay, and of those that are there now."""

    kept: frozenset[int]
    present: frozenset[int]


def clean_track(look: Look, track: Track, numbers: Numbers, path: str) -> Steps[None]:
    """Clean a track that stays."""
    if track.is_turned and track.handler == b"vide" and "orientation" not in look.kept:
        look.kept.append("orientation")

    def references(look: Look, box: Box, path: str) -> Steps[None]:
        yield from _references(look, box, numbers, path)

    def media(look: Look, box: Box, path: str) -> Steps[None]:
        yield from container(look, box, path, {**MEDIA, b"minf": information})

    def information(look: Look, box: Box, path: str) -> Steps[None]:
        yield from container(look, box, path, {**MEDIA_INFORMATION, b"stbl": tables})

    def tables(look: Look, box: Box, path: str) -> Steps[None]:
        del box
        yield from _tables(look, track, path)

    rules: dict[bytes, Rule] = {**TRACK, b"tref": references, b"mdia": media, b"uuid": clean_uuid}
    yield from container(look, track.box, path, rules)


def _tables(look: Look, track: Track, path: str) -> Steps[None]:
    """Clean the sample tables; a quick look leaves out what only a hiding place could hold."""
    stsd = track.tables.first(b"stsd")
    if stsd is not None:
        yield from clean_entries(look, stsd, track.handler, f"{path}/stsd")
    seen: set[bytes] = set()
    for box in track.tables.boxes:
        rule = SAMPLE_TABLES.get(box.kind)
        is_group = box.kind in (b"sgpd", b"sbgp", b"csgm", b"subs", b"saiz", b"saio")
        if box is stsd:
            continue
        if box.kind in PADDING:
            look.padding.append(box)
        elif rule is not None and (is_group or box.kind not in seen):
            seen.add(box.kind)
            if look.is_thorough:
                yield from rule(look, box, f"{path}/{box.name}")
        elif look.is_thorough or box.kind in NOTES:
            yield from unwanted(look, box, path)
        else:
            what = f"Holds data that is no part of the film ({amount(box.length)})"
            where = f"{path}/{box.name}"
            look.findings.append(Finding(Kind.OTHER, where, what, spans=(box.span,)))
    look.rest(track.tables)


def _references(look: Look, tref: Box, numbers: Numbers, path: str) -> Steps[None]:
    """Drop what refers to tracks that go: it would tell that there were some."""
    inside = yield from walk(look.reader, tref.start, tref.end, path)
    for box in inside.boxes:
        if box.kind in PADDING:
            look.padding.append(box)
            continue
        data = yield from look.reader.read(box.start, min(box.size, _REFERENCES_BYTES), path)
        ids = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data) - 3, 4)]
        stay = [number for number in ids if number in numbers.kept]
        new = b"".join(number.to_bytes(4, "big") for number in stay)
        if len(new) == box.size:
            continue
        if not stay and ids and numbers.present.issuperset(ids):
            # what it pointed at has a finding of its own
            look.drop(box)
        elif not stay or box.size > _REFERENCES_BYTES:
            what = "Points at a track that is no part of the film"
            look.drop(box, Finding(Kind.OTHER, f"{path}/{box.name}", what))
        else:
            look.stray(box.start, data, new.ljust(len(data), b"\0"), path)
    look.rest(inside)
