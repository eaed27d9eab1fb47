"""The characters of an SVG file and where their bytes are.

Source: XML 1.0 (W3C, fifth edition), 4.3.3 and appendix F.
"""

from __future__ import annotations

import codecs
import re
import sys
from array import array
from dataclasses import dataclass

from sharewise.formats.metadata.words import decode

_DECLARED = re.compile(r"""<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["']([\w.\-:]+)["']""")
_READABLE = re.compile(
    r"(?i)utf-?8|(?:us-)?ascii|iso-?8859-\d+|latin-?\d|windows-125\d|cp125\d|koi8-[ru]|"
    r"shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5|macintosh"
)
"""Encodings in which the characters of XML's own syntax are single bytes, as in ASCII."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file as characters that each stand for as many bytes: a byte, or a unit of UTF-16."""

    units: str
    """Bytes as Latin-1 characters, or units of UTF-16: good for syntax, not for showing."""
    start: int
    """The bytes before the first unit: the byte order mark."""
    unit_bytes: int
    encoding: str

    def offset(self, index: int) -> int:
        """Return where in the file a unit begins."""
        return self.start + index * self.unit_bytes

    def shown(self, units: str) -> str:
        """Return units as text."""
        if self.unit_bytes == 1:
            data = units.encode("latin-1")
            if self.encoding == "utf-8":
                return decode(data)
        else:
            data = units.encode("utf-16-le", "surrogatepass")
        return data.decode(self.encoding if self.unit_bytes == 1 else "utf-16-le", "replace")

    def written(self, text: str) -> bytes:
        """Return ASCII text as the bytes that it is in this file."""
        return text.encode(self.encoding if self.unit_bytes == 2 else "ascii")

    def raw(self, units: str) -> bytes:
        """Return units as the bytes that they are in this file."""
        if self.unit_bytes == 1:
            return units.encode("latin-1")
        return units.encode(self.encoding, "surrogatepass")


def read_text(data: bytes) -> Text | None:
    """Return the characters of a file, or None if it is in an encoding that is not read."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return Text(_units(data[2:], encoding), 2, 2, encoding)
    start = 3 if data.startswith(codecs.BOM_UTF8) else 0
    units = data[start:].decode("latin-1")
    declared = _DECLARED.match(units)
    if declared is None:
        return Text(units, start, 1, "utf-8")
    name = declared[1]
    if not _READABLE.fullmatch(name):
        return None
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return None
    return Text(units, start, 1, encoding)


def _units(data: bytes, encoding: str) -> str:
    units = array("H", data[: len(data) & ~1])
    if (encoding == "utf-16-le") != (sys.byteorder == "little"):
        units.byteswap()
    return "".join(map(chr, units))
