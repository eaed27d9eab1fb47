"""MP4, QuickTime and their kin: notes, telemetry, times, names and what hides between frames.

Sources: ISO/IEC 14496-12:2022; ISO/IEC 14496-14; QuickTime File Format Specification (Apple).

Nothing moves that an offset points at: unwanted boxes become `free` boxes of zeros, see `isobmff`.
Only what nothing plays in a file with very many gaps is cut out, see `video_inside.film`.
"""

from __future__ import annotations

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
from sharewise.formats.isobmff import (
    BOXES_LIMIT,
    PADDING,
    Box,
    Boxes,
    brands,
    freed,
    nonzero,
    walk_top,
)
from sharewise.formats.metadata.facts import Facts
from sharewise.formats.metadata.words import amount, merged, tidy, time_finding
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.video_inside.facts import minimal_notes
from sharewise.formats.video_inside.film import Film, account, read_moov
from sharewise.formats.video_inside.fragments import random_access
from sharewise.formats.video_inside.headers import (
    brand_list,
    lock,
    segment_index,
    settle_locks,
    unwanted,
)
from sharewise.formats.video_inside.look import NAME, STRAY, Look
from sharewise.formats.video_inside.samples import Extents

_IMAGE_BRANDS = frozenset(
    {
        *(b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm"),
        *(b"hevs", b"avif", b"avis", b"crx ", b"jxl ", b"jp2 ", b"jpx ", b"jpm ", b"mjp2", b"miaf"),
    }
)
_FIRST_BOXES = frozenset({b"mvhd", b"trak", b"udta", b"cmov", b"rmra", b"iods", b"free", b"meta"})
_TOP = frozenset({b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"ftyp", b"uuid", b"udta"})
_NEEDED = (b"ftyp", b"moov", b"mdat", b"moof")
_OF_FRAGMENTS = {b"styp": brand_list, b"sidx": segment_index}
_QUICK_BOXES = 128
_QUICK_GLANCE = 512
_THOROUGH_GLANCE = 1024
_AT_ONCE_BYTES = 384 * 1024
"""A moov that is no larger is read as one: what one answer to a page's guard may carry."""
_STRETCHES_LIMIT = 64
_QUICK_PADDING_BYTES = 32 * 1024

_ELSEWHERE = (
    "The pictures of this video lie in an unusual place, so it cannot be cleaned with certainty. "
    "Export it anew with a video program."
)


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a video of this family, and of no picture."""
    kind = head[4:8]
    if kind == b"ftyp":
        named = brands(head)
        return bool(named) and named[0] not in _IMAGE_BRANDS
    length = int.from_bytes(head[:4], "big")
    if kind == b"moov":
        return head[12:16] in _FIRST_BOXES
    if kind == b"mdat":
        return length != 0 and (length >= 8 or length == 1)
    if kind in PADDING and length >= 8:
        return head[length + 4 : length + 8] in _TOP
    return False


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away."""
    look = yield from _look(source, depth)
    _settle(look, NOTHING_KEPT)
    return _report(look)


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    look = yield from _look(source, Depth.THOROUGH)
    _settle(look, wish)
    report = _report(look)
    return Examined(report, _cleaning(source, look, report))


def _report(look: Look) -> Report:
    return Report(NAME, look.depth, merged(look.findings), tuple(look.kept))


def _cleaning(source: Source, look: Look, report: Report) -> Cleaning:
    if look.refusal is not None:
        return Refused(look.refusal)
    if not look.cuts:
        return AlreadyClean(report.kept)
    if _touches(look.cuts, look.played_outside):
        return Refused(_ELSEWHERE)
    removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
    return Plan(assemble(0, source.size_bytes, look.cuts), removed, report.kept)


def _touches(cuts: list[Cut], played: Extents) -> bool:
    """Return whether a cut changes what is played; very many stretches are not compared."""
    if len(played) > _STRETCHES_LIMIT:
        return True
    return any(
        cut.offset < end and start < cut.offset + cut.length
        for start, end in played
        for cut in cuts
    )


def _look(source: Source, depth: Depth) -> Steps[Look]:
    reader = Reader(source)
    if source.size_bytes <= len(source.head):
        depth = Depth.THOROUGH
    look = Look(reader, depth)
    limit = BOXES_LIMIT if look.is_thorough else _QUICK_BOXES
    glance = _THOROUGH_GLANCE if look.is_thorough else _QUICK_GLANCE
    top = yield from walk_top(reader, NAME, _NEEDED, limit=limit, glance_bytes=glance)
    film = Film(is_fragmented=top.first(b"moof") is not None)
    moov = top.first(b"moov")
    is_cut_short = len(top.boxes) == limit
    if moov is None or (is_cut_short and look.is_thorough):
        why = "it has too many parts" if is_cut_short else "there is no film in it"
        raise Malformed(path=NAME, at_byte=0, why=why)
    for box in top.boxes:
        yield from _top_box(look, film, box, is_first=box is top.first(box.kind))
    if look.is_thorough and moov.size <= _AT_ONCE_BYTES:
        # Nearly all of it is needed, and whoever is far away is asked once.
        yield from reader.prefetch([moov.span])
    yield from read_moov(look, film, moov)
    if look.is_thorough:
        yield from account(look, film)
    settle_locks(look)
    yield from _settle_padding(look)
    if not is_cut_short:
        _trailer(look, top)
    return look


def _top_box(look: Look, film: Film, box: Box, *, is_first: bool) -> Steps[None]:
    if box.kind == b"mdat":
        film.media.append(box)
    elif box.kind == b"moof":
        film.fragments.append(box)
    elif box.kind in PADDING:
        look.padding.append(box)
    elif box.kind == b"mfra" and is_first:
        yield from random_access(look, box, f"{NAME}/mfra")
    elif box.kind == b"pssh":
        yield from lock(look, box, f"{NAME}/pssh")
    elif box.kind in _OF_FRAGMENTS and film.is_fragmented:
        yield from _OF_FRAGMENTS[box.kind](look, box, f"{NAME}/{box.name}")
    elif box.kind == b"ftyp" and is_first:
        yield from brand_list(look, box, NAME)
    elif not (box.kind == b"moov" and is_first):
        yield from unwanted(look, box, NAME)


def _settle_padding(look: Look) -> Steps[None]:
    """Have padding and slack hold nothing but zeros."""
    padding = look.padding
    if not look.is_thorough:
        padding = [box for box in padding if box.size <= _QUICK_PADDING_BYTES]
    full = yield from nonzero([Span(box.start, box.size) for box in padding])
    starts = {span.offset for span in full}
    dirty = [box for box in padding if box.size and box.start in starts]
    for box in dirty:
        what = f"Has leftovers in its empty space ({amount(box.size)})"
        look.drop(box, Finding(Kind.OTHER, f"{NAME}/{box.name}", what))
    for span in (yield from nonzero(look.slack)):
        look.blank(span)
        look.findings.append(Finding(Kind.OTHER, NAME, STRAY, spans=(span,)))


def _trailer(look: Look, top: Boxes) -> None:
    rest = top.rest
    if rest.length:
        what = f"Behind the film stands data that belongs to nothing ({amount(rest.length)})"
        where = f"{NAME}/after the film"
        look.findings.append(Finding(Kind.OTHER, where, what, spans=(rest,)))
        look.cuts.append(Cut(rest.offset, rest.length))


def _settle(look: Look, wish: Wish) -> None:
    """Say when it was made, and put what the wish keeps in the place of the notes that go."""
    if look.written_at:
        where = f"{NAME}/moov/mvhd"
        what = "Says when it was made"
        made = Finding(Kind.TIME, where, what)
        if look.written:
            made = time_finding(where, look.written[0], "when it was made")
            look.facts = look.facts.or_else(Facts(taken_at=look.written[0]))
        look.findings.append(made._replace(spans=tuple(look.written_at)))
    if look.programs:
        said = tidy(", ".join(name for name in look.programs if name))
        what = "Names the programs or devices that wrote it"
        places = tuple(span for spans in look.programs.values() for span in spans)
        where = f"{NAME}/moov/trak"
        what = f"{what}: {said}" if said else what
        look.findings.append(Finding(Kind.SOFTWARE, where, what, said or None, places))
    facts = look.facts.wished(wish)
    block = minimal_notes(facts)
    is_placed = not block
    for box in look.room:
        room = box.length - len(block)
        if is_placed or not (room == 0 or room >= 8):
            look.cuts += freed(box)
            continue
        is_placed = True
        look.cuts += _noted(look, box, block)
        look.kept += facts.names(wish)


def _noted(look: Look, box: Box, block: bytes) -> list[Cut]:
    """Return the cuts that make a box the minimal block and free space; none if it is that."""
    if look.reader.have(box.offset, box.length) == block:
        return []
    rest = Box(b"free", box.offset + len(block), 8, box.length - len(block))
    cut = Cut(box.offset, len(block), block)
    return [cut, *(freed(rest) if rest.length else ())]


FORMAT = Format(
    name=NAME,
    media_types=(
        *("video/mp4", "video/quicktime", "video/x-m4v", "video/3gpp", "video/3gpp2"),
        *("audio/mp4", "audio/x-m4a"),
    ),
    extensions=(".mp4", ".mov", ".m4v", ".3gp", ".3g2", ".m4a", ".qt"),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
