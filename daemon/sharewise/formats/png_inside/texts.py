"""Read the text chunks of a PNG for people. Source: PNG (W3C, 2025), 11.3.3."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.exif import orientation_of, read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, NO_FACTS, Facts
from sharewise.formats.metadata.iptc import read_iim, read_photoshop
from sharewise.formats.metadata.words import decode, moment, tidy, time_finding
from sharewise.formats.metadata.xmp import read_xmp

TEXT_BYTES = 512 * 1024
"""The most bytes of a text that are read or inflated."""

_AI = "Holds the instructions that an AI made this picture from"
_KEYWORDS: dict[str, tuple[Kind, str]] = {
    "author": (Kind.PERSON, "Names who made it"),
    "artist": (Kind.PERSON, "Names who made it"),
    "copyright": (Kind.PERSON, "Names who holds the rights"),
    "title": (Kind.DESCRIPTION, "Has a title"),
    "description": (Kind.DESCRIPTION, "Has a description"),
    "comment": (Kind.DESCRIPTION, "Has a comment"),
    "disclaimer": (Kind.DESCRIPTION, "Has a disclaimer"),
    "warning": (Kind.DESCRIPTION, "Has a warning"),
    "software": (Kind.SOFTWARE, "Names the software"),
    "source": (Kind.DEVICE, "Names the device"),
    "make": (Kind.DEVICE, "Names the camera or phone"),
    "model": (Kind.DEVICE, "Names the camera or phone"),
    "parameters": (Kind.HISTORY, _AI),
    "prompt": (Kind.HISTORY, _AI),
    "workflow": (Kind.HISTORY, _AI),
    "dream": (Kind.HISTORY, _AI),
    "sd-metadata": (Kind.HISTORY, _AI),
    "invokeai_metadata": (Kind.HISTORY, _AI),
    "generation_data": (Kind.HISTORY, _AI),
    "thumb::uri": (Kind.IDENTIFIER, "Says where the original lies on your computer"),
    "thumb::mtime": (Kind.TIME, "Says when the original was last changed"),
}
_TIMES = ("creation time", "create-date", "date:create", "date:modify", "date:timestamp")
_RAW = "raw profile type "
_RAW_TEXT = re.compile(r"\s*(\w+)\s+(\d+)\s+([0-9a-fA-F\s]*)")


@dataclass(frozen=True, slots=True)
class Text:
    """What a text chunk says; `is_damaged` where it could not be read to its end."""

    keyword: str
    value: bytes
    is_utf8: bool
    is_damaged: bool = False

    def shown(self) -> str:
        """Return the value for people."""
        if self.is_utf8:
            return tidy(self.value[:TEXT_BYTES].decode("utf-8", "replace"))
        return tidy(decode(self.value))


def read_text(kind: bytes, data: bytes) -> Text:
    """Return the keyword and value of a tEXt, zTXt or iTXt chunk. Never raises."""
    keyword, separator, rest = data.partition(b"\0")
    name = tidy(decode(keyword[:79]))
    if not separator:
        return Text(name, b"", is_utf8=False, is_damaged=True)
    if kind == b"tEXt":
        return Text(name, rest, is_utf8=False)
    if kind == b"zTXt":
        value, is_whole = inflate(rest[1:], TEXT_BYTES)
        return Text(name, value, is_utf8=False, is_damaged=not is_whole)
    is_compressed = rest[:1] == b"\1"
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return Text(name, b"", is_utf8=True, is_damaged=True)
    if not is_compressed:
        return Text(name, parts[2], is_utf8=True)
    value, is_whole = inflate(parts[2], TEXT_BYTES)
    return Text(name, value, is_utf8=True, is_damaged=not is_whole)


def inflate(data: bytes, most: int) -> tuple[bytes, bool]:
    """Return at most `most` bytes of a zlib stream, and whether that is all of it."""
    stream = zlib.decompressobj()
    try:
        value = stream.decompress(data, most)
    except zlib.error:
        return b"", False
    return value, stream.eof


def describe(text: Text, path: str) -> Block:
    """Return what a text gives away."""
    key = text.keyword.lower()
    where = f"{path}/{text.keyword}"
    if key == "xml:com.adobe.xmp":
        return read_xmp(text.value, f"{path}/XMP")
    if key.startswith(_RAW):
        return _raw_profile(text, where)
    if key.startswith("exif:"):
        kind = Kind.LOCATION if key.startswith("exif:gps") else Kind.OTHER
        said = "Says something of the place" if kind is Kind.LOCATION else "Holds camera details"
        return Block((Finding(kind, f"{path}/exif", said),))
    if key in _TIMES:
        iso = moment(text.shown())
        if iso is not None:
            return Block((time_finding(where, iso, "when it was made"),), Facts(taken_at=iso))
    shown = text.shown()
    kind, said = _KEYWORDS.get(key, (Kind.DESCRIPTION, f"Has a text called {text.keyword}"))
    if key == "comment" and shown.startswith("{") and '"prompt"' in shown:
        kind, said = Kind.HISTORY, _AI
    finding = Finding(kind, where, f"{said}: {shown}" if shown else said, shown or None)
    facts = NO_FACTS
    if kind is Kind.PERSON:
        facts = Facts(rights=shown) if key == "copyright" else Facts(artist=shown)
    return Block((finding,), facts)


def _raw_profile(text: Text, where: str) -> Block:
    """Read a block that ImageMagick wrote as hexadecimal digits."""
    kind = text.keyword[len(_RAW) :].lower()
    data = raw_profile(text)
    if kind in ("exif", "app1") and data.startswith(EXIF_HEADER):
        return _all_told(read_exif(data[len(EXIF_HEADER) :], where), where)
    if kind in ("xmp", "app1"):
        return read_xmp(data, where)
    if kind == "iptc":
        is_photoshop = data[:4] == b"8BIM"
        return read_photoshop(data, where) if is_photoshop else read_iim(data, where)
    if kind == "8bim":
        return read_photoshop(data, where)
    return Block((Finding(Kind.OTHER, where, "Holds a data block of a program"),))


def _all_told(block: Block, where: str) -> Block:
    """Give a harmless block a finding too: it goes, wherever it is in the way."""
    if block.findings:
        return block
    what = "Has a block of technical details that is not needed to show it"
    return Block((Finding(Kind.OTHER, where, what),), block.facts)


def raw_profile(text: Text) -> bytes:
    """Return the bytes of a hexadecimal block; empty if it is none."""
    match = _RAW_TEXT.match(decode(text.value))
    if match is None:
        return b""
    digits = "".join(match[3].split())
    return bytes.fromhex(digits[: len(digits) & ~1])


def raw_orientation(text: Text) -> int | None:
    """Return the orientation, 2 to 8, that a hexadecimal EXIF block says, or None."""
    if text.keyword.lower() not in (f"{_RAW}exif", f"{_RAW}app1"):
        return None
    data = raw_profile(text)
    if not data.startswith(EXIF_HEADER):
        return None
    orientation = orientation_of(data[len(EXIF_HEADER) :])
    return orientation if orientation is not None and orientation > 1 else None


def raw_exif_text(exif: bytes) -> bytes:
    """Return the data of a tEXt chunk that holds an EXIF block as ImageMagick writes it."""
    block = EXIF_HEADER + exif
    return b"Raw profile type exif\0\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
