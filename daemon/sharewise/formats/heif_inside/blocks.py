"""Say what the items of a file that go give away, and make anew the blocks that may stay.

Source: ISO/IEC 23008-12:2022, annex A (EXIF, XMP); C2PA 2.1, 11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sharewise.formats.contract import Finding, Kind, Span, Steps, Wish
from sharewise.formats.heif_inside.choose import Choice, Role
from sharewise.formats.heif_inside.items import Item, Location, Meta
from sharewise.formats.heif_inside.rebuild import Block
from sharewise.formats.heif_inside.stretches import within
from sharewise.formats.isobmff import shown
from sharewise.formats.metadata import gainmap, iptc, jumbf, xmp
from sharewise.formats.metadata.block import Block as Said
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, NO_FACTS, Facts, minimal_exif
from sharewise.formats.metadata.words import amount, decode, tidy
from sharewise.formats.reading import Reader

BLOCK_BYTES = 1024 * 1024
"""The most read of one item; what lies behind that goes with it."""
ALL_BLOCKS_BYTES = 4 * 1024 * 1024
"""The most read of all items together."""
BLOCKS_LIMIT = 64
"""The most items read for people; more go unread."""

_XMP_TYPE = b"application/rdf+xml"
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,18})?")
_APPLE = "HDRGainMap"
_APPLE_FIELDS = ("HDRGainMapVersion", "HDRGainMapHeadroom")
_PROPERTIES = gainmap.PROPERTIES | {f"{_APPLE}:{name}" for name in _APPLE_FIELDS}
_APPLE_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"{}/></rdf:RDF></x:xmpmeta>'
)
_PICTURES: dict[Role, tuple[Kind, str]] = {
    Role.THUMBNAIL: (
        Kind.THUMBNAIL,
        "Holds a small picture that may show what was cut off or changed ({})",
    ),
    Role.DEPTH: (Kind.HIDDEN_MEDIA, "Holds a depth map: how far away everything was ({})"),
    Role.MATTE: (Kind.HIDDEN_MEDIA, "Holds masks that cut out people, skin or hair ({})"),
    Role.AUXILIARY: (Kind.HIDDEN_MEDIA, "Holds a hidden extra picture of a camera or program ({})"),
    Role.HIDDEN: (Kind.HIDDEN_MEDIA, "Holds another picture that is not shown ({})"),
}


@dataclass(slots=True)
class Blocks:
    """What was read of the items that are no pictures."""

    said: dict[int, list[Finding]] = field(default_factory=dict)
    """What each item gives away."""
    facts: Facts = NO_FACTS
    data: dict[int, bytes] = field(default_factory=dict)
    """The bytes of each item that was read."""

    def findings(self, keep: Mapping[int, Block]) -> list[Finding]:
        """Return what all items give away, but for numbers of a gain map that stay as they are."""
        return [
            one
            for id_, findings in self.said.items()
            if not (
                id_ in keep and keep[id_].item.kind == b"mime" and keep[id_].data == self.data[id_]
            )
            for one in findings
        ]


def read_blocks(
    reader: Reader, meta: Meta, data_at: int, choice: Choice, path: str
) -> Steps[Blocks]:
    """Read the items that are no pictures; `data_at` is where the payload of `idat` begins."""
    blocks = Blocks()
    items = [meta.items[id_] for id_, role in choice.goes.items() if role is Role.BLOCK]
    places = {item.id: _spans(reader, meta, data_at, item) for item in items}
    room = ALL_BLOCKS_BYTES
    beginnings: dict[int, list[Span]] = {}
    for item in items[:BLOCKS_LIMIT]:
        beginnings[item.id] = _beginning(places[item.id], min(room, BLOCK_BYTES))
        room -= sum(span.length for span in beginnings[item.id])
    wanted = [span for spans in beginnings.values() for span in spans]
    pieces = iter((yield from reader.read_all(wanted, path)))
    for item in items[:BLOCKS_LIMIT]:
        data = b"".join(next(pieces) for _ in beginnings[item.id])
        blocks.data[item.id] = data
        size = sum(span.length for span in places[item.id])
        said = _said(item, data, size, path)
        found = [one._replace(spans=one.spans or tuple(places[item.id])) for one in said.findings]
        blocks.said[item.id] = found or [_technical(item, places[item.id], path)]
        blocks.facts = blocks.facts.or_else(said.facts._replace(orientation=None))
    for item in items[BLOCKS_LIMIT:]:
        blocks.said[item.id] = [_technical(item, places[item.id], path)]
    return blocks


def _spans(reader: Reader, meta: Meta, data_at: int, item: Item) -> list[Span]:
    """Return where an item lies in the file, as far as that is inside it."""
    location = meta.location(item.id)
    if location is None or location.method > 1 or location.source:
        return []
    if location.method == 0:
        return within(location.spans(), [Span(0, reader.size)])
    inside = within(location.spans(), [Span(0, len(meta.data))])
    return [Span(data_at + span.offset, span.length) for span in inside]


def _beginning(spans: list[Span], room: int) -> list[Span]:
    """Return the first `room` bytes of these spans."""
    found: list[Span] = []
    for span in spans:
        if room:
            found.append(Span(span.offset, min(span.length, room)))
            room -= found[-1].length
    return found


def _said(item: Item, data: bytes, size: int, path: str) -> Said:
    kind = item.content_type.lower()
    if item.kind == b"Exif":
        return read_exif(_tiff(data), f"{path}/Exif")
    if kind == _XMP_TYPE or data[:64].lstrip().startswith((b"<x:xmpmeta", b"<?xpacket")):
        return xmp.read_xmp(data, f"{path}/XMP")
    if item.kind == b"iptc":
        where = f"{path}/IPTC"
        if data[:4] == b"8BIM":
            return iptc.read_photoshop(data, where)
        return iptc.read_iim(data, where)
    if item.kind in (b"jumb", b"c2pa") or b"c2pa" in kind or data[4:8] == b"jumb":
        return Said(tuple(jumbf.read_jumbf(data, size, f"{path}/C2PA")))
    if kind.startswith(b"image/"):
        what = "Holds a small picture that may show what was cut off or changed ({})"
        found = Finding(Kind.THUMBNAIL, f"{path}/mime", what.format(amount(size)))
        return Said((found,))
    if kind.startswith(b"text/"):
        text = tidy(decode(data[:4096]))
        found = Finding(Kind.DESCRIPTION, f"{path}/mime", f"Has a text: {text}", text or None)
        return Said((found,))
    where = f"{path}/{shown(item.kind)}" if item.kind else f"{path}/item"
    found = Finding(Kind.OTHER, where, f"Holds data of a camera or program ({amount(size)})")
    return Said((found,))


def _tiff(data: bytes) -> bytes:
    """Return an EXIF item from its TIFF header on: four bytes say how far behind them it is."""
    at = 4 + int.from_bytes(data[:4], "big")
    block = data[at:] if at < len(data) else data[4:]
    return block.removeprefix(EXIF_HEADER)


def _technical(item: Item, spans: list[Span], path: str) -> Finding:
    what = "Has a block of technical details that is not needed to show it"
    where = f"{path}/{shown(item.kind)}" if item.kind else f"{path}/item"
    return Finding(Kind.OTHER, where, what, spans=tuple(spans))


def picture_findings(reader: Reader, meta: Meta, choice: Choice, path: str) -> list[Finding]:
    """Return the findings of the pictures that go; the tiles of one count as it."""
    findings: list[Finding] = []
    inputs: dict[int, list[int]] = {}
    for one in meta.references:
        if one.kind == b"dimg" and one.source in choice.goes:
            inputs.setdefault(one.source, []).extend(one.targets)
    told: set[int] = set()
    for id_, role in choice.goes.items():
        if role not in _PICTURES:
            continue
        parts = {id_, *(one for one in inputs.get(id_, ()) if one in choice.goes)} - told
        told |= parts
        spans = [
            span for part in sorted(parts) for span in _spans(reader, meta, 0, meta.items[part])
        ]
        kind, what = _PICTURES[role]
        size = amount(sum(span.length for span in spans))
        findings.append(Finding(kind, f"{path}/item", what.format(size), spans=tuple(spans)))
    return findings


def blocks_to_keep(
    meta: Meta, choice: Choice, blocks: Blocks, wish: Wish, free: list[Span]
) -> tuple[dict[int, Block], tuple[str, ...]]:
    """Return the items that stay because they are made anew, and the words for `kept`.

    `free` is where the data of items that go lie: nothing that stays is in there.
    """
    keep: dict[int, Block] = {}
    has_formula = any(meta.items[id_].kind == b"tmap" for id_ in choice.stay)
    for reference in meta.references if choice.gain_maps and not has_formula else ():
        is_of_map = reference.kind == b"cdsc" and choice.gain_maps.issuperset(reference.targets)
        data = blocks.data.get(reference.source, b"")
        if is_of_map and reference.targets and data and reference.source not in keep:
            packet = _parameters(xmp.properties(data, _PROPERTIES))
            _put(keep, _renewed(meta, reference.source, b"mime", packet), free)
    facts = blocks.facts._replace(orientation=None).wished(wish)
    exif = minimal_exif(facts)
    if not exif:
        return keep, ()
    ids = sorted(blocks.data, key=lambda id_: meta.items[id_].kind != b"Exif")
    for id_ in ids:
        block = _renewed(meta, id_, b"Exif", bytes(4) + exif)
        if id_ not in keep and _put(keep, block, free):
            return keep, facts.names(wish)
    return keep, ()


def _renewed(meta: Meta, id_: int, kind: bytes, data: bytes) -> Block | None:
    """Return an item with new data; None if there is none, or no place for them."""
    item, location = meta.items[id_], meta.location(id_)
    if not data or item.version < 2 or location is None:
        return None
    content = _XMP_TYPE if kind == b"mime" else b""
    made = replace(item, kind=kind, protection=0, name=b"", content_type=content)
    return Block(made, location, data)


def _put(keep: dict[int, Block], block: Block | None, free: list[Span]) -> bool:
    """Add a block if its data fit where the item lies."""
    if block is None or not _has_room(block.location, block.data, keep, free):
        return False
    keep[block.item.id] = block
    return True


def _has_room(location: Location, data: bytes, keep: Mapping[int, Block], free: list[Span]) -> bool:
    if location.method or location.source or not location.spans():
        return False
    place = Span(location.spans()[0].offset, len(data))
    taken = [block.place for block in keep.values()]
    is_apart = not within([place], taken)
    return (
        place.length <= location.spans()[0].length
        and is_apart
        and (sum(span.length for span in within([place], free)) == place.length)
    )


def _parameters(values: Mapping[str, list[str]]) -> bytes:
    """Return the packet of a gain map with the numbers that a screen needs; empty without any."""
    packet = gainmap.parameters_xmp(dict(values))
    if packet:
        return packet
    attributes = ""
    for name in _APPLE_FIELDS:
        value = next(iter(values.get(f"{_APPLE}:{name}", ())), "").strip()
        if _NUMBER.fullmatch(value):
            attributes += f' {_APPLE}:{name}="{value}"'
    return _APPLE_XMP.format(attributes).encode() if attributes else b""
