"""Decide which items of a file are its pictures and what those need; every other item goes.

A picture is an item that programs show by itself: the primary one, and others that are neither
marked hidden nor a thumbnail, an auxiliary picture or a part of another. It needs its tiles, its
alpha plane and its HDR gain map. Source: ISO/IEC 23008-12:2022, 6.4 to 6.6; ISO 21496-1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from sharewise.formats.heif_inside.items import Item, Meta

CODED = frozenset({b"hvc1", b"hev1", b"lhv1", b"av01", b"avc1", b"vvc1", b"unci"})
DERIVED = frozenset({b"grid", b"iovl", b"iden", b"tmap"})
PICTURES = CODED | DERIVED
_NEEDED = frozenset({b"dimg", b"base", b"exbl"})
"""References to what an item is made of."""
USED = _NEEDED | {b"auxl", b"prem"}
"""The references that matter for what is shown."""

ALPHA = frozenset(
    {
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
        b"urn:mpeg:hevc:2015:auxid:1",
        b"urn:mpeg:avc:2015:auxid:1",
    }
)
APPLE_GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
GAIN_MAPS = frozenset(
    {
        APPLE_GAIN_MAP,
        b"urn:com:samsung:photo:2024:aux:hdrgainmap",
        b"urn:iso:std:iso:ts:21496:-1",
    }
)
_DEPTH = (b"auxid:2", b"auxiliary:depth", b"disparity", b"depth")
_MATTES = (b"matte", b"mask")
_PASSES = 4
"""An alpha plane of a gain map of a picture is two steps away from it."""


class Role(Enum):
    """What an item that does not stay is."""

    THUMBNAIL = auto()
    DEPTH = auto()
    MATTE = auto()
    AUXILIARY = auto()
    HIDDEN = auto()
    PART = auto()
    """A tile of a picture that goes, too."""
    BLOCK = auto()
    """No picture: EXIF, XMP and whatever else."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The items that stay, and what each of the others is."""

    stay: frozenset[int]
    goes: dict[int, Role]
    pictures: tuple[int, ...]
    """What is shown by itself, the primary one first."""
    gain_maps: frozenset[int]
    has_gain_map: bool
    has_alpha: bool
    has_views: bool


def choose(meta: Meta) -> Choice:
    """Return what becomes of each item."""
    shown = _shown(meta)
    stay = _closure(meta, shown)
    purposes = _purposes(meta)
    for _ in range(_PASSES):
        beside = {
            one.source
            for one in meta.references
            if one.kind == b"auxl" and stay.intersection(one.targets)
        }
        needed = {id_ for id_ in beside - stay if _is_needed(meta, id_, purposes)}
        if not needed:
            break
        stay |= _closure(meta, needed)
    gain_maps = frozenset(id_ for id_ in stay if purposes[id_] in GAIN_MAPS)
    has_map = bool(gain_maps) or any(meta.items[id_].kind == b"tmap" for id_ in stay)
    relations: dict[int, set[bytes]] = {}
    for one in meta.references:
        relations.setdefault(one.source, set()).add(one.kind)
    goes = {
        id_: _role(item, relations.get(id_, set()), purposes[id_].lower())
        for id_, item in meta.items.items()
        if id_ not in stay
    }
    inputs = {
        target
        for one in meta.references
        if one.kind == b"dimg" and one.source in goes
        for target in one.targets
    }
    for id_ in inputs & goes.keys():
        if goes[id_] is Role.HIDDEN:
            goes[id_] = Role.PART
    has_views = any(
        one.kind == b"ster" and len(stay.intersection(one.members)) > 1 for one in meta.groups
    )
    has_alpha = any(purposes[id_] in ALPHA for id_ in stay)
    pictures = tuple(id_ for id_ in shown if meta.items[id_].kind != b"tmap")
    return Choice(frozenset(stay), goes, pictures, gain_maps, has_map, has_alpha, has_views)


def _shown(meta: Meta) -> list[int]:
    """Return the items that are shown by themselves, the primary one first."""
    inside = {target for one in meta.references if one.kind == b"dimg" for target in one.targets}
    beside = {
        one.source
        for one in meta.references
        if one.kind in (b"thmb", b"auxl") and any(target in meta.items for target in one.targets)
    }
    shown = [
        id_
        for id_, item in meta.items.items()
        if item.kind in PICTURES
        and not item.is_hidden
        and id_ not in beside
        and (id_ not in inside or id_ == meta.primary)
        and id_ != meta.primary
    ]
    return [meta.primary, *shown] if meta.primary in meta.items else shown


def _closure(meta: Meta, roots: Iterable[int]) -> set[int]:
    """Return these items and all that they are made of."""
    needs: dict[int, set[int]] = {}
    for one in meta.references:
        if one.kind in _NEEDED:
            needs.setdefault(one.source, set()).update(one.targets)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        id_ = waiting.pop()
        if id_ in found or id_ not in meta.items:
            continue
        found.add(id_)
        waiting.extend(needs.get(id_, ()))
    return found


def _purposes(meta: Meta) -> dict[int, bytes]:
    """Return for each item the name of what it is for, if it is an auxiliary picture."""
    names = {
        number: part.payload[4:].partition(b"\0")[0]
        for number, part in enumerate(meta.properties, 1)
        if part.kind == b"auxC"
    }
    return {
        id_: next((names[number] for number, _ in meta.marks_of(id_) if number in names), b"")
        for id_ in meta.items
    }


def _is_needed(meta: Meta, item: int, purposes: dict[int, bytes]) -> bool:
    if item not in meta.items or meta.items[item].kind not in PICTURES:
        return False
    return purposes[item] in ALPHA or purposes[item] in GAIN_MAPS


def _role(item: Item, relations: set[bytes], purpose: bytes) -> Role:
    if item.kind not in PICTURES:
        return Role.BLOCK
    if b"thmb" in relations:
        return Role.THUMBNAIL
    if b"auxl" in relations or purpose:
        if any(word in purpose for word in _DEPTH):
            return Role.DEPTH
        if any(word in purpose for word in _MATTES):
            return Role.MATTE
        return Role.AUXILIARY
    return Role.HIDDEN
