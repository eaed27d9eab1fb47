"""Sample descriptions: how each track is decoded; names of programs and unknown boxes go.

Sources: ISO/IEC 14496-12:2022, 8.5.2 and 12; QuickTime File Format Specification, "Sample
Description Atoms"; the registrations of the codecs.
"""

from __future__ import annotations

from collections.abc import Mapping

from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import PADDING, Box, walk
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.words import decode, tidy
from sharewise.formats.video_inside.configurations import RULES, no_words, settle
from sharewise.formats.video_inside.headers import (
    Rule,
    anything,
    container,
    exact,
    fixed,
    unwanted,
)
from sharewise.formats.video_inside.look import Look

VIDEO_BYTES = 78
AUDIO_BYTES = 28
_MORE_AUDIO_BYTES = {0: 0, 1: 16, 2: 36}
_ENTRIES_LIMIT = 256
_TERMINATOR = b"\0\0\0\0"

_EXTENSIONS = frozenset(
    {
        *(b"avcC", b"hvcC", b"lhvC", b"hvcE", b"vvcC", b"av1C", b"vpcC", b"esds", b"dOps", b"dfLa"),
        *(b"dac3", b"dec3", b"dac4", b"dmlp", b"ddts", b"udts", b"alac", b"mhaC", b"damr", b"d263"),
        *(b"dvcC", b"dvvC", b"dvwC", b"apvC", b"jxsH", b"j2kH", b"jp2h", b"mjp2", b"glbl", b"bitr"),
        *(b"colr", b"pasp", b"clap", b"fiel", b"gama", b"btrt", b"mdcv", b"clli", b"SmDm", b"CoLL"),
        *(
            b"auxi",
            b"amve",
            b"cclv",
            b"vexu",
            b"hfov",
            b"st3d",
            b"chan",
            b"chnl",
            b"pcmC",
            b"srat",
            b"ccst",
        ),
        *(b"sinf", b"SA3D", b"enda", b"frma", b"SMI ", b"strf", b"ACLR", b"APRG", b"ARES", b"AORD"),
    }
)

_WORDY = frozenset({b"ACLR", b"APRG", b"ARES", b"AORD"})
"""Of Avid's codecs: they hold their own names."""
_FIXED = {
    b"dvcC": 24,
    b"dvvC": 24,
    b"dvwC": 24,
    b"pasp": 8,
    b"clap": 32,
    b"fiel": 2,
    b"gama": 4,
    b"btrt": 12,
    b"mdcv": 24,
    b"clli": 4,
}
"""Extensions and how many bytes of payload each has."""
_COLOURS = {b"nclx": 11, b"nclc": 10}
_PROFILE_BYTES = 1024 * 1024


def clean_entries(look: Look, stsd: Box, handler: bytes, path: str) -> Steps[None]:
    """Go through the sample descriptions of a track that stays."""
    inside = yield from walk(look.reader, min(stsd.start + 8, stsd.end), stsd.end, path)
    for entry in inside.boxes[:_ENTRIES_LIMIT]:
        here = f"{path}/{entry.name}"
        if handler == b"vide":
            yield from _video(look, entry, here)
        elif handler == b"soun":
            yield from _audio(look, entry, here)
    look.rest(inside)


def _video(look: Look, entry: Box, path: str) -> Steps[None]:
    length = min(entry.size, VIDEO_BYTES)
    data = yield from look.reader.read(entry.start, length, path)
    if length < VIDEO_BYTES:
        return
    _reserved(look, entry, data, path)
    name = data[42:74]
    if look.patch(entry.start + 42, name, bytes(32)):
        said = tidy(decode(name[1 : 1 + name[0]].strip(b"\0"))) or tidy(decode(name.strip(b"\0")))
        look.named(said, Span(entry.start + 42, 32))
    skip = VIDEO_BYTES
    depth = int.from_bytes(data[74:76], "big") & 0x1F
    if data[76:78] == b"\0\0" and depth in (1, 2, 4, 8):
        skip += yield from _colours(look, entry, path)
    yield from _extensions(look, entry, path, skip)


def _colours(look: Look, entry: Box, path: str) -> Steps[int]:
    """Return the length of the colour table that follows in old QuickTime entries."""
    if entry.size < VIDEO_BYTES + 8:
        return 0
    head = yield from look.reader.read(entry.start + VIDEO_BYTES, 8, path)
    if head[4:6] != b"\x80\x00" and head[:4] != bytes(4):
        return 0
    length = 8 + 8 * (1 + int.from_bytes(head[6:8], "big"))
    return length if length <= min(entry.size - VIDEO_BYTES, 8 + 8 * 256) else 0


def _audio(look: Look, entry: Box, path: str) -> Steps[None]:
    length = min(entry.size, AUDIO_BYTES)
    data = yield from look.reader.read(entry.start, length, path)
    if length < AUDIO_BYTES:
        return
    _reserved(look, entry, data, path)
    more = _MORE_AUDIO_BYTES.get(int.from_bytes(data[8:10], "big"), 0)
    if more and entry.size >= AUDIO_BYTES + 8:
        # version 1 of ISO looks like version 1 of QuickTime but has no more fields
        after = yield from look.reader.read(entry.start + AUDIO_BYTES, 8, path)
        if after[4:8] in _EXTENSIONS or after[4:8] == b"wave":
            more = 0
    yield from _extensions(look, entry, path, AUDIO_BYTES + more)


def _reserved(look: Look, entry: Box, data: bytes, path: str) -> None:
    """Zero what is reserved in every entry, the revision and the vendor of QuickTime."""
    look.stray(entry.start, data[:6], bytes(6), path)
    look.stray(entry.start + 10, data[10:12], bytes(2), path)
    if look.patch(entry.start + 12, data[12:16], bytes(4)):
        look.named(tidy(decode(data[12:16].strip(b"\0"))), Span(entry.start + 12, 4))


def _extensions(look: Look, entry: Box, path: str, skip: int) -> Steps[None]:
    """Keep what a decoder needs; two boxes of one type may stand here, as colr does."""
    start = min(entry.start + skip, entry.end)
    inside = yield from walk(look.reader, start, entry.end, path)
    for box in inside.boxes:
        here = f"{path}/{box.name}"
        if box.kind in PADDING:
            look.padding.append(box)
        elif box.kind == b"wave":
            yield from _wave(look, box, here, entry.kind)
        elif box.kind == b"sv3d":
            yield from container(look, box, here, _SPHERICAL)
        elif box.kind == b"colr":
            yield from _colour(look, box, here)
        elif box.kind == b"sinf":
            look.is_locked = True
            yield from container(look, box, here, _PROTECTION)
        elif box.kind in RULES:
            yield from settle(look, box, here)
        elif box.kind in _FIXED:
            exact(look, box, _FIXED[box.kind])
            yield from no_words(look, box, here)
        elif box.kind not in _EXTENSIONS:
            yield from unwanted(look, box, path)
        elif box.kind not in _WORDY:
            yield from no_words(look, box, here)
    look.rest(inside)


def _colour(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep what colours mean: by numbers, or by an ICC profile with nothing behind it."""
    data = yield from look.reader.read(box.start, min(box.size, _PROFILE_BYTES), path)
    size = _COLOURS.get(data[:4])
    if data[:4] in (b"prof", b"rICC"):
        profile = icc.size_of_profile(data[4:], len(data) - 4)
        size = None if profile is None else profile + 4
        if profile is not None:
            _profile(look, box, data[4 : 4 + profile], path)
    if size is None:
        look.unknown(box, path.rpartition("/")[0])
    else:
        exact(look, box, size)


def _profile(look: Look, box: Box, profile: bytes, path: str) -> None:
    looked = icc.look_at(profile)
    look.kept += [icc.kept_name(looked.neutral)] if "icc" not in look.kept else []
    if look.patch(box.start + 4, profile, looked.neutral):
        what = icc.note_of(looked)
        look.findings.append(Finding(Kind.OTHER, path, what, spans=(box.span,)))


def _wave(look: Look, wave: Box, path: str, format_: bytes) -> Steps[None]:
    """Keep QuickTime's settings for the decoder: boxes named after it, and a terminator."""
    inside = yield from walk(look.reader, wave.start, wave.end, path)
    for box in inside.boxes:
        if box.kind == _TERMINATOR and box.size == 0:
            continue
        if box.kind in RULES:
            yield from settle(look, box, f"{path}/{box.name}")
        elif box.kind not in _EXTENSIONS and box.kind not in (format_, b"mp4a"):
            yield from unwanted(look, box, path)
        else:
            yield from no_words(look, box, f"{path}/{box.name}")
    look.rest(inside)


def _source(look: Look, box: Box, path: str) -> Steps[None]:
    """Empty the name of the program that stitched a spherical video."""
    data = yield from look.reader.read(box.start, min(box.size, 1024), path)
    if look.patch(box.start + 4, data[4:], bytes(len(data[4:]))):
        look.named(tidy(decode(data[4:].strip(b"\0"))), box.span)


_PROTECTION: Mapping[bytes, Rule] = {
    b"frma": fixed(4),
    b"schm": fixed(12),
    b"schi": anything,
}
"""How a locked film is unlocked. Source: ISO/IEC 14496-12:2022, 8.12."""
_SPHERICAL: Mapping[bytes, Rule] = {b"svhd": _source, b"proj": anything}
