"""WebP: the chunks of the RIFF container, those inside animation frames, and what stands behind.

Source: RFC 9649 (WebP Image Format), 2 (container) and 2.7 (extended format).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.coded import HIDDEN_WORDS, ends_in_words
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
from sharewise.formats.metadata import icc, jumbf
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, NO_FACTS, Facts, minimal_exif
from sharewise.formats.metadata.words import amount, merged
from sharewise.formats.metadata.xmp import read_xmp
from sharewise.formats.plans import Cut, assemble, length_of
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer

NAME = "WebP"
CHUNKS_LIMIT = 65_536
METADATA_BYTES = 1024 * 1024
"""The most read of one metadata chunk; what lies behind that goes with the chunk."""

PROFILE_BYTES = 4 * 1024 * 1024
"""A longer colour profile counts as damaged."""

_RIFF_HEADER_BYTES = 12
_CHUNK = struct.Struct("<4sI")
_FRAME_HEADER_BYTES = 16
_VP8X_BYTES = 10
_ANIM_BYTES = 6
_ICC_FLAG, _ALPHA_FLAG, _EXIF_FLAG, _XMP_FLAG, _ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x04, 0x02
_CODED_END_BYTES = 48
_PIXELS = frozenset({b"VP8 ", b"VP8L"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: `offset` of its header, `length` of its payload, both in bytes."""

    name: bytes
    offset: int
    length: int

    @property
    def start(self) -> int:
        """Where the payload begins."""
        return self.offset + _CHUNK.size

    @property
    def end(self) -> int:
        """Where the next chunk begins: payloads of odd length have a padding byte."""
        return self.start + self.length + self.length % 2

    @property
    def span(self) -> Span:
        """The whole chunk."""
        return Span(self.offset, self.end - self.offset)


@dataclass(slots=True)
class _Survey:
    """What one look at a file has found so far."""

    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    facts: Facts = NO_FACTS
    exif: list[tuple[Chunk, bytes, Block]] = field(default_factory=list)
    """Each EXIF chunk, its payload and what that holds."""
    extended: tuple[Chunk, bytes] | None = None
    coded: list[Chunk] = field(default_factory=list)
    """The chunks of coded pictures and their transparency."""
    has_words: bool = False
    has_icc: bool = False
    has_pixels: bool = False
    has_animation: bool = False

    def drop(self, chunk: Chunk) -> Span:
        self.cuts.append(Cut(chunk.offset, chunk.end - chunk.offset))
        return chunk.span


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a WebP file."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; the structure is all walked at either depth."""
    survey = yield from _survey(source, NOTHING_KEPT, is_thorough=depth is Depth.THOROUGH)
    return Report(NAME, depth, merged(survey.findings), tuple(survey.kept))


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    survey = yield from _survey(source, wish, is_thorough=True)
    report = Report(NAME, Depth.THOROUGH, merged(survey.findings), tuple(survey.kept))
    return Examined(report, _cleaning(source, survey, report))


def _cleaning(source: Source, survey: _Survey, report: Report) -> Cleaning:
    if survey.has_words:
        return Refused(HIDDEN_WORDS)
    if not survey.cuts:
        return AlreadyClean(report.kept)
    steps = assemble(_RIFF_HEADER_BYTES, source.size_bytes, survey.cuts)
    size = struct.pack("<I", length_of(steps) + 4)
    header = assemble(0, _RIFF_HEADER_BYTES, [Cut(4, 4, size)])
    removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
    return Plan(header + steps, removed, report.kept)


def _survey(source: Source, wish: Wish, *, is_thorough: bool) -> Steps[_Survey]:
    reader = Reader(source)
    head = yield from reader.read(0, _RIFF_HEADER_BYTES, NAME)
    end = 8 + int.from_bytes(head[4:8], "little")
    if end > source.size_bytes:
        raise Malformed(path=NAME, at_byte=source.size_bytes, why="it breaks off before its end")
    survey = _Survey()
    chunks = yield from _chunks(reader, _RIFF_HEADER_BYTES, end, NAME)
    for chunk in chunks:
        yield from _read_chunk(reader, survey, chunk)
    if not survey.has_pixels:
        raise Malformed(path=NAME, at_byte=_RIFF_HEADER_BYTES, why="there is no picture in it")
    if is_thorough:
        yield from _look_for_words(reader, survey)
    _settle_exif(survey, wish)
    _settle_flags(survey)
    end = chunks[-1].end
    if end < source.size_bytes:
        survey.findings += yield from read_trailer(reader, end, source.size_bytes, NAME)
        survey.cuts.append(Cut(end, source.size_bytes - end))
    return survey


def _chunks(reader: Reader, start: int, end: int, path: str) -> Steps[list[Chunk]]:
    """Return the chunks of [start, end); fewer than 8 bytes at the end are no chunk."""
    chunks: list[Chunk] = []
    at = start
    while end - at >= _CHUNK.size:
        if len(chunks) == CHUNKS_LIMIT:
            raise Malformed(path=path, at_byte=at, why="it has too many chunks")
        header = reader.have(at, _CHUNK.size)
        if header is None:
            header = yield from reader.read(at, _CHUNK.size, path)
        name, length = _CHUNK.unpack(header)
        chunk = Chunk(name, at, length)
        if chunk.end > end + length % 2 or chunk.end > reader.size:
            raise Malformed(path=f"{path}/{_shown(name)}", at_byte=at, why="it passes the end")
        chunks.append(chunk)
        at = chunk.end
    if not chunks:
        raise Malformed(path=path, at_byte=start, why="there is no picture in it")
    return chunks


def _read_chunk(reader: Reader, survey: _Survey, chunk: Chunk) -> Steps[None]:
    match chunk.name:
        case b"VP8X" if survey.extended is None and chunk.offset == _RIFF_HEADER_BYTES:
            yield from _extended(reader, survey, chunk)
        case b"ICCP" if not survey.has_icc and not survey.has_pixels:
            yield from _icc(reader, survey, chunk)
        case b"ANIM" if not survey.has_animation and chunk.length >= _ANIM_BYTES:
            survey.has_animation = True
            if chunk.length != _ANIM_BYTES:
                _trim(survey, chunk, _ANIM_BYTES)
        case b"ANMF" if survey.has_animation and chunk.length >= _FRAME_HEADER_BYTES:
            yield from _frame(reader, survey, chunk)
        case b"VP8 " | b"VP8L" if not survey.has_pixels:
            survey.has_pixels = True
            survey.coded.append(chunk)
            yield from _padding(reader, survey, chunk)
        case b"ALPH" if not survey.has_pixels:
            survey.coded.append(chunk)
            yield from _padding(reader, survey, chunk)
        case b"EXIF":
            yield from _exif(reader, survey, chunk)
        case b"XMP ":
            data = yield from reader.read(chunk.start, min(chunk.length, METADATA_BYTES), NAME)
            block = read_xmp(data, f"{NAME}/XMP")
            survey.findings += _placed(block.findings, survey.drop(chunk))
            survey.facts = survey.facts.or_else(block.facts)
        case b"C2PA":
            data = yield from reader.read(chunk.start, min(chunk.length, METADATA_BYTES), NAME)
            found = jumbf.read_jumbf(data, chunk.length, f"{NAME}/C2PA")
            survey.findings += _placed(found, survey.drop(chunk))
        case _:
            _unknown(survey, chunk, NAME)


def _extended(reader: Reader, survey: _Survey, chunk: Chunk) -> Steps[None]:
    data = yield from reader.read(chunk.start, min(chunk.length, _VP8X_BYTES), NAME)
    if len(data) < _VP8X_BYTES:
        raise Malformed(path=f"{NAME}/VP8X", at_byte=chunk.offset, why="it is too short")
    survey.extended = chunk, data


def _icc(reader: Reader, survey: _Survey, chunk: Chunk) -> Steps[None]:
    data = yield from reader.read(chunk.start, min(chunk.length, PROFILE_BYTES), NAME)
    size = icc.size_of_profile(data, len(data))
    if size is None:
        what = "Has a colour profile that is damaged"
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/ICCP", what, spans=(chunk.span,)))
        survey.drop(chunk)
        return
    survey.has_icc = True
    looked = icc.look_at(data[:size])
    survey.kept.append(icc.kept_name(looked.neutral))
    if looked.neutral != data[:size]:
        place = Span(chunk.offset, chunk.end - chunk.offset)
        what = icc.note_of(looked)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/ICCP", what, spans=(place,)))
        fresh = _CHUNK.pack(b"ICCP", size) + looked.neutral + bytes(size & 1)
        survey.cuts.append(Cut(place.offset, place.length, fresh))
    elif chunk.length == size:
        yield from _padding(reader, survey, chunk)
    else:
        _trim(survey, chunk, size)


def _frame(reader: Reader, survey: _Survey, frame: Chunk) -> Steps[None]:
    """Look inside one frame of an animation: alpha and picture stay, the rest goes."""
    path = f"{NAME}/ANMF"
    start, end = frame.start + _FRAME_HEADER_BYTES, frame.start + frame.length
    inside = yield from _chunks(reader, start, end, path)
    removed = 0
    has_pixels = False
    for chunk in inside:
        if chunk.name in _PIXELS and not has_pixels:
            has_pixels = True
        elif chunk.name != b"ALPH" or has_pixels:
            removed += _unknown(survey, chunk, path).length
            continue
        survey.coded.append(chunk)
        yield from _padding(reader, survey, chunk)
    rest = end - inside[-1].end
    if rest > 0:
        place = Span(inside[-1].end, rest)
        what = f"Holds unknown data in a frame ({amount(rest)})"
        survey.findings.append(Finding(Kind.OTHER, path, what, spans=(place,)))
        survey.cuts.append(Cut(place.offset, rest))
        removed += rest
    survey.has_pixels |= has_pixels
    if removed:
        length = struct.pack("<I", frame.length - removed)
        survey.cuts.append(Cut(frame.offset + 4, 4, length))


def _look_for_words(reader: Reader, survey: _Survey) -> Steps[None]:
    """Note words at the end of what only a decoder could read."""
    lengths = [min(_CODED_END_BYTES, chunk.length) for chunk in survey.coded]
    spans = [
        Span(chunk.start + chunk.length - length, length)
        for chunk, length in zip(survey.coded, lengths, strict=True)
    ]
    ends = yield from reader.read_all(spans, NAME)
    for chunk, span, data in zip(survey.coded, spans, ends, strict=True):
        if ends_in_words(data):
            survey.has_words = True
            what = "Words are hidden at the end of the picture's data"
            where = f"{NAME}/{_shown(chunk.name)}"
            survey.findings.append(Finding(Kind.OTHER, where, what, spans=(span,)))


def _exif(reader: Reader, survey: _Survey, chunk: Chunk) -> Steps[None]:
    data = yield from reader.read(chunk.start, min(chunk.length, METADATA_BYTES), NAME)
    block = read_exif(data.removeprefix(EXIF_HEADER), f"{NAME}/EXIF")
    survey.findings += _placed(block.findings, chunk.span)
    survey.facts = survey.facts.or_else(block.facts)
    survey.exif.append((chunk, data, block))


def _settle_exif(survey: _Survey, wish: Wish) -> None:
    """Let the first EXIF chunk say what may be said and nothing else; drop the others."""
    facts = survey.facts.wished(wish)
    names = facts.names(wish)
    wanted = minimal_exif(facts)
    for index, (chunk, data, block) in enumerate(survey.exif):
        is_wanted = data == wanted or (block.is_harmless and block.facts == facts)
        if index == 0 and wanted and is_wanted and chunk.length <= METADATA_BYTES:
            continue
        if index == 0 and wanted:
            padded = _CHUNK.pack(b"EXIF", len(wanted)) + wanted + b"\0" * (len(wanted) % 2)
            survey.cuts.append(Cut(chunk.offset, chunk.end - chunk.offset, padded))
        else:
            survey.drop(chunk)
        if not block.findings:
            what = "Has a block of technical details that is not needed to show it"
            place = (chunk.span,)
            survey.findings.append(Finding(Kind.OTHER, f"{NAME}/EXIF", what, spans=place))
    if survey.exif:
        survey.kept += names


def _settle_flags(survey: _Survey) -> None:
    """Make the flags say what is still there; a flag without its chunk tells what was removed."""
    if survey.extended is None:
        return
    chunk, data = survey.extended
    stays = bool(survey.exif) and not any(
        cut.offset == survey.exif[0][0].offset and not cut.insert for cut in survey.cuts
    )
    flags = data[0] & (_ALPHA_FLAG | _ANIMATION_FLAG)
    flags |= _ICC_FLAG if survey.has_icc else 0
    flags |= data[0] & _EXIF_FLAG if stays else 0
    wanted = bytes([flags, 0, 0, 0]) + data[4:]
    if wanted == data and chunk.length == _VP8X_BYTES:
        return
    padded = _CHUNK.pack(b"VP8X", _VP8X_BYTES) + wanted
    survey.cuts.append(Cut(chunk.offset, chunk.end - chunk.offset, padded))
    if not survey.findings:
        what = "Has bytes in its header that belong to nothing"
        place = (chunk.span,)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/VP8X", what, spans=place))


def _trim(survey: _Survey, chunk: Chunk, length: int) -> None:
    """Cut what a chunk holds beyond its own `length` bytes."""
    extra = Span(chunk.start + length, chunk.length - length)
    where = f"{NAME}/{_shown(chunk.name)}"
    what = f"Holds unknown data behind a header ({amount(extra.length)})"
    survey.findings.append(Finding(Kind.OTHER, where, what, spans=(extra,)))
    survey.cuts.append(Cut(chunk.offset + 4, 4, struct.pack("<I", length)))
    survey.cuts.append(Cut(extra.offset, chunk.end - extra.offset, b"\0" * (length % 2)))


def _padding(reader: Reader, survey: _Survey, chunk: Chunk) -> Steps[None]:
    """Make a padding byte 0, as the format asks: a byte in every chunk can carry a message."""
    if chunk.length % 2 == 0:
        return
    data = yield from reader.read(chunk.end - 1, 1, NAME)
    if data != b"\0":
        what = "Has a byte that belongs to nothing"
        place = (Span(chunk.end - 1, 1),)
        where = f"{NAME}/{_shown(chunk.name)}"
        survey.findings.append(Finding(Kind.OTHER, where, what, spans=place))
        survey.cuts.append(Cut(chunk.end - 1, 1, b"\0"))


def _unknown(survey: _Survey, chunk: Chunk, path: str) -> Span:
    place = survey.drop(chunk)
    what = f"Holds data that is no part of the picture ({amount(chunk.length)})"
    where = f"{path}/{_shown(chunk.name)}"
    survey.findings.append(Finding(Kind.OTHER, where, what, spans=(place,)))
    return place


def _placed(findings: Iterable[Finding], place: Span) -> list[Finding]:
    return [
        Finding(one.kind, one.where, one.summary, one.value, one.spans or (place,))
        for one in findings
    ]


def _shown(name: bytes) -> str:
    """Return a chunk's name for a place in the structure; its letters come from outside."""
    return "".join(chr(byte) if 32 < byte < 127 else "?" for byte in name)


FORMAT = Format(
    name=NAME,
    media_types=("image/webp",),
    extensions=(".webp",),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
