"""Give the names in an SVG that its makers chose names that say nothing, wherever they stand.

Ids, classes, animations, fonts of its own and custom properties only tie parts together; each gets
the same new name at both ends. Names as programs count them stay. Where it cannot be told for
sure what refers to what, nothing is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sharewise.formats.svg_inside.links import COMMENTS, is_data
from sharewise.formats.svg_inside.properties import is_known
from sharewise.formats.svg_inside.scan import Attribute, Sort, Token, tokens_inside
from sharewise.formats.svg_inside.words import ELEMENTS

_ELEMENT = "|".join(sorted(ELEMENTS, key=len, reverse=True))
_USUAL = re.compile(
    rf"(?:{_ELEMENT}|[A-Za-z]{{1,2}}|SVGID|cls|clip|paint|svg|fil|str|fnt)(?:[-_]?[0-9]{{1,6}}){{0,4}}_?"
)
_IDENT = re.compile(r"-?[A-Za-z_\u0080-\u00ff\-][\w\u0080-\u00ff\-]*")
_TARGET = re.compile(r"url\([ \t\r\n]*[\"']?#([^\"'() \t\r\n]+)[\"']?[ \t\r\n]*\)", re.IGNORECASE)
_EVENT = re.compile(r"(?:(?<=;)|\A)([ \t\r\n]*)([^ \t\r\n;.()+]+)\.")
_NAMED = re.compile(r"([#.])([A-Za-z_\u0080-\u00ff\-][\w\u0080-\u00ff\-]*)")
_PART = re.compile(
    r"(?P<quiet>/\*.*?(?:\*/|\Z)|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
    r"|url\([^()\"']*\)|&quot;.*?&quot;|&apos;.*?&apos;|&#39;.*?&#39;|&#34;.*?&#34;|&#?\w+;)"
    r"|(?P<open>\{)|(?P<close>\})|(?P<end>;)|(?P<other>(?:(?!url\()[^{};\"'/&])+|.)",
    re.DOTALL | re.IGNORECASE,
)
_FRAMES = re.compile(r"@(?:-\w+-)?keyframes[ \t\r\n]+[\"']?([^\"'{ \t\r\n]+)[\"']?[ \t\r\n]*\Z")
_ANIMATION = re.compile(r"(?:-\w+-)?animation(?:-name)?\Z")
_OWN = re.compile(r"(?<![\w-])--([\w\u0080-\u00ff-]+)")
_QUIET = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"]*\"|'[^']*'", re.DOTALL)
_SELECTED = re.compile(r"\[[ \t\r\n]*(?:id|class)")
_PROPERTY = re.compile(r"[\w\-]+")


@dataclass(frozen=True, slots=True)
class Renamed:
    """Put `text` in the place of units [start, end)."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Names:
    """The names of one kind in one document."""

    letter: str
    met: dict[str, None] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)

    def settle(self) -> None:
        """Choose new names for those that say something."""
        count = 0
        for name in self.met:
            if _USUAL.fullmatch(name):
                continue
            while f"{self.letter}{count}" in self.met:
                count += 1
            self.new[name] = f"{self.letter}{count}"
            count += 1


class Renaming:
    """The names of a document: first all are met, then those that say something get another."""

    def __init__(self, units: str) -> None:
        self._units = units
        self._ids = Names("i")
        self._classes = Names("c")
        self._frames = Names("k")
        self._own = Names("v")
        self._fonts = Names("f")
        self.is_sure = True

    def edits(self) -> list[Renamed]:
        """Return what is to be put where, in file order; empty where no name says anything."""
        for token, is_style in _tokens(self._units):
            self._meet(token, is_style=is_style)
        for names in (self._ids, self._classes, self._frames, self._own, self._fonts):
            names.settle()
        edits: list[Renamed] = []
        for token, is_style in _tokens(self._units):
            edits += self._renamed(token, is_style=is_style)
        return sorted(edits, key=lambda one: one.start)

    def _meet(self, token: Token, *, is_style: bool) -> None:
        if is_style:
            self._meet_style(self._units[token.inner : token.inner_end])
        for attribute in token.attributes:
            local = attribute.name.rpartition(":")[2]
            value = attribute.value
            if local == "id":
                self._meet_name(self._ids, value)
            elif local == "class":
                for name in value.split():
                    self._meet_name(self._classes, name)
            elif local == "style":
                self._own.met.update(dict.fromkeys(_OWN.findall(value)))
                self.is_sure = self.is_sure and "\\" not in value
            elif "#" in value and ("xpointer" in value or "%" in value):
                self.is_sure = False
            if local == "attributeName" and value.strip() in ("class", "id", "style"):
                self.is_sure = False

    def _meet_name(self, names: Names, name: str) -> None:
        names.met[name] = None
        if _IDENT.fullmatch(name) is None and _USUAL.fullmatch(name) is None:
            self.is_sure = False

    def _meet_style(self, style: str) -> None:
        if "\\" in style or "&" in style or _SELECTED.search(style):
            self.is_sure = False
        self._own.met.update(dict.fromkeys(_OWN.findall(style)))
        for prelude, declarations in _rules(style):
            found = _FRAMES.search(prelude[1].strip())
            if found is not None:
                self._meet_name(self._frames, found[1])
            if prelude[1].strip().lower().startswith("@font-face"):
                for _, text in declarations:
                    name, _, value = text.partition(":")
                    if name.strip().lower() == "font-family":
                        self._meet_name(self._fonts, value.strip().strip("\"'"))

    # --- new names --------------------------------------------------------------------------------

    def _renamed(self, token: Token, *, is_style: bool) -> Iterator[Renamed]:
        if is_style:
            yield from self._in_style(token.inner, self._units[token.inner : token.inner_end])
        attributes = {one.name.rpartition(":")[2]: one.value for one in token.attributes}
        points = attributes.get("attributeName", "").rpartition(":")[2].strip() == "href"
        for attribute in token.attributes:
            yield from self._in_attribute(attribute, points=points)

    def _in_attribute(self, attribute: Attribute, *, points: bool) -> Iterator[Renamed]:
        local = attribute.name.rpartition(":")[2]
        value, start = attribute.value, attribute.value_start
        if local == "id":
            yield from self._put(self._ids, value, start)
        elif local == "class":
            for found in re.finditer(r"[^ \t\r\n]+", value):
                yield from self._put(self._classes, found[0], start + found.start())
        elif local == "style":
            yield from self._in_declarations([(start, value)])
        elif local in ("begin", "end"):
            for found in _EVENT.finditer(value):
                yield from self._put(self._ids, found[2], start + found.start(2))
        elif is_data(value):
            pass
        elif local == "href" or (points and local in ("from", "to", "by", "values")):
            for found in re.finditer(r"#([^ \t\r\n;]+)", value):
                yield from self._put(self._ids, found[1], start + found.start(1))
        elif local == "font-family":
            yield from self._family(start, value)
        else:
            yield from self._targets(start, value)

    def _put(self, names: Names, name: str, start: int) -> Iterator[Renamed]:
        new = names.new.get(name)
        if new is not None:
            yield Renamed(start, start + len(name), new)

    def _targets(self, start: int, text: str) -> Iterator[Renamed]:
        for found in _TARGET.finditer(text):
            yield from self._put(self._ids, found[1], start + found.start(1))

    def _family(self, start: int, text: str) -> Iterator[Renamed]:
        for found in re.finditer(r"[^,\"']+", text):
            inner = found[0].strip()
            if inner:
                at = start + found.start() + found[0].index(inner)
                yield from self._put(self._fonts, inner, at)

    def _in_style(self, at: int, style: str) -> Iterator[Renamed]:
        for (start, prelude), declarations in _rules(style):
            frames = _FRAMES.search(prelude.rstrip())
            if frames is not None:
                yield from self._put(self._frames, frames[1], at + start + frames.start(1))
            elif "@" not in prelude:
                for found in _NAMED.finditer(_quiet(prelude)):
                    names = self._ids if found[1] == "#" else self._classes
                    yield from self._put(names, found[2], at + start + found.start(2))
            yield from self._in_declarations((at + first, text) for first, text in declarations)

    def _in_declarations(self, declarations: Iterable[tuple[int, str]]) -> Iterator[Renamed]:
        for at, text in declarations:
            yield from self._targets(at, text)
            for found in _OWN.finditer(text):
                yield from self._put(self._own, found[1], at + found.start(1))
            for start, one in _split(text):
                name, colon, value = one.partition(":")
                place = at + start + len(name) + len(colon)
                if _ANIMATION.match(name.strip().lower()):
                    for found in re.finditer(r"[^ \t\r\n,;\"'()]+", value):
                        yield from self._put(self._frames, found[0], place + found.start())
                elif name.strip().lower() in ("font-family", "font"):
                    yield from self._in_font(name.strip().lower(), place, value)

    def _in_font(self, name: str, at: int, value: str) -> Iterator[Renamed]:
        if name == "font-family":
            yield from self._family(at, value)
            return
        for family in self._fonts.new:
            for found in re.finditer(rf"(?<![\w-]){re.escape(family)}(?![\w-])", value):
                yield from self._put(self._fonts, family, at + found.start())


def _tokens(units: str) -> Iterator[tuple[Token, bool]]:
    """Yield the tokens with attributes, and the texts of styles."""
    is_inside = False
    for token in tokens_inside(units):
        if token.sort in (Sort.OPEN, Sort.CLOSE, Sort.EMPTY):
            is_style = token.name.rpartition(":")[2] == "style"
            is_inside = is_style and token.sort is Sort.OPEN
            yield token, False
        elif is_inside and token.sort in (Sort.TEXT, Sort.CDATA):
            yield token, True


def _rules(style: str) -> Iterator[tuple[tuple[int, str], list[tuple[int, str]]]]:
    """Yield what stands before each block with its place, and the declarations in the block."""
    stack: list[tuple[tuple[int, str], list[tuple[int, str]]]] = []
    start = 0
    for found in _PART.finditer(style):
        match found.lastgroup:
            case "open":
                stack.append(((start, style[start : found.start()]), []))
                start = found.end()
            case "close":
                if stack:
                    stack[-1][1].append((start, style[start : found.start()]))
                    yield stack.pop()
                start = found.end()
            case "end":
                if stack:
                    stack[-1][1].append((start, style[start : found.start()]))
                start = found.end()
            case _:
                pass


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Yield the declarations of a `style` attribute, or the one that this is, with its place."""
    start = 0
    for found in _PART.finditer(text):
        if found.lastgroup == "end":
            yield start, text[start : found.start()]
            start = found.end()
    yield start, text[start:]


def unknown_declarations(style: str, *, is_sheet: bool) -> Iterator[tuple[int, int]]:
    """Yield where declarations stand in a style that no browser draws by."""
    if is_sheet:
        found = [one for _, declarations in _rules(style) for one in declarations]
    else:
        found = list(_split(style))
    for start, text in found:
        name, colon, _ = COMMENTS.sub("", text).partition(":")
        if not (name + colon).strip():
            continue
        if not colon or _PROPERTY.fullmatch(name.strip()) is None or not is_known(name.strip()):
            end = start + len(text)
            yield start, end + (style[end : end + 1] == ";")


def _quiet(text: str) -> str:
    """Return a selector with its comments and strings as blanks."""
    return _QUIET.sub(lambda found: " " * len(found[0]), text)
