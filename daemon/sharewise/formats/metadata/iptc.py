"""Read Photoshop resource blocks (8BIM) and the IPTC records in them.

Source: Adobe Photoshop File Formats, "Image Resource Blocks"; IPTC-NAA IIM 4.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.facts import NO_FACTS, Facts
from sharewise.formats.metadata.words import amount, decode, moment, tidy, time_finding
from sharewise.formats.metadata.xmp import read_xmp

RESOURCES_LIMIT = 512
RECORDS_LIMIT = 2048

_RESOURCE = struct.Struct(">4sHB")
_LONG = struct.Struct(">I")
_RECORD = struct.Struct(">BBBH")
_SIGNATURES = (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa")

_PLACES = (90, 92, 95, 101)
_TEXTS: dict[int, tuple[Kind, str]] = {
    80: (Kind.PERSON, "Names who made it"),
    110: (Kind.PERSON, "Names whom to credit"),
    115: (Kind.PERSON, "Names its source"),
    116: (Kind.PERSON, "Names who holds the rights"),
    118: (Kind.PERSON, "Names a contact"),
    122: (Kind.PERSON, "Names who wrote the caption"),
    5: (Kind.DESCRIPTION, "Has a title"),
    25: (Kind.DESCRIPTION, "Has a keyword"),
    40: (Kind.DESCRIPTION, "Has instructions"),
    105: (Kind.DESCRIPTION, "Has a headline"),
    120: (Kind.DESCRIPTION, "Has a caption"),
    65: (Kind.SOFTWARE, "Names the software"),
    103: (Kind.IDENTIFIER, "Has a number of its transmission"),
    147: (Kind.IDENTIFIER, "Has a number that is this picture's alone"),
}


def read_photoshop(data: bytes, path: str) -> Block:
    """Return what a run of Photoshop resource blocks gives away. Never raises."""
    findings: list[Finding] = []
    facts = NO_FACTS
    others = 0
    for number, body in _resources(data):
        if number == 0x0404:
            block = read_iim(body, f"{path}/IPTC")
            findings += block.findings
            facts = facts.or_else(block.facts)
        elif number == 0x0424:
            block = read_xmp(body, f"{path}/XMP")
            findings += block.findings
            facts = facts.or_else(block.facts)
        elif number in (0x0409, 0x040C):
            what = "Holds a small picture that may show what was cut off or changed"
            found = Finding(Kind.THUMBNAIL, f"{path}/Thumbnail", f"{what} ({amount(len(body))})")
            findings.append(found)
        else:
            others += 1
    if others or not findings:
        what = "Holds notes of the editing program (Photoshop)"
        findings.append(Finding(Kind.HISTORY, path, what))
    return Block(tuple(findings), facts)


def _resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(data)
    for _ in range(RESOURCES_LIMIT):
        if at + 12 > end:
            return
        signature, number, name_bytes = _RESOURCE.unpack_from(data, at)
        if signature not in _SIGNATURES:
            return
        at += 8 + (name_bytes & ~1)  # the length byte and the name, to an even number
        if at + 4 > end:
            return
        (size,) = _LONG.unpack_from(data, at)
        at += 4
        yield number, data[at : at + size]
        at += size + (size & 1)


def read_iim(data: bytes, path: str) -> Block:
    """Return what a run of IPTC records gives away. Never raises."""
    values: dict[int, list[str]] = {}
    is_utf8 = False
    for record, dataset, body in _records(data):
        if record == 1 and dataset == 90:
            is_utf8 = body == b"\x1b%G"
        elif record == 2:
            text = body.decode("utf-8", "replace") if is_utf8 else decode(body)
            values.setdefault(dataset, []).append(tidy(text))
    findings = [*_place(values, path), *_time(values, path)]
    for dataset, (kind, what) in _TEXTS.items():
        if dataset not in values:
            continue
        text = tidy(", ".join(filter(None, values[dataset])))
        if text:
            said = f"{what}s" if dataset == 25 and len(values[dataset]) > 1 else what
            findings.append(Finding(kind, path, f"{said}: {text}", text))
    if not findings:
        findings = [Finding(Kind.OTHER, path, "Holds press notes (IPTC)")]
    taken = next((finding.value for finding in findings if finding.kind is Kind.TIME), None)
    facts = Facts(
        taken_at=taken,
        artist=next(iter(values.get(80, ())), None) or None,
        rights=next(iter(values.get(116, ())), None) or None,
    )
    return Block(tuple(findings), facts)


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at, end = 0, len(data)
    for _ in range(RECORDS_LIMIT):
        if at + 5 > end:
            return
        mark, record, dataset, size = _RECORD.unpack_from(data, at)
        if mark != 0x1C:
            return
        at += 5
        if size & 0x8000:
            width = size & 0x7FFF
            if width > 4:
                return
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        yield record, dataset, data[at : at + size]
        at += size


def _place(values: dict[int, list[str]], path: str) -> list[Finding]:
    names = [value for dataset in _PLACES for value in values.get(dataset, ())[:1] if value]
    if not names:
        return []
    place = ", ".join(dict.fromkeys(names))
    return [Finding(Kind.LOCATION, path, f"Names the place: {place}", place)]


def _time(values: dict[int, list[str]], path: str) -> list[Finding]:
    for day, clock in ((55, 60), (62, 63)):
        for date in values.get(day, ())[:1]:
            time = next(iter(values.get(clock, ())), "")
            iso = moment(f"{date}T{time}") or moment(date)
            if iso:
                return [time_finding(path, iso)]
    return []
