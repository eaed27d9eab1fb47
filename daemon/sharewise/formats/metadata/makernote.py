"""Say that a maker note is there, and what it is cheap to know of it.

Only serial numbers, owners and identifiers are looked for, in the layouts that are plain TIFF
directories. Everything else of a maker note is one finding: it goes as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.tiff import Tiff, read_directory
from sharewise.formats.metadata.words import amount, decode, tidy

MAKER_NOTE = 0x927C
_INNER = "Equipment"


class _Layout(NamedTuple):
    """Where the directory of a maker note begins and what its offsets count from."""

    prefix: bytes
    maker: str
    directory: int
    base: int | None
    """Bytes from the note's start that offsets count from; None: from the EXIF block's start."""
    order: str | None
    tags: tuple[tuple[int, Kind, str], ...]
    inner: tuple[int, tuple[tuple[int, Kind, str], ...]] | None = None
    """A tag that points at another directory, and the tags of that."""


_LENS_SERIAL = "Has the lens's serial number"
_BODY_SERIAL = "Has the number that the maker gave the camera's body"
_SERIAL = "Has the camera's serial number"
_OWNER = "Names the camera's owner"
_OLYMPUS = ((0x0404, Kind.SERIAL, _SERIAL),)
_EQUIPMENT = (
    0x2010,
    (
        (0x0101, Kind.SERIAL, _SERIAL),
        (0x0102, Kind.SERIAL, _BODY_SERIAL),
        (0x0202, Kind.SERIAL, _LENS_SERIAL),
    ),
)
_LAYOUTS = (
    _Layout(
        b"Apple iOS\0",
        "Apple",
        14,
        0,
        ">",
        (
            (0x0011, Kind.IDENTIFIER, "Has a number that ties it to its Live Photo video"),
            (0x0015, Kind.IDENTIFIER, "Has a number that is this picture's alone"),
        ),
    ),
    _Layout(
        b"Nikon\0\2",
        "Nikon",
        18,
        10,
        None,
        ((0x001D, Kind.SERIAL, _SERIAL), (0x00A0, Kind.SERIAL, _SERIAL)),
    ),
    _Layout(b"FUJIFILM", "Fujifilm", 12, 0, "<", ((0x0010, Kind.SERIAL, _SERIAL),)),
    _Layout(b"Panasonic\0\0\0", "Panasonic", 12, None, None, ((0x0025, Kind.SERIAL, _SERIAL),)),
    _Layout(b"AOC\0", "Pentax", 6, None, None, ((0x0229, Kind.SERIAL, _SERIAL),)),
    _Layout(b"OLYMPUS\0", "Olympus", 12, 0, None, _OLYMPUS, _EQUIPMENT),
    _Layout(b"OLYMP\0", "Olympus", 8, None, None, _OLYMPUS, _EQUIPMENT),
    _Layout(b"MOT\0", "Motorola", 8, None, None, ((0x5501, Kind.SERIAL, _SERIAL),)),
)
_CANON = _Layout(
    b"",
    "Canon",
    0,
    None,
    None,
    (
        (0x0009, Kind.PERSON, _OWNER),
        (0x000C, Kind.SERIAL, _SERIAL),
        (0x0096, Kind.SERIAL, _BODY_SERIAL),
    ),
)


def read_maker_note(tiff: Tiff, path: str) -> list[Finding]:
    """Return the findings of the maker note of an EXIF block; none if it has none."""
    entry = tiff.directories.get("Exif", {}).get(MAKER_NOTE)
    if entry is None:
        return []
    note = tiff.value(entry)
    layout = next((one for one in _LAYOUTS if note.startswith(one.prefix)), None)
    if layout is None and tiff.text("IFD0", 0x010F).lower().startswith("canon"):
        layout = _CANON
    maker = f"{layout.maker}'s" if layout else "the maker's"
    what = f"Holds {maker} own notes on camera and picture ({amount(tiff.size(entry))})"
    findings = [Finding(Kind.MAKER_NOTE, path, what)]
    if layout is not None and len(note) > layout.directory:
        findings += _known(tiff, note, tiff.offset(entry), layout, path)
    return findings


def _known(tiff: Tiff, note: bytes, note_at: int, layout: _Layout, path: str) -> list[Finding]:
    directory = layout.directory
    if layout.base is None:
        inner = Tiff(tiff.data, tiff.order)
        directory += note_at
    else:
        inner = Tiff(note[layout.base :], layout.order or tiff.order)
        directory -= layout.base
        if layout.order is None:
            mark = note[layout.base : layout.base + 2]
            inner.order = {b"II": "<", b"MM": ">"}.get(mark, _order_at_8(note, tiff.order))
    read_directory(inner, "IFD0", directory)
    findings = _said(inner, "IFD0", layout.tags, path)
    if layout.inner is not None:
        pointer, tags = layout.inner
        entry = inner.directories.get("IFD0", {}).get(pointer)
        if entry is not None:
            at = int.from_bytes(entry[3], "little" if inner.order == "<" else "big")
            read_directory(inner, _INNER, at)
            findings += _said(inner, _INNER, tags, path)
    return findings


def _said(
    inner: Tiff, name: str, tags: tuple[tuple[int, Kind, str], ...], path: str
) -> list[Finding]:
    findings: list[Finding] = []
    for tag, kind, what in tags:
        entry = inner.directories.get(name, {}).get(tag)
        if entry is None:
            continue
        if entry[1:3] == (4, 1):
            number = inner.number(name, tag)
            value = str(number) if number else ""
        else:
            value = tidy(decode(inner.value(entry).partition(b"\0")[0]))
        if value.strip("0 "):
            findings.append(Finding(kind, path, f"{what}: {value}", value))
    return findings


def _order_at_8(note: bytes, default: str) -> str:
    return {b"II": "<", b"MM": ">"}.get(note[8:10], default)
