"""Put together what stays of a `meta` box, and say what else goes that is no item."""

from __future__ import annotations

from collections.abc import Mapping

from sharewise.formats.contract import Finding, Kind, Span
from sharewise.formats.heif_inside.choose import Choice
from sharewise.formats.heif_inside.items import Meta, Part
from sharewise.formats.heif_inside.properties import finding_of, harmless
from sharewise.formats.heif_inside.rebuild import (
    GROUPS,
    HARMLESS_NAMES,
    Block,
    Stays,
    is_plain_data_box,
)
from sharewise.formats.isobmff import PADDING, handler_name, shown
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.words import amount, decode, tidy

_KNOWN = frozenset({b"hdlr", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat", b"grpl"})
_TURNS = (b"irot", b"imir")
_UPRIGHT = (b"", b"\0")


def settle(
    meta: Meta, choice: Choice, keep: Mapping[int, Block], path: str
) -> tuple[Stays, list[Finding]]:
    """Return what stays, and the findings of what does not and is no item."""
    findings = [*_of_structure(meta, path), *_of_names(meta, choice, path)]
    used = {number for item in choice.stay for number, _ in meta.marks_of(item)}
    others = {number for item in choice.goes for number, _ in meta.marks_of(item)}
    properties: dict[int, bytes] = {}
    for number, part in enumerate(meta.properties, 1):
        if number not in used and number in others:
            continue
        payload = harmless(part) if number in used else None
        if payload is not None:
            properties[number] = payload
        if payload != part.payload:
            place = Span(part.at, 8 + len(part.payload))
            is_empty = part.kind in PADDING and not part.payload.strip(b"\0")
            if not is_empty:
                findings.append(finding_of(part, place, path))
    return Stays(choice.stay, properties, keep), findings


def _of_structure(meta: Meta, path: str) -> list[Finding]:
    findings: list[Finding] = []
    name = tidy(decode(handler_name(meta.handler)))
    if name:
        said = f"Names the software: {name}"
        places = tuple(
            Span(part.at, 8 + len(part.payload)) for part in meta.order if part.kind == b"hdlr"
        )
        findings.append(Finding(Kind.SOFTWARE, f"{path}/meta/hdlr", said, name, places))
    for part in meta.order:
        is_plain = part.kind in PADDING and not part.payload.strip(b"\0")
        if part.kind in _KNOWN or is_plain or (part.kind == b"dinf" and is_plain_data_box(part)):
            continue
        findings.append(_unknown(part, path))
    for group in meta.groups:
        if group.kind not in GROUPS:
            what = "Says something of how pictures belong together that is not needed"
            findings.append(Finding(Kind.OTHER, f"{path}/meta/{shown(group.kind)}", what))
    return findings


def _unknown(part: Part, path: str) -> Finding:
    place = (Span(part.at, 8 + len(part.payload)),)
    size = amount(max(1, len(part.payload)))
    where = f"{path}/meta/{shown(part.kind)}"
    return Finding(Kind.OTHER, where, f"Holds data that is no part of it ({size})", spans=place)


def _of_names(meta: Meta, choice: Choice, path: str) -> list[Finding]:
    names = dict.fromkeys(
        meta.items[id_].name for id_ in choice.stay if meta.items[id_].name not in HARMLESS_NAMES
    )
    texts = dict.fromkeys(tidy(decode(name)) for name in names)
    shown_names = tidy(", ".join(text for text in texts if text))
    if not names:
        return []
    said = f"Has a name: {shown_names}" if shown_names else "Has a name"
    return [Finding(Kind.DESCRIPTION, f"{path}/meta/iinf", said, shown_names or None)]


def needs_unknown(meta: Meta, choice: Choice) -> bool:
    """Return whether a picture says that a property must be understood which is not known."""
    needed = {
        number
        for item in choice.stay
        for number, is_essential in meta.marks_of(item)
        if is_essential
    }
    parts = (meta.properties[number - 1] for number in needed)
    return any(part.kind != b"colr" and harmless(part) is None for part in parts)


def kept_words(meta: Meta, choice: Choice) -> list[str]:
    """Return the words for `kept` of what is there and stays."""
    numbers = dict.fromkeys(number for item in choice.pictures for number, _ in meta.marks_of(item))
    parts = [meta.properties[number - 1] for number in numbers]
    words: dict[str, None] = {}
    if any(part.kind in _TURNS and part.payload not in _UPRIGHT for part in parts):
        words["orientation"] = None
    for part in parts:
        if part.kind == b"colr" and part.payload[:4] in (b"prof", b"rICC"):
            payload = harmless(part)
            if payload is not None and len(payload) > 4:
                words[icc.kept_name(payload[4:])] = None
    is_there = {
        "alpha": choice.has_alpha,
        "hdr gain map": choice.has_gain_map,
        "second view": choice.has_views,
        "more pictures": len(choice.pictures) > 1 and not choice.has_views,
    }
    return [*words, *(word for word, is_so in is_there.items() if is_so)]
