"""JPEG XL: the boxes around the codestream, packed ones too, and what stands behind them.

Nothing in a box but its index of frames points anywhere, and that counts inside the codestream:
boxes are cut. The codestream says itself how it is turned and which colours it has; players
ignore what EXIF says of that, so no orientation is kept in it.

What this cannot see: bytes behind the end of a picture inside its own box, or of a file that is
nothing but a codestream, unless they are words; names of frames and channels, and words in a
colour profile, which lie packed in the codestream. Only decoding would tell.

Source: ISO/IEC 18181-2:2024, 9 (boxes); RFC 7932 (Brotli).
"""

from __future__ import annotations

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
from sharewise.formats.isobmff import Box, walk_top
from sharewise.formats.jxl_inside.packed import inflate, is_frame_index
from sharewise.formats.metadata import jumbf
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import NO_FACTS, Facts, minimal_exif
from sharewise.formats.metadata.words import amount, merged
from sharewise.formats.metadata.xmp import read_xmp
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer

NAME = "JXL"
METADATA_BYTES = 1024 * 1024
"""The most read or inflated of one metadata box; the whole box goes in any case."""
INDEX_BYTES = 64 * 1024
"""A longer index of frames is not checked but cut: players do without."""
BOXES_LIMIT = 65_536
GLANCE_BYTES = 512

_SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
_CODESTREAM = b"\xff\n"
_FILE_TYPE = b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
_LAST_BYTES = 48
_SMALLEST_BYTES = 32
"""No program draws what is shorter."""
_LEVEL_BYTES = 1
_LAST_PART = 1 << 31
_EXIF_OFFSET_BYTES = 4
_PADDING = frozenset({b"free", b"skip", b"wide"})
_REBUILDING = (
    "Holds what it takes to rebuild the JPEG that it was made from, with notes that were in that "
    "({}); the picture does not need it"
)


@dataclass(slots=True)
class _Survey:
    """What one look at a file has found so far."""

    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    facts: Facts = NO_FACTS
    exif: list[tuple[Box, bytes, Block]] = field(default_factory=list)
    parts: int = 0
    has_level: bool = False
    has_index: bool = False
    has_words: bool = False
    """Whether words stand at the end of the codestream."""
    is_whole: bool = False
    """Whether the codestream's only box, or the part that is marked as its last, was seen."""

    def drop(self, box: Box, findings: Iterable[Finding]) -> None:
        """Note a box that goes, and what it says."""
        self.findings += [one if one.spans else one._replace(spans=(box.span,)) for one in findings]
        self.cuts.append(Cut(box.offset, box.length))


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a JPEG XL file, boxed or bare."""
    return head.startswith((_SIGNATURE, _CODESTREAM))


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; its boxes are all walked at either depth."""
    survey = yield from _survey(source, NOTHING_KEPT)
    return Report(NAME, depth, merged(survey.findings), tuple(survey.kept))


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    survey = yield from _survey(source, wish)
    report = Report(NAME, Depth.THOROUGH, merged(survey.findings), tuple(survey.kept))
    cleaning: Cleaning = AlreadyClean(report.kept)
    if survey.has_words:
        cleaning = Refused(HIDDEN_WORDS)
    elif survey.cuts:
        removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
        cleaning = Plan(assemble(0, source.size_bytes, survey.cuts), removed, report.kept)
    return Examined(report, cleaning)


def _survey(source: Source, wish: Wish) -> Steps[_Survey]:
    survey = _Survey()
    reader = Reader(source)
    if source.head.startswith(_CODESTREAM):
        yield from _look_for_words(reader, survey, source.size_bytes)
        return survey
    needed = (b"jxlc", b"jxlp")
    found = yield from walk_top(reader, NAME, needed, limit=BOXES_LIMIT, glance_bytes=GLANCE_BYTES)
    yield from _file_type(reader, survey, found.boxes)
    for box in found.boxes[2:]:
        yield from _read_box(reader, survey, box)
    if not survey.is_whole and not survey.parts:
        at = found.rest.offset
        raise Malformed(path=NAME, at_byte=at, why="there is no picture in it")
    _settle_exif(survey, wish, found.boxes[1].end)
    rest = found.rest
    if rest.length:
        end = rest.offset + rest.length
        survey.findings += yield from read_trailer(reader, rest.offset, end, NAME)
        survey.cuts.append(Cut(rest.offset, rest.length))
    return survey


def _file_type(reader: Reader, survey: _Survey, boxes: tuple[Box, ...]) -> Steps[None]:
    """Make the second box say what the format asks for and nothing else."""
    if len(boxes) < 2 or boxes[1].kind != b"ftyp":
        raise Malformed(path=NAME, at_byte=len(_SIGNATURE), why="it does not say its file type")
    box = boxes[1]
    data = yield from reader.read(box.offset, min(box.length, len(_FILE_TYPE)), NAME)
    if data != _FILE_TYPE or box.length != len(_FILE_TYPE):
        what = "Has unusual bytes in its header"
        place = (box.span,)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/ftyp", what, spans=place))
        survey.cuts.append(Cut(box.offset, box.length, _FILE_TYPE))


def _read_box(reader: Reader, survey: _Survey, box: Box) -> Steps[None]:
    match box.kind:
        case b"jxlc" if survey.parts == 0 and not survey.is_whole:
            survey.is_whole = True
            yield from _look_for_words(reader, survey, box.end)
        case b"jxlp" if not survey.is_whole:
            yield from _part(reader, survey, box)
        case b"jxll" if box.size == _LEVEL_BYTES and not survey.has_level and not survey.parts:
            survey.has_level = True
        case b"jxli" if box.size <= INDEX_BYTES and not survey.has_index:
            data = yield from reader.read(box.start, box.size, NAME)
            if is_frame_index(data):
                survey.has_index = True
            else:
                _unknown(survey, box)
        case b"Exif":
            yield from _exif(reader, survey, box)
        case b"xml " | b"jumb" | b"brob" | b"jbrd":
            data = yield from reader.read(box.start, min(box.size, METADATA_BYTES), NAME)
            _notes(survey, box, box.kind, data, box.size)
        case _:
            _unknown(survey, box)


def _part(reader: Reader, survey: _Survey, box: Box) -> Steps[None]:
    """Check that a part of the codestream is the next one; the last one is marked."""
    where = f"{NAME}/jxlp"
    if box.size < 4:
        raise Malformed(path=where, at_byte=box.offset, why="it is too short")
    data = yield from reader.read(box.start, 4, NAME)
    index = int.from_bytes(data, "big")
    if index & ~_LAST_PART != survey.parts:
        raise Malformed(path=where, at_byte=box.offset, why="the parts are out of order")
    survey.parts += 1
    survey.is_whole = bool(index & _LAST_PART)
    if survey.is_whole:
        yield from _look_for_words(reader, survey, box.end)


def _look_for_words(reader: Reader, survey: _Survey, end: int) -> Steps[None]:
    """Note words at the end of the codestream."""
    if end < _SMALLEST_BYTES:
        return
    length = min(_LAST_BYTES, end)
    data = yield from reader.read(end - length, length, NAME)
    if ends_in_words(data):
        survey.has_words = True
        what = "Words are hidden at the end of the picture's data"
        place = (Span(end - length, length),)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/codestream", what, spans=place))


def _exif(reader: Reader, survey: _Survey, box: Box) -> Steps[None]:
    data = yield from reader.read(box.start, min(box.size, METADATA_BYTES), NAME)
    block = _read_exif(data, f"{NAME}/Exif")
    survey.facts = survey.facts.or_else(block.facts)
    survey.exif.append((box, data, block))


def _read_exif(data: bytes, path: str) -> Block:
    """Read an Exif box: the offset of the TIFF header from behind the offset, then the block."""
    skipped = int.from_bytes(data[:_EXIF_OFFSET_BYTES], "big")
    return read_exif(data[_EXIF_OFFSET_BYTES + skipped :], path)


def _settle_exif(survey: _Survey, wish: Wish, at: int) -> None:
    """Let one Exif box say what the wish keeps, a new one at `at` if need be; drop the others."""
    facts = survey.facts._replace(orientation=None).wished(wish)
    tiff = minimal_exif(facts)
    wanted = bytes(_EXIF_OFFSET_BYTES) + tiff if tiff else b""
    whole = (8 + len(wanted)).to_bytes(4, "big") + b"Exif" + wanted
    for index, (box, data, block) in enumerate(survey.exif):
        place = (box.span,)
        survey.findings += [one._replace(spans=one.spans or place) for one in block.findings]
        if index == 0 and wanted:
            if data == wanted and box.size == len(wanted):
                continue
            survey.cuts.append(Cut(box.offset, box.length, whole))
        else:
            survey.cuts.append(Cut(box.offset, box.length))
        if not block.findings:
            what = "Has a block of technical details that is not needed to show it"
            survey.findings.append(Finding(Kind.OTHER, f"{NAME}/Exif", what, spans=place))
    if wanted and not survey.exif:
        survey.cuts.append(Cut(at, 0, whole))
    survey.kept += facts.names(wish)


def _notes(survey: _Survey, box: Box, kind: bytes, data: bytes, size_bytes: int) -> None:
    """Drop a box of notes; `data` is the beginning of what it holds."""
    match kind:
        case b"brob":
            _packed(survey, box, data)
        case b"xml ":
            block = read_xmp(data, f"{NAME}/XMP")
            survey.facts = survey.facts.or_else(block.facts)
            survey.drop(box, block.findings)
        case b"Exif":
            block = _read_exif(data, f"{NAME}/Exif")
            survey.facts = survey.facts.or_else(block.facts)
            what = "Has a block of technical details that is not needed to show it"
            survey.drop(box, block.findings or [Finding(Kind.OTHER, f"{NAME}/Exif", what)])
        case b"jumb":
            survey.drop(box, jumbf.read_jumbf(data, size_bytes, f"{NAME}/JUMBF"))
        case b"jbrd":
            what = _REBUILDING.format(amount(size_bytes))
            survey.drop(box, [Finding(Kind.HISTORY, f"{NAME}/jbrd", what)])
        case _:
            _unknown(survey, box)


def _packed(survey: _Survey, box: Box, data: bytes) -> None:
    """Drop a box that holds another one packed with Brotli, and say what is in that."""
    inner = data[:4]
    unpacked = inflate(data[4:], METADATA_BYTES) if inner in (b"Exif", b"xml ", b"jumb") else b""
    if unpacked:
        _notes(survey, box, inner, unpacked, len(unpacked))
        return
    what = f"Holds packed notes of a program ({amount(box.size)})"
    survey.drop(box, [Finding(Kind.OTHER, f"{NAME}/brob", what)])


def _unknown(survey: _Survey, box: Box) -> None:
    kind = "Holds padding" if box.kind in _PADDING else "Holds data that is no part of the picture"
    what = f"{kind} ({amount(box.size)})"
    survey.drop(box, [Finding(Kind.OTHER, f"{NAME}/{box.name}", what)])


FORMAT = Format(
    name=NAME,
    media_types=("image/jxl",),
    extensions=(".jxl",),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
