"""What the segments of one JPEG stream hold, and which of them may stay.

A segment stays only if every byte of it is known and needed to show the picture: an exact JFIF
header, Adobe's colour transform, a whole ICC profile, an EXIF block that says nothing but how to
turn the picture. Everything else goes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, auto
from itertools import accumulate

from sharewise.formats.coded import ends_in_words
from sharewise.formats.contract import Depth, Finding, Kind, Span, Steps
from sharewise.formats.jpeg_inside.tables import unused_parts
from sharewise.formats.jpeg_inside.thermal import HEADER as FLIR_HEADER
from sharewise.formats.jpeg_inside.thermal import SENSORS_BYTES, read_records, read_sensors
from sharewise.formats.jpeg_inside.walk import CODING, COM, Segment, Walk, check_coding, name_of
from sharewise.formats.metadata import gainmap, icc, iptc, jumbf, mpf, xmp
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, NO_FACTS, Facts
from sharewise.formats.metadata.words import amount, decode, placed, tidy
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
XMP_MORE_HEADER = b"http://ns.adobe.com/xmp/extension/\0"
ICC_HEADER = b"ICC_PROFILE\0"
PHOTOSHOP_HEADER = b"Photoshop 3.0\0"
ADOBE_HEADER = b"Adobe"

_JFIF = struct.Struct(">5sHBHHBB")
_JFIF_VERSIONS = (0x0100, 0x0102, 0x0101)
_JFIF_UNITS = 2
_PREFIX_BYTES = 40
_SCAN_END_BYTES = 48
_ADOBE_BYTES = 16
_ICC_BYTES = 16 * 1024
_GLANCE_BYTES = 4096
_MORE_BYTES = 256 * 1024


class Group(IntEnum):
    """Segments that are read together, in the order in which their word counts."""

    JFIF = auto()
    EXIF = auto()
    XMP = auto()
    XMP_MORE = auto()
    ICC = auto()
    MPF = auto()
    ISO_HDR = auto()
    PHOTOSHOP = auto()
    JUMBF = auto()
    ADOBE = auto()
    COMMENT = auto()
    OTHER = auto()


_HEADERS: dict[int, tuple[tuple[bytes, Group], ...]] = {
    0xE0: ((b"JFIF\0", Group.JFIF),),
    0xE1: (
        (b"Exif\0", Group.EXIF),
        (XMP_HEADER, Group.XMP),
        (XMP_MORE_HEADER, Group.XMP_MORE),
    ),
    0xE2: (
        (ICC_HEADER, Group.ICC),
        (mpf.HEADER, Group.MPF),
        (gainmap.ISO_HEADER, Group.ISO_HDR),
    ),
    0xED: ((PHOTOSHOP_HEADER, Group.PHOTOSHOP),),
    0xEB: ((b"JP", Group.JUMBF),),
    0xEE: ((ADOBE_HEADER, Group.ADOBE),),
    COM: ((b"", Group.COMMENT),),
}
_KNOWN_OTHERS: tuple[tuple[bytes, Kind, str], ...] = (
    (b"JFXX\0", Kind.THUMBNAIL, "Holds a small picture that may show what was cut off or changed"),
    (FLIR_HEADER, Kind.HIDDEN_MEDIA, "Holds the heat picture and settings of a thermal camera"),
    (b"GoPro\0", Kind.LOCATION, "Holds the camera's sensor data, which can say where it was"),
    (b"DJI", Kind.OTHER, "Holds a drone's flight data"),
    (b"QVCI\0", Kind.MAKER_NOTE, "Holds the maker's own notes on camera and picture"),
    (b"Meta\0", Kind.MAKER_NOTE, "Holds the maker's own notes on camera and picture"),
    (b"Ducky", Kind.SOFTWARE, "Holds notes of the program that saved it (Photoshop)"),
    (b"FPXR\0", Kind.OTHER, "Holds a FlashPix data box"),
    (b"[picture info]", Kind.MAKER_NOTE, "Holds the maker's own notes on camera and picture"),
)
_PROGRAMS = ("CREATOR:", "Lavc", "LEAD ", "File written by Adobe", "Optimized by", "Intel(R) JPEG")


@dataclass(slots=True)
class Contents:
    """What the segments of one stream turned out to be."""

    path: str
    depth: Depth
    findings: list[Finding] = field(default_factory=list)
    facts: Facts = NO_FACTS
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    early_exif: list[tuple[Segment, bytes, Block]] = field(default_factory=list)
    indexes: list[tuple[Segment, bytes]] = field(default_factory=list)
    """MPF segments; `settle_index` decides on them."""
    gain_maps: list[tuple[Segment, bytes]] = field(default_factory=list)
    """ISO 21496-1 segments; `settle_gain_map` decides on them."""
    packets: list[tuple[Segment, bytes, Block]] = field(default_factory=list)
    """XMP segments; `settle_xmp` decides on them."""
    has_words: bool = False
    """Whether words stand where only a decoder can tell if they belong to the picture."""
    header_end: int = 0
    """After SOI or the JFIF header: where a new segment may stand."""

    def drop(self, segment: Segment) -> Span:
        """Take a segment out; return its place."""
        self.cuts.append(Cut(segment.offset, segment.length))
        return Span(segment.offset, segment.length)


def group_of(marker: int, prefix: bytes) -> Group:
    """Return what a segment is by its marker and first bytes."""
    for header, group in _HEADERS.get(marker, ()):
        if prefix.startswith(header):
            return group
    return Group.OTHER


def read_segments(reader: Reader, walk: Walk, path: str, depth: Depth) -> Steps[Contents]:
    """Read every segment of a stream that is not the picture itself."""
    found = Contents(path, depth, header_end=walk.start + 2)
    about: list[Segment] = []
    coding: list[tuple[Segment, bytes]] = []
    for segment in walk.segments:
        if segment.marker not in CODING:
            about.append(segment)
        elif depth is Depth.THOROUGH:
            data = yield from _body(reader, segment, 0, segment.length)
            check_coding(segment, data, path)
            coding.append((segment, data))
    if depth is Depth.THOROUGH:
        _tables(found, coding)
        yield from _scan_ends(reader, found, walk)
    prefixes = [reader.have(one.offset + 4, min(_PREFIX_BYTES, one.length - 4)) for one in about]
    if None in prefixes:
        spans = [Span(one.offset + 4, min(_PREFIX_BYTES, one.length - 4)) for one in about]
        prefixes[:] = yield from reader.read_all(spans, path)
    groups: dict[Group, list[Segment]] = {}
    for segment, prefix in zip(about, prefixes, strict=True):
        groups.setdefault(group_of(segment.marker, prefix or b""), []).append(segment)
    for group in sorted(groups):
        yield from _READERS[group](reader, found, groups[group])
    for stray in walk.strays:
        found.cuts.append(Cut(stray.offset, stray.length))
        what = f"Has bytes between its parts that belong to nothing ({amount(stray.length)})"
        found.findings.append(Finding(Kind.OTHER, f"{path}/between", what, spans=(stray,)))
    return found


def _scan_ends(reader: Reader, found: Contents, walk: Walk) -> Steps[None]:
    """Note words that stand at the end of a scan."""
    spans = [
        Span(max(walk.scan_at, end - _SCAN_END_BYTES), min(_SCAN_END_BYTES, end - walk.scan_at))
        for end in walk.scan_ends
    ]
    ends = yield from reader.read_all(spans, found.path)
    for span, data in zip(spans, ends, strict=True):
        if ends_in_words(data):
            found.has_words = True
            what = "Words are hidden at the end of the picture's data"
            found.findings.append(Finding(Kind.OTHER, f"{found.path}/scan", what, spans=(span,)))


def _tables(found: Contents, coding: list[tuple[Segment, bytes]]) -> None:
    """Take out the tables that no scan uses."""
    for place, parts in unused_parts(coding, found.path).items():
        segment, body = coding[place]
        size = sum(len(part.body) for part in parts)
        left = body
        for part in reversed(parts):
            left = left[: part.start] + left[part.start + len(part.body) :]
        insert = segment_of(segment.marker, left) if left else b""
        found.cuts.append(Cut(segment.offset, segment.length, insert))
        what = f"Has tables that the picture does not use ({amount(size)})"
        spans = (Span(segment.offset, segment.length),)
        where = f"{found.path}/{name_of(segment.marker)}"
        found.findings.append(Finding(Kind.OTHER, where, what, spans=spans))


def _body(reader: Reader, segment: Segment, skip: int, most: int) -> Steps[bytes]:
    """Return the body of a segment after `skip` bytes, `most` bytes of it at most."""
    length = max(0, min(segment.length - 4 - skip, most))
    offset = segment.offset + 4 + skip
    data = reader.have(offset, length)
    return data if data is not None else (yield from reader.read(offset, length, "JPEG"))


def _jfif(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    first, *others = segments
    body = yield from _body(reader, first, 0, _JFIF.size)
    where = f"{found.path}/APP0/JFIF"
    if first.is_early and len(body) == _JFIF.size:
        _, version, unit, x, y, width, height = _JFIF.unpack(body)
        version = version if version in _JFIF_VERSIONS else _JFIF_VERSIONS[-1]
        exact = _JFIF.pack(b"JFIF\0", version, unit if unit <= _JFIF_UNITS else 0, x, y, 0, 0)
        found.header_end = max(found.header_end, first.offset + first.length)
        if first.length != 4 + _JFIF.size or body != exact:
            place = Span(first.offset, first.length)
            if first.length > 4 + _JFIF.size and width and height:
                what = "Holds a small picture that may show what was cut off or changed"
                found.findings.append(Finding(Kind.THUMBNAIL, where, what, spans=(place,)))
            else:
                what = "Has bytes in its header that belong to nothing"
                found.findings.append(Finding(Kind.OTHER, where, what, spans=(place,)))
            found.cuts.append(Cut(first.offset, first.length, segment_of(0xE0, exact)))
    else:
        others = segments
    for segment in others:
        what = "Has a header in the wrong place or twice"
        found.findings.append(Finding(Kind.OTHER, where, what, spans=(found.drop(segment),)))


def _exif(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    where = f"{found.path}/APP1/Exif"
    for segment in segments:
        data = yield from _body(reader, segment, len(EXIF_HEADER), segment.length)
        block = read_exif(data, where)
        place = (Span(segment.offset, segment.length),)
        found.findings += placed(block.findings, place)
        if segment.is_early:
            found.early_exif.append((segment, data, block))
            found.facts = found.facts.or_else(block.facts)
        else:
            if not block.findings:
                what = "Has a second block of details (EXIF) inside the picture"
                found.findings.append(Finding(Kind.OTHER, where, what, spans=place))
            found.drop(segment)


def _xmp(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    for segment in segments:
        data = yield from _body(reader, segment, len(XMP_HEADER), segment.length)
        block = xmp.read_xmp(data, f"{found.path}/APP1/XMP")
        found.facts = found.facts.or_else(block.facts)
        found.packets.append((segment, data, block))


def _xmp_more(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    where = f"{found.path}/APP1/XMP extension"
    spans = tuple(found.drop(segment) for segment in segments)
    text = b""
    if found.depth is Depth.THOROUGH or len(segments) == 1:
        skip = len(XMP_MORE_HEADER) + 40
        for segment in segments:
            text += yield from _body(reader, segment, skip, _MORE_BYTES - len(text))
    block = xmp.read_xmp(text, where)
    size = sum(span.length for span in spans)
    if block.findings[0].kind is Kind.OTHER:
        what = f"Holds more notes or hidden data of a program ({amount(size)})"
        found.findings.append(Finding(Kind.OTHER, where, what, spans=spans))
    else:
        _add_block(found, block, *spans)


def _icc(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    """Keep a profile whose parts are all there, in whatever order, without what it should not say.

    What stands behind it goes. A quick look takes a long profile at its word.
    """
    where = f"{found.path}/APP2/ICC"
    heads = yield from reader.read_all(
        [Span(one.offset + 4, min(14, one.length - 4)) for one in segments], where
    )
    early = [
        (head[12], head[13], segment)
        for head, segment in zip(heads, segments, strict=True)
        if len(head) == 14 and segment.is_early
    ]
    early.sort(key=lambda part: part[0])
    count = early[0][1] if early else 0
    numbers = [(number, of) for number, of, _ in early]
    if len(early) == len(segments) and numbers == [(n, count) for n in range(1, count + 1)]:
        parts = [segment for _, _, segment in early]
        total = sum(segment.length - 18 for segment in parts)
        is_whole = found.depth is Depth.THOROUGH or total <= _ICC_BYTES
        profile = b""
        for segment in parts:
            if is_whole or len(profile) < _ICC_BYTES:
                profile += yield from _body(reader, segment, 14, segment.length)
        size = icc.size_of_profile(profile, total)
        if size is not None:
            if is_whole:
                _settle_profile(found, parts, profile, size)
            else:
                found.kept.append("icc")
            return
    spans = tuple(found.drop(segment) for segment in segments)
    what = "Has a colour profile that is damaged and cannot be used"
    found.findings.append(Finding(Kind.OTHER, where, what, spans=spans))


def _settle_profile(found: Contents, parts: list[Segment], data: bytes, size: int) -> None:
    """Have the parts of a profile hold `size` bytes that say nothing but colours."""
    where = f"{found.path}/APP2/ICC"
    looked = icc.look_at(data[:size])
    found.kept.append(icc.kept_name(looked.neutral))
    if looked.neutral == data:
        return
    starts = list(accumulate((one.length - 18 for one in parts), initial=0))
    left = sum(1 for start in starts[:-1] if start < size)
    for number, (segment, start, end) in enumerate(zip(parts, starts, starts[1:], strict=False), 1):
        if start >= size:
            found.drop(segment)
            continue
        body = ICC_HEADER + bytes([number, left]) + looked.neutral[start:end]
        if left < len(parts) or looked.neutral[start:end] != data[start:end]:
            found.cuts.append(Cut(segment.offset, segment.length, segment_of(0xE2, body)))
    spans = tuple(Span(one.offset, one.length) for one in parts)
    if looked.neutral != data[:size]:
        what = icc.note_of(looked)
        found.findings.append(Finding(Kind.OTHER, where, what, spans=spans))
    if size < len(data):
        what = f"Has bytes behind its colour profile ({amount(len(data) - size)})"
        found.findings.append(Finding(Kind.OTHER, where, what, spans=spans[-1:]))


def _photoshop(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    data = b""
    for segment in segments:
        room = _MORE_BYTES - len(data)
        data += yield from _body(reader, segment, len(PHOTOSHOP_HEADER), room)
    spans = [found.drop(segment) for segment in segments]
    _add_block(found, iptc.read_photoshop(data, f"{found.path}/APP13/Photoshop"), *spans)


def _jumbf(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    data = yield from _body(reader, segments[0], 0, segments[0].length)
    spans = tuple(found.drop(segment) for segment in segments)
    size = sum(span.length for span in spans)
    for one in jumbf.read_jumbf(data, size, f"{found.path}/APP11/JUMBF"):
        found.findings.append(Finding(one.kind, one.where, one.summary, one.value, spans))


def _adobe(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    """Keep the last early one, which decoders obey, cut to its colour transform."""
    where = f"{found.path}/APP14/Adobe"
    obeyed = None
    for segment in segments:
        if segment.is_early and segment.length >= _ADOBE_BYTES:
            obeyed = segment
    for segment in segments:
        place = Span(segment.offset, segment.length)
        if segment is not obeyed:
            found.drop(segment)
        elif segment.length == _ADOBE_BYTES:
            continue
        else:
            body = yield from _body(reader, segment, 0, _ADOBE_BYTES - 4)
            found.cuts.append(Cut(segment.offset, segment.length, segment_of(0xEE, body)))
        what = "Has bytes in a colour header that belong to nothing"
        found.findings.append(Finding(Kind.OTHER, where, what, spans=(place,)))


def _comments(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    for segment in segments:
        data = yield from _body(reader, segment, 0, _GLANCE_BYTES)
        place = (found.drop(segment),)
        text = tidy(decode(data.partition(b"\0")[0]))
        where = f"{found.path}/COM"
        if text.startswith(_PROGRAMS):
            said = f"Names the software: {text}"
            found.findings.append(Finding(Kind.SOFTWARE, where, said, text, place))
        else:
            said = f"Has a comment: {text}" if text else "Has an empty comment"
            found.findings.append(Finding(Kind.DESCRIPTION, where, said, text or None, place))


def _others(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    seen: dict[tuple[int, bytes], tuple[Finding, list[Span]]] = {}
    flir: set[Span] = set()
    for segment in segments:
        data = yield from _body(reader, segment, 0, _PREFIX_BYTES)
        place = found.drop(segment)
        key = segment.marker, data[:5]
        if data.startswith(FLIR_HEADER):
            flir.add(place)
        if segment.marker == 0xE9 and segment.length == 4 + SENSORS_BYTES:
            whole = yield from _body(reader, segment, 0, SENSORS_BYTES)
            found.findings += read_sensors(whole, f"{found.path}/APP9")
        if key in seen:
            seen[key][1].append(place)
            continue
        known = next(
            (one for one in _KNOWN_OTHERS if data.lower().startswith(one[0].lower())), None
        )
        where = f"{found.path}/{name_of(segment.marker)}"
        if known is not None:
            finding = Finding(known[1], where, known[2])
        else:
            what = f"Holds data of a program or camera ({amount(segment.length)})"
            finding = Finding(Kind.OTHER, where, what)
        seen[key] = finding, [place]
    thermal = [one for one in segments if Span(one.offset, one.length) in flir]
    if thermal:
        where = f"{found.path}/APP1/FLIR"
        found.findings += yield from read_records(reader, thermal, where)
    for one, spans in seen.values():
        found.findings.append(Finding(one.kind, one.where, one.summary, one.value, tuple(spans)))


def _mpf(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    for segment in segments:
        data = yield from _body(reader, segment, 0, segment.length)
        found.indexes.append((segment, data))


def _gain_maps(reader: Reader, found: Contents, segments: list[Segment]) -> Steps[None]:
    for segment in segments:
        data = yield from _body(reader, segment, 0, segment.length)
        found.gain_maps.append((segment, data))


_READERS: dict[Group, Callable[[Reader, Contents, list[Segment]], Steps[None]]] = {
    Group.JFIF: _jfif,
    Group.EXIF: _exif,
    Group.XMP: _xmp,
    Group.XMP_MORE: _xmp_more,
    Group.ICC: _icc,
    Group.MPF: _mpf,
    Group.ISO_HDR: _gain_maps,
    Group.PHOTOSHOP: _photoshop,
    Group.JUMBF: _jumbf,
    Group.ADOBE: _adobe,
    Group.COMMENT: _comments,
    Group.OTHER: _others,
}


def _add_block(found: Contents, block: Block, *spans: Span) -> None:
    found.findings += placed(block.findings, spans)
    found.facts = found.facts.or_else(block.facts)


def segment_of(marker: int, body: bytes) -> bytes:
    """Return a marker segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
