"""The boxes of a file beside its pictures: what each gives away, and how it is got rid of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import (
    PADDING,
    Box,
    Boxes,
    freed,
    overwritten,
    unwanted_padding,
    walk,
)
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER
from sharewise.formats.metadata.jumbf import read_jumbf
from sharewise.formats.metadata.words import amount, decode, tidy
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader
from sharewise.formats.trailing import read_trailer
from sharewise.formats.video_inside.notes import read_notes

NOTES_LIMIT = 16
"""The most boxes that are read for people; more go unread."""
_READ_BYTES = 1024 * 1024
_GLANCE_BYTES = 256
_VIDEO = frozenset({b"mpvd"})
_BRANDS_BYTES = 256


@dataclass(slots=True)
class Outside:
    """What was found beside the pictures."""

    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


def read_boxes(reader: Reader, top: Boxes, main: Sequence[bytes], path: str) -> Steps[Outside]:
    """Look at every box at the top of a file but the first of each of the `main` ones.

    Media data are looked at elsewhere. What stands behind the last box that stays is cut off if
    anything of it must go; any other box becomes empty.
    """
    outside = Outside()
    yield from _brands(reader, outside, top.boxes[0], path)
    seen: set[bytes] = set()
    others: list[Box] = []
    last = 0
    for box in top.boxes:
        is_main = box.kind in main and (box.kind == b"mdat" or box.kind not in seen)
        seen.add(box.kind)
        if is_main:
            last = box.end
        else:
            others.append(box)
    full = set((yield from unwanted_padding(others)))
    unwanted = [box for box in others if box.kind not in PADDING or box in full]
    for number, box in enumerate(unwanted):
        found = _plain(box, path)
        if number < NOTES_LIMIT:
            found = yield from _read(reader, box, path)
        outside.findings += [one._replace(spans=one.spans or (box.span,)) for one in found]
        if box.offset < last:
            outside.cuts += freed(box)
    rest = top.rest
    if rest.length:
        outside.findings += yield from read_trailer(
            reader, rest.offset, rest.offset + rest.length, path
        )
    if rest.length or any(box.offset >= last for box in unwanted):
        outside.cuts.append(Cut(last, reader.size - last))
    return outside


def _brands(reader: Reader, outside: Outside, box: Box, path: str) -> Steps[None]:
    """Blank what is no brand in the box that begins the file."""
    if box.size > _BRANDS_BYTES:
        raise Malformed(path=f"{path}/ftyp", at_byte=0, why="it names more brands than there are")
    data = yield from reader.read(box.start, box.size, path)
    brands = [data[at : at + 4] for at in range(8, len(data) - 3, 4)]
    is_plain = all(_is_brand(brand) for brand in brands) and len(data) % 4 == 0
    if is_plain:
        return
    kept = [brand if _is_brand(brand) else data[:4] for brand in brands]
    fresh = data[:8] + b"".join(kept) + bytes(len(data) % 4)
    if fresh != data:
        outside.cuts.append(overwritten(box.start, fresh))


def _is_brand(brand: bytes) -> bool:
    return all(32 <= byte < 127 for byte in brand)


def _read(reader: Reader, box: Box, path: str) -> Steps[list[Finding]]:
    where = f"{path}/{box.name}"
    if box.kind in PADDING:
        return (yield from _padding(reader, box, where))
    if box.kind in _VIDEO:
        size = amount(box.size)
        what = f"A short video, maybe with sound ({size}), is hidden in the picture"
        said = yield from _said_by_video(reader, box, where)
        return [*said, Finding(Kind.HIDDEN_MEDIA, where, what)]
    data = yield from reader.read(box.start, min(box.size, _READ_BYTES), where)
    match box.kind:
        case b"uuid" | b"udta":
            notes = yield from read_notes(reader, box, path)
            return notes.findings
        case b"jumb" | b"c2pa":
            return read_jumbf(data, box.size, where)
        case b"Exif" | b"exif":
            tiff = data[4:].removeprefix(EXIF_HEADER)
            return list(read_exif(tiff, where).findings) or _plain(box, path)
        case b"sefd":
            what = f"The phone (Samsung) put {amount(box.size)} of its own data behind the picture"
            return [Finding(Kind.OTHER, where, what)]
    return _plain(box, path)


def _said_by_video(reader: Reader, box: Box, path: str) -> Steps[list[Finding]]:
    """Return what a hidden video tells in its own notes."""
    video = yield from walk(reader, box.start, box.end, path)
    film = video.first(b"moov")
    if film is None:
        return []
    findings: list[Finding] = []
    inside = yield from walk(reader, film.start, film.end, f"{path}/moov")
    for part in inside.boxes:
        if part.kind in (b"udta", b"meta"):
            notes = yield from read_notes(reader, part, f"{path}/moov")
            findings += [one for one in notes.placed(part.span) if one.kind is not Kind.OTHER]
    return findings


def _padding(reader: Reader, box: Box, where: str) -> Steps[list[Finding]]:
    """Say what was left in a box that means nothing."""
    data = yield from reader.read(box.start, min(box.size, _GLANCE_BYTES), where)
    text = tidy(decode(data.strip(b"\0")))
    what = f"Holds leftover data in unused space ({amount(box.size)})"
    if data.strip(b"\0").isascii() and text.isprintable() and len(text) >= 4:
        return [Finding(Kind.OTHER, where, f"{what}: {text}", text)]
    return [Finding(Kind.OTHER, where, what)]


def _plain(box: Box, path: str) -> list[Finding]:
    what = f"Holds data that is no part of the picture ({amount(max(1, box.size))})"
    return [Finding(Kind.OTHER, f"{path}/{box.name}", what, spans=(Span(box.offset, box.length),))]
