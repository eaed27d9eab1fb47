"""Say that a maker note is there, and what it is cheap to know of it.

Only serial numbers, owners and identifiers are looked for, in the layouts that are plain TIFF
directories. Everything else of a maker note is one finding: it goes as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.tiff import Tiff, read_directory
from sharewise.formats.metadata.words import amount, decode, tidy

MAKER_NOTE = 0x927C
_INNER = "Equipment"


def _plain(inner: Tiff, name: str, tag: int) -> str | None:
    """Return a number, or a text up to its NUL."""
    entry = inner.directories[name][tag]
    if entry[1:3] == (4, 1):
        number = inner.number(name, tag)
        return str(number) if number else ""
    return tidy(decode(inner.value(entry).partition(b"\0")[0]))


def _text_or_bytes(inner: Tiff, name: str, tag: int) -> str | None:
    """Return a text, or bytes in hexadecimal."""
    data = inner.value(inner.directories[name][tag])
    text = data.rstrip(b"\0")
    return tidy(decode(text)) if text.isascii() and text.decode().isprintable() else data.hex()


def _bytes_at(start: int, length: int) -> Callable[[Tiff, str, int], str | None]:
    """Return what reads some bytes of a value, in hexadecimal."""

    def read(inner: Tiff, name: str, tag: int) -> str | None:
        return inner.value(inner.directories[name][tag])[start : start + length].hex()

    return read


def _fifth(inner: Tiff, name: str, tag: int) -> str | None:
    numbers = inner.numbers(name, tag)
    return str(int(numbers[4])) if len(numbers) > 4 else ""


def _enciphered(inner: Tiff, name: str, tag: int) -> str | None:
    """Return None: it is there, but the maker enciphered it."""
    return None if inner.value(inner.directories[name][tag]).strip(b"\0") else ""


class _Told(NamedTuple):
    """A tag of a maker note that somebody is told of."""

    tag: int
    kind: Kind
    what: str
    read: Callable[[Tiff, str, int], str | None] = _plain


class _Layout(NamedTuple):
    """Where the directory of a maker note begins and what its offsets count from."""

    prefix: bytes
    maker: str
    directory: int
    base: int | None
    """Bytes from the note's start that offsets count from; None: from the EXIF block's start."""
    order: str | None
    tags: tuple[_Told, ...]
    inner: tuple[int, tuple[_Told, ...]] | None = None
    """A tag that points at another directory, and the tags of that."""


_LENS_SERIAL = "Has the lens's serial number"
_BODY_SERIAL = "Has the number that the maker gave the camera's body"
_SERIAL = "Has the camera's serial number"
_OWNER = "Names the camera's owner"
_PLACE = "Names the place"
_OLYMPUS = (_Told(0x0404, Kind.SERIAL, _SERIAL), _Told(0x101A, Kind.SERIAL, _SERIAL))
_EQUIPMENT = (
    0x2010,
    (
        _Told(0x0101, Kind.SERIAL, _SERIAL),
        _Told(0x0102, Kind.SERIAL, _BODY_SERIAL),
        _Told(0x0202, Kind.SERIAL, _LENS_SERIAL),
    ),
)
_PENTAX = (
    _Told(0x0215, Kind.SERIAL, _BODY_SERIAL, _fifth),
    _Told(0x0229, Kind.SERIAL, _SERIAL),
)
_PANASONIC = (
    _Told(0x0025, Kind.SERIAL, _SERIAL),
    _Told(0x0052, Kind.SERIAL, _LENS_SERIAL),
    _Told(0x0054, Kind.SERIAL, "Has an accessory's serial number"),
    _Told(0x0065, Kind.DESCRIPTION, "Has a title"),
    _Told(0x0066, Kind.PERSON, "Names who is in it"),
    *(_Told(tag, Kind.LOCATION, _PLACE) for tag in (0x0067, 0x0069, 0x006B, 0x006D, 0x006F)),
)
_RICOH = (_Told(0x0005, Kind.SERIAL, _SERIAL, _text_or_bytes),)
_SIGMA = (_Told(0x0002, Kind.SERIAL, _SERIAL),)
_SONY = (_Told(0x9050, Kind.SERIAL, f"{_BODY_SERIAL} (enciphered)", _enciphered),)
_LAYOUTS = (
    _Layout(
        b"Apple iOS\0",
        "Apple",
        14,
        0,
        ">",
        (
            _Told(0x0011, Kind.IDENTIFIER, "Has a number that ties it to its Live Photo video"),
            _Told(0x0015, Kind.IDENTIFIER, "Has a number that is this picture's alone"),
        ),
    ),
    _Layout(
        b"Nikon\0\2",
        "Nikon",
        18,
        10,
        None,
        (_Told(0x001D, Kind.SERIAL, _SERIAL), _Told(0x00A0, Kind.SERIAL, _SERIAL)),
    ),
    _Layout(b"FUJIFILM", "Fujifilm", 12, 0, "<", (_Told(0x0010, Kind.SERIAL, _SERIAL),)),
    _Layout(b"Panasonic\0\0\0", "Panasonic", 12, None, None, _PANASONIC),
    _Layout(b"AOC\0", "Pentax", 6, None, None, _PENTAX),
    _Layout(b"PENTAX \0", "Pentax", 10, 0, None, _PENTAX),
    _Layout(b"OLYMPUS\0", "Olympus", 12, 0, None, _OLYMPUS, _EQUIPMENT),
    _Layout(b"OLYMP\0", "Olympus", 8, None, None, _OLYMPUS, _EQUIPMENT),
    _Layout(b"MOT\0", "Motorola", 8, 0, None, (_Told(0x5501, Kind.SERIAL, _SERIAL),)),
    _Layout(b"RICOH", "Ricoh", 8, None, None, _RICOH),
    _Layout(b"Ricoh", "Ricoh", 8, None, None, _RICOH),
    _Layout(b"SIGMA\0", "Sigma", 10, None, None, _SIGMA),
    _Layout(b"FOVEON\0", "Sigma", 10, None, None, _SIGMA),
    _Layout(b"SONY DSC ", "Sony", 12, None, None, _SONY),
    _Layout(b"SONY CAM ", "Sony", 12, None, None, _SONY),
)
_BY_MAKE = (
    (
        "canon",
        _Layout(
            b"",
            "Canon",
            0,
            None,
            None,
            (
                _Told(0x0009, Kind.PERSON, _OWNER),
                _Told(0x000C, Kind.SERIAL, _SERIAL),
                _Told(0x0096, Kind.SERIAL, _BODY_SERIAL),
                _Told(0x4019, Kind.SERIAL, _LENS_SERIAL, _bytes_at(0, 5)),
            ),
        ),
    ),
    ("sony", _Layout(b"", "Sony", 0, None, None, _SONY)),
    (
        "nintendo",
        _Layout(
            b"",
            "Nintendo",
            0,
            None,
            None,
            (_Told(0x1101, Kind.SERIAL, _BODY_SERIAL, _bytes_at(0x18, 4)),),
        ),
    ),
    (
        "samsung",
        _Layout(
            b"",
            "Samsung",
            0,
            0,
            None,
            (_Told(0xA002, Kind.SERIAL, _SERIAL), _Told(0xA005, Kind.SERIAL, _LENS_SERIAL)),
        ),
    ),
)
"""Of makers whose notes are a bare directory."""
_ENTRIES_LIMIT = 255
"""Entries that a maker's directory has at most; more means the other byte order."""


def read_maker_note(tiff: Tiff, path: str) -> list[Finding]:
    """Return the findings of the maker note of an EXIF block; none if it has none."""
    entry = tiff.directories.get("Exif", {}).get(MAKER_NOTE)
    if entry is None:
        return []
    note = tiff.value(entry)
    layout = next((one for one in _LAYOUTS if note.startswith(one.prefix)), None)
    if layout is None:
        make = tiff.text("IFD0", 0x010F).lower()
        layout = next((one for name, one in _BY_MAKE if make.startswith(name)), None)
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
    inner.order = _order_that_fits(inner, directory)
    read_directory(inner, "IFD0", directory, lowest=0)
    findings = _said(inner, "IFD0", layout.tags, path)
    if layout.inner is not None:
        pointer, tags = layout.inner
        entry = inner.directories.get("IFD0", {}).get(pointer)
        if entry is not None:
            at = int.from_bytes(entry[3], "little" if inner.order == "<" else "big")
            read_directory(inner, _INNER, at)
            findings += _said(inner, _INNER, tags, path)
    return findings


def _said(inner: Tiff, name: str, tags: tuple[_Told, ...], path: str) -> list[Finding]:
    findings: list[Finding] = []
    for tag, kind, what, read in tags:
        if tag not in inner.directories.get(name, {}):
            continue
        value = read(inner, name, tag)
        if value is None:
            findings.append(Finding(kind, path, what))
        elif value.strip("0 "):
            findings.append(Finding(kind, path, f"{what}: {value}", value))
    return findings


def _order_at_8(note: bytes, default: str) -> str:
    return {b"II": "<", b"MM": ">"}.get(note[8:10], default)


def _order_that_fits(inner: Tiff, directory: int) -> str:
    """Return the byte order in which a directory has a number of entries that can be.

    Some makers keep to one order whatever that of the EXIF block is.
    """
    count = inner.data[directory : directory + 2]
    counts = {"<": int.from_bytes(count, "little"), ">": int.from_bytes(count, "big")}
    other = "<" if inner.order == ">" else ">"
    return other if counts[other] <= _ENTRIES_LIMIT < counts[inner.order] else inner.order
