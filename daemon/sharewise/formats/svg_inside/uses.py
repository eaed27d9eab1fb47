"""Which ids, classes and rules of an SVG something refers to; the others only say something.

Where it cannot be told for sure (escapes in styles, classes that are animated, selectors that
look into values), everything counts as used. Source: Selectors Level 4; SVG Animations Level 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from sharewise.formats.svg_inside.scan import Attribute, Sort, tokens_inside

_BLANK = " \t\r\n\f"
_QUIET = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"]*\"|'[^']*'", re.DOTALL)
_RULE = re.compile(r"(?:(?<=[{};])|\A)([^{};@]+)\{[^{}]*\}")
_POINTER = re.compile(r"#([^ \t\r\n\f\"'()<>,;{}\[\]+~*|]+)")
_CLASS = re.compile(r"\.([^ \t\r\n\f\"'()<>,;{}\[\]+~*|.#:]+)")
_SELECTED = re.compile(r"\[[ \t\r\n]*(?:[\w\-]*\|)?([\w\-]+)")
_EVENT = re.compile(r"[^ \t\r\n;.()+]+")
_NAMED = re.compile(r"([.#])([^ \t\r\n\f\"'()<>,;{}\[\]+~*|.#:]+)")
_OWN = re.compile(r"(?:(?<=[{;])|\A)[ \t\r\n\f]*(--[\w\-]+)[ \t\r\n\f]*:[^;{}]*;?")
_READ = re.compile(r"var\([ \t\r\n\f]*(--[\w\-]+)")
_PSEUDO = re.compile(r"::?[\w\-]+|[.#][^ \t\r\n\f>+~,.#:]+|[\w\-]*\|")
_ELEMENT = re.compile(r"(?:(?<=[ \t\r\n\f>+~])|\A)([A-Za-z][\w\-]*)")
_FRAMES = frozenset({"from", "to"})
"""What stands before the parts of an animation."""
_UNSURE = re.compile(r"[\\&(\[]")


@dataclass(frozen=True, slots=True)
class Uses:
    """What is referred to; `is_sure` is False where everything must count as referred to."""

    pointers: frozenset[str]
    classes: frozenset[str]
    selected: frozenset[str]
    is_sure: bool
    properties: frozenset[str]
    """Custom properties that something reads."""
    has_ids: frozenset[str]
    has_classes: frozenset[str]
    has_elements: frozenset[str]

    def refers_to_id(self, name: str) -> bool:
        """Return whether anything refers to an element of this id."""
        return not self.is_sure or "id" in self.selected or unescape(name) in self.pointers

    def used_classes(self, value: str) -> str:
        """Return the classes of these that a style selects."""
        if not self.is_sure or "class" in self.selected or "&" in value:
            return value
        names = [name for name in re.split(f"[{_BLANK}]+", value) if name]
        used = [name for name in names if name in self.classes]
        return value if used == names and names else " ".join(used)

    def unused_rules(self, style: str) -> Iterator[tuple[int, int]]:
        """Yield where rules that select nothing and properties that nothing reads stand."""
        if not self.is_sure or "&" in style:
            return
        quiet = _QUIET.sub(_masked, style)
        end = 0
        for rule in _RULE.finditer(quiet):
            if all(self._selects_nothing(part) for part in rule[1].split(",")):
                yield from self._unread(quiet, end, rule.start())
                yield rule.span()
                end = rule.end()
        yield from self._unread(quiet, end, len(quiet))

    def _unread(self, quiet: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        for found in _OWN.finditer(quiet, start, end):
            if found[1] not in self.properties:
                yield found.span()

    def _selects_nothing(self, selector: str) -> bool:
        if _UNSURE.search(selector):
            return False
        is_absent = any(
            name not in (self.has_classes if sign == "." else self.has_ids)
            for sign, name in _NAMED.findall(selector)
        )
        plain = _PSEUDO.sub("", selector)
        return is_absent or any(
            name.lower() not in self.has_elements and name not in _FRAMES
            for name in _ELEMENT.findall(plain)
        )


def _masked(found: re.Match[str]) -> str:
    return (" " if found[0].startswith("/*") else "x") * len(found[0])


def pointers_of(attribute: Attribute) -> set[str]:
    """Return the ids that an attribute may refer to."""
    prefix, _, local = attribute.name.rpartition(":")
    value = attribute.value
    if local in ("id", "class"):
        return set()
    if local in ("begin", "end") and not prefix:
        return set(_EVENT.findall(unescape(value).replace("\\", "")))
    if "#" not in value or (prefix and local != "href"):
        return set()
    plain = unescape(value)
    pointers = set(_POINTER.findall(plain))
    for encoding in ("latin-1", "utf-8"):
        pointers.add(unquote(plain.partition("#")[2], encoding))
        pointers.update(_POINTER.findall(unquote(plain, encoding)))
    return pointers


def uses_in(units: str, styles: str) -> Uses:
    """Return what the attributes and the style sheets of a document refer to. Raises Malformed."""
    pointers: set[str] = set()
    ids: set[str] = set()
    classes: set[str] = set()
    elements: set[str] = set()
    is_sure = "\\" not in styles and "&" not in styles
    for token in tokens_inside(units):
        if token.sort not in (Sort.OPEN, Sort.EMPTY):
            continue
        elements.add(token.name.rpartition(":")[2].lower())
        for attribute in token.attributes:
            local = attribute.name.rpartition(":")[2]
            value = attribute.value
            if local == "id":
                ids.add(unescape(value))
            elif local == "class":
                classes.update(re.split(f"[{_BLANK}]+", value))
            elif local == "attributeName" and value.strip(_BLANK) in ("class", "id"):
                is_sure = False
            pointers |= pointers_of(attribute)
            is_sure = is_sure and not ("&" in value and ";" in value and "\\" in value)
    quiet = _QUIET.sub(_masked, styles)
    for sign, name in _NAMED.findall(quiet):
        if sign == "#":
            pointers.add(name)
    pointers.update(_POINTER.findall(styles))
    return Uses(
        frozenset(pointers),
        frozenset(_CLASS.findall(quiet)),
        frozenset(_SELECTED.findall(styles)),
        is_sure,
        frozenset(_READ.findall(units)),
        frozenset(ids),
        frozenset(classes),
        frozenset(elements),
    )
