"""Whether a style or a link loads something from elsewhere each time a drawing is looked at.

Source: CSS Syntax Module Level 3, 4.3.7 (escapes); CSS Images Module Level 4, 2.4 (image-set).
"""

from __future__ import annotations

import re
from html import unescape

from sharewise.formats.svg_inside.links import COMMENTS, LOCAL_URL

_LOADS = re.compile(
    r"(?i)(?:url|src)\([ \t\r\n]*[\"']?[ \t\r\n]*(?!#|data:|[\"')])[^)]"
    r"|(?:image|image-set|cross-fade)\((?:[^()\"']|\([^()\"']*\))*[\"'][ \t\r\n]*(?!#|data:|[\"'])"
    r"|,[ \t\r\n]*[\"'](?:https?:)?//"
)
_IMPORT = re.compile(r"(?i)@import")
_NAMESPACE_RULE = re.compile(r"(?i)@namespace[^;{}]*;")
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})[ \t\r\n\f]?|([^\r\n\f]))")
_LAST = 0x10FFFF


def loads(style: str) -> bool:
    """Return whether a style, as it is carried out, loads something that is not in the file.

    Files on a computer do not count: they are taken out.
    """
    plain = _plain(_NAMESPACE_RULE.sub("", unescape(COMMENTS.sub("", style))))
    return _IMPORT.search(plain) is not None or bool(_LOADS.search(LOCAL_URL.sub("", plain)))


def value_loads(value: str) -> bool:
    """Return whether the value of an attribute loads something that is not in the file."""
    return _LOADS.search(_plain(unescape(value))) is not None


def _plain(style: str) -> str:
    """Return a style without escapes."""
    return _ESCAPE.sub(_character, style) if "\\" in style else style


def _character(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    number = int(found[1], 16)
    return chr(number) if 0 < number <= _LAST else "?"
