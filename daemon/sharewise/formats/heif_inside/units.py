"""Walk the units of coded pictures, to find bytes that no decoder looks at.

Source: ISO/IEC 14496-15:2022, 4.3.3 (lengths before HEVC units); AV1 Bitstream Specification, 5.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.formats.contract import Span, Steps
from sharewise.formats.heif_inside.choose import Choice
from sharewise.formats.heif_inside.items import Meta
from sharewise.formats.heif_inside.stretches import end_of
from sharewise.formats.isobmff import nonzero
from sharewise.formats.reading import Reader

_ROUNDS = 64
"""The most units of a picture that are walked; encoders write one or two for each tile."""
_HEADER_BYTES = 12
_PADDING = 15
_UNITS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, _PADDING})
_AV1_METADATA = 5
_AV1_HARMLESS = frozenset({1, 2, 3})
"""How bright the picture is, and how it scales; other metadata may say anything."""
_HEVC_UNITS = frozenset(range(38))
_HEVC_MESSAGES = frozenset({39, 40})
_HEVC_USER_DATA = frozenset({4, 5})
_HEVC_WIDTH_AT = 21


@dataclass(slots=True)
class _Walk:
    """Where the walk through one picture is; `width` is 0 for AV1."""

    at: int
    end: int
    width: int


def has_stray_bytes(reader: Reader, meta: Meta, choice: Choice, path: str) -> Steps[bool]:
    """Return whether a picture that stays holds bytes outside of its units that are not zero.

    Where no picture of a file holds any unit, nothing can be said: no program can draw it.
    """
    walks = _walks(meta, choice)
    stray: list[Span] = []
    has_units = False
    for _ in range(_ROUNDS):
        spans = [Span(one.at, min(_HEADER_BYTES, one.end - one.at)) for one in walks]
        heads = yield from reader.read_all(spans, path)
        going: list[_Walk] = []
        for walk, head in zip(walks, heads, strict=True):
            length, is_known = _hevc(head, walk.width) if walk.width else _av1(head)
            left = walk.end - walk.at
            has_units |= is_known and length <= left
            if not is_known or length > left:
                stray.append(Span(walk.at, left))
            elif 0 < length < left:
                walk.at += length
                going.append(walk)
        walks = going
        if not walks:
            break
    return has_units and bool((yield from nonzero(stray)))


def _walks(meta: Meta, choice: Choice) -> list[_Walk]:
    """Return the walks through the pictures that lie in one piece."""
    widths = {
        number: (part.payload[_HEVC_WIDTH_AT] & 3) + 1
        for number, part in enumerate(meta.properties, 1)
        if part.kind == b"hvcC" and len(part.payload) > _HEVC_WIDTH_AT
    }
    found: list[_Walk] = []
    for id_ in choice.stay:
        location, kind = meta.location(id_), meta.items[id_].kind
        if location is None or location.method or len(location.spans()) != 1:
            continue
        (span,) = location.spans()
        width = next((widths[number] for number, _ in meta.marks_of(id_) if number in widths), 0)
        if kind == b"av01" or (kind in (b"hvc1", b"hev1") and width):
            found.append(_Walk(span.offset, end_of(span), 0 if kind == b"av01" else width))
    return found


def _hevc(head: bytes, width: int) -> tuple[int, bool]:
    """Return the length of a unit with that of its length, and whether it is one."""
    length = int.from_bytes(head[:width], "big")
    if len(head) < width + 3 or length < 2:
        return width + length, len(head) >= width and length > 1
    kind, message = head[width] >> 1 & 0x3F, head[width + 2]
    is_message = kind in _HEVC_MESSAGES and message not in _HEVC_USER_DATA
    return width + length, is_message or kind in _HEVC_UNITS


def _av1(head: bytes) -> tuple[int, bool]:
    """Return the length of a unit, 0 where it takes all that is left, and whether it is one."""
    kind = head[0] >> 3 & 15
    if head[0] & 0x81 or kind not in _UNITS or kind == _PADDING:
        return 0, False
    if not head[0] & 2:
        return 0, True
    at = 2 if head[0] & 4 else 1
    length = 0
    for place, byte in enumerate(head[at : at + 8]):
        length |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            start = at + place + 1
            is_known = kind != _AV1_METADATA or _first(head, start) in _AV1_HARMLESS
            return start + length, is_known
    return 0, False


def _first(head: bytes, at: int) -> int:
    return head[at] if at < len(head) else 0
