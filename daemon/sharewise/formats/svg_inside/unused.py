"""Which parts of an SVG are never drawn: definitions that nothing drawn refers to, hidden parts.

Source: SVG 2 (W3C, 2018), 5.3 (`defs`), 3.3 (never-rendered elements), 11.2 (`display`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from sharewise.formats.svg_inside.scan import Sort, Token, tokens_inside
from sharewise.formats.svg_inside.uses import pointers_of
from sharewise.formats.svg_inside.words import DESCRIPTIVE

_DEFINED_WORDS = """
    linearGradient radialGradient clipPath mask marker pattern filter symbol hatch solidcolor
    solidColor meshgradient meshGradient
"""
_DEFINED = frozenset(_DEFINED_WORDS.split())
"""Elements that are drawn only where something refers to them."""
_ACTING_WORDS = """
    style font font-face script animate animateColor animateMotion animateTransform set
    discard color-profile cursor view handler listener
"""
_ACTING = frozenset(_ACTING_WORDS.split())
"""Elements that do something without being drawn or referred to."""
_HIDDEN = re.compile(r"(?:\A|;)[ \t\r\n]*display[ \t\r\n]*:[ \t\r\n]*none[ \t\r\n]*(?:;|\Z)")
_ANIMATED = re.compile(
    r"attributeName[ \t\r\n]*=[ \t\r\n]*[\"'][ \t\r\n]*(?:display|style|class)\b"
)
_SHOWN = re.compile(r"(?i)display|\ball[ \t\r\n]*:")


@dataclass(slots=True)
class _Open:
    local: str
    is_outermost: bool = False


@dataclass(slots=True)
class _Part:
    """A part that is not drawn by itself."""

    start: int
    end: int = 0
    ids: set[str] = field(default_factory=set)
    pointers: set[str] = field(default_factory=set)
    acts: bool = False


def unused_parts(units: str, styles: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts begin and end, in units, that nothing drawn needs."""
    can_be_shown = bool(_SHOWN.search(styles) or _ANIMATED.search(units))
    parts: list[_Part] = []
    live = pointers_in_style(styles)
    stack: list[_Open] = []
    inside: _Part | None = None
    for token in tokens_inside(units):
        if token.sort in (Sort.OPEN, Sort.EMPTY):
            local = token.name.rpartition(":")[2]
            parent = stack[-1].local if stack else ""
            opened = _Open(local)
            if inside is None and _may_go(token, local, parent, can_be_shown=can_be_shown):
                inside = _Part(token.start)
                opened.is_outermost = True
            _collect(token, local, inside, live)
            stack.append(opened)
        is_closed = token.sort in (Sort.CLOSE, Sort.EMPTY) and bool(stack)
        if is_closed and stack.pop().is_outermost and inside is not None:
            inside.end = token.end
            parts.append(inside)
            inside = None
    yield from _dead(parts, live)


def _may_go(token: Token, local: str, parent: str, *, can_be_shown: bool) -> bool:
    if local in _ACTING or local in DESCRIPTIVE or not parent:
        return False
    if local in _DEFINED or parent == "defs":
        return True
    if can_be_shown or parent in ("switch", "text", "tspan", "textPath"):
        return False
    for one in token.attributes:
        if one.name == "display" and one.value.strip() == "none":
            return True
        if one.name == "style" and _HIDDEN.search(unescape(one.value)):
            return True
    return False


def _collect(token: Token, local: str, part: _Part | None, live: set[str]) -> None:
    for attribute in token.attributes:
        is_id = attribute.name.rpartition(":")[2] == "id"
        if part is None:
            live |= pointers_of(attribute)
        elif is_id:
            part.ids.add(unescape(attribute.value))
        else:
            part.pointers |= pointers_of(attribute)
    if part is not None and local in _ACTING:
        is_elsewhere = local in ("style", "font", "font-face", "script") or any(
            one.name.rpartition(":")[2] == "href" for one in token.attributes
        )
        part.acts = part.acts or is_elsewhere


def _dead(parts: list[_Part], live: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the parts that nothing drawn leads to, also not through others."""
    waiting = parts
    while True:
        reached = [one for one in waiting if one.acts or one.ids & live]
        if not reached:
            break
        waiting = [one for one in waiting if not (one.acts or one.ids & live)]
        for one in reached:
            live |= one.pointers
    for one in waiting:
        yield one.start, one.end


def pointers_in_style(styles: str) -> set[str]:
    """Return what style sheets point at and select."""
    return {
        found.partition("#")[2].strip("\"') ")
        for found in re.findall(r"#[^ \t\r\n\f\"'()<>,;{}\[\]+~*|.:]+", styles)
    }
