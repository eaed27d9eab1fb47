"""Decide which of the blocks that need deciding stay: EXIF, XMP, the index of pictures.

Each is compared with the block that would be made anew: if it is exactly that, it stays; else it
goes and the new one takes its place. So a second cleaning finds nothing to do.
"""

from __future__ import annotations

from sharewise.formats.contract import Finding, Kind, Span, Wish
from sharewise.formats.jpeg_inside.segments import XMP_HEADER, Contents, segment_of
from sharewise.formats.jpeg_inside.walk import Segment
from sharewise.formats.metadata import gainmap
from sharewise.formats.metadata.facts import EXIF_HEADER, minimal_exif
from sharewise.formats.metadata.words import placed
from sharewise.formats.plans import Cut


def settle_exif(found: Contents, wish: Wish) -> None:
    """Decide on the EXIF blocks before the first scan: none stays but one that says what may."""
    facts = found.facts.wished(wish)
    names = list(facts.names(wish))
    wanted = minimal_exif(facts)
    stays: Segment | None = None
    for segment, data, block in found.early_exif:
        is_wanted = data == wanted or (block.is_harmless and block.facts == facts)
        if stays is None and is_wanted and segment is found.early_exif[0][0]:
            stays = segment
        else:
            found.drop(segment)
            if not block.findings:
                place = (Span(segment.offset, segment.length),)
                what = "Has a block of technical details that is not needed to show it"
                where = f"{found.path}/APP1/Exif"
                found.findings.append(Finding(Kind.OTHER, where, what, spans=place))
    if stays is None and wanted:
        insert = segment_of(0xE1, EXIF_HEADER + wanted)
        found.cuts.append(Cut(found.header_end, 0, insert))
    found.kept[:0] = names


def settle_xmp(found: Contents, wanted: bytes) -> None:
    """Leave the packet that is wanted, if one is, in place of the first one."""
    has_place = False
    for segment, data, block in found.packets:
        if wanted and segment.is_early and not has_place:
            has_place = True
            if data == wanted:
                continue
            insert = segment_of(0xE1, XMP_HEADER + wanted)
            found.cuts.append(Cut(segment.offset, segment.length, insert))
        else:
            found.drop(segment)
        found.findings += placed(block.findings, (Span(segment.offset, segment.length),))


def settle_gain_map(found: Contents, *, stays: bool) -> None:
    """Keep the numbers that an HDR screen needs (ISO 21496-1) if they are exact."""
    for index, (segment, data) in enumerate(found.gain_maps):
        is_exact = segment.is_early and not index and gainmap.is_exact_iso(data)
        if not (stays and is_exact):
            place = (found.drop(segment),)
            what = "Holds settings for HDR screens that belong to nothing"
            where = f"{found.path}/APP2/ISO 21496-1"
            found.findings.append(Finding(Kind.OTHER, where, what, spans=place))


def settle_index(found: Contents, wanted: bytes, at: Segment | None) -> None:
    """Leave the index of pictures (MPF) that is wanted, if one is, in the place `at`."""
    for segment, data in found.indexes:
        if segment is at and wanted:
            if data == wanted:
                continue
            insert = segment_of(0xE2, wanted)
            found.cuts.append(Cut(segment.offset, segment.length, insert))
            place = Span(segment.offset, segment.length)
        else:
            place = found.drop(segment)
        what = "Holds an index of more pictures in the file"
        found.findings.append(Finding(Kind.OTHER, f"{found.path}/APP2/MPF", what, spans=(place,)))
