"""HEIF and AVIF: the items of a file, its boxes, and what lies between and behind them.

Source: ISO/IEC 23008-12:2022 (HEIF), ISO/IEC 23000-22:2019 (MIAF), AV1 Image File Format 1.1.

Nothing moves: the `meta` box is written anew at its size, data of items that go become zeros,
unwanted boxes become `free` boxes of zeros, and what stands behind the last picture is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from sharewise.formats.heif_inside.blocks import blocks_to_keep, picture_findings, read_blocks
from sharewise.formats.heif_inside.boxes import read_boxes
from sharewise.formats.heif_inside.choose import PICTURES, Choice, choose
from sharewise.formats.heif_inside.items import Meta, read_meta
from sharewise.formats.heif_inside.rebuild import rebuilt, spans_of
from sharewise.formats.heif_inside.sequence import read_sequence
from sharewise.formats.heif_inside.settle import kept_words, needs_unknown, settle
from sharewise.formats.heif_inside.stretches import end_of, within, without
from sharewise.formats.heif_inside.units import has_stray_bytes
from sharewise.formats.isobmff import (
    GLANCE_BYTES,
    Box,
    blanked,
    brands,
    nonzero,
    overwritten,
    walk_top,
)
from sharewise.formats.metadata.words import amount, merged
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader

NAME = "HEIF"
META_BYTES = 4 * 1024 * 1024
"""The largest `meta` box; one with 10,000 tiles has a tenth of that."""
BOXES_LIMIT = 1024
"""The most boxes at the top of a file; cameras write fewer than ten."""
BLANK_BYTES = 64 * 1024 * 1024
"""The most that is filled with zeros."""

_BRANDS = frozenset(
    {
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2"),
        *(b"mif3", b"msf1", b"avif", b"avis", b"avio", b"miaf", b"avci", b"avcs", b"vvic", b"vvis"),
    }
)
_OTHERS = frozenset({b"crx ", b"qt  ", b"mp42", b"isom"})
"""Major brands of files that are no HEIF whatever else they claim to be."""
_DERIVED_BYTES = {b"grid": 12, b"iden": 0, b"iovl": 4096, b"tmap": 256}
_MAIN = (b"ftyp", b"meta", b"mdat", b"moov")

_ODD = (
    "The picture is stored in a way that Sharewise does not know, so it cannot be cleaned safely. "
    "Share a screenshot of it instead, or do not share it."
)
_STRAY = (
    "Inside the data of this picture stand bytes that are no part of it, and they cannot be taken "
    "out. Share a screenshot of it instead, or do not share it."
)
_TOO_MUCH = (
    f"More than {amount(BLANK_BYTES)} of hidden data lie inside this picture, too much to remove "
    "safely. Share a screenshot of it instead, or do not share it."
)


@dataclass(slots=True)
class _Survey:
    """What one look at a file has found so far."""

    reader: Reader
    wish: Wish
    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    used: list[Span] = field(default_factory=list)
    """Media data that stay."""
    free: list[Span] = field(default_factory=list)
    """Media data of items and tracks that go."""
    refusal: str | None = None

    def add(self, findings: Iterable[Finding], cuts: Iterable[Cut], kept: Iterable[str]) -> None:
        """Take in what a part of the look has found."""
        self.findings += findings
        self.cuts += cuts
        self.kept += [word for word in kept if word not in self.kept]


def recognises(head: bytes) -> bool:
    """Return whether these are the first bytes of a HEIF or AVIF file, still or sequence."""
    names = brands(head)
    return bool(names) and names[0] not in _OTHERS and not _BRANDS.isdisjoint(names)


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away; the quick look reads boxes and blocks only."""
    survey = yield from _survey(source, depth, NOTHING_KEPT)
    return Report(NAME, depth, merged(survey.findings), tuple(survey.kept))


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it."""
    survey = yield from _survey(source, Depth.THOROUGH, wish)
    report = Report(NAME, Depth.THOROUGH, merged(survey.findings), tuple(survey.kept))
    return Examined(report, _cleaning(source, survey, report))


def _cleaning(source: Source, survey: _Survey, report: Report) -> Cleaning:
    if survey.refusal is not None:
        return Refused(survey.refusal)
    if not survey.cuts:
        return AlreadyClean(report.kept)
    removed = tuple(dict.fromkeys(finding.kind for finding in report.findings))
    return Plan(assemble(0, source.size_bytes, survey.cuts), removed, report.kept)


def _survey(source: Source, depth: Depth, wish: Wish) -> Steps[_Survey]:
    reader = Reader(source)
    top = yield from walk_top(reader, NAME, _MAIN, limit=BOXES_LIMIT, glance_bytes=GLANCE_BYTES)
    survey = _Survey(reader, wish)
    stores = [Span(box.start, box.size) for box in top.boxes if box.kind == b"mdat"]
    meta, film = top.first(b"meta"), top.first(b"moov")
    if meta is None and film is None and top.first(b"mini") is not None:
        survey.refusal = _ODD
        return survey
    if meta is None and film is None:
        raise Malformed(path=NAME, at_byte=0, why="there is no picture in it")
    if film is not None:
        sequence = yield from read_sequence(reader, film, depth, NAME)
        survey.add(sequence.findings, sequence.cuts, sequence.kept)
        survey.refusal = sequence.refusal
        if without(sequence.frames, stores):
            survey.refusal = survey.refusal or _ODD
        survey.used += sequence.frames
        survey.free += within(sequence.dropped, stores)
    if meta is not None:
        yield from _pictures(survey, meta, stores, depth, is_alone=film is None)
    if depth is Depth.THOROUGH:
        yield from _blank(survey, stores)
    outside = yield from read_boxes(reader, top, _MAIN, NAME)
    survey.add(outside.findings, outside.cuts, ())
    if survey.cuts and not survey.findings:
        what = "Has bytes in its structure that belong to nothing"
        survey.findings.append(Finding(Kind.OTHER, NAME, what))
    return survey


def _pictures(
    survey: _Survey, box: Box, stores: list[Span], depth: Depth, *, is_alone: bool
) -> Steps[None]:
    """Look at the items and write their box anew; note what they use and what they leave."""
    path = f"{NAME}/meta"
    reader = survey.reader
    if box.size > META_BYTES:
        raise Malformed(path=path, at_byte=box.offset, why="it is larger than any picture needs")
    payload = yield from reader.read(box.start, box.size, path)
    meta = read_meta(payload, box.start, path)
    if meta.handler[8:12] != b"pict":
        raise Malformed(path=path, at_byte=box.offset, why="it does not describe a picture")
    choice = choose(meta)
    if is_alone and not choice.pictures:
        raise Malformed(path=path, at_byte=box.offset, why="there is no picture in it")
    survey.refusal = survey.refusal or _refusal(reader, meta, choice, stores)
    if depth is Depth.THOROUGH and survey.refusal is None:
        is_odd = yield from has_stray_bytes(reader, meta, choice, path)
        survey.refusal = _STRAY if is_odd else None
    data_at = next((part.at + 8 for part in meta.order if part.kind == b"idat"), 0)
    blocks = yield from read_blocks(reader, meta, data_at, choice, NAME)
    survey.used += within(spans_of(meta, choice.stay, 0), stores)
    free = without(within(spans_of(meta, choice.goes, 0), stores), survey.used)
    survey.free += free
    keep, names = blocks_to_keep(meta, choice, blocks, survey.wish, free)
    stays, found = settle(meta, choice, keep, NAME)
    survey.add(blocks.findings(keep), (), kept_words(meta, choice))
    survey.add(picture_findings(reader, meta, choice, NAME), (), names)
    survey.findings += found
    fresh = rebuilt(meta, stays, box.size)
    if fresh is None:
        survey.refusal = survey.refusal or _ODD
    elif fresh != payload:
        survey.cuts.append(overwritten(box.start, fresh))
    for block in keep.values():
        if blocks.data[block.item.id][: len(block.data)] != block.data:
            survey.cuts.append(overwritten(block.place.offset, block.data))
    survey.used += [block.place for block in keep.values()]


def _blank(survey: _Survey, stores: list[Span]) -> Steps[None]:
    """Fill with zeros what items that go have left, and what lies between all items."""
    blanks = yield from nonzero(without(survey.free, survey.used))
    lost = yield from nonzero(without(stores, [*survey.used, *survey.free]))
    if lost:
        size = amount(sum(span.length for span in lost))
        what = f"Holds data that belong to no picture ({size})"
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/mdat", what, spans=tuple(lost)))
    blanks += lost
    if sum(span.length for span in blanks) > BLANK_BYTES:
        survey.refusal = survey.refusal or _TOO_MUCH
        return
    for span in blanks:
        survey.cuts += blanked(span)


def _refusal(reader: Reader, meta: Meta, choice: Choice, stores: list[Span]) -> str | None:
    """Return why the pictures cannot be told from the rest; None if they can.

    Raises Malformed where a picture lies outside the file.
    """
    path = f"{NAME}/meta/iloc"
    for id_ in choice.stay:
        location, item = meta.location(id_), meta.items[id_]
        if item.protection:
            return _ODD
        if location is None:
            continue
        if location.source or location.method > 1:
            return _ODD
        end = len(meta.data) if location.method else reader.size
        for span in location.spans():
            if end_of(span) > end:
                raise Malformed(path=path, at_byte=reader.size, why="a picture is cut short")
    if not all(_is_plain(meta, id_) for id_ in choice.stay):
        return _ODD
    lying = spans_of(meta, choice.stay, 0)
    if without(lying, stores) or needs_unknown(meta, choice):
        return _ODD
    return None


def _is_plain(meta: Meta, id_: int) -> bool:
    """Return whether an item is a picture, and one that is made of others is no longer than that
    needs: its numbers are few."""
    item, location = meta.items[id_], meta.location(id_)
    size = 0 if location is None else location.size_bytes
    return item.kind in PICTURES and size <= _DERIVED_BYTES.get(item.kind, size)


FORMAT = Format(
    name=NAME,
    media_types=("image/heic", "image/heif", "image/avif"),
    extensions=(".heic", ".heif", ".avif", ".hif", ".heics", ".heifs", ".avifs"),
    recognises=recognises,
    inspect=inspect,
    examine=examine,
)
