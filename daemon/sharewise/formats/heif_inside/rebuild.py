"""Write the `meta` box of a HEIF file anew with what stays, as long as it was.

What an untouched box is made of is written as it was, so a box that comes out different held
something that does not belong there. Nothing else in the file moves: the room that is left is a
`free` box of zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sharewise.formats.contract import Span
from sharewise.formats.heif_inside.choose import USED
from sharewise.formats.heif_inside.items import (
    Associations,
    Extent,
    Group,
    Item,
    Location,
    Locations,
    Meta,
    Part,
    Reference,
    joined,
)
from sharewise.formats.heif_inside.stretches import end_of, union
from sharewise.formats.isobmff import PADDING, neutral_handler

HARMLESS_NAMES = frozenset(
    {b"", b"Color", b"Alpha", b"Exif", b"XMP", b"GMap", b"HEVC Image", b"Image", b"Grid"}
)
"""What encoders call their items."""
GROUPS = frozenset(
    {
        *(b"altr", b"ster", b"brst", b"eqiv", b"prgr", b"aebr", b"afbr", b"wbbr", b"fobr", b"dobr"),
        *(b"favc", b"tsyn", b"iaug", b"albc"),
    }
)
"""Alternatives, both views of a 3D photo, series and albums."""
_HERE = joined(b"dref", [bytes(4), (1).to_bytes(4, "big"), joined(b"url ", [b"\0\0\0\1"])])
"""Says that everything lies in the file itself."""
_FREE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A metadata item that stays because it was made anew: `data` in the place of the old."""

    item: Item
    location: Location
    data: bytes

    @property
    def place(self) -> Span:
        """Where the data go: where the item began."""
        return Span(self.location.spans()[0].offset, len(self.data))


@dataclass(frozen=True, slots=True)
class Stays:
    """All that stays of a `meta` box."""

    items: frozenset[int]
    properties: Mapping[int, bytes]
    """The payload of each property that stays, by its number so far."""
    blocks: Mapping[int, Block]


def rebuilt(meta: Meta, stays: Stays, length: int) -> bytes | None:
    """Return the payload of `length` bytes; None if it does not fit."""
    parts: list[bytes] = [bytes(4)]
    handler_at = 0
    for part in meta.order:
        if part.kind == b"hdlr":
            handler_at = len(parts)
        box = _box(meta, stays, part)
        if box is not None:
            parts.append(box)
    room = length - sum(map(len, parts))
    if room < 0:
        return None
    if room >= _FREE_BYTES:
        parts.append(joined(b"free", [bytes(room - _FREE_BYTES)]))
    elif room:
        handler = neutral_handler(meta.handler) + bytes(room)
        parts[handler_at] = joined(b"hdlr", [handler])
    return b"".join(parts)


def _box(meta: Meta, stays: Stays, part: Part) -> bytes | None:
    match part.kind:
        case b"hdlr":
            return joined(part.kind, [neutral_handler(meta.handler)])
        case b"pitm":
            version = part.payload[:1]
            number = part.payload[4 : 8 if version != b"\0" else 6]
            return joined(part.kind, [version, bytes(3), number])
        case b"dinf":
            return joined(part.kind, [_HERE]) if is_plain_data_box(part) else None
        case b"iinf":
            return _list(meta, stays)
        case b"iloc":
            return _locations(meta.locations, stays)
        case b"iref":
            return _references(meta, stays, has_none=len(part.payload) <= 4)
        case b"iprp":
            return _properties(meta, stays)
        case b"idat":
            return joined(part.kind, [_data(meta, stays)])
        case b"grpl":
            return _groups(meta, stays)
        case kind if kind in PADDING and not part.payload.strip(b"\0"):
            return joined(kind, [part.payload])
    return None


def is_plain_data_box(part: Part) -> bool:
    """Return whether a `dinf` box says that the file holds everything, and no more."""
    return part.payload == _HERE


def _list(meta: Meta, stays: Stays) -> bytes:
    entries: list[bytes] = []
    for item in meta.items.values():
        if item.id in stays.blocks:
            entries.append(_item(stays.blocks[item.id].item))
        elif item.id in stays.items:
            entries.append(_item(item))
    wide = 4 if meta.list_version else 2
    head = [bytes([meta.list_version]), bytes(3), len(entries).to_bytes(wide, "big")]
    return joined(b"iinf", [*head, *entries])


def _item(item: Item) -> bytes:
    name = item.name if item.name in HARMLESS_NAMES else b""
    content = item.content_type + b"\0" if item.kind == b"mime" else b""
    return joined(
        b"infe",
        [
            bytes([item.version]),
            item.flags,
            item.id.to_bytes(4 if item.version == 3 else 2, "big"),
            item.protection.to_bytes(2, "big"),
            item.kind,
            name + b"\0",
            content,
        ],
    )


def _locations(box: Locations, stays: Stays) -> bytes:
    wide = 4 if box.version == 2 else 2
    entries: list[bytes] = []
    for entry in box.entries:
        kept = entry
        if entry.item in stays.blocks:
            block = stays.blocks[entry.item]
            first = next(one for one in entry.extents if one.length)
            extent = Extent(first.index, first.offset, len(block.data))
            kept = replace(entry, extents=(extent,))
        elif entry.item not in stays.items:
            continue
        entries.append(_location(kept, box, wide))
    widths = box.offset_bytes << 12 | box.length_bytes << 8 | box.base_bytes << 4 | box.index_bytes
    head = [bytes([box.version]), bytes(3), widths.to_bytes(2, "big")]
    return joined(b"iloc", [*head, len(entries).to_bytes(wide, "big"), *entries])


def _location(entry: Location, box: Locations, wide: int) -> bytes:
    parts = [entry.item.to_bytes(wide, "big")]
    if box.version:
        parts.append(entry.method.to_bytes(2, "big"))
    parts += [
        entry.source.to_bytes(2, "big"),
        entry.base.to_bytes(box.base_bytes, "big"),
        len(entry.extents).to_bytes(2, "big"),
    ]
    for extent in entry.extents:
        parts.append(extent.index.to_bytes(box.index_bytes, "big"))
        parts.append(extent.offset.to_bytes(box.offset_bytes, "big"))
        parts.append(extent.length.to_bytes(box.length_bytes, "big"))
    return b"".join(parts)


def _references(meta: Meta, stays: Stays, *, has_none: bool) -> bytes | None:
    wide = 4 if meta.reference_version else 2
    entries: list[bytes] = []
    for one in meta.references:
        targets = wanted_targets(one, meta, stays)
        if targets:
            numbers = b"".join(target.to_bytes(wide, "big") for target in targets)
            count = len(targets).to_bytes(2, "big")
            entries.append(joined(one.kind, [one.source.to_bytes(wide, "big"), count, numbers]))
    if not entries and not has_none:
        return None
    return joined(b"iref", [bytes([meta.reference_version]), bytes(3), *entries])


def wanted_targets(one: Reference, meta: Meta, stays: Stays) -> tuple[int, ...]:
    """Return what a reference still refers to; nothing if it goes.

    What refers to no item is broken; it stays so, since mending it would change what is shown.
    """
    if one.source in stays.blocks and one.kind == b"cdsc":
        return tuple(target for target in one.targets if target in stays.items)
    if one.source not in stays.items or one.kind not in USED:
        return ()
    return tuple(
        target for target in one.targets if target in stays.items or target not in meta.items
    )


def _properties(meta: Meta, stays: Stays) -> bytes:
    numbers: dict[int, int] = {}
    boxes: list[bytes] = []
    for number, part in enumerate(meta.properties, 1):
        payload = stays.properties.get(number)
        if payload is not None:
            boxes.append(joined(part.kind, [payload]))
            numbers[number] = len(boxes)
    lists = (_associations(box, stays, numbers) for box in meta.associations)
    return joined(b"iprp", [joined(b"ipco", boxes), *(one for one in lists if one is not None)])


def _associations(box: Associations, stays: Stays, numbers: dict[int, int]) -> bytes | None:
    wide, mark_bytes = (4 if box.version else 2), (2 if box.flags & 1 else 1)
    top = 1 << 8 * mark_bytes - 1
    entries: list[bytes] = []
    for item, marks in box.entries:
        if item not in stays.items:
            continue
        kept = [
            (numbers.get(number, 0) | (top if is_essential else 0)).to_bytes(mark_bytes, "big")
            for number, is_essential in marks
            if number == 0 or number in numbers
        ]
        entries.append(item.to_bytes(wide, "big") + bytes([len(kept)]) + b"".join(kept))
    if box.entries and not entries:
        return None
    head = [bytes([box.version]), box.flags.to_bytes(3, "big"), len(entries).to_bytes(4, "big")]
    return joined(b"ipma", [*head, *entries])


def _data(meta: Meta, stays: Stays) -> bytes:
    """Return what lies in `idat`: what an item that stays holds, and zeros."""
    data = bytearray(len(meta.data))
    for span in union(spans_of(meta, stays.items, method=1)):
        data[span.offset : end_of(span)] = meta.data[span.offset : end_of(span)]
    return bytes(data)


def _groups(meta: Meta, stays: Stays) -> bytes | None:
    boxes: list[bytes] = []
    for group in meta.groups:
        kept = wanted_members(group, meta, stays)
        if kept is None:
            continue
        numbers = b"".join(member.to_bytes(4, "big") for member in kept)
        head = [bytes(4), group.id.to_bytes(4, "big"), len(kept).to_bytes(4, "big")]
        boxes.append(joined(group.kind, [*head, numbers]))
    if meta.groups and not boxes:
        return None
    return joined(b"grpl", boxes)


def wanted_members(group: Group, meta: Meta, stays: Stays) -> tuple[int, ...] | None:
    """Return the items of a group that stay; None if the group goes.

    Numbers that are no item's are those of tracks.
    """
    if group.kind not in GROUPS:
        return None
    kept = tuple(one for one in group.members if one in stays.items or one not in meta.items)
    return None if group.members and not kept else kept


def spans_of(meta: Meta, items: Iterable[int], method: int) -> list[Span]:
    """Return where these items lie, as far as `method` says where."""
    found: list[Span] = []
    for item in items:
        location = meta.location(item)
        if location is not None and location.method == method:
            found += location.spans()
    return found
