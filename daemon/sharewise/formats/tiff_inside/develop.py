"""Keep of a camera's raw file what a developer of raw pictures needs, and nothing besides.

Directories and the maker's notes are lists of known tags here: numbers of bounded size that say
how the sensor's values become colours. What is not on a list goes; what is on it and is not as it
should be is a reason to refuse. The camera's name stays, since a developer picks its colours by
it. Sources: TIFF/EP (ISO 12234-2); the tag tables of ExifTool; what LibRaw reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sharewise.formats.coded import ends_in_words
from sharewise.formats.contract import Kind, Span, Steps
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import nikon, sony, tags
from sharewise.formats.tiff_inside.keep import Kept, sort_entries
from sharewise.formats.tiff_inside.raws import Family
from sharewise.formats.tiff_inside.tags import Room, Rule
from sharewise.formats.tiff_inside.walk import (
    Directory,
    Entry,
    Scheme,
    read_subs,
    try_directory,
)

MAKE, MODEL, ISO = 271, 272, 34855
RAW_DATA_AT = 0x118
"""Where the pixels of a Panasonic begin."""
_PATH = "TIFF"
_NOTE_HEAD_BYTES = 18
_TAIL_BYTES = 48
_ENCIPHERED = 200
"""From this version on Nikon's white balance is enciphered with serial number and shutter count."""
_NIKON_BALANCE_BYTES = {100: 80, 102: 18, 103: 28}

_NUMBERS = (3, 4, 5, 8, 9, 10)


def _numbers(most: int) -> Rule:
    return Rule(_NUMBERS, most)


def _bytes(most: int) -> Rule:
    return Rule((1, 7), most, Room.BLOB)


_NAME = Rule((2,), 64, Room.BLOB)
_NAMES = {MAKE: _NAME, MODEL: _NAME}
_POINTER = Rule((4, 13))
_EXIF = {ISO: Rule((3, 4), 2), tags.MAKER_NOTE: Rule((1, 7), 1 << 26, Room.BLOB)}

_CANON_PAGE = dict.fromkeys(
    (*range(0xC5D8, 0xC5E8), 0xC640, *range(0xC6C5, 0xC6E2)), Rule(_NUMBERS, 16)
)
_CANON_NOTE = {
    0x0004: _numbers(64),
    0x0010: _numbers(1),
    **dict.fromkeys((0x0029, 0x00A9, 0x00AA, 0x00AE, 0x00E0), _numbers(256)),
    0x4001: _numbers(8192),
    **dict.fromkeys((0x4008, 0x4009), _numbers(16)),
}
_NIKON_NOTE = {
    0x0001: _bytes(4),
    0x000C: Rule((5,), 4),
    **dict.fromkeys((0x001B, 0x003D, 0x003E, 0x0045), _numbers(16)),
    **dict.fromkeys((0x008C, 0x0096), _bytes(1 << 16)),
    nikon.BALANCE: _bytes(1 << 16),
}
_NIKON_KEYS = {nikon.SERIAL: Rule((2,), 32, Room.BLOB), nikon.COUNT: Rule((4,))}
_PENTAX_NOTE = {
    0x0005: _numbers(1),
    **dict.fromkeys((0x0037, 0x0038, 0x0039, 0x003D), _numbers(4)),
    **dict.fromkeys((0x0200, 0x0201, *range(0x020D, 0x0215)), _numbers(4)),
    **dict.fromkeys((0x0203, 0x0204), _numbers(9)),
    0x0220: _bytes(4096),
}
_OLYMPUS_NOTE = {
    **dict.fromkeys((0x1011, 0x1012, 0x1017, 0x1018), _numbers(9)),
    0x2040: _POINTER,
}
_OLYMPUS_PROCESSING = dict.fromkeys(
    (*range(0x0100, 0x0140), *range(0x0200, 0x0210), *range(0x0600, 0x0618)), _numbers(64)
)
_PANASONIC_PAGE = {
    **dict.fromkeys((*range(0x01, 0x2E), 0x2F, *range(0x30, 0x50)), Rule((*_NUMBERS, 7), 64)),
    RAW_DATA_AT: Rule((4,)),
    0x0119: Rule((7,), 256),
    **dict.fromkeys((0x011A, 0x011B, 0x0121), _numbers(4)),
}


_SONY_NOTE = {0xB000: Rule((1,), 4), 0xB001: _numbers(1)}
_SONY_PAGE = {
    **dict.fromkeys(range(0x7000, 0x7C00), _numbers(64)),
    sony.PRIVATE: Rule((1, 4, 7), 4),
}


class Note(NamedTuple):
    """Where the directory of a maker's notes begins, and what of it is needed."""

    prefix: bytes
    directory: int
    """Bytes from the note's start; all of them stay."""
    base: int | None
    """Bytes from the note's start that offsets count from; None: the file's start."""
    order_at: int | None
    """Where the notes say their byte order; None: it is that of the file."""
    rules: Mapping[int, Rule]
    inner: Mapping[int, Mapping[int, Rule]] = {}
    """Directories that it points at, by tag, and what of them is needed."""
    unknown: frozenset[int] = frozenset()
    """Tags with white balances of a structure that is not known here."""


class Recipe(NamedTuple):
    """What a developer needs of the files of one maker."""

    page: Mapping[int, Rule]
    notes: tuple[Note, ...] = ()
    header_bytes: int = 8
    has_fixed_pages: bool = False
    """Whether the raw picture is one of the pages, found by counting them."""


RECIPES: dict[Family, Recipe] = {
    Family.CR2: Recipe(
        _CANON_PAGE, (Note(b"", 0, None, None, _CANON_NOTE),), 16, has_fixed_pages=True
    ),
    Family.NEF: Recipe(
        {}, (Note(b"Nikon\0\2", 18, 10, 10, _NIKON_NOTE, unknown=frozenset({0x14})),)
    ),
    Family.PEF: Recipe({}, (Note(b"AOC\0", 6, None, 4, _PENTAX_NOTE),)),
    Family.ORF: Recipe(
        {},
        (
            Note(b"OLYMPUS\0", 12, 0, 8, _OLYMPUS_NOTE, {0x2040: _OLYMPUS_PROCESSING}),
            Note(b"OM SYSTEM\0\0\0", 16, 0, 12, _OLYMPUS_NOTE, {0x2040: _OLYMPUS_PROCESSING}),
        ),
    ),
    Family.RW2: Recipe(_PANASONIC_PAGE),
    Family.ARW: Recipe(
        _SONY_PAGE,
        tuple(
            Note(prefix, 12, None, None, _SONY_NOTE)
            for prefix in (b"SONY DSC \0\0\0", b"SONY CAM \0\0\0")
        ),
    ),
}


@dataclass(slots=True)
class Chosen:
    """What stays and what goes of a raw file."""

    header_bytes: int
    kept: list[Kept] = field(default_factory=list)
    gone: list[Directory] = field(default_factory=list)
    needs: set[Kind] = field(default_factory=lambda: {Kind.DEVICE})
    """What stays of what gives somebody away, since the picture cannot be developed without."""


def choose(
    reader: Reader,
    scheme: Scheme,
    pages: Sequence[Directory],
    subs: Mapping[int, Sequence[Directory]],
    family: Family,
) -> Steps[Chosen | None]:
    """Return what stays of a raw file, or None where its maker's notes are not known here."""
    recipe = RECIPES.get(family)
    if recipe is None:
        return None
    chosen = Chosen(recipe.header_bytes)
    rules = {**tags.BASELINE, **tags.RENDERING, **_NAMES, **recipe.page}
    of_subs = {tag: rule for tag, rule in rules.items() if tag != tags.SUB_DIRECTORIES}
    previous: Kept | None = None
    for index, page in enumerate(pages):
        if index and not recipe.has_fixed_pages:
            chosen.gone += [page, *subs.get(page.offset, ())]
            continue
        with_notes = yield from _notes_of(reader, scheme, page, recipe)
        if with_notes is None:
            return None
        some = {**rules, tags.EXIF: _POINTER} if with_notes else rules
        kept = yield from _sorted(reader, scheme, page, some)
        if previous is not None:
            previous.following = page.offset
        previous = kept
        needed = [sub for sub in subs.get(page.offset, ()) if not _is_small(scheme, sub)]
        chosen.gone += [sub for sub in subs.get(page.offset, ()) if sub not in needed]
        kept.keep_subs(needed)
        chosen.kept.append(kept)
        for sub in needed:
            chosen.kept.append((yield from _sorted(reader, scheme, sub, of_subs)))
        chosen.kept += with_notes
        if any(nikon.is_named_in(one) for one in with_notes[1:]):
            chosen.needs.add(Kind.SERIAL)
    if family is Family.ARW and not (yield from _sony_colours(reader, scheme, pages[0], chosen)):
        return None
    if family is Family.RW2:
        yield from _panasonic_pixels(reader, scheme, chosen.kept[0])
    return chosen


def _is_small(scheme: Scheme, directory: Directory) -> bool:
    return bool(directory.number(scheme, tags.SUBFILE, 0) & 1)


def _sorted(
    reader: Reader,
    scheme: Scheme,
    directory: Directory,
    rules: Mapping[int, Rule],
    shorter: Mapping[int, int] | None = None,
) -> Steps[Kept]:
    """Return what stays of a directory; a needed value that breaks its rule is noted.

    `shorter`: bytes that are needed of a tag's value, where that is not all of it.
    """
    kept = yield from sort_entries(reader, scheme, directory, rules, _PATH, is_thorough=True)
    for entry in kept.dropped:
        if entry.tag in rules and entry.tag not in tags.BASELINE:
            kept.broken = entry.tag
    kept.shorter.update(shorter or {})
    for entry in kept.entries:
        if rules[entry.tag].room is Room.BLOB and entry.type == 7 and entry.at is not None:
            size = min(entry.size, kept.shorter.get(entry.tag, entry.size))
            length = min(_TAIL_BYTES, size)
            if ends_in_words((yield from reader.read(entry.at + size - length, length, _PATH))):
                kept.broken = entry.tag
    return kept


def _notes_of(
    reader: Reader, scheme: Scheme, page: Directory, recipe: Recipe
) -> Steps[list[Kept] | None]:
    """Return what stays of the directory of EXIF and of the notes; None if they are unknown."""
    if not recipe.notes or page.find(tags.EXIF) is None:
        return []
    found = yield from read_subs(reader, scheme, page, tags.EXIF, _PATH)
    if len(found) != 1:
        return None
    exif = found[0]
    entry = exif.find(tags.MAKER_NOTE)
    if entry is None:
        return []
    if entry.at is None or entry.at + entry.size > reader.size or entry.size < _NOTE_HEAD_BYTES:
        return None
    head = yield from reader.read(entry.at, _NOTE_HEAD_BYTES, _PATH)
    layout = next((one for one in recipe.notes if head.startswith(one.prefix)), None)
    numbers = None if layout is None else _order_of(layout, head, scheme)
    if layout is None or numbers is None:
        return None
    head_bytes = {tags.MAKER_NOTE: layout.directory}
    kept = yield from _sorted(reader, scheme, exif, _EXIF, head_bytes)
    notes = yield from _needed(reader, numbers, entry, layout)
    if notes is None:
        return None
    return [kept, *notes] if notes[0].entries else []


def _order_of(layout: Note, head: bytes, scheme: Scheme) -> Scheme | None:
    """Return how numbers stand in the notes, or None if their header is not as it should be."""
    if layout.order_at is None:
        return scheme
    order = {b"II": "<", b"MM": ">"}.get(head[layout.order_at : layout.order_at + 2])
    if order is None:
        return None
    numbers = Scheme(order, is_big=False)
    rest = head[layout.order_at + 2 : layout.directory]
    known = (
        b"",
        numbers.packed(3, 2),
        numbers.packed(4, 2),
        numbers.packed(42, 2) + numbers.packed(8, 4),
    )
    between = head[len(layout.prefix) : layout.order_at]
    return numbers if rest in known and not between.strip(b"\0\1\2\x10\x11") else None


def _needed(
    reader: Reader, numbers: Scheme, entry: Entry, layout: Note
) -> Steps[list[Kept] | None]:
    """Return what stays of the directories of the notes."""
    assert entry.at is not None
    base = 0 if layout.base is None else entry.at + layout.base
    directory = yield from _directory(reader, numbers, entry.at + layout.directory, base)
    if directory is None or any(directory.find(tag) for tag in layout.unknown):
        return None
    rules = dict(layout.rules)
    shorter: dict[int, int] = {}
    version = 0
    if nikon.BALANCE in rules and (balance := directory.find(nikon.BALANCE)) is not None:
        found = yield from _balance_version(reader, balance)
        if found is None:
            return None
        version = found
        rules |= _NIKON_KEYS if version >= _ENCIPHERED else {}
        shorter[nikon.BALANCE] = min(
            _NIKON_BALANCE_BYTES.get(version) or nikon.bytes_of(version) or balance.size,
            balance.size,
        )
    kept = yield from _sorted(reader, numbers, directory, rules, shorter)
    kept.scheme, kept.base = numbers, base
    _check_places(kept, entry)
    if nikon.bytes_of(version) is not None and not (
        yield from nikon.without_serial(reader, kept, version, _PATH)
    ):
        return None
    every = [kept]
    for tag, inside in layout.inner.items():
        pointer = directory.find(tag)
        if pointer is None:
            continue
        if pointer not in kept.entries:
            return None
        at = base + numbers.number(pointer.field)
        inner = yield from _directory(reader, numbers, at, base)
        if inner is None:
            return None
        sub = yield from _sorted(reader, numbers, inner, inside)
        sub.scheme, sub.base = numbers, base
        _check_places(sub, entry)
        every.append(sub)
    return every


def _balance_version(reader: Reader, balance: Entry) -> Steps[int | None]:
    """Return the version of Nikon's white balance; None if it is plain and not known here."""
    if balance.at is None or balance.at + 4 > reader.size:
        return None
    digits = yield from reader.read(balance.at, 4, _PATH)
    version = int(digits) if digits.isdigit() else 0
    return version if version >= _ENCIPHERED or version in _NIKON_BALANCE_BYTES else None


def _check_places(kept: Kept, note: Entry) -> None:
    """Note a needed value that lies outside of the notes: its offset may count from elsewhere."""
    assert note.at is not None
    for entry in kept.entries:
        if entry.at is not None and not (
            note.at <= entry.at <= entry.at + entry.size <= note.at + note.size
        ):
            kept.broken = entry.tag


def _directory(reader: Reader, numbers: Scheme, at: int, base: int) -> Steps[Directory | None]:
    """Return a directory of the notes, the places of its values counted from the file's start."""
    found = yield from try_directory(reader, numbers, at, "MakerNote", _PATH)
    if found is None or not base:
        return found
    entries = tuple(
        one if one.at is None else replace(one, at=one.at + base) for one in found.entries
    )
    return replace(found, entries=entries)


def _sony_colours(reader: Reader, scheme: Scheme, page: Directory, chosen: Chosen) -> Steps[bool]:
    """Add what stays of the private directory and its block; false if they are unknown."""
    if page.find(sony.PRIVATE) is None:
        return True
    at = sony.offset_of(scheme, page)
    if at is None:
        return False
    private = yield from try_directory(reader, scheme, at, "SR2Private", _PATH)
    if private is None:
        return False
    kept = yield from _sorted(reader, scheme, private, sony.POINTERS)
    chosen.kept.append(kept)
    return (yield from sony.keep_colours(reader, scheme, kept, _PATH))


def _panasonic_pixels(reader: Reader, scheme: Scheme, kept: Kept) -> Steps[None]:
    """Note where the pixels of a Panasonic lie: to the end of the file, its count is no size."""
    start = kept.directory.number(scheme, RAW_DATA_AT, 0)
    if not start:
        return
    if start >= reader.size:
        kept.broken = RAW_DATA_AT
        return
    kept.pixels.append(Span(start, reader.size - start))
    length = min(_TAIL_BYTES, reader.size - start)
    if ends_in_words((yield from reader.read(reader.size - length, length, _PATH))):
        kept.broken = RAW_DATA_AT
