"""SVG: notes, comments, titles, what editors leave behind, pictures inside; gzipped ones too.

It is a text, so the whole of it is read and what goes is cut out of it; what stays is not written
anew. No entity is expanded and nothing outside is loaded. What is drawn stays, also its styles and
fonts; scripts, links and names that nothing refers to go, and titles, although a browser may show
them under the pointer. Once nothing else is to go, definitions and hidden parts that are not drawn
go, then names that tie parts together are replaced by neutral ones. What loads something from
elsewhere to be drawn is refused.
A gzipped file (.svgz) is written anew as one gzip member without a name and a time.

Source: SVG 1.1 (W3C, second edition), SVG 2 (W3C, 2018); RFC 1952 (gzip).
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace

from sharewise.base.errors import Malformed
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Cleaning,
    Depth,
    Examined,
    Finding,
    Format,
    Insert,
    Kind,
    Plan,
    Refused,
    Report,
    Source,
    Span,
    Step,
    Steps,
    Wish,
)
from sharewise.formats.embedded import Embedded, Uncleanable, clean_embedded
from sharewise.formats.engine import apply
from sharewise.formats.metadata.words import decode, merged, tidy
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.svg_inside.look import LoadsFromElsewhere, Look
from sharewise.formats.svg_inside.names import Renaming
from sharewise.formats.svg_inside.scan import NAME
from sharewise.formats.svg_inside.text import Text, read_text
from sharewise.formats.svg_inside.unused import unused_parts

FILE_BYTES = 32 * 1024 * 1024
"""A larger file, or one that inflates to more, is not looked through."""
NESTED_LIMIT = 2
"""Drawings inside drawings, as data."""

_GZIP = b"\x1f\x8b\x08"
_HEAD_BYTES = 4096
_BEFORE_ROOT = re.compile(
    r"[ \t\r\n]+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[<>]*(?:\[.*?\][ \t\r\n]*)?>", re.DOTALL
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.\-]*:)?svg[ \t\r\n/>]")
_TOO_LARGE = Refused(
    "This drawing is too large to be looked through, so it was not cleaned. "
    "Export it as a picture (PNG) and share that instead."
)
_UNREADABLE = Refused(
    "This drawing is written in a way that cannot be looked through, so it was not cleaned. "
    "Export it as a picture (PNG) and share that instead."
)
_UNCLEANABLE = Refused(
    "A picture inside this drawing cannot be cleaned, so the drawing was not cleaned. "
    "Export it as a picture (PNG) and share that instead."
)
_ELSEWHERE = Refused(
    "This drawing loads something from the web or from another file each time it is looked at, "
    "which tells others who looks, so it was not cleaned. "
    "Export it as a picture (PNG) and share that instead."
)
_NAMES = Refused(
    "The parts of this drawing have names that cannot be replaced for sure, so it was not cleaned. "
    "Export it as a picture (PNG) and share that instead."
)
_PASSES = 12
"""What goes may have been all that referred to something else; deeper chains are refused."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a drawing gives away and what is to be cut; `refused` where it cannot be cleaned."""

    findings: tuple[Finding, ...]
    cuts: tuple[Cut, ...] = ()
    kept: tuple[str, ...] = ()
    refused: Refused | None = None
    data: bytes | None = None
    """The drawing written anew, where it took more than one pass."""


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a drawing, plain or gzipped."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, _HEAD_BYTES)
        except zlib.error:
            return False
    if head[:2] not in (b"\xff\xfe", b"\xfe\xff") and not head.lstrip(
        b"\xef\xbb\xbf \t\r\n"
    ).startswith(b"<"):
        return False
    text = read_text(head)
    return text is not None and _begins_drawing(text.units)


def _begins_drawing(units: str) -> bool:
    """Return whether a drawing's root comes first; what was passed over is not tried again."""
    at = 0
    while passed := _BEFORE_ROOT.match(units, at):
        at = passed.end()
    return _ROOT.match(units, at) is not None


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; it is all read at either depth."""
    report = (yield from examine(source, NOTHING_KEPT)).report
    return replace(report, depth=depth)


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it; it has no room for what a wish keeps."""
    if source.size_bytes > FILE_BYTES:
        return _told(source, _refused(_TOO_LARGE), None)
    reader = Reader(source)
    data = yield from reader.read(0, source.size_bytes, NAME)
    if not data.startswith(_GZIP):
        return _told(source, _judge(data, wish, 0), None)
    inflated, rest = _inflate(data)
    if inflated is None:
        return _told(source, _refused(_TOO_LARGE), None)
    judged = _judge(inflated, wish, 0)
    whole = (Span(0, source.size_bytes),)
    findings = [one._replace(spans=whole) for one in judged.findings]
    findings += _around(data, rest, whole)
    return _told(source, replace(judged, findings=tuple(findings)), inflated)


def _told(source: Source, judged: _Judged, inflated: bytes | None) -> Examined:
    """Return a judgement as a report and a cleaning; a gzipped file is written anew."""
    findings = merged(judged.findings)
    report = Report(NAME, Depth.THOROUGH, findings, judged.kept)
    cleaning: Cleaning = AlreadyClean(report.kept)
    if judged.refused is not None:
        cleaning = judged.refused
    elif findings:
        removed = tuple(dict.fromkeys(finding.kind for finding in findings))
        anew = judged.data
        steps: tuple[Step, ...]
        if inflated is not None:
            steps = (Insert(_deflate(anew or _applied(inflated, judged.cuts))),)
        elif anew is not None:
            steps = (Insert(anew),)
        else:
            steps = assemble(0, source.size_bytes, judged.cuts)
        cleaning = Plan(steps, removed, report.kept)
    return Examined(report, cleaning)


def _judge(data: bytes, wish: Wish, depth: int) -> _Judged:
    """Judge the text of a drawing until nothing more is to go. Raises Malformed."""
    judged = _judge_once(data, wish, depth)
    if judged.refused is not None or not judged.cuts:
        return judged
    now, findings = _applied(data, judged.cuts), judged.findings
    for number in range(_PASSES):
        again = _judge_once(now, wish, depth)
        if again.refused is not None:
            return again
        if not again.cuts:
            is_one = number == 0
            return replace(judged, findings=findings, data=None if is_one else now)
        whole = (Span(0, len(data)),)
        findings += tuple(one._replace(spans=whole) for one in again.findings)
        now = _applied(now, again.cuts)
    return _refused(_UNREADABLE)


def _judge_once(data: bytes, wish: Wish, depth: int) -> _Judged:
    text = read_text(data)
    if text is None:
        return _refused(_UNREADABLE)

    def clean(picture: bytes) -> Embedded:
        if not recognises(picture):
            return clean_embedded(picture, wish, NAME)
        if depth == NESTED_LIMIT or picture.startswith(_GZIP):
            raise Uncleanable
        return _clean_nested(picture, wish, depth + 1)

    look = Look(text, clean)
    try:
        look.through()
    except LoadsFromElsewhere:
        return _refused(_ELSEWHERE)
    except Uncleanable:
        return _refused(_UNCLEANABLE)
    odd = len(data) - text.offset(len(text.units))
    cuts, findings = look.notes.cuts, look.notes.findings
    if odd:
        place = Span(len(data) - odd, odd)
        cuts.append(Cut(place.offset, odd))
        what = "Ends in a byte that belongs to nothing"
        findings.append(Finding(Kind.OTHER, NAME, what, spans=(place,)))
    if not cuts:
        rest = _rest(text, look)
        if rest is not None:
            return rest
    return _Judged(tuple(findings), tuple(cuts))


def _rest(text: Text, look: Look) -> _Judged | None:
    """Judge what is left once nothing else is to go: parts that are not drawn, then names."""
    if look.is_sure:
        parts = list(unused_parts(text.units, look.styles))
        for start, end in parts:
            what = "Holds parts that are not drawn"
            look.notes.cut(Kind.HIDDEN_MEDIA, "definitions", what, (start, end, look.instead))
        if parts:
            return _Judged(tuple(look.notes.findings), tuple(look.notes.cuts))
    renaming = Renaming(text.units)
    edits = renaming.edits()
    if not edits:
        return None
    if not (look.is_sure and renaming.is_sure):
        return _refused(_NAMES)
    for one in edits:
        what = "Names its parts"
        look.notes.cut(Kind.DESCRIPTION, "names", what, (one.start, one.end, one.text))
    return _Judged(tuple(look.notes.findings), tuple(look.notes.cuts))


def _clean_nested(data: bytes, wish: Wish, depth: int) -> Embedded:
    try:
        judged = _judge(data, wish, depth)
    except Malformed:
        raise Uncleanable from None
    if judged.refused is not None:
        raise Uncleanable
    if not judged.cuts:
        return Embedded(None, ())
    findings = tuple(
        one._replace(where=f"{NAME}/{one.where}", spans=()) for one in merged(judged.findings)
    )
    return Embedded(judged.data or _applied(data, judged.cuts), findings)


def _refused(refused: Refused) -> _Judged:
    what = "Cannot be looked through, so nobody can say what is in it"
    return _Judged((Finding(Kind.OTHER, NAME, what),), refused=refused)


def _applied(data: bytes, cuts: tuple[Cut, ...]) -> bytes:
    steps: tuple[Step, ...] = assemble(0, len(data), cuts)
    return apply(Plan(steps, (), ()), data)


# --- gzip ---------------------------------------------------------------------------------------


def _inflate(data: bytes) -> tuple[bytes | None, bytes]:
    """Return what a gzip member holds, None if that is too much, and what stands behind it."""
    stream = zlib.decompressobj(31)
    try:
        inflated = stream.decompress(data, FILE_BYTES)
    except zlib.error:
        raise Malformed(path=f"{NAME}/gzip", at_byte=0, why="it cannot be unpacked") from None
    if stream.eof:
        return inflated, stream.unused_data
    if len(inflated) >= FILE_BYTES:
        return None, b""
    raise Malformed(path=f"{NAME}/gzip", at_byte=len(data), why="it breaks off before its end")


def _deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    return stream.compress(data) + stream.flush()


def _around(data: bytes, rest: bytes, place: tuple[Span, ...]) -> list[Finding]:
    """Return what the gzip member says of itself, and what stands behind it."""
    findings: list[Finding] = []
    where = f"{NAME}/gzip"
    flags = data[3]
    if flags & 0x08 and not flags & 0x04:
        name = tidy(decode(data[10:1034].partition(b"\0")[0]))
        what = f"Names the file that it was: {name}"
        findings.append(Finding(Kind.IDENTIFIER, where, what, name, place))
    elif flags:
        findings.append(Finding(Kind.OTHER, where, "Has notes about the packed file", None, place))
    if any(data[4:8]):
        what = "Says when the packed file was last changed"
        findings.append(Finding(Kind.TIME, where, what, None, place))
    if rest:
        what = "Behind the drawing unknown data stands"
        findings.append(Finding(Kind.OTHER, where, what, None, place))
    return findings


FORMAT = Format(
    name=NAME,
    media_types=("image/svg+xml",),
    extensions=(".svg", ".svgz"),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
