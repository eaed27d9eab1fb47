"""Say what the directories of a TIFF give away, with the readers of EXIF blocks.

What is removed is written out again as a small EXIF block of its own, values and all, so that one
reader knows the words for photographs and for TIFF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.jumbf import read_jumbf
from sharewise.formats.metadata.words import amount, decode, tidy
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.walk import Entry, Scheme

VALUE_BYTES = 256 * 1024
"""The most read of one value; the whole value goes in any case."""
NOTE_AT_BYTES = 1024 * 1024
"""A maker note that begins further in is not looked into: its offsets count from the start."""


@dataclass(frozen=True, slots=True)
class Value:
    """One entry with its bytes, as many as were read."""

    entry: Entry
    data: bytes


def read_values(reader: Reader, entries: Iterable[Entry], path: str) -> Steps[list[Value]]:
    """Return the entries with their values, in one go; those that lie outside are left out."""
    inside: list[Entry] = []
    spans: list[Span] = []
    for entry in entries:
        if entry.at is None:
            inside.append(entry)
            spans.append(Span(0, 0))
        elif entry.at + entry.size <= reader.size:
            inside.append(entry)
            spans.append(Span(entry.at, min(entry.size, VALUE_BYTES)))
    found = yield from reader.read_all(spans, path)
    return [
        Value(entry, entry.field[: entry.size] if entry.at is None else data)
        for entry, data in zip(inside, found, strict=True)
    ]


def describe(
    scheme: Scheme, page: Sequence[Value], others: Mapping[str, Sequence[Value]], path: str
) -> Block:
    """Return what the removed entries of a directory, and those it points at, give away."""
    known: dict[str, list[Value]] = {"IFD0": [], "Exif": list(others.get("Exif", ()))}
    known["GPS"] = list(others.get("GPS", ()))
    findings: list[Finding] = []
    for value in page:
        if value.entry.tag in tags.TEXT_TAGS and (value.entry.tag > 255 or value.entry.type == 2):
            known["IFD0"].append(value)
        elif value.entry.tag in tags.EXIF_TAGS:
            known["Exif"].append(value)
        elif value.entry.tag not in (tags.EXIF, tags.GPS, tags.INTEROP):
            findings.append(_other(value, path))
    block = Block(())
    spans = tuple(
        span for values in known.values() for one in values if (span := one.entry.span(1 << 63))
    )
    if any(known.values()) or "Exif" in others:
        block = read_exif(_block(scheme, known), path)
        found = block.findings
        if not found:
            what = "Has technical details that are not needed to show it"
            found = (Finding(Kind.OTHER, path, what),)
        findings[:0] = [one._replace(spans=one.spans or spans[:8]) for one in found]
    return block._replace(findings=tuple(findings))


def _other(value: Value, path: str) -> Finding:
    entry = value.entry
    where = f"{path}/tag {entry.tag}"
    span = entry.span(1 << 63)
    spans = () if span is None else (span,)
    if entry.tag == tags.C2PA:
        return read_jumbf(value.data, entry.size, where)[0]._replace(spans=spans)
    text = tidy(decode(value.data.rstrip(b"\0"))) if entry.type == 2 else ""
    meaning = tags.MEANINGS.get(entry.tag)
    if meaning is not None:
        kind, what = meaning
        return Finding(kind, where, f"{what}: {text}" if text else what, text or None, spans)
    if entry.tag in tags.BASELINE or entry.tag in tags.RENDERING:
        what = f"Has a display hint in the wrong place or size (tag {entry.tag})"
        return Finding(Kind.OTHER, where, what, spans=spans)
    what = f"Holds data of a program (tag {entry.tag}, {amount(entry.size)})"
    return Finding(Kind.OTHER, where, f"{what}: {text}" if text else what, text or None, spans)


def _block(scheme: Scheme, known: Mapping[str, Sequence[Value]]) -> bytes:
    """Return an EXIF block with these directories. A maker note stays at its own offset."""
    note = next((one for one in known["Exif"] if one.entry.tag == tags.MAKER_NOTE), None)
    note_at = None if note is None else note.entry.at
    data = bytearray((b"II*\0" if scheme.order == "<" else b"MM\0*") + bytes(4))
    if note is not None and note_at is not None and 8 <= note_at <= NOTE_AT_BYTES:
        data += bytes(note_at - 8) + note.data
    order = scheme.order
    places: dict[str, int] = {}
    for name in ("GPS", "Exif", "IFD0"):
        rows: dict[int, tuple[int, int, bytes]] = {}
        for one in known[name]:
            type_ = one.entry.type
            each = tags.SIZE_OF_TYPE[type_] if type_ < len(tags.SIZE_OF_TYPE) else 0
            if type_ >= 14 or not each:
                continue
            count = min(one.entry.count, len(one.data) // each)
            if one is note and note_at is not None:
                field = struct.pack(order + "I", note_at if note_at < 1 << 32 else 0)
                count = min(one.entry.count, 0xFFFFFFFF)
            elif count * each <= 4:
                field = one.data[: count * each].ljust(4, b"\0")
            else:
                field = struct.pack(order + "I", len(data))
                data += one.data + bytes(len(one.data) & 1)
            rows.setdefault(one.entry.tag, (type_, count, field))
        if name == "IFD0":
            for inner, tag in (("Exif", tags.EXIF), ("GPS", tags.GPS)):
                if inner in places:
                    rows[tag] = (4, 1, struct.pack(order + "I", places[inner]))
        elif not rows:
            continue
        places[name] = len(data)
        data += struct.pack(order + "H", len(rows))
        for tag, (type_, count, field) in sorted(rows.items()):
            data += struct.pack(order + "HHI4s", tag, type_, count, field)
        data += bytes(4)
    data[4:8] = struct.pack(order + "I", places["IFD0"])
    return bytes(data)
