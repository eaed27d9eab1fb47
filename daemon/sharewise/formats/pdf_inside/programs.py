"""Small programs in a PDF, in the manner of PostScript: what maps letters, what mixes colours.

Source: ISO 32000-2:2020, 7.10.5 (calculator functions), 9.7.5 (CMaps), 9.10.3 (ToUnicode).
"""

from __future__ import annotations

import re

_BLANK = rb"\0\t\n\f\r "
_TOKEN = re.compile(
    rb"(?P<blank>[" + _BLANK + rb"]++)|(?P<comment>%[^\r\n]*+)|(?P<hex><[0-9A-Fa-f"
    + _BLANK + rb"]*+>)|(?P<string>\([^()\\]*+(?:\\.[^()\\]*+){0,1000}\))|(?P<name>/[^" + _BLANK
    + rb"()<>\[\]{}/%]*+)|(?P<mark><<|>>|[\[\]{}])|(?P<word>[^" + _BLANK + rb"()<>\[\]{}/%]++)",
    re.DOTALL,
)  # fmt: skip
_NUMBER = re.compile(rb"[-+.0-9]+|16#[0-9A-Fa-f]+")
_MAP_WORDS = frozenset(
    b"""
    findresource begin dict dup def begincmap endcmap currentdict currentfile defineresource pop end
    begincodespacerange endcodespacerange beginbfchar endbfchar beginbfrange endbfrange
    begincidchar endcidchar begincidrange endcidrange beginnotdefchar endnotdefchar
    beginnotdefrange endnotdefrange usecmap true false mark cleartomark readonly
    CMapName CIDSystemInfo CMapType Registry Ordering Supplement currentglobal setglobal
    """.split()
)
_MAP_NAMES = frozenset(
    b"""
    /CIDInit /ProcSet /CIDSystemInfo /Registry /Ordering /Supplement /CMapName /CMapType /CMap
    /WMode /CMapVersion /UIDOffset /XUID
    """.split()
)
_STANDARD = re.compile(
    rb"/(?:Identity-[HV]|Adobe-Identity-UCS|Adobe-Identity-0|[A-Za-z0-9]{1,8}(?:-[A-Z0-9]{1,5}){1,3}-[HV])"
)
_COLLECTIONS = frozenset(
    b"(Adobe) (Identity) (UCS) (UCS2) (Japan1) (GB1) (CNS1) (Korea1) (KR) (Manga1)".split()
)
_FUNCTION_WORDS = frozenset(
    b"""
    abs add atan ceiling cos cvi cvr div exp floor idiv ln log mod mul neg round sin sqrt sub
    truncate and bitshift eq false ge gt le lt ne not or true xor if ifelse copy dup exch index pop
    roll
    """.split()
)


def without_notes_of_map(data: bytes) -> bytes | None:
    """Return what maps letters without comments and names of its own, None where not understood."""
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            return None
        at = found.end()
        said = found[0]
        match found.lastgroup:
            case "comment":
                said = b" "
            case "string" if said not in _COLLECTIONS:
                said = b"(Identity)"
            case "name" if said not in _MAP_NAMES and _STANDARD.fullmatch(said) is None:
                said = b"/Adobe-Identity-0"
            case "word" if said not in _MAP_WORDS and _NUMBER.fullmatch(said) is None:
                return None
            case _:
                pass
        pieces.append(said)
    return b"".join(pieces)


def without_notes_of_function(data: bytes) -> bytes | None:
    """Return what mixes colours without comments, None where it is not understood."""
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None or found.lastgroup in ("hex", "string", "name"):
            return None
        at = found.end()
        said = found[0]
        is_number = _NUMBER.fullmatch(said) is not None
        if found.lastgroup == "word" and said not in _FUNCTION_WORDS and not is_number:
            return None
        pieces.append(b" " if found.lastgroup == "comment" else said)
    return b"".join(pieces)
