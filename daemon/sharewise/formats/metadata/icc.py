"""Check an ICC profile, name it, and take out of it what says more than colours.

A profile that vendors give to everybody stays as it is. One of a person's own (a calibrated
screen, a private tag) keeps its numbers and its size; texts become neutral, tags that no
colour depends on go, and bytes that belong to nothing become zero.

Source: ICC.1:2022, 7.2, 7.3 and 10; ICC.1:2001, 6.5 (`desc`, `text`, `crdi`, `data`).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache

from sharewise.formats.metadata.icc_words import is_common
from sharewise.formats.metadata.words import decode, tidy

HEADER_BYTES = 128
NEUTRAL_NAME = "ICC"
_LONG = struct.Struct(">I")
_TAG = struct.Struct(">4sII")
_TAGS_AT = HEADER_BYTES + 4
_TAGS_LIMIT = 256
_CACHED_PROFILES = 16
_CACHED_BYTES = 64 * 1024
_WELL_KNOWN = (
    *("srgb", "display p3", "adobe rgb", "prophoto", "rec2020", "rec. 2020", "bt.2020", "bt.709"),
    *("dci-p3", "dci(p3)", "gray gamma", "dot gain", "u.s. web coated", "coated fogra", "swop"),
    *("generic rgb", "generic gray", "c2", "esci", "apple rgb", "colormatch", "romm", "rgb"),
    NEUTRAL_NAME.lower(),
)

_NEEDED = frozenset(
    {
        *(b"A2B0", b"A2B1", b"A2B2", b"A2B3", b"B2A0", b"B2A1", b"B2A2", b"B2A3"),
        *(b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3"),
        *(b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt"),
        *(b"chad", b"chrm", b"cicp", b"gamt", b"lumi", b"meas", b"view", b"pre0", b"pre1"),
        *(b"pre2", b"tech", b"ciis", b"vcgt", b"ndin", b"vcgp", b"aabg", b"aagg", b"aarg"),
        *(b"rig0", b"rig2", b"clot", b"clrt", b"rcs2", b"scrn"),
    }
)
"""Tags of numbers that a picture's colours may hang on."""
_NAMED = frozenset({b"desc", b"cprt"})
"""Texts that every profile must have."""
_TEXTS = frozenset({b"desc", b"cprt", b"dmnd", b"dmdd", b"vued", b"dscm", b"scrd", b"meta"})
_NAMED_COLOURS = frozenset({b"ncl2", b"ncol", b"clrt", b"clot"})
_SEQUENCES = frozenset({b"pseq", b"psid"})
_UNSET_SERIALS = frozenset({0, 0x01010101})
_SIZES = {
    **dict.fromkeys((b"view",), 36),
    **dict.fromkeys((b"meas",), 36),
    **dict.fromkeys((b"sig ", b"cicp"), 12),
}
_PARAMETERS = (1, 3, 4, 5, 7)
_SAFE_DATE = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a profile should be, and what there is to say of it."""

    neutral: bytes
    """As long as the profile, and the same where there is nothing to take out."""
    said: str
    """The first text that is the person's own; empty if there is none."""


def size_of_profile(beginning: bytes, available_bytes: int) -> int | None:
    """Return the bytes that a profile says it has, or None if it is none or is not whole."""
    if len(beginning) < HEADER_BYTES + 4 or beginning[36:40] != b"acsp":
        return None
    (size,) = _LONG.unpack_from(beginning)
    return size if HEADER_BYTES + 4 <= size <= available_bytes else None


def kept_name(data: bytes) -> str:
    """Return the word for `kept`: "icc", with the profile's own name if it is not a common one."""
    name = tidy(_description(data))
    is_well_known = not name or name.lower().startswith(_WELL_KNOWN)
    return "icc" if is_well_known or not is_common(name) else f"icc ({name})"


def note_of(looked: Looked) -> str:
    """Return one line for people on what goes out of a profile."""
    what = "Has notes in its colour profile"
    return f"{what}: {looked.said}" if looked.said else what


def look_at(profile: bytes) -> Looked:
    """Return what a whole profile should be. Remembered: most files have one of a few."""
    return _remembered(profile) if len(profile) <= _CACHED_BYTES else _looked(profile)


def _looked(profile: bytes) -> Looked:
    entries = _entries(profile)
    said: list[str] = []
    kept: list[tuple[bytes, int, int, bytes]] = []
    for tag, at, size in entries:
        element = profile[at : at + size]
        stays = _element(profile, tag, element, said)
        if stays:
            kept.append((tag, at, size, stays))
    is_changed = len(kept) < len(entries) or any(
        stays != profile[at : at + size] for _, at, size, stays in kept
    )
    neutral = bytearray(len(profile))
    neutral[:100] = profile[:100]
    _LONG.pack_into(neutral, HEADER_BYTES, len(kept))
    for index, (tag, at, size, stays) in enumerate(kept):
        _TAG.pack_into(neutral, _TAGS_AT + 12 * index, tag, at, size)
        neutral[at : at + size] = stays
    if is_changed:
        neutral[24:36] = _SAFE_DATE
        neutral[48:56] = bytes(8)
    _settle_id(neutral, is_changed=is_changed)
    return Looked(bytes(neutral), said[0] if said else "")


_remembered = lru_cache(_CACHED_PROFILES)(_looked)


def _settle_id(profile: bytearray, *, is_changed: bool) -> None:
    """Have the ID be one again where something changed. Source: ICC.1:2022, 7.2.18.

    Programs write wrong ones into profiles that everybody has; they stay unless they are words.
    """
    if not any(profile[84:100]):
        return
    if profile[8] < 4 or all(0x20 <= byte < 0x7F for byte in profile[84:100]):
        profile[84:100] = bytes(16)
    elif is_changed:
        hashed = bytearray(profile)
        hashed[44:48] = hashed[64:68] = bytes(4)
        hashed[84:100] = bytes(16)
        profile[84:100] = hashlib.md5(hashed, usedforsecurity=False).digest()


def _entries(profile: bytes) -> list[tuple[bytes, int, int]]:
    """Return (signature, offset, size) of the tags that lie in the profile."""
    (count,) = _LONG.unpack_from(profile, HEADER_BYTES)
    count = min(count, _TAGS_LIMIT, (len(profile) - _TAGS_AT) // 12)
    first = _TAGS_AT + 12 * count
    found = [_TAG.unpack_from(profile, _TAGS_AT + 12 * index) for index in range(count)]
    return [
        (tag, at, size)
        for tag, at, size in found
        if first <= at and size >= 8 and at + size <= len(profile)
    ]


def _element(profile: bytes, tag: bytes, element: bytes, said: list[str]) -> bytes:
    """Return what becomes of a tag's data, of the same size; empty if the tag goes."""
    kind = element[:4]
    if tag in _TEXTS:
        texts = _texts(element)
        own = [text for text in texts if not is_common(text)]
        said += [tidy(text) for text in own if tidy(text)]
        if texts and not own:
            return _exact_text(element)
        return _neutral_text(element) if tag in _NAMED else b""
    if tag == b"mmod":
        serial = int.from_bytes(element[16:20], "big")
        return element if len(element) == 40 and serial in _UNSET_SERIALS else b""
    if tag in _SEQUENCES:
        return element if profile[12:16] == b"link" else b""
    if tag in _NAMED_COLOURS:
        return element if profile[12:16] == b"nmcl" else b""
    if tag not in _NEEDED:
        return b""
    size = _size_of(kind, element)
    return b"" if size is None or size > len(element) else element[:size].ljust(len(element), b"\0")


def _size_of(kind: bytes, element: bytes) -> int | None:
    """Return the bytes that the numbers of an element take, None if it is of no such type."""
    match kind:
        case b"XYZ " | b"sf32" | b"uf32" | b"ui32" | b"ui16" | b"ui08" | b"ui64":
            whole = len(element) - 8
            return 20 if kind == b"XYZ " else 8 + whole // 4 * 4 if whole <= 64 else None
        case b"curv":
            return 12 + 2 * int.from_bytes(element[8:12], "big")
        case b"para":
            function = int.from_bytes(element[8:10], "big")
            return 12 + 4 * _PARAMETERS[function] if function < len(_PARAMETERS) else None
        case b"chrm":
            return 12 + 8 * int.from_bytes(element[8:10], "big")
        case b"mft1" | b"mft2":
            return _size_of_tables(kind, element)
        case b"mAB " | b"mBA " | b"mpet" | b"vcgt" | b"ndin" | b"vcgp" | b"scrn":
            return len(element)
    return _SIZES.get(kind)


def _size_of_tables(kind: bytes, element: bytes) -> int | None:
    if len(element) < 52:
        return None
    inputs, outputs, points = element[8:11]
    grid: int = outputs * points**inputs
    if kind == b"mft1":
        return 48 + 256 * inputs + grid + 256 * outputs
    before, after = (int.from_bytes(element[at : at + 2], "big") for at in (48, 50))
    return 52 + 2 * (before * inputs + grid + after * outputs)


def _texts(element: bytes) -> list[str]:
    """Return every text of an element, none if it holds no text or more than text."""
    kind = element[:4]
    if kind == b"text":
        return [decode(element[8:].rstrip(b"\0"))]
    if kind == b"desc" and len(element) >= 12:
        (length,) = _LONG.unpack_from(element, 8)
        texts = [decode(element[12 : 12 + length].rstrip(b"\0"))]
        rest = element[12 + length :]
        wide = int.from_bytes(rest[4:8], "big")
        texts.append(_wide(rest[8 : 8 + 2 * wide]))
        rest = rest[8 + 2 * wide :]
        return [*texts, decode(rest[3 : 3 + (rest[2] if len(rest) > 2 else 0)].rstrip(b"\0"))]
    if kind == b"mluc" and len(element) >= 16:
        count, width = struct.unpack_from(">II", element, 8)
        if width != 12 or 16 + 12 * count > len(element):
            return []
        return [_wide(element[at : at + size]) for at, size in _places(element, count)]
    if kind == b"dict" and len(element) >= 16:
        count, width = struct.unpack_from(">II", element, 8)
        if width != 16 or 16 + 16 * count > len(element):
            return []
        return [_wide(element[at : at + size]) for at, size in _places(element, count)]
    return []


def _wide(data: bytes) -> str:
    text = data[: len(data) & ~1].decode("utf-16-be", "replace")
    return text.replace("\ufeff", "").replace("\ufffe", "").rstrip("\0")


def _exact_text(element: bytes) -> bytes:
    """Return an element of common texts with zeros where none of them lies."""
    kind = element[:4]
    if kind == b"text":
        return element[:4] + bytes(4) + element[8:]
    if kind == b"desc":
        (length,) = _LONG.unpack_from(element, 8)
        end = 12 + length
        wide = int.from_bytes(element[end + 4 : end + 8], "big")
        script = end + 8 + 2 * wide
        shown = element[script + 2] if len(element) > script + 2 else 0
        return element[: script + 3 + shown].ljust(len(element), b"\0")
    exact = bytearray(len(element))
    count, width = struct.unpack_from(">II", element, 8)
    exact[: 16 + width * count] = element[: 16 + width * count]
    exact[4:8] = bytes(4)
    for at, size in _places(element, count):
        exact[at : at + size] = element[at : at + size]
    return bytes(exact[: len(element)])


def _places(element: bytes, count: int) -> list[tuple[int, int]]:
    """Return (offset, size) of the texts of a list by language or by name."""
    if element[:4] == b"mluc":
        rows = (struct.unpack_from(">II", element, 20 + 12 * index) for index in range(count))
        return [(at, size) for size, at in rows]
    pairs = (struct.unpack_from(">4I", element, 16 + 16 * index) for index in range(count))
    return [place for row in pairs for place in (row[:2], row[2:])]


def _neutral_text(element: bytes) -> bytes:
    """Return an element of the same type and size that says a neutral name, if that fits."""
    kind, room = element[:4], len(element)
    plain, wide = NEUTRAL_NAME.encode() + b"\0", NEUTRAL_NAME.encode("utf-16-be")
    if kind == b"mluc":
        row = struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(wide), 28)
        whole, least = kind + bytes(4) + row + wide, kind + bytes(4) + struct.pack(">II", 0, 12)
    elif kind == b"desc":
        whole, least = kind + bytes(4) + _LONG.pack(len(plain)) + plain, kind + bytes(8)
        whole += bytes(8 + 3 + 67)
    else:
        whole, least = b"text" + bytes(4) + plain, b"text" + bytes(4)
    chosen = whole if len(whole) <= room else least
    return chosen[:room].ljust(room, b"\0")


def _description(data: bytes) -> str:
    (count,) = _LONG.unpack_from(data, HEADER_BYTES)
    for index in range(min(count, _TAGS_LIMIT, (len(data) - _TAGS_AT) // 12)):
        tag, at, size = _TAG.unpack_from(data, _TAGS_AT + 12 * index)
        if tag == b"desc":
            texts = _texts(data[at : at + size])
            return texts[0] if texts else ""
    return ""
