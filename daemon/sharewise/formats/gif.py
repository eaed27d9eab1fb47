"""GIF: extensions between and before the frames, and what stands behind the trailer.

Source: GIF89a specification (CompuServe, 1990), 17 to 27.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.contract import (
    AlreadyClean,
    Cleaning,
    Depth,
    Examined,
    Finding,
    Format,
    GifBlocks,
    Kind,
    Plan,
    Refused,
    Report,
    Source,
    Span,
    Steps,
    Wish,
)
from sharewise.formats.engine import GIF_BLOCKS_LIMIT, offsets_of
from sharewise.formats.gif_inside.pictures import Looked, Table, look_into, words_in
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.words import amount, decode, merged, tidy
from sharewise.formats.metadata.xmp import read_xmp
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer

NAME = "GIF"
BLOCKS_LIMIT = 262_144
METADATA_BYTES = 256 * 1024
"""The most read of one extension; the whole extension goes in any case."""

_HEADER_BYTES = 13
_PREFIX_BYTES = 20
"""Introducer, label, and the first sub-block of an application extension."""
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _COMMENT, _PLAIN_TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_LOOP_BYTES = 19
_CONTROL_BYTES = 8
_TOO_MUCH = (
    "The pictures of this animation are too large to be looked through, so it was not cleaned. "
    "Make it smaller first."
)
_ICC, _XMP = b"ICCRGBG1012", b"XMP DataXMP"


@dataclass(frozen=True, slots=True)
class Block:
    """One whole block; `prefix` is its beginning."""

    offset: int
    end: int
    prefix: bytes

    @property
    def length(self) -> int:
        """In bytes, with introducer and terminator."""
        return self.end - self.offset


@dataclass(slots=True)
class _Survey:
    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    images: int = 0
    loops: int = 0
    has_icc: bool = False
    control: Block | None = None
    """What is said of how the next picture is shown."""
    pictures: Looked = field(default_factory=Looked)

    def undo(self, block: Block) -> None:
        """Forget that a block was to be shortened."""
        self.cuts = [cut for cut in self.cuts if cut.offset != block.offset]

    def drop(
        self, kind: Kind, where: str, block: Block, what: str, value: str | None = None
    ) -> None:
        """Note a block that goes."""
        self.cuts.append(Cut(block.offset, block.length))
        place = (Span(block.offset, block.length),)
        self.findings.append(Finding(kind, f"{NAME}/{where}", what, value, place))


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a GIF."""
    return head[:6] in (b"GIF87a", b"GIF89a")


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; its blocks are all walked at either depth."""
    survey = yield from _survey(source, depth)
    return Report(NAME, depth, merged(survey.findings), tuple(survey.kept))


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it; it has no room for what a wish keeps."""
    del wish
    survey = yield from _survey(source, Depth.THOROUGH)
    findings = merged(survey.findings)
    report = Report(NAME, Depth.THOROUGH, findings, tuple(survey.kept))
    cleaning: Cleaning = AlreadyClean(report.kept)
    if survey.pictures.is_too_much:
        cleaning = Refused(_TOO_MUCH)
    elif survey.cuts:
        removed = tuple(dict.fromkeys(finding.kind for finding in findings))
        cleaning = Plan(assemble(0, source.size_bytes, survey.cuts), removed, report.kept)
    return Examined(report, cleaning)


def _survey(source: Source, depth: Depth) -> Steps[_Survey]:
    reader = Reader(source)
    header = yield from reader.read(0, _HEADER_BYTES, NAME)
    flags = header[10]
    start = _HEADER_BYTES + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    survey = _Survey()
    blocks, end = yield from _blocks(reader, start)
    for block in blocks:
        yield from _read_block(reader, survey, block)
    if depth is Depth.THOROUGH:
        yield from _look_into(reader, survey, blocks, Span(_HEADER_BYTES, start - _HEADER_BYTES))
    if survey.control is not None:
        survey.undo(survey.control)
        survey.drop(Kind.OTHER, "control", survey.control, "Says how no picture is shown")
    if survey.images == 0:
        raise Malformed(path=NAME, at_byte=start, why="there is no picture in it")
    if end < source.size_bytes:
        survey.findings += yield from read_trailer(reader, end, source.size_bytes, NAME)
        survey.cuts.append(Cut(end, source.size_bytes - end))
    return survey


def _look_into(reader: Reader, survey: _Survey, blocks: list[Block], colours: Span) -> Steps[None]:
    looked = survey.pictures
    shared = Table(colours)
    for block in blocks:
        if block.prefix[0] == _IMAGE:
            place = Span(block.offset, block.length)
            yield from look_into(reader, looked, place, shared, NAME)
    for table in (shared, *looked.tables):
        yield from words_in(reader, looked, table, NAME)
    survey.findings += looked.findings
    survey.cuts += looked.cuts


def _blocks(reader: Reader, start: int) -> Steps[tuple[list[Block], int]]:
    """Return every block before the trailer, and the offset behind the trailer."""
    boundaries = [start]
    while True:
        if len(boundaries) > BLOCKS_LIMIT:
            raise Malformed(path=NAME, at_byte=boundaries[-1], why="it has too many blocks")
        at = boundaries.pop()
        reader.require(at, 1, NAME)
        (answer,) = yield (GifBlocks(at, reader.size, GIF_BLOCKS_LIMIT),)
        assert isinstance(answer, bytes)
        more = offsets_of(answer)
        boundaries += more
        if len(more) <= GIF_BLOCKS_LIMIT:
            break
    spans = [
        Span(at, min(_PREFIX_BYTES, reader.size - at)) for at in boundaries if at < reader.size
    ]
    prefixes = yield from reader.read_all(spans, NAME)
    blocks = [
        Block(at, end, prefix)
        for at, end, prefix in zip(boundaries, boundaries[1:], prefixes, strict=False)
    ]
    if not blocks or blocks[-1].prefix[0] != _TRAILER:
        at = boundaries[-1]
        is_cut = at >= reader.size or prefixes[-1][0] in (_EXTENSION, _IMAGE)
        why = (
            "it breaks off: its end is missing" if is_cut else "there is no block where one must be"
        )
        raise Malformed(path=NAME, at_byte=at, why=why)
    return blocks[:-1], boundaries[-1]


def _read_block(reader: Reader, survey: _Survey, block: Block) -> Steps[None]:
    if block.prefix[0] == _IMAGE:
        survey.images += 1
        survey.control = None
        return
    label = block.prefix[1]
    if label == _CONTROL and block.prefix[2] >= 4 and block.length >= _CONTROL_BYTES:
        _control(survey, block)
        return
    if label == _COMMENT:
        data = yield from _contents(reader, block)
        text = tidy(decode(data))
        said = f"Has a comment: {text}" if text else "Has an empty comment"
        survey.drop(Kind.DESCRIPTION, "comment", block, said, text or None)
    elif label == _APPLICATION:
        yield from _application(reader, survey, block)
    elif label == _PLAIN_TEXT:
        what = "Holds text that no program shows"
        survey.drop(Kind.DESCRIPTION, "plain text", block, what)
    else:
        what = f"Holds data that is no part of the picture ({amount(block.length)})"
        survey.drop(Kind.OTHER, f"extension {label:02X}", block, what)


def _control(survey: _Survey, block: Block) -> None:
    """Keep what is said of how the next picture is shown, once and no longer than it is."""
    if survey.control is not None:
        survey.undo(survey.control)
        survey.drop(Kind.OTHER, "control", survey.control, "Says twice how a picture is shown")
    survey.control = block
    exact = b"\x21\xf9\x04" + block.prefix[3:7] + b"\0"
    if block.length != _CONTROL_BYTES or block.prefix[2] != 4:
        what = "Has bytes behind how a picture is shown that belong to nothing"
        survey.drop(Kind.OTHER, "control", block, what)
        survey.cuts[-1] = Cut(block.offset, block.length, exact)


def _application(reader: Reader, survey: _Survey, block: Block) -> Steps[None]:
    name = block.prefix[3:14] if block.prefix[2] == 11 else b""
    if name in _LOOPS:
        is_exact = block.length == _LOOP_BYTES and block.prefix[14:16] == b"\x03\x01"
        if is_exact and survey.loops == 0:
            survey.loops += 1
            return
    if name == _ICC and not survey.has_icc and survey.images == 0:
        data = yield from _contents(reader, block, skip=14)
        is_whole = icc.size_of_profile(data, len(data)) == len(data)
        if is_whole and icc.look_at(data).neutral == data:
            survey.has_icc = True
            survey.kept.append(icc.kept_name(data))
            return
    if name == _XMP:
        length = min(block.length - 14, METADATA_BYTES)
        data = yield from reader.read(block.offset + 14, length, NAME)
        for one in read_xmp(data, "XMP").findings:
            place = (Span(block.offset, block.length),)
            survey.findings.append(Finding(one.kind, f"{NAME}/XMP", one.summary, one.value, place))
        survey.cuts.append(Cut(block.offset, block.length))
        return
    shown = "".join(chr(byte) if 32 < byte < 127 else "?" for byte in name) or "unknown"
    what = f"Holds data of a program ({amount(block.length)})"
    survey.drop(Kind.OTHER, f"application {shown}", block, what)


def _contents(reader: Reader, block: Block, skip: int = 2) -> Steps[bytes]:
    """Return the bytes of a block's sub-blocks, without their lengths, up to a bound."""
    length = min(block.length - skip, METADATA_BYTES)
    data = yield from reader.read(block.offset + skip, length, NAME)
    parts: list[bytes] = []
    at = 0
    while at < len(data) and data[at]:
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts)


FORMAT = Format(
    name=NAME,
    media_types=("image/gif",),
    extensions=(".gif",),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
