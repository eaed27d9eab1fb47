"""PNG and APNG: every chunk, the zlib streams of the picture, and what stands behind the end.

Source: Portable Network Graphics (PNG), third edition, W3C Recommendation 2025.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

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
from sharewise.formats.metadata import icc, jumbf
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, NO_FACTS, Facts, minimal_exif
from sharewise.formats.metadata.words import amount, decode, merged, moment, tidy, time_finding
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.png_inside.chunks import (
    SIGNATURE,
    Chunk,
    Shape,
    chunk_of,
    read_shape,
    walk,
)
from sharewise.formats.png_inside.pixels import check_pixels, frames_of
from sharewise.formats.png_inside.texts import (
    describe,
    inflate,
    raw_exif_text,
    raw_orientation,
    read_text,
)
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer

NAME = "PNG"

_LENGTHS: dict[bytes, frozenset[int]] = {
    b"cHRM": frozenset({32}),
    b"gAMA": frozenset({4}),
    b"sRGB": frozenset({1}),
    b"cICP": frozenset({4}),
    b"mDCV": frozenset({24}),
    b"cLLI": frozenset({8}),
    b"sBIT": frozenset({1, 2, 3, 4}),
    b"bKGD": frozenset({1, 2, 6}),
    b"tRNS": frozenset(range(1, 257)),
    b"pHYs": frozenset({9}),
    b"sTER": frozenset({1}),
    b"acTL": frozenset({8}),
}
"""Chunks that matter for how it looks and the lengths that they may have; once, before IDAT."""
_CHROMATICITY_LIMIT = 200_000
"""Twice what the format can mean by 1; a colour further out is none."""
_LIGHT_LIMIT = 100_000_000
"""10,000 candela a square metre, in ten-thousandths: the most that a screen is graded for."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_NEUTRAL = b"ICC profile"
_NEUTRAL_NAMES = frozenset(
    {
        *(_NEUTRAL, b"icc", b"ICC Profile", b"ICC", b"Photoshop ICC profile", b"sRGB", b"Skia"),
        *(b"sRGB IEC61966-2.1", b"Display P3", b"kCGColorSpaceDisplayP3", b"kCGColorSpaceSRGB"),
    }
)
_PROFILE_BYTES = 8 * 1024 * 1024
_NAME_BYTES = 81
_QUICK_BYTES = 8 * 1024
_TEXT_READ_BYTES = 1024 * 1024
_INDEXED = 3
_RANGED = (b"cHRM", b"mDCV", b"cLLI")
_TIME = struct.Struct(">HBBBBB")
_OVERFULL = (
    "Something is hidden inside the data of this picture and cannot be taken out without drawing "
    "it anew, so it was not cleaned. Share a screenshot of the picture instead."
)
_MEANINGS: dict[bytes, tuple[Kind, str]] = {
    b"hIST": (Kind.OTHER, "Counts its colours, which no program needs"),
    b"PLTE": (Kind.OTHER, "Has a list of colours that it does not use"),
    b"sPLT": (Kind.DESCRIPTION, "Has a list of colours with a name"),
    b"prVW": (Kind.THUMBNAIL, "Holds a small picture that may show what was cut off or changed"),
    b"dSIG": (Kind.PROVENANCE, "Holds a digital signature"),
    b"iDOT": (Kind.OTHER, "Holds reading hints of an Apple program"),
    b"oFFs": (Kind.OTHER, "Says where it stood on a page"),
    b"pCAL": (Kind.OTHER, "Holds measuring details"),
    b"sCAL": (Kind.OTHER, "Holds measuring details"),
}


@dataclass(slots=True)
class _Survey:
    """What one look finds, as it grows."""

    depth: Depth
    findings: list[Finding] = field(default_factory=list)
    facts: Facts = NO_FACTS
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    exif: list[tuple[Chunk, bytes, Block, bool]] = field(default_factory=list)
    raw: list[tuple[Chunk, bytes, int]] = field(default_factory=list)
    refusal: str | None = None

    def drop(self, chunk: Chunk, *findings: Finding) -> None:
        """Take a chunk out and say what it was."""
        self.cuts.append(Cut(chunk.offset, chunk.length + 12))
        place = (chunk.whole,)
        self.findings += [one._replace(spans=one.spans or place) for one in findings]


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a PNG."""
    return head.startswith(SIGNATURE)


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away."""
    survey = yield from _look(source, depth, NOTHING_KEPT)
    return _report(survey)


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    survey = yield from _look(source, Depth.THOROUGH, wish)
    report = _report(survey)
    return Examined(report, _cleaning(source, survey, report))


def _report(survey: _Survey) -> Report:
    return Report(NAME, survey.depth, merged(survey.findings), tuple(survey.kept))


def _cleaning(source: Source, survey: _Survey, report: Report) -> Cleaning:
    if survey.refusal is not None:
        return Refused(survey.refusal)
    if not survey.cuts:
        return AlreadyClean(report.kept)
    removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
    return Plan(assemble(0, source.size_bytes, survey.cuts), removed, report.kept)


def _look(source: Source, depth: Depth, wish: Wish) -> Steps[_Survey]:
    reader = Reader(source)
    if source.size_bytes <= len(source.head):
        depth = Depth.THOROUGH
    survey = _Survey(depth)
    chunks = yield from walk(reader, NAME)
    shape = yield from read_shape(reader, chunks[0], NAME)
    if not any(chunk.kind == b"IDAT" for chunk in chunks):
        raise Malformed(path=NAME, at_byte=chunks[-1].offset, why="it ends without a picture")
    yield from _read_chunks(reader, survey, chunks, shape)
    _settle_exif(survey, chunks, wish)
    if depth is Depth.THOROUGH:
        yield from _check_pixels(reader, survey, chunks, shape)
    end = chunks[-1].offset + chunks[-1].length + 12
    survey.findings += yield from read_trailer(reader, end, source.size_bytes, NAME)
    if end < source.size_bytes:
        survey.cuts.append(Cut(end, source.size_bytes - end))
    return survey


def _read_chunks(reader: Reader, survey: _Survey, chunks: list[Chunk], shape: Shape) -> Steps[None]:
    seen: set[bytes] = set()
    palette = 0
    for chunk in chunks:
        kind = chunk.kind
        if kind == b"IDAT" or kind in (b"fcTL", b"fdAT"):
            seen.add(kind)
        elif kind == b"IHDR":
            if chunk is not chunks[0]:
                raise Malformed(path=NAME, at_byte=chunk.offset, why="it has two headers")
        elif kind == b"IEND":
            _end(survey, chunk)
        elif kind == b"PLTE":
            if chunk.length > 768 or chunk.length % 3 or kind in seen or b"IDAT" in seen:
                raise Malformed(path=NAME, at_byte=chunk.offset, why="its palette makes no sense")
            seen.add(kind)
            if shape.colour != _INDEXED:
                yield from _about(reader, survey, chunk, is_early=True)
            elif chunk.length > 3 << shape.bits:
                raise Malformed(path=NAME, at_byte=chunk.offset, why="its palette makes no sense")
            palette = chunk.length // 3
        elif not kind[0] & 0x20:
            why = f"chunk {chunk.name} is one that no decoder knows"
            raise Malformed(path=NAME, at_byte=chunk.offset, why=why)
        elif kind in _LENGTHS:
            is_early = b"IDAT" not in seen and kind not in seen
            yield from _needed(reader, survey, chunk, shape, palette, is_early=is_early)
            seen.add(kind)
        else:
            yield from _about(reader, survey, chunk, is_early=b"IDAT" not in seen)


def _end(survey: _Survey, chunk: Chunk) -> None:
    if chunk.length:
        what = f"Has bytes in its end mark that belong to nothing ({amount(chunk.length)})"
        finding = Finding(Kind.OTHER, f"{NAME}/IEND", what, spans=(chunk.whole,))
        survey.findings.append(finding)
        survey.cuts.append(Cut(chunk.offset, chunk.length + 12, chunk_of(b"IEND", b"")))


def _needed(
    reader: Reader, survey: _Survey, chunk: Chunk, shape: Shape, palette: int, *, is_early: bool
) -> Steps[None]:
    """Keep a chunk that matters for how it looks, if it is exactly that and decoders obey it."""
    is_exact = chunk.length in _LENGTHS[chunk.kind]
    if chunk.kind in (b"tRNS", b"bKGD") and shape.colour != _INDEXED:
        samples = 2 if shape.colour in (0, 4) else 6
        is_exact = chunk.length == samples and not (chunk.kind == b"tRNS" and shape.colour >= 4)
    if is_exact and is_early and chunk.kind in _RANGED:
        data = yield from reader.read(chunk.offset + 8, chunk.length, NAME)
        is_exact = _is_in_range(chunk.kind, data)
    if chunk.kind == b"tRNS" and shape.colour == _INDEXED and is_early and chunk.length > palette:
        data = yield from reader.read(chunk.offset + 8, palette, NAME)
        insert = chunk_of(b"tRNS", data) if palette else b""
        survey.cuts.append(Cut(chunk.offset, chunk.length + 12, insert))
    elif is_exact and is_early:
        return
    else:
        survey.cuts.append(Cut(chunk.offset, chunk.length + 12))
    what = f"Has a display hint in the wrong place or size ({chunk.name})"
    place = (chunk.whole,)
    survey.findings.append(Finding(Kind.OTHER, f"{NAME}/{chunk.name}", what, spans=place))


def _is_in_range(kind: bytes, data: bytes) -> bool:
    """Return whether the colours or lights that a chunk names can be."""
    if kind == b"cHRM":
        return all(value <= _CHROMATICITY_LIMIT for value in struct.unpack(">8I", data))
    return all(value <= _LIGHT_LIMIT for value in struct.unpack(">2I", data[-8:]))


def _about(reader: Reader, survey: _Survey, chunk: Chunk, *, is_early: bool) -> Steps[None]:
    where = f"{NAME}/{chunk.name}"
    most = _TEXT_READ_BYTES if survey.depth is Depth.THOROUGH else _QUICK_BYTES
    if chunk.kind in _TEXTS:
        data = yield from reader.read(chunk.offset + 8, min(chunk.length, most), where)
        _text(survey, chunk, data, where)
    elif chunk.kind == b"eXIf":
        data = yield from reader.read(chunk.offset + 8, min(chunk.length, most), where)
        exif = data.removeprefix(EXIF_HEADER)
        block = read_exif(exif, where)
        survey.facts = survey.facts.or_else(block.facts)
        survey.exif.append((chunk, data, block, is_early))
    elif chunk.kind == b"iCCP":
        yield from _profile(reader, survey, chunk, where, is_early=is_early)
    elif chunk.kind == b"tIME":
        data = yield from reader.read(chunk.offset + 8, min(chunk.length, _TIME.size), where)
        survey.drop(chunk, _changed(data, where))
    elif chunk.kind == b"caBX":
        length = min(chunk.length, _QUICK_BYTES)
        data = yield from reader.read(chunk.offset + 8, length, where)
        survey.drop(chunk, *jumbf.read_jumbf(data, chunk.length, where))
    else:
        kind, what = _MEANINGS.get(chunk.kind, (Kind.OTHER, "Holds data of a program"))
        survey.drop(chunk, Finding(kind, where, f"{what} ({amount(chunk.length)})"))


def _text(survey: _Survey, chunk: Chunk, data: bytes, where: str) -> None:
    text = read_text(chunk.kind, data)
    orientation = raw_orientation(text)
    if orientation is not None:
        survey.raw.append((chunk, data, orientation))
        wanted = raw_exif_text(minimal_exif(Facts(orientation)))
        if chunk.kind == b"tEXt" and data == wanted:
            return
    block = describe(text, where)
    survey.facts = survey.facts.or_else(block.facts._replace(orientation=None))
    survey.drop(chunk, *block.findings)


def _changed(data: bytes, where: str) -> Finding:
    if len(data) == _TIME.size:
        year, month, day, hour, minute, second = _TIME.unpack(data)
        iso = moment(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
        if iso is not None:
            return time_finding(where, iso, "when it was last changed")
    return Finding(Kind.TIME, where, "Has a mark of when it was last changed")


def _profile(
    reader: Reader, survey: _Survey, chunk: Chunk, where: str, *, is_early: bool
) -> Steps[None]:
    """Keep a colour profile under a neutral name, with nothing behind it or in its stream."""
    if survey.depth is Depth.QUICK:
        length = min(chunk.length, _NAME_BYTES)
        data = yield from reader.read(chunk.offset + 8, length, where)
        name = data.partition(b"\0")[0]
        if name not in _NEUTRAL_NAMES:
            survey.findings.append(_named(name, chunk, where))
        survey.kept.append("icc")
        return
    length = min(chunk.length, _PROFILE_BYTES)
    data = yield from reader.read(chunk.offset + 8, length, where)
    name, _, rest = data.partition(b"\0")
    profile, is_whole = inflate(rest[1:], _PROFILE_BYTES)
    size = icc.size_of_profile(profile, len(profile))
    if size is None or not is_whole or rest[:1] != b"\0" or not is_early or "icc" in survey.kept:
        what = "Has a colour profile that is damaged and cannot be used"
        survey.drop(chunk, Finding(Kind.OTHER, where, what))
        return
    looked = icc.look_at(profile[:size])
    survey.kept.append(icc.kept_name(looked.neutral))
    is_exact = size == len(profile) and not _behind(rest[1:]) and length == chunk.length
    is_neutral = looked.neutral == profile[:size]
    if is_exact and is_neutral and name in _NEUTRAL_NAMES:
        return
    stream = rest[1:] if is_exact and is_neutral else zlib.compress(looked.neutral, 9)
    insert = chunk_of(b"iCCP", _NEUTRAL + b"\0\0" + stream)
    survey.cuts.append(Cut(chunk.offset, chunk.length + 12, insert))
    if name not in _NEUTRAL_NAMES:
        survey.findings.append(_named(name, chunk, where))
    if not is_exact:
        what = "Has bytes behind its colour profile"
        survey.findings.append(Finding(Kind.OTHER, where, what, spans=(chunk.whole,)))
    if not is_neutral:
        what = icc.note_of(looked)
        survey.findings.append(Finding(Kind.OTHER, where, what, spans=(chunk.whole,)))


def _behind(stream: bytes) -> bytes:
    inflater = zlib.decompressobj()
    inflater.decompress(stream, _PROFILE_BYTES)
    return inflater.unused_data


def _named(name: bytes, chunk: Chunk, where: str) -> Finding:
    shown = tidy(decode(name))
    what = f"Gives its colour profile a name of its own: {shown}"
    return Finding(Kind.DESCRIPTION, where, what, shown or None, (chunk.whole,))


def _settle_exif(survey: _Survey, chunks: list[Chunk], wish: Wish) -> None:
    """Leave one EXIF block at most, which says what may be said and no more.

    Where only ImageMagick's hexadecimal block turns the picture, that way of saying it stays:
    programs that do not read it would begin to turn the picture if EXIF said it instead.
    """
    facts = survey.facts.wished(wish)
    raw = survey.raw[0] if survey.raw and facts.orientation is None else None
    wanted = minimal_exif(facts)
    stays = False
    for chunk, data, block, is_early in survey.exif:
        is_wanted = data == wanted or (block.is_harmless and block.facts == facts)
        if is_wanted and is_early and chunk is survey.exif[0][0]:
            stays = True
            continue
        findings = block.findings
        if not findings:
            what = "Has a block of technical details that is not needed to show it"
            findings = (Finding(Kind.OTHER, f"{NAME}/eXIf", what),)
        survey.drop(chunk, *findings)
    if stays:
        survey.findings += survey.exif[0][2].findings
    after_header = chunks[0].offset + chunks[0].length + 12
    if wanted and not stays:
        survey.cuts.append(Cut(after_header, 0, chunk_of(b"eXIf", wanted)))
    survey.kept[:0] = facts.names(wish)
    if raw is not None:
        _settle_raw(survey, raw)
    for chunk, _, _ in survey.raw:
        is_cut = any(cut.offset == chunk.offset for cut in survey.cuts)
        if not is_cut and (raw is None or chunk is not raw[0]):
            what = "Turns the picture twice"
            survey.drop(chunk, Finding(Kind.OTHER, f"{NAME}/{chunk.name}", what))


def _settle_raw(survey: _Survey, raw: tuple[Chunk, bytes, int]) -> None:
    chunk, _, orientation = raw
    survey.kept.insert(0, "orientation")
    at = next((i for i, cut in enumerate(survey.cuts) if cut.offset == chunk.offset), None)
    if at is not None:
        text = raw_exif_text(minimal_exif(Facts(orientation)))
        survey.cuts[at] = survey.cuts[at]._replace(insert=chunk_of(b"tEXt", text))


def _check_pixels(
    reader: Reader, survey: _Survey, chunks: list[Chunk], shape: Shape
) -> Steps[None]:
    frames = yield from frames_of(reader, chunks, shape, NAME)
    verdict = yield from check_pixels(reader, frames, NAME)
    survey.cuts += verdict.cuts
    if verdict.extra or verdict.is_overfull:
        size = sum(span.length for span in verdict.extra)
        said = f" ({amount(size)})" if size else ""
        what = f"Hides bytes inside the data of the picture{said}"
        spans: tuple[Span, ...] = tuple(verdict.extra)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/IDAT", what, spans=spans))
    if verdict.is_overfull:
        survey.refusal = _OVERFULL


FORMAT = Format(
    name=NAME,
    media_types=("image/png", "image/apng"),
    extensions=(".png", ".apng"),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
