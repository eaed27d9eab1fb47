"""The headers of a film and its tracks: times, names and reserved bytes go, the rest stays.

Source: ISO/IEC 14496-12:2022, 8.2 to 8.6; QuickTime File Format Specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import (
    PADDING,
    Box,
    created_at,
    handler_name,
    neutral_handler,
    times_at,
    walk,
)
from sharewise.formats.metadata.words import decode, tidy
from sharewise.formats.video_inside.look import NAME, Look
from sharewise.formats.video_inside.notes import read_notes

Rule: TypeAlias = Callable[[Look, Box, str], Steps[None]]
"""What is done with a box of a known type that stays."""

NOTES = frozenset({b"udta", b"meta", b"uuid"})
_MANY = frozenset({b"trex", b"trep", b"tfra"})
"""Types of which there is one for each track."""
_NAME_BYTES = 1024
_REFERENCE_BYTES = 64 * 1024
_GROUPS_BYTES = 64 * 1024
_SELF_CONTAINED = 1
_BRANDS_BYTES = 256
BRANDS = frozenset(
    {
        *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"isoa"),
        *(b"isob", b"isoc", b"mp41", b"mp42", b"mp71", b"avc1", b"hvc1", b"hev1", b"av01", b"vp09"),
        *(b"3gp1", b"3gp2", b"3gp3", b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gp8", b"3gp9", b"3gg6"),
        *(b"3gr6", b"3gs6", b"3gs7", b"3gh9", b"3ge6", b"3ge7", b"3g2a", b"3g2b", b"3g2c", b"qt  "),
        *(b"M4A ", b"M4B ", b"M4P ", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"MSIX", b"mmp4", b"NDSC"),
        *(b"NDSH", b"NDSM", b"NDSP", b"NDSS", b"NDXC", b"NDXH", b"NDXM", b"NDXP", b"NDXS", b"F4V "),
        *(b"f4v ", b"F4P ", b"F4A ", b"F4B ", b"JP20", b"CAEP", b"niko", b"pana", b"XAVC", b"caqv"),
        *(b"dash", b"dsms", b"dby1", b"msdh", b"msix", b"risx", b"sims", b"lmsg", b"cmfc", b"cmff"),
        *(b"cmf2", b"cmfs", b"cfhd", b"cfsd", b"chdf", b"caac", b"caaa", b"cud1", b"chd1", b"cvvc"),
        *(b"piff", b"ccff", b"hlsf", b"iphd", b"mobi", b"nclc", b"nvr1", b"pnvi", b"ssc1", b"ssc2"),
        *(b"mif1", b"mif2", b"msf1", b"miaf", b"MiHB", b"MiHE", b"MiHA", b"MiPr", b"MA1A", b"MA1B"),
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"avif", b"avis"),
        *(b"avio", b"jpeg", b"jpgs", b"j2ki", b"j2is", b"vvic", b"vvis", b"tmap", b"pred", b"1pic"),
        *(b"crx ", b"unif", b"geo1", b"mp21", b"iso ", b"\0\0\0\0"),
    }
)
"""Brands of https://mp4ra.org/registered-types/brands and of well-known cameras and programs."""
_DEPENDENCIES_BYTES = 4 * 1024 * 1024
_RESERVED_DEPENDENCIES = frozenset(
    byte for byte in range(256) if any(byte >> shift & 3 == 3 for shift in (0, 2, 4))
)
_INDISPENSABLE = frozenset({b"stts", b"stsc", b"stco", b"co64"})
_SMALL_GROUPS = {b"roll": 2, b"prol": 2, b"rap ": 1, b"sync": 1, b"tele": 1}
"""The bytes of an entry where no box says how many there are."""

_LAYOUTS: Mapping[tuple[bytes, int], tuple[int, tuple[tuple[int, int], ...]]] = {
    (b"mvhd", 0): (100, ((26, 10), (72, 24))),
    (b"mvhd", 1): (112, ((38, 10), (84, 24))),
    (b"tkhd", 0): (84, ((16, 4), (24, 8), (38, 2))),
    (b"tkhd", 1): (96, ((24, 4), (36, 8), (50, 2))),
    (b"mdhd", 0): (24, ((22, 2),)),
    (b"mdhd", 1): (36, ((34, 2),)),
}
"""The size of the payload of each version, and the stretches in it that are reserved."""
_IDENTITY = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_GROUPINGS = frozenset(
    {
        *(b"roll", b"prol", b"rap ", b"seig", b"sync", b"refs", b"tele", b"tsas", b"stsa", b"alst"),
        *(b"trif", b"nalm", b"tscl", b"linf", b"oinf", b"scif", b"sap ", b"sulm", b"dtrt", b"scnm"),
    }
)


def container(
    look: Look, box: Box, path: str, rules: Mapping[bytes, Rule], *, skip: int = 0
) -> Steps[None]:
    """Keep what `rules` know in a container, but for some types once; all else in it goes."""
    inside = yield from walk(look.reader, min(box.start + skip, box.end), box.end, path)
    seen: set[bytes] = set()
    for child in inside.boxes:
        rule = rules.get(child.kind)
        if child.kind in PADDING:
            look.padding.append(child)
        elif rule is not None and (child.kind not in seen or child.kind in _MANY):
            seen.add(child.kind)
            yield from rule(look, child, f"{path}/{child.name}")
        else:
            yield from unwanted(look, child, path)
    look.rest(inside)


def unwanted(look: Look, box: Box, path: str) -> Steps[None]:
    """Take out a box that is no part of the film, and say what it holds."""
    if box.kind not in NOTES:
        look.unknown(box, path)
        return
    notes = yield from read_notes(look.reader, box, path)
    look.facts = look.facts.or_else(notes.facts)
    look.drop(box, *notes.findings)


def header(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep mvhd, tkhd or mdhd without its times and without what is reserved in it."""
    data = yield from look.reader.read(box.start, min(box.size, 256), path)
    size, reserved = _LAYOUTS.get((box.kind, data[0] if data else 255), (0, ()))
    if not size or box.size < size:
        raise Malformed(path=path, at_byte=box.offset, why="its header makes no sense")
    times = times_at(data)
    field = data[times.offset : times.offset + times.length]
    if look.patch(box.start + times.offset, field, bytes(times.length)):
        look.written_at.append(Span(box.start + times.offset, times.length))
        written = created_at(data)
        if written is not None:
            look.written.append(written)
    for offset, length in reserved:
        look.stray(box.start + offset, data[offset : offset + length], bytes(length), path)
    exact(look, box, size)
    yield from ()


def is_turned(tkhd: bytes) -> bool:
    """Return whether a track header's matrix turns or mirrors the picture."""
    at = 52 if tkhd[:1] == b"\x01" else 40
    matrix = tuple(
        int.from_bytes(tkhd[place : place + 4], "big", signed=True)
        for place in range(at, at + 36, 4)
    )
    return len(tkhd) >= at + 36 and (matrix[0], matrix[1], matrix[3], matrix[4]) != (
        *_IDENTITY[:2],
        *_IDENTITY[3:5],
    )


def exact(look: Look, box: Box, size: int) -> None:
    """Have what a box holds beyond `size` bytes of payload be zero."""
    if box.size > size:
        look.slack.append(Span(box.start + size, box.size - size))


def fixed(size: int) -> Rule:
    """Return the rule for a box of this many bytes of payload."""

    def keep(look: Look, box: Box, path: str) -> Steps[None]:
        del path
        exact(look, box, size)
        yield from ()

    return keep


def versioned(size: int, version_1_size: int) -> Rule:
    """Return the rule for a box whose size hangs on its version."""

    def keep(look: Look, box: Box, path: str) -> Steps[None]:
        head = yield from look.reader.read(box.start, min(box.size, 1), path)
        exact(look, box, version_1_size if head == b"\x01" else size)

    return keep


def table(entry_bytes: int, version_1_bytes: int | None = None, count_at: int = 4) -> Rule:
    """Return the rule for a list of entries of a fixed size behind their count."""

    def keep(look: Look, box: Box, path: str) -> Steps[None]:
        length = min(box.size, count_at + 4)
        head = yield from look.reader.read(box.start, length, path)
        each = version_1_bytes if version_1_bytes and head[:1] == b"\x01" else entry_bytes
        count = int.from_bytes(head[count_at:], "big")
        size = count_at + 4 + each * count
        if size <= box.size:
            exact(look, box, size)
        elif box.kind in _INDISPENSABLE:
            raise Malformed(path=path, at_byte=box.offset, why="a table is shorter than it says")
        else:
            look.unknown(box, path.rpartition("/")[0])

    return keep


def lock(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep what unlocks a film, if it turns out that it is locked."""
    look.locks.append((box, path.rpartition("/")[0]))
    yield from ()


def settle_locks(look: Look) -> None:
    """Take out what unlocks a film that is not locked."""
    for box, parent in look.locks if not look.is_locked else ():
        look.unknown(box, parent)


def dependencies(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep what is said of each sample's dependencies, if it says nothing else."""
    if not look.is_thorough:
        return
    data = yield from look.reader.read(box.start, min(box.size, _DEPENDENCIES_BYTES), path)
    is_sane = all(byte not in _RESERVED_DEPENDENCIES for byte in data[4:])
    if box.size > len(data) or any(data[:4]) or not is_sane:
        look.unknown(box, path.rpartition("/")[0])


def brand_list(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep the brands of a file; of those that nobody knows, one may stand beside the others."""
    del path
    data = yield from look.reader.read(box.start, min(box.size, _BRANDS_BYTES), NAME)
    brands = [data[at : at + 4] for at in range(8, len(data) - 3, 4)]
    unknown = [brand for brand in brands if brand not in BRANDS and brand != data[:4]]
    rest = data[8 + 4 * len(brands) :]
    if len(unknown) > 1 or rest:
        neutral = b"".join(data[:4] if brand in unknown else brand for brand in brands)
        new = data[:8] + neutral + bytes(len(rest))
        look.stray(box.start, data, new, f"{NAME}/{box.name}")
    exact(look, box, len(data))


def segment_index(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep the index of the parts of a film. Source: ISO/IEC 14496-12:2022, 8.16.3."""
    head = yield from look.reader.read(box.start, min(box.size, 32), path)
    at = 28 if head[:1] == b"\x01" else 20
    size = at + 4 + 12 * int.from_bytes(head[at + 2 : at + 4], "big")
    if box.size < size:
        look.unknown(box, path.rpartition("/")[0])
    else:
        exact(look, box, size)


def sizes(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep the sample sizes of stsz, of which there are none where all are the same."""
    head = yield from look.reader.read(box.start, min(box.size, 12), path)
    count = 0 if any(head[4:8]) else int.from_bytes(head[8:], "big")
    exact(look, box, 12 + 4 * count)


def compact_sizes(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep the sample sizes of stz2, of 4, 8 or 16 bits each."""
    head = yield from look.reader.read(box.start, min(box.size, 12), path)
    bits = head[7] if len(head) > 7 else 0
    look.stray(box.start + 4, head[4:7], bytes(len(head[4:7])), path)
    exact(look, box, 12 + (bits * int.from_bytes(head[8:], "big") + 7) // 8)


def anything(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep a box as it is."""
    del look, box, path
    yield from ()


def groups(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep sample groups of a known type; programs put groups of their own into these boxes."""
    length = min(box.size, _GROUPS_BYTES if box.kind == b"sgpd" else 32)
    data = yield from look.reader.read(box.start, length, path)
    size = _size_of_groups(box.kind, data)
    if data[4:8] not in _GROUPINGS or size is None or size > box.size:
        look.unknown(box, path.rpartition("/")[0])
    else:
        exact(look, box, size)


def _size_of_groups(kind: bytes, data: bytes) -> int | None:
    """Return the bytes of a box of sample groups by its own counts, None if they make no sense."""
    version = data[0] if data else 0
    if kind == b"sbgp":
        at = 12 if version == 1 else 8
        return at + 4 + 8 * int.from_bytes(data[at : at + 4], "big")
    if kind == b"csgm":
        return None
    at = 8
    each = int.from_bytes(data[8:12], "big") if version == 1 else 0
    at += 4 * (version >= 1)
    count, at = int.from_bytes(data[at : at + 4], "big"), at + 4
    if version == 0:
        return len(data) if len(data) - at == count * _SMALL_GROUPS.get(data[4:8], -1) else None
    for _ in range(min(count, len(data))):
        size = each or int.from_bytes(data[at : at + 4], "big")
        at += size + (0 if each or version != 1 else 4)
    return at


def handler(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep what kind of track it is, without the name that a program gave it."""
    data = yield from look.reader.read(box.start, min(box.size, _NAME_BYTES), path)
    exact(look, box, len(data))
    name = tidy(decode(handler_name(data)))
    if look.patch(box.start, data, neutral_handler(data)):
        maker = tidy(decode(data[12:16].strip(b"\0")))
        look.named(name or maker, box.span)


def references(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep that the media lie in this file, without paths to where they lay once."""
    inside = yield from walk(look.reader, min(box.start + 8, box.end), box.end, path)
    for entry in inside.boxes:
        data = yield from look.reader.read(entry.start, min(entry.size, _REFERENCE_BYTES), path)
        exact(look, entry, len(data))
        is_here = int.from_bytes(data[:4], "big") & _SELF_CONTAINED
        if not is_here:
            look.refusal = _ELSEWHERE
        if look.patch(entry.start + 4, data[4:], bytes(len(data[4:]))):
            said = tidy(decode(data[4:].strip(b"\0"))) if data[4:].isascii() else ""
            what = "Says where the film lay on a disk"
            place = (entry.span,)
            said_what = f"{what}: {said}" if said else what
            look.findings.append(Finding(Kind.OTHER, path, said_what, said or None, place))
    look.rest(inside)


_ELSEWHERE = (
    "This video shows pictures from another file, so it cannot be cleaned by itself. "
    "Export it as one file first."
)


def language(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep the language of a track if it is one: letters, digits and hyphens."""
    data = yield from look.reader.read(box.start, min(box.size, 64), path)
    tag = data[4:].rstrip(b"\0").replace(b"-", b"")
    if box.size > 64 or not tag.isalnum() or len(tag) > 16:
        look.unknown(box, path.rpartition("/")[0])


def object_descriptor(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep `iods` if it holds profiles only. Source: ISO/IEC 14496-14, 5.1.1; 14496-1, 7.2.6."""
    data = yield from look.reader.read(box.start, min(box.size, 256), path)
    body = data[4:]
    at = 1
    while at < len(body) and at < 5 and body[at] & 0x80:
        at += 1
    content = body[at + 1 :]
    is_short = len(content) >= 7 and not content[1] & 0x20 and body[:1] in (b"\x10", b"\x02")
    tracks = content[7:]
    while tracks[:1] in (b"\x0e", b"\x0f"):
        skip = 1
        while skip < len(tracks) - 1 and skip < 4 and tracks[skip] & 0x80:
            skip += 1
        tracks = tracks[skip + 5 :]
    if not is_short or tracks.strip(b"\0") or box.size > len(data):
        look.unknown(box, path.rpartition("/")[0])


def _within(rules: Mapping[bytes, Rule], skip: int = 0) -> Rule:
    return partial(_container, rules, skip)


def _container(
    rules: Mapping[bytes, Rule], skip: int, look: Look, box: Box, path: str
) -> Steps[None]:
    yield from container(look, box, path, rules, skip=skip)


def _clean_aperture(look: Look, box: Box, path: str) -> Steps[None]:
    yield from container(look, box, path, dict.fromkeys((b"clef", b"prof", b"enof"), fixed(12)))


def _media_header(look: Look, box: Box, path: str) -> Steps[None]:
    rules: dict[bytes, Rule] = {b"gmin": fixed(16), b"text": fixed(36)}
    yield from container(look, box, path, rules)


SAMPLE_TABLES: Mapping[bytes, Rule] = {
    b"stts": table(8),
    b"ctts": table(8),
    b"cslg": versioned(24, 44),
    b"stss": table(4),
    b"stps": table(4),
    b"stsc": table(12),
    b"stsz": sizes,
    b"stz2": compact_sizes,
    b"stco": table(4),
    b"co64": table(8),
    b"sdtp": dependencies,
    b"sbgp": groups,
    b"sgpd": groups,
    b"csgm": groups,
    b"saiz": lock,
    b"saio": lock,
    b"senc": lock,
}
TRACK: Mapping[bytes, Rule] = {
    b"tkhd": header,
    b"edts": _within({b"elst": table(12, 20)}),
    b"tapt": _clean_aperture,
}
MEDIA: Mapping[bytes, Rule] = {b"mdhd": header, b"hdlr": handler, b"elng": language}
MEDIA_INFORMATION: Mapping[bytes, Rule] = {
    b"vmhd": fixed(12),
    b"smhd": fixed(8),
    b"hmhd": fixed(20),
    b"nmhd": fixed(4),
    b"sthd": fixed(4),
    b"gmhd": _media_header,
    b"hdlr": handler,
    b"dinf": _within({b"dref": references}),
}
EXTENDS: Mapping[bytes, Rule] = {
    b"mehd": fixed(12),
    b"trex": fixed(24),
    b"leva": anything,
    b"trep": fixed(8),
}
