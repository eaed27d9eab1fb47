"""What a decoder needs to know before the first frame; nothing else may stand beside it.

Sources: ISO/IEC 14496-15 (`avcC`, `hvcC`); ISO/IEC 14496-1, 7.2.6 (`esds`); the registrations of
AV1, VP9, Opus, FLAC and ALAC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sharewise.formats.coded import are_words
from sharewise.formats.contract import Finding, Kind, Steps
from sharewise.formats.isobmff import Box
from sharewise.formats.units import av1_length, neutral_avc, neutral_hevc
from sharewise.formats.video_inside.look import Look

READ_BYTES = 64 * 1024
_STREAM, _CONFIGURATION, _SPECIFIC, _SYNC = 3, 4, 5, 6
_FLAC_BYTES = 4 + 4 + 34
_PROGRAMS = re.compile(
    rb"(?:Lavc|Lavf|XviD|DivX)[0-9.a-z]*|urn:mpeg:(?:mpegB:cicp:systems:auxiliary:(?:alpha|depth)|"
    rb"(?:hevc|avc):2015:auxid:\d)"
)
"""Encoders of MPEG-4 video write their names where decoders look for them; and what a track of
transparency or depth is called."""
_WORDS = (
    "Words stand in what a decoder needs to play this video, so it was not cleaned. "
    "Export it anew with a video program."
)


def _until(size: int) -> Callable[[bytes], bytes]:
    """Return a rule for a payload of this many bytes."""
    return lambda payload: _cut(payload, size)


def _cut(payload: bytes, size: int) -> bytes:
    return payload[:size].ljust(len(payload), b"\0")


def _av1(payload: bytes) -> bytes:
    return _cut(payload, av1_length(payload))


def _opus(payload: bytes) -> bytes:
    has_map = len(payload) > 10 and payload[10] != 0
    return _cut(payload, 11 + (2 + payload[1] if has_map else 0))


def _flac(payload: bytes) -> bytes:
    if payload[4:5] not in (b"\0", b"\x80"):
        return payload[:4] + bytes(len(payload) - 4)
    return _cut(payload[:4] + b"\x80" + payload[5:], _FLAC_BYTES)


def _alac(payload: bytes) -> bytes:
    return _cut(payload, 52 if payload[28:36] == b"\0\0\0\x18chan" else 28)


def _channels(payload: bytes) -> bytes:
    return _cut(payload, 16 + 20 * int.from_bytes(payload[12:16], "big"))


def _ambisonic(payload: bytes) -> bytes:
    return _cut(payload, 12 + 4 * int.from_bytes(payload[8:12], "big"))


def neutral_descriptors(payload: bytes) -> bytes:
    """Return an `esds` of the same size with what configures a decoder, and zeros elsewhere."""
    data = bytearray(len(payload))
    data[:4] = payload[:4]
    _descriptor(payload, data, 4, len(payload), frozenset({_STREAM}))
    return bytes(data)


def _descriptor(old: bytes, new: bytearray, at: int, end: int, allowed: frozenset[int]) -> None:
    """Copy the descriptors of known kinds in a stretch; the others keep their head only."""
    while at + 2 <= end:
        tag, start, size = old[at], at + 1, 0
        while start < min(end, at + 5):
            size = size << 7 | old[start] & 0x7F
            start += 1
            if not old[start - 1] & 0x80:
                break
        stop = min(start + size, end)
        if not tag:
            return
        new[at:start] = old[at:start]
        if tag not in allowed:
            pass
        elif tag == _STREAM:
            flags = old[start + 2] if start + 2 < stop else 0
            inner = start + 3 + 2 * bool(flags & 0x80)
            new[start:inner] = old[start:inner]
            if flags & 0x40 and inner < stop:
                new[inner] = old[inner]
                inner += 1 + old[inner]
            inner = min(inner + 2 * bool(flags & 0x20), stop)
            _descriptor(old, new, inner, stop, frozenset({_CONFIGURATION, _SYNC}))
        elif tag == _CONFIGURATION:
            inner = min(start + 13, stop)
            new[start:inner] = old[start:inner]
            _descriptor(old, new, inner, stop, frozenset({_SPECIFIC}))
        else:
            new[start:stop] = old[start:stop]
        at = stop


RULES: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"avcC": neutral_avc,
    b"hvcC": neutral_hevc,
    b"lhvC": bytes,
    b"av1C": _av1,
    b"esds": neutral_descriptors,
    b"dOps": _opus,
    b"dfLa": _flac,
    b"alac": _alac,
    b"chan": _channels,
    b"SA3D": _ambisonic,
    b"vpcC": _until(12),
    b"SmDm": _until(28),
    b"CoLL": _until(8),
    b"hfov": _until(4),
    b"st3d": _until(5),
    b"pcmC": _until(6),
    b"srat": _until(8),
    b"ccst": _until(8),
    b"enda": _until(2),
    b"frma": _until(4),
    b"dac3": _until(3),
    b"damr": _until(9),
    b"amve": _until(8),
}
"""What each of these should be, of the same size."""


def settle(look: Look, box: Box, path: str) -> Steps[None]:
    """Have a configuration hold nothing beside what it is for."""
    rule = RULES.get(box.kind)
    if rule is None or not look.is_thorough:
        return
    if box.size > READ_BYTES:
        look.unknown(box, path.rpartition("/")[0])
        return
    data = yield from look.reader.read(box.start, box.size, path)
    _refuse_words(look, box, rule(data), path)
    look.stray(box.start, data, rule(data)[: len(data)].ljust(len(data), b"\0"), path)


def no_words(look: Look, box: Box, path: str) -> Steps[None]:
    """Refuse words in a configuration that is not looked into otherwise."""
    if look.is_thorough:
        data = yield from look.reader.read(box.start, min(box.size, READ_BYTES), path)
        _refuse_words(look, box, data, path)


def _refuse_words(look: Look, box: Box, data: bytes, path: str) -> None:
    if are_words(_PROGRAMS.sub(b"", data)):
        look.refusal = _WORDS
        what = "Words are hidden in what a decoder needs"
        look.findings.append(Finding(Kind.OTHER, path, what, spans=(box.span,)))
