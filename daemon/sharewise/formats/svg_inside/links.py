"""What an SVG points at: pictures inside it as data, files on a computer, the web, and in styles.

Source: RFC 2397 (data URLs); CSS Syntax Module Level 3, 4.3.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from sharewise.formats import fonts
from sharewise.formats.contract import Finding, Kind
from sharewise.formats.embedded import Embedded, Uncleanable

_UNTYPICAL = re.compile(r"(?a)[^\w.+/\-]")
_LOCAL = re.compile(
    r"(?i)file:|[a-z]:[\\/]|\\\\|/(?:home|users|private|var|tmp|mnt|media|volumes|root|storage)/"
)
_CSS = re.compile(
    r"""(?P<comment>/\*(?:.*?\*/|.*\Z))|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|"""
    r"""url\([ \t\r\n\f]*(?P<url>[^"'() \t\r\n\f][^"'()]*)\)""",
    re.DOTALL | re.IGNORECASE,
)
_FONTS = (b"wOFF", b"wOF2", b"OTTO", b"\0\1\0\0", b"true")
_EMPTY_COMMENT = "/**/"
COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
LOCAL_URL = re.compile(rf"url\([ \t\r\n]*[\"']?(?:{_LOCAL.pattern[4:]})[^)]*\)", re.IGNORECASE)
"""Files on a computer, which are taken out of styles."""


CleanPicture: TypeAlias = Callable[[bytes], Embedded]


@dataclass(frozen=True, slots=True)
class Link:
    """What is wrong with a link: `text` takes its place."""

    text: str
    findings: tuple[Finding, ...] = ()
    is_local: bool = False


def is_local(address: str) -> bool:
    """Return whether an address is that of a file on somebody's computer."""
    return _LOCAL.match(address.strip()) is not None


def is_data(address: str) -> bool:
    """Return whether an address holds what it points at."""
    return address.lstrip()[:5].lower() == "data:"


def check_link(units: str, clean: CleanPicture) -> Link | None:
    """Return what takes the place of a link, as it stands in the file, or None if it stays."""
    address = unescape(units).strip()
    if is_local(address):
        return Link("", is_local=True)
    if not is_data(address):
        return None
    header, _, payload = address[5:].partition(",")
    media_type = _UNTYPICAL.sub("", header.partition(";")[0].lower())
    data = _payload(payload, is_base64=";base64" in header.lower())
    cleaned = _clean_font(data) if data.startswith(_FONTS) else clean(data)
    if cleaned.data is None:
        return None
    encoded = base64.b64encode(cleaned.data).decode("ascii")
    return Link(f"data:{media_type};base64,{encoded}", cleaned.findings)


def _clean_font(data: bytes) -> Embedded:
    """Take the notes out of a font. Raises Uncleanable where it is packed and holds any."""
    if data.startswith((b"wOFF", b"wOF2")):
        at = 24 if data.startswith(b"wOFF") else 28
        size = int.from_bytes(data[8:12])
        if any(data[at : at + 20]) or size != len(data):
            raise Uncleanable
        return Embedded(None, ())
    cleaned = fonts.without_notes(data)
    if cleaned is None:
        raise Uncleanable
    if cleaned == data:
        return Embedded(None, ())
    finding = Finding(Kind.OTHER, "SVG/font", "Has notes in its fonts")
    return Embedded(cleaned, (finding,))


def _payload(text: str, *, is_base64: bool) -> bytes:
    data = unquote_to_bytes(text.encode("latin-1", "replace") if text.isascii() else text)
    if not is_base64:
        return data
    packed = re.sub(rb"[^A-Za-z0-9+/_\-]", b"", data)
    packed = packed.translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return b""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of units [start, end) of a style."""

    start: int
    end: int
    text: str
    comment: str | None = None
    """What a comment that goes said."""
    findings: tuple[Finding, ...] = ()
    is_local: bool = False


def style_edits(style: str, clean: CleanPicture) -> Iterator[Edit]:
    """Yield what must change in a style sheet or a `style` attribute.

    A comment leaves an empty one: without any, what is around it would run together.
    """
    for found in _CSS.finditer(style):
        comment = found["comment"]
        if comment is not None:
            if comment != _EMPTY_COMMENT:
                said = comment[2:].removesuffix("*/")
                yield Edit(found.start(), found.end(), _EMPTY_COMMENT, said)
            continue
        group = found.lastgroup
        assert group is not None
        if not (is_data(found[group]) or is_local(found[group])):
            continue
        link = check_link(found[group], clean)
        if link is not None:
            text = link.text or "#"
            yield Edit(*found.span(group), text, None, link.findings, link.is_local)
