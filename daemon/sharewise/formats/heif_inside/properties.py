"""Which properties of a picture are known harmless, and how long each may be.

Source: ISO/IEC 23008-12:2022, 6.5; ISO/IEC 14496-12:2022, 12.1; AV1 Image File Format 1.1, 2.2.
"""

from __future__ import annotations

from sharewise.formats.coded import are_words
from sharewise.formats.contract import Finding, Kind, Span
from sharewise.formats.heif_inside.items import Part
from sharewise.formats.isobmff import created_at, shown
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.words import decode, tidy, time_finding
from sharewise.formats.units import av1_length, neutral_avc, neutral_hevc

CONFIGURATIONS = frozenset(
    {
        *(b"hvcC", b"lhvC", b"avcC", b"av1C", b"vvcC", b"uncC", b"cmpd", b"cmpC", b"icef", b"cpat"),
        *(b"splz", b"sbpm", b"snuc", b"cloc", b"oinf"),
    }
)
"""What a decoder needs; as long as the codec wants it."""
_LENGTHS: dict[bytes, tuple[int, ...]] = {
    b"ispe": (12,),
    b"irot": (1,),
    b"imir": (1,),
    b"clap": (32,),
    b"pasp": (8,),
    b"iscl": (12,),
    b"rloc": (12,),
    b"lsel": (2,),
    b"a1op": (1,),
    b"a1lx": (7, 13),
    b"clli": (4,),
    b"mdcv": (24,),
    b"amve": (8,),
    b"ndwt": (8,),
    b"cclv": (1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41),
    b"tols": (6,),
    b"cmin": (16, 24),
    b"cmex": (4, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32),
}
_AVC_HEADER_BYTES = 6
_HEVC_HEADER_BYTES = 23
_WIDE_CHANNEL_BYTES = 4
"""The most that `pixi` says of a channel where its flags announce more than a depth."""


def harmless(part: Part) -> bytes | None:
    """Return the payload of a property without what hides in it; None if it must go."""
    payload = part.payload
    if part.kind in _LENGTHS:
        fitted = _fitted(payload, _LENGTHS[part.kind])
        return None if are_words(fitted) else fitted
    match part.kind:
        case b"pixi":
            each = 1 if payload[1:4] == bytes(3) else _WIDE_CHANNEL_BYTES
            return payload[: 5 + each * payload[4]] if len(payload) > 4 else payload
        case b"colr":
            return _colour(payload)
        case b"auxC":
            return payload[:4] + payload[4:].partition(b"\0")[0] + b"\0"
        case b"hvcC":
            return neutral_hevc(payload[: _hevc_length(payload)])
        case b"avcC" if len(payload) > _AVC_HEADER_BYTES:
            return neutral_avc(payload)
        case b"av1C":
            return payload[: av1_length(payload)]
        case kind if kind in CONFIGURATIONS:
            return payload
    return None


def _fitted(payload: bytes, lengths: tuple[int, ...]) -> bytes:
    """Return as many bytes as the longest layout has that fits."""
    return payload[: max((one for one in lengths if one <= len(payload)), default=len(payload))]


def _colour(payload: bytes) -> bytes | None:
    if payload[:4] == b"nclx":
        return payload[:11]
    if payload[:4] == b"nclc":
        return payload[:10]
    if payload[:4] not in (b"prof", b"rICC"):
        return None
    if len(payload) == 4:
        return payload
    size = icc.size_of_profile(payload[4:], len(payload) - 4)
    return None if size is None else payload[:4] + icc.look_at(payload[4 : 4 + size]).neutral


def _hevc_length(payload: bytes) -> int:
    """Return how long an HEVC configuration is by its own counts (ISO/IEC 14496-15, 8.3.2)."""
    if len(payload) < _HEVC_HEADER_BYTES:
        return len(payload)
    at = _HEVC_HEADER_BYTES
    for _ in range(payload[_HEVC_HEADER_BYTES - 1]):
        units = int.from_bytes(payload[at + 1 : at + 3], "big")
        at += 3
        for _ in range(units):
            at += 2 + int.from_bytes(payload[at : at + 2], "big")
            if at > len(payload):
                return len(payload)
    return min(at, len(payload))


def finding_of(part: Part, place: Span, path: str) -> Finding:
    """Return the finding of a property that goes, or of what hides in one."""
    where = f"{path}/{shown(part.kind)}"
    spans = (place,)
    if part.kind in (b"crtt", b"mdft"):
        iso = _time(part.payload)
        if iso is not None:
            what = "when it was taken" if part.kind == b"crtt" else "when it was last changed"
            said = time_finding(where, iso, what)
            return Finding(said.kind, said.where, said.summary, said.value, spans)
    if part.kind in (b"udes", b"altt"):
        texts = [tidy(decode(text)) for text in part.payload[4:].split(b"\0")]
        text = ", ".join(one for one in texts if one)
        said_text = f"Has a description: {text}" if text else "Has an empty description"
        return Finding(Kind.DESCRIPTION, where, said_text, text or None, spans)
    if part.kind == b"colr":
        what = _of_profile(part.payload[4:])
        return Finding(Kind.OTHER, where, what, spans=spans)
    if part.kind in _LENGTHS or part.kind in CONFIGURATIONS or part.kind in (b"pixi", b"auxC"):
        what = "Has bytes behind its technical details that belong to nothing"
        return Finding(Kind.OTHER, where, what, spans=spans)
    what = "Holds data of a camera or program that is not needed to show it"
    return Finding(Kind.OTHER, where, what, spans=spans)


def _of_profile(data: bytes) -> str:
    size = icc.size_of_profile(data, len(data))
    looked = None if size is None else icc.look_at(data[:size])
    if looked is not None and looked.neutral != data[:size]:
        return icc.note_of(looked)
    return "Has bytes behind its colour profile, or one that is damaged"


def _time(payload: bytes) -> str | None:
    """Return the time in a `crtt` or `mdft` property: microseconds since 1904."""
    microseconds = int.from_bytes(payload[4:12], "big")
    seconds = (microseconds // 1_000_000).to_bytes(8, "big")
    return created_at(b"\x01\0\0\0" + seconds + seconds)
