"""Decide what stays of a directory, and write it anew in its place.

Source: TIFF 6.0; DNG 1.7.1, chapter 7 (opcode lists); ISO/IEC 10918-1, B (JPEG tables).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sharewise.formats.coded import TAIL_BYTES, are_words
from sharewise.formats.contract import Span, Steps
from sharewise.formats.metadata import icc
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.tags import Room, Rule
from sharewise.formats.tiff_inside.walk import Directory, Entry, Scheme

_PROFILE_BYTES = 4 * 1024 * 1024
_OPCODES_BYTES = 4 * 1024 * 1024
_OPCODES_LIMIT = 256
_SIGNATURE_BYTES = 1024
_WORDS_BYTES = 1024
_WIDE_CURVES = (1 << 8, 3 << 8, 1 << 16, 3 << 16)
"""Entries of a curve where a pixel has several samples, of 8 or 16 bits each."""
_NUMBERS = (Room.FIXED, Room.SAMPLES)
_TABLE_MARKERS = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
"""Huffman, arithmetic and quantisation tables, and the restart interval."""


@dataclass(slots=True)
class Kept:
    """What stays of one directory and what goes."""

    directory: Directory
    entries: list[Entry] = field(default_factory=list)
    dropped: list[Entry] = field(default_factory=list)
    shorter: dict[int, int] = field(default_factory=dict)
    """Bytes that stay of a tag's value, where it claims more than it has."""
    following: int = 0
    subs: list[int] | None = None
    """The offsets that SubIFDs shall hold; None: as they are."""
    broken: int | None = None
    """A tag without which the picture would look different, but that breaks its rule."""
    profiles: list[tuple[int, icc.Looked]] = field(default_factory=list)
    """Colour profiles that stay but have to be written anew, and where each lies."""
    profile: str | None = None
    """The word for `kept` of the colour profile that stays."""
    scheme: Scheme | None = None
    """How numbers stand in it, if not as in the rest of the file: in a maker's notes."""
    base: int = 0
    """What its offsets count from."""
    pixels: list[Span] = field(default_factory=list)
    """Pixels that no strip or tile says."""
    blocks: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    """Offset, bytes there now and bytes that shall be there, of what it points at besides."""

    def keep_subs(self, needed: Sequence[Directory]) -> None:
        """Let SubIFDs point at these directories only; without any the entry goes."""
        entry = next((one for one in self.entries if one.tag == tags.SUB_DIRECTORIES), None)
        if entry is None:
            return
        self.subs = [sub.offset for sub in needed]
        if not needed:
            self.entries.remove(entry)
            self.dropped.append(entry)


def sort_entries(
    reader: Reader,
    scheme: Scheme,
    directory: Directory,
    rules: Mapping[int, Rule],
    path: str,
    *,
    is_thorough: bool,
) -> Steps[Kept]:
    """Return which entries stay. Values of a structure of their own are looked into."""
    kept = Kept(directory)
    for entry in directory.entries:
        stays = _fits(reader, scheme, directory, entry, rules.get(entry.tag))
        if stays and is_thorough and rules[entry.tag].room in _NUMBERS:
            stays = not (yield from _is_words(reader, entry, path))
        if stays and entry.tag in tags.PROFILES:
            stays = yield from _check_profile(reader, kept, entry, path, is_thorough=is_thorough)
        elif stays and is_thorough and entry.tag in tags.OPCODES:
            stays = yield from _are_opcodes(reader, entry, path)
        elif stays and is_thorough and entry.tag == tags.JPEG_TABLES:
            stays = yield from _are_tables(reader, entry, path)
        if stays:
            kept.entries.append(entry)
        else:
            kept.dropped.append(entry)
            if entry.tag in tags.ESSENTIAL and entry.tag in rules:
                kept.broken = entry.tag
    if not (yield from _is_calibrated_alike(reader, directory, path)):
        kept.broken = tags.SIGNATURES[0]
    return kept


def _is_calibrated_alike(reader: Reader, directory: Directory, path: str) -> Steps[bool]:
    """Return whether a DNG's two calibration signatures agree; without both, they do.

    Only then are its calibration matrices used, so taking unlike ones out would change its look.
    """
    texts: list[bytes] = []
    for entry in (directory.find(tag) for tag in tags.SIGNATURES):
        if entry is None or entry.at is None:
            texts.append(b"" if entry is None else entry.field[: entry.size])
        elif entry.size <= _SIGNATURE_BYTES and entry.at + entry.size <= reader.size:
            texts.append((yield from reader.read(entry.at, entry.size, path)))
        else:
            return False
    return len({text.rstrip(b"\0") for text in texts}) == 1


def _fits(
    reader: Reader, scheme: Scheme, directory: Directory, entry: Entry, rule: Rule | None
) -> bool:
    if rule is None or entry.type not in rule.types or entry.count == 0:
        return False
    if entry.at is not None and entry.at + entry.size > reader.size:
        return False
    match rule.room:
        case Room.PIECES:
            return True
        case Room.CURVE:
            bits = directory.find(tags.BITS)
            depth = _first(scheme, bits) if bits is not None else 1
            if depth is None:
                return entry.count in _WIDE_CURVES
            return entry.count in (1 << min(depth, 16), 3 << min(depth, 16))
        case Room.SAMPLES:
            samples = directory.number(scheme, tags.SAMPLES, 1)
            return entry.count <= rule.most * max(samples, 4)
        case Room.FIXED | Room.BLOB:
            return entry.count <= rule.most


def _is_words(reader: Reader, entry: Entry, path: str) -> Steps[bool]:
    """Return whether a value that should be numbers is words."""
    if entry.at is None or not TAIL_BYTES <= entry.size <= _WORDS_BYTES:
        return False
    return are_words((yield from reader.read(entry.at, entry.size, path)))


def _first(scheme: Scheme, entry: Entry) -> int | None:
    """Return the first number of a value of shorts that stands in the directory, or None."""
    return scheme.number(entry.field[:2]) if entry.at is None and entry.type == 3 else None


def _check_profile(
    reader: Reader, kept: Kept, entry: Entry, path: str, *, is_thorough: bool
) -> Steps[bool]:
    """Return whether a value is a colour profile; what stands behind it goes."""
    if entry.at is None:
        return False
    whole = min(entry.size, _PROFILE_BYTES)
    length = whole if is_thorough else min(whole, icc.HEADER_BYTES + 4)
    data = yield from reader.read(entry.at, length, path)
    size = icc.size_of_profile(data, entry.size)
    if size is None:
        return False
    if size < entry.size:
        kept.shorter[entry.tag] = size
    if is_thorough:
        if size > len(data):
            return False
        looked = icc.look_at(data[:size])
        if looked.neutral != data[:size]:
            kept.profiles.append((entry.at, looked))
        data = looked.neutral
    if entry.tag == 34675:
        kept.profile = icc.kept_name(data) if is_thorough else "icc"
    return True


def _are_opcodes(reader: Reader, entry: Entry, path: str) -> Steps[bool]:
    """Return whether a value is a list of opcodes and nothing besides."""
    if entry.at is None or entry.size > _OPCODES_BYTES:
        return entry.field[: entry.size] == bytes(4)
    data = yield from reader.read(entry.at, entry.size, path)
    (count,) = struct.unpack_from(">I", data)
    at = 4
    for _ in range(min(count, _OPCODES_LIMIT)):
        if at + 16 > len(data):
            return False
        (length,) = struct.unpack_from(">I", data, at + 12)
        at += 16 + length
    return at == len(data)


def _are_tables(reader: Reader, entry: Entry, path: str) -> Steps[bool]:
    """Return whether a value is a JPEG stream of tables and nothing besides."""
    if entry.at is None:
        return False
    data = yield from reader.read(entry.at, entry.size, path)
    at = 2
    while data[:2] == b"\xff\xd8" and at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            return not data[at + 2 :].strip(b"\0")
        if marker not in _TABLE_MARKERS or at + 4 > len(data):
            return False
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
    return False


def written(scheme: Scheme, kept: Kept) -> bytes:
    """Return the directory as it shall stand in its place; shorter where entries are gone."""
    scheme = kept.scheme or scheme
    pack = scheme.entry.pack
    rows = b"".join(
        pack(entry.tag, entry.type, entry.count, _field(scheme, entry, kept.base))
        for entry in (shortened(scheme, kept, entry) for entry in kept.entries)
    )
    data = scheme.packed(len(kept.entries), scheme.count_bytes) + rows
    data += scheme.packed(kept.following, scheme.offset_bytes)
    return data[: kept.directory.length]


def shortened(scheme: Scheme, kept: Kept, entry: Entry) -> Entry:
    """Return the entry as it shall be: SubIFDs without the directories that go."""
    if entry.tag != tags.SUB_DIRECTORIES or kept.subs is None:
        return entry
    each = tags.SIZE_OF_TYPE[entry.type]
    values = b"".join(scheme.packed(offset, each) for offset in kept.subs)
    at = entry.at if len(values) > scheme.offset_bytes else None
    field_bytes = values if at is None else entry.field
    return Entry(entry.tag, entry.type, len(kept.subs), field_bytes, len(values), at)


def _field(scheme: Scheme, entry: Entry, base: int) -> bytes:
    if entry.at is None:
        return entry.field[: entry.size].ljust(scheme.offset_bytes, b"\0")
    return scheme.packed(entry.at - base, scheme.offset_bytes)


def values_of(scheme: Scheme, kept: Kept) -> list[Span]:
    """Return where the values that stay lie, as long as they will be."""
    spans = [Span(at, len(new)) for at, _, new in kept.blocks]
    for entry in kept.entries:
        stays = shortened(scheme, kept, entry)
        if stays.at is not None:
            spans.append(Span(stays.at, kept.shorter.get(entry.tag, stays.size)))
    return spans


def rewritten(
    reader: Reader, scheme: Scheme, kept: Sequence[Kept], path: str
) -> Steps[list[tuple[int, bytes, bytes]]]:
    """Return (offset, bytes there now, bytes that shall be there) of what is written anew."""
    edits: list[tuple[int, bytes, bytes]] = []
    for one in kept:
        data = written(scheme, one)
        edits.append((one.directory.offset, one.directory.raw[: len(data)], data))
        for at, looked in one.profiles:
            old = yield from reader.read(at, len(looked.neutral), path)
            edits.append((at, old, looked.neutral))
        edits += one.blocks
        entry = one.directory.find(tags.SUB_DIRECTORIES)
        if one.subs is None or entry is None or entry not in one.entries:
            continue
        stays = shortened(scheme, one, entry)
        if stays.at is not None:
            old = yield from reader.read(stays.at, stays.size, path)
            each = tags.SIZE_OF_TYPE[entry.type]
            new = b"".join(scheme.packed(offset, each) for offset in one.subs)
            edits.append((stays.at, old, new))
    return [edit for edit in edits if edit[1] != edit[2]]
