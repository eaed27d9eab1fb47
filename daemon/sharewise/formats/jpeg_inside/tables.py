"""Find tables and scans of a JPEG stream that no decoder uses: anything could stand in them.

Tables that are used stay as they are, and so do unused ones that every encoder writes.
Source: ITU-T T.81, B.2.4 (tables), G.1.1.1 (progressive scans), annex K (typical tables).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.jpeg_inside.walk import (
    DAC,
    DHP,
    DHT,
    DNL,
    DQT,
    DRI,
    EXP,
    FRAMES,
    SOS,
    Segment,
)

PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
ARITHMETIC = frozenset(range(0xC9, 0xD0))
_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_COEFFICIENTS = 64
_UNKNOWN = -1

_TYPICAL_HUFFMAN = frozenset(
    {
        "2f66814c875b53173f057d784a16a34d0d1f9aa91cdfa7143c41be02c9c7b005",
        "a6283a08f5d97906b66adcc812e32396ea83059e55dd4cc91934cf447559aeb6",
        "602f734c8c12c1d9d049a18fd91d9ef3d3d8c402665f90db3d97721fc49e4804",
        "13f90e3c9dc476c66f24347f6ad29cea93262e99faed279970c2f74e0557f445",
    }
)
"""SHA-256 of the tables K.3 to K.6, as they stand in a segment without their class and number."""
_LUMINANCE = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMINANCE = bytes.fromhex("1112121815182f1a1a2f63423842") + b"\x63" * 50
"""Tables K.1 and K.2 in the order of a segment; encoders scale them by a quality of 1 to 100."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table in a segment: `body` from `start` of what the segment holds, with its number."""

    place: int
    start: int
    body: bytes


@dataclass(slots=True)
class _State:
    """What is in force where the stream has been read to."""

    frame: int = 0
    height: int = 0
    quantisers: dict[int, int] = field(default_factory=dict)
    """The number of the quantisation table of each component."""
    defined: dict[tuple[int, int], Part] = field(default_factory=dict)
    """The last definition of each table, by marker and number."""
    used: set[Part] = field(default_factory=set)
    coded: dict[int, list[int]] = field(default_factory=dict)
    """For each component the lowest bit that is known of each coefficient."""


def unused_parts(segments: Sequence[tuple[Segment, bytes]], path: str) -> dict[int, list[Part]]:
    """Return the tables that no scan uses, by the place of their segment in `segments`.

    `segments` are those of the picture itself with what they hold, each exact by `check_coding`.
    Raises Malformed if they describe a picture that no program draws, or a part of it twice.
    """
    state = _State()
    every: list[Part] = []
    for place, (segment, body) in enumerate(segments):
        if segment.marker in FRAMES:
            _frame(state, segment, body, path)
        elif segment.marker == SOS:
            _scan(state, segment, body, path)
        elif segment.marker in (DHP, EXP):
            why = "it is made of several pictures (hierarchical), which hardly any program shows"
            raise Malformed(path=path, at_byte=segment.offset, why=why)
        else:
            for number, start, length in _tables(segment.marker, body):
                part = Part(place, start, body[start : start + length])
                key = segment.marker, number
                before = state.defined.get(key)
                if before is None or before.body != part.body:
                    state.defined[key] = part
                    every.append(part)
    if any(key[0] == DNL for key in state.defined) and not state.height:
        state.used.add(state.defined[DNL, 0])
    found: dict[int, list[Part]] = {}
    for part in every:
        marker = segments[part.place][0].marker
        if part not in state.used and not _is_typical(marker, part.body):
            found.setdefault(part.place, []).append(part)
    return found


def _tables(marker: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (class and number, start, length) of each table of a segment."""
    at = 0
    if marker in (DRI, DNL):
        yield 0, 0, len(body)
        return
    while at < len(body):
        if marker == DQT:
            number, length = body[at] & 15, 129 if body[at] >> 4 else 65
        elif marker == DHT:
            number, length = body[at], 17 + sum(body[at + 1 : at + 17])
        else:
            number, length = body[at], 2
        yield number, at, length
        at += length


def _frame(state: _State, segment: Segment, body: bytes, path: str) -> None:
    if state.frame:
        raise Malformed(path=path, at_byte=segment.offset, why="it has two headers of a picture")
    state.frame = segment.marker
    state.height = int.from_bytes(body[1:3], "big")
    state.quantisers = {body[at]: body[at + 2] for at in range(6, len(body) - 2, 3)}


def _scan(state: _State, segment: Segment, body: bytes, path: str) -> None:
    count = body[0]
    first, last, bits = body[1 + 2 * count : 4 + 2 * count]
    if state.frame not in PROGRESSIVE:
        first, last, bits = 0, _COEFFICIENTS - 1, 0
    elif first > last or last >= _COEFFICIENTS:
        raise Malformed(path=path, at_byte=segment.offset, why="a scan makes no sense")
    for index in range(count):
        component, tables = body[1 + 2 * index : 3 + 2 * index]
        if component not in state.quantisers:
            raise Malformed(path=path, at_byte=segment.offset, why="a scan of nothing")
        known = state.coded.setdefault(component, [_UNKNOWN] * _COEFFICIENTS)
        if state.frame not in _LOSSLESS:
            if all(bit == _UNKNOWN for bit in known):
                _use(state, DQT, state.quantisers[component])
            if not _is_new(known, first, last, bits):
                why = "a part of the picture comes twice"
                raise Malformed(path=path, at_byte=segment.offset, why=why)
        for number in _entropy_tables(state.frame, first, last, bits, tables):
            _use(state, DAC if state.frame in ARITHMETIC else DHT, number)
    _use(state, DRI, 0)


def _is_new(known: list[int], first: int, last: int, bits: int) -> bool:
    """Note what a scan adds to a component; one that adds nothing is not part of the picture."""
    high, low = bits >> 4, bits & 15
    before = high or _UNKNOWN
    if any(bit != before for bit in known[first : last + 1]) or (high and low != high - 1):
        return False
    known[first : last + 1] = [low] * (last + 1 - first)
    return True


def _entropy_tables(frame: int, first: int, last: int, bits: int, tables: int) -> list[int]:
    """Return class and number of the tables by which a component of a scan is decoded."""
    direct, others = tables >> 4, 0x10 | tables & 15
    if frame in _LOSSLESS:
        return [direct]
    if frame in PROGRESSIVE and frame not in ARITHMETIC and first == 0 and bits >> 4:
        return []
    found = [direct] if first == 0 else []
    return [*found, others] if last else found


def _use(state: _State, marker: int, number: int) -> None:
    part = state.defined.get((marker, number))
    if part is not None:
        state.used.add(part)


def _is_typical(marker: int, body: bytes) -> bool:
    """Return whether a table is one that encoders write whether it is needed or not."""
    if marker == DHT:
        return hashlib.sha256(body[1:]).hexdigest() in _TYPICAL_HUFFMAN
    if marker == DQT and len(body) == 1 + _COEFFICIENTS:
        scales = (5000 // q if q < 50 else 200 - 2 * q for q in range(1, 101))
        return any(
            body[1:] == bytes(min(max((step * scale + 50) // 100, 1), 255) for step in table)
            for scale in scales
            for table in (_LUMINANCE, _CHROMINANCE)
        )
    return marker in (DRI, DAC) and not any(body[-2:] if marker == DRI else body[1:])
