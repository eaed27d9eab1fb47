"""Go through what draws a page, operator by operator, and cut what is not drawn.

Bytes that draw are never written anew. Cut are comments and what marks say of their content; data
where no operator takes it cannot be told from what draws and is Unsweepable.
Source: ISO 32000-2:2020, 7.2 (lexical conventions), 7.8.2, 8.9.7 (inline images), 14.6 (marks).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sharewise.formats.pdf_inside.inline import inline_end
from sharewise.formats.pdf_inside.result import Unsweepable
from sharewise.formats.pdf_inside.words import HARMLESS_TAGS, LANGUAGE, MARK_NAMES

Rename: TypeAlias = Callable[[str, bytes], bytes]
"""Give the name that takes the place of a resource's name; both with the slash."""

_BLANK = rb"\0\t\n\f\r "
_EDGE = rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)"
_FREE = rb"(?<![^\0\t\n\f\r ()<>\[\]{}/%])"
_PLAIN = (
    rb"(?:b\*|b|B\*|B|BT|BX|c|cm|d0|d1|EMC|ET|EX|f\*|F|f|G|g|h|i|j|J|K|k|l|M|m|n|q|Q|re|RG|rg|S|s|"
    rb"SC|sc|T\*|Tc|TD|Td|TL|Tm|Tr|Ts|Tw|Tz|v|W\*|W|w|y)"
)
"""Operators that take numbers or nothing."""
_STRING = rb"\([^()\\]*+(?:\\.[^()\\]*+){0,1000}\)"
_NUMERIC = rb"[-+.0-9" + _BLANK + rb"]*+"
_HEX = rb"<[0-9A-Fa-f" + _BLANK + rb"]*+>"
_TOKEN = re.compile(
    rb"(?P<plain>(?:[" + _BLANK + rb"]++|" + _FREE + rb"[-+.0-9]++" + _EDGE
    + rb"|" + _FREE + _PLAIN + _EDGE + rb"){1,1000})"
    rb"|(?P<string>" + _STRING + rb"|" + _HEX + rb")"
    rb"|(?P<array>\[" + _NUMERIC + rb"(?:(?:" + _STRING + rb"|" + _HEX + rb")" + _NUMERIC
    + rb"){0,1000}\])"
    rb"|(?P<name>/[^" + _BLANK + rb"()<>\[\]{}/%]*+)"
    rb"|(?P<comment>%[^\r\n]*+)"
    rb"|(?P<mark><<|>>|[\[\]{}()])"
    rb"|(?P<word>[^" + _BLANK + rb"()<>\[\]{}/%]++)",
    re.DOTALL,
)  # fmt: skip
"""No group is possessive: Python 3.11.0 to 3.11.4 match such a one wrongly (gh-106052). What has
more parts than the bounds is taken piece by piece."""
_OPERATOR = re.compile(rb"[A-Za-z]")
_TAKES: dict[bytes, tuple[str, str]] = {
    b"Tj": ("s", ""),
    b"'": ("s", ""),
    b'"': ("s", ""),
    b"TJ": ("a", ""),
    b"d": ("a", ""),
    b"Tf": ("n", "/Font"),
    b"gs": ("n", "/ExtGState"),
    b"cs": ("n", "/ColorSpace"),
    b"CS": ("n", "/ColorSpace"),
    b"scn": ("n?", "/Pattern"),
    b"SCN": ("n?", "/Pattern"),
    b"sh": ("n", "/Shading"),
    b"Do": ("n", "/XObject"),
    b"ri": ("n", ""),
    b"BMC": ("n", "tag"),
    b"MP": ("n", "tag"),
    b"BDC": ("n[nd]", "tag"),
    b"DP": ("n[nd]", "tag"),
}
"""What stands before an operator besides numbers, and what its last name names."""
_SHAPES = {op: re.compile(shape) for op, (shape, _) in _TAKES.items()}
_INTENTS = frozenset(
    {b"/AbsoluteColorimetric", b"/RelativeColorimetric", b"/Saturation", b"/Perceptual"}
)
_SAYING = frozenset({b"/ActualText", b"/Alt", b"/E"})
_NUMBERS = re.compile(rb"[-+.0-9\[\]" + _BLANK + rb"]+")
_NAMES = re.compile(rb"/[A-Za-z]+")
_UNTOLD = "What draws it holds data that cannot be told from what is drawn."
NESTING_LIMIT = 64


@dataclass(slots=True)
class Operand:
    """Something other than a number that waits for its operator."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class Drawing:
    """What is to be changed in the bytes that draw something."""

    edits: list[tuple[int, int, bytes]] = field(default_factory=list)
    has_comments: bool = False
    has_tags: bool = False
    says: bool = False
    is_open: bool = False
    """Whether it ends in the middle of something that the next stream of the page goes on with."""

    def applied(self, data: bytes) -> bytes:
        """Return the bytes without what is not drawn."""
        pieces: list[bytes] = []
        at = 0
        for start, end, instead in sorted(self.edits):
            pieces += (data[at:start], instead)
            at = end
        return b"".join((*pieces, data[at:]))


class Reader:
    """One reading of the bytes that draw a page, a form, a pattern or a glyph."""

    def __init__(self, data: bytes, rename: Rename, *, keeps_words: bool) -> None:
        self._data = data
        self._rename = rename
        self._keeps_words = keeps_words
        self._waiting: list[Operand] = []
        self.drawing = Drawing()

    def read(self) -> Drawing:
        """Return what is to be changed. Raises Unsweepable."""
        data, at = self._data, 0
        while at < len(data):
            found = _TOKEN.match(data, at)
            if found is None or not found[0]:
                raise Unsweepable(_UNTOLD)
            at = self._token(found)
        self.drawing.is_open = bool(self._waiting)
        return self.drawing

    def _token(self, found: re.Match[bytes]) -> int:
        """Take one token and return where the next begins."""
        start, end = found.span()
        match found.lastgroup:
            case "plain":
                if self._waiting and _OPERATOR.search(found[0]):
                    raise Unsweepable(_UNTOLD)
            case "comment":
                self.drawing.has_comments = True
                self.drawing.edits.append((start, end, b" "))
            case "string":
                self._waiting.append(Operand("s", start, end))
            case "array":
                self._waiting.append(Operand("a", start, end))
            case "name":
                self._waiting.append(Operand("n", start, end))
            case "mark":
                return self._mark(found[0], start)
            case _:
                return self._word(found[0], end)
        return end

    def _mark(self, mark: bytes, start: int) -> int:
        if mark == b"(":
            end = string_end(self._data, start)
            self._waiting.append(Operand("s", start, end))
            return end
        if mark == b"<<":
            end = nest_end(self._data, start)
            self._waiting.append(Operand("d", start, end))
            return end
        if mark == b"[":
            end = nest_end(self._data, start)
            self._array(start, end)
            return end
        raise Unsweepable(_UNTOLD)

    def _array(self, start: int, end: int) -> None:
        """Take an array that is more than numbers and simple strings: only comments may be cut."""
        at = start + 1
        while at < end - 1:
            found = _TOKEN.match(self._data, at)
            assert found is not None
            at = found.end()
            if found.lastgroup == "comment":
                self.drawing.has_comments = True
                self.drawing.edits.append((found.start(), at, b" "))
            elif found[0] == b"(":
                at = string_end(self._data, found.start())
            elif found.lastgroup != "string" and (
                found.lastgroup != "plain" or _OPERATOR.search(found[0])
            ):
                raise Unsweepable(_UNTOLD)
        self._waiting.append(Operand("a", start, end))

    def _word(self, word: bytes, end: int) -> int:
        if word == b"BI" and not self._waiting:
            return inline_end(self._data, end, self._inline_name)
        shape = _SHAPES.get(word)
        kinds = "".join(one.kind for one in self._waiting)
        if shape is None or shape.fullmatch(kinds) is None:
            raise Unsweepable(_UNTOLD)
        names = [one for one in self._waiting if one.kind == "n"]
        category = _TAKES[word][1]
        if category == "tag":
            self._tagged(names)
        elif category and names:
            self._name(category, names[0].start, names[0].end)
        elif not self._is_harmless(word):
            raise Unsweepable(_UNTOLD)
        self._waiting.clear()
        return end

    def _is_harmless(self, word: bytes) -> bool:
        """Return whether what waits for an operator is no text where numbers or a word must be."""
        if word not in (b"ri", b"d"):
            return True
        said = self._data[self._waiting[0].start : self._waiting[0].end]
        return said in _INTENTS if word == b"ri" else b"(" not in said and b"<" not in said

    def _inline_name(self, start: int, end: int) -> None:
        self._name("/ColorSpace", start, end)

    def _name(self, category: str, start: int, end: int) -> None:
        name = self._data[start:end]
        renamed = self._rename(category, name)
        if renamed != name:
            self.drawing.edits.append((start, end, renamed))

    def _tagged(self, names: list[Operand]) -> None:
        """Look at the mark around some content: its tag and its properties."""
        tag = self._data[names[0].start : names[0].end]
        if tag not in HARMLESS_TAGS:
            self.drawing.has_tags = True
            self.drawing.edits.append((names[0].start, names[0].end, b"/Span"))
        last = self._waiting[-1]
        if last.kind == "d":
            self._properties(last)
        elif len(names) > 1:
            self._name("/Properties", names[1].start, names[1].end)

    def _properties(self, operand: Operand) -> None:
        pairs = list(dictionary(self._data, operand.start, operand.end))
        kept: list[bytes] = []
        for key, value in pairs:
            if key in _SAYING:
                self.drawing.says = True
                if self._keeps_words:
                    kept += (key, b" ", value, b" ")
            elif is_harmless_property(key, value):
                kept += (key, b" ", value, b" ")
            else:
                self.drawing.has_tags = True
        if len(kept) < 4 * len(pairs) or b"%" in self._data[operand.start : operand.end]:
            anew = b"<<" + b"".join(kept).rstrip() + b">>"
            if anew != self._data[operand.start : operand.end]:
                self.drawing.edits.append((operand.start, operand.end, anew))


def read_drawing(data: bytes, rename: Rename, *, keeps_words: bool) -> Drawing:
    """Return what is to be changed in bytes that draw. Raises Unsweepable."""
    return Reader(data, rename, keeps_words=keeps_words).read()


def is_harmless_property(key: bytes, value: bytes) -> bool:
    """Return whether a property of a mark says nothing but what it is for the page."""
    if key in (b"/MCID", b"/BBox"):
        return _NUMBERS.fullmatch(value) is not None
    if key in (b"/Type", b"/Subtype", b"/Attached"):
        rest = _NAMES.sub(b"", value).strip(b"[]" + b"\0\t\n\f\r ")
        return not rest and all(name in MARK_NAMES for name in _NAMES.findall(value))
    return key == b"/Lang" and LANGUAGE.fullmatch(value[1:-1]) is not None


def string_end(data: bytes, start: int) -> int:
    """Return where a string in brackets ends that holds brackets. Raises Unsweepable."""
    depth, at = 0, start
    for found in re.compile(rb"\\.|[()]", re.DOTALL).finditer(data, at):
        depth += (found[0] == b"(") - (found[0] == b")")
        if depth == 0:
            return found.end()
    raise Unsweepable(_UNTOLD)


def nest_end(data: bytes, start: int) -> int:
    """Return where an array or a dictionary ends, with all in it. Raises Unsweepable."""
    depth, at = 0, start
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None or depth > NESTING_LIMIT:
            break
        at = found.end()
        if found[0] in (b"<<", b"["):
            depth += 1
        elif found[0] in (b">>", b"]"):
            depth -= 1
            if depth == 0:
                return at
        elif found[0] == b"(":
            at = string_end(data, found.start())
    raise Unsweepable(_UNTOLD)


def dictionary(data: bytes, start: int, end: int) -> list[tuple[bytes, bytes]]:
    """Return the keys and values, as they are written, of a dictionary. Raises Unsweepable."""
    pairs: list[tuple[bytes, bytes]] = []
    at, key, value = start + 2, b"", b""
    while at < end - 2:
        found = _TOKEN.match(data, at)
        assert found is not None
        begun, at = found.span()
        if found[0] in (b"<<", b"["):
            at = nest_end(data, begun)
        elif found[0] == b"(":
            at = string_end(data, begun)
        if found.lastgroup == "comment" or (found.lastgroup == "plain" and not found[0].strip()):
            continue
        if found.lastgroup == "name" and (not key or value):
            if key:
                pairs.append((key, value))
            key, value = found[0], b""
        elif key and not value:
            value = data[begun:at].strip()
        else:
            raise Unsweepable(_UNTOLD)
    if key:
        pairs.append((key, value))
    if not all(value for _, value in pairs):
        raise Unsweepable(_UNTOLD)
    return pairs
