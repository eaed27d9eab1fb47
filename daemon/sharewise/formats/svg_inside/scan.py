"""Cut the text of an SVG into tokens: no entity is expanded, nothing outside is loaded.

Only what may be left out is looked at closely; text that breaks the rules of XML where tags begin
and end is Malformed, as every browser has it. Source: XML 1.0 (W3C, fifth edition).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sharewise.base.errors import Malformed

NAME = "SVG"
ATTRIBUTES_LIMIT = 4096


class Sort(StrEnum):
    """What a token is."""

    TEXT = "text"
    CDATA = "cdata"
    COMMENT = "comment"
    INSTRUCTION = "instruction"
    DOCTYPE = "doctype"
    OPEN = "open"
    EMPTY = "empty"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `start` is that of the white space before it, all in units of the text."""

    name: str
    value: str
    start: int
    end: int
    value_start: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token: units [start, end) of the text; `inner` is where its contents begin."""

    sort: Sort
    start: int
    end: int
    name: str = ""
    inner: int = 0
    inner_end: int = 0
    attributes: tuple[Attribute, ...] = ()


_SPACE = r"[ \t\r\n]"
_OPEN = re.compile(r"<([^ \t\r\n/>=<\"'&!?]+)")
_ATTRIBUTE = re.compile(
    rf"{_SPACE}+([^ \t\r\n=<>/\"']+){_SPACE}*={_SPACE}*(?:\"([^\"<]*)\"|'([^'<]*)')"
)
_OPEN_END = re.compile(rf"{_SPACE}*(/?)>")
_CLOSE = re.compile(rf"</([^ \t\r\n/>=<\"'&!?]+){_SPACE}*>")
_INSTRUCTION = re.compile(r"<\?([^ \t\r\n?>]+)")
_LITERAL = r"(?:\"[^\"]*\"|'[^']*')"
_DOCTYPE = re.compile(
    rf"<!DOCTYPE{_SPACE}+([^ \t\r\n\[>]+)"
    rf"({_SPACE}+(?:PUBLIC{_SPACE}+{_LITERAL}{_SPACE}+|SYSTEM{_SPACE}+){_LITERAL})?{_SPACE}*"
)
_DOCTYPE_END = re.compile(rf"\]{_SPACE}*>")
_ENTITY = re.compile(
    rf"<!ENTITY{_SPACE}+([^ \t\r\n%\"'<>&;]+){_SPACE}+(?:\"([^\"<%]*)\"|'([^'<%]*)'){_SPACE}*>"
)
_BLANK = re.compile(rf"{_SPACE}+")
_REFERENCE = re.compile(r"&(?!#)([^;&<]*);")


@dataclass(frozen=True, slots=True)
class Entity:
    """A name for a text, declared in [start, end)."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Doctype:
    """What a document type declaration says; places are units of the text."""

    root: str
    external: tuple[int, int] | None
    """Where it points to a file that describes the document."""
    entities: tuple[Entity, ...]
    comments: tuple[tuple[int, int], ...]
    end: int


def tokens(text: str, at: int = 0) -> Iterator[Token]:
    """Yield the tokens of a document from `at` on. Raises Malformed where there is none."""
    size = len(text)
    while at < size:
        if text[at] != "<":
            end = text.find("<", at)
            end = size if end < 0 else end
            yield Token(Sort.TEXT, at, end, "", at, end)
            at = end
            continue
        token = _markup(text, at)
        yield token
        at = token.end


def tokens_inside(text: str) -> Iterator[Token]:
    """Yield the tokens up to the end of the first element: what stands behind may be none."""
    depth = 0
    for token in tokens(text):
        yield token
        depth += (token.sort is Sort.OPEN) - (token.sort is Sort.CLOSE)
        if depth <= 0 and token.sort in (Sort.CLOSE, Sort.EMPTY):
            return


def _markup(text: str, at: int) -> Token:
    second = text[at + 1 : at + 2]
    if second == "/":
        closing = _CLOSE.match(text, at)
        if closing is not None:
            return Token(Sort.CLOSE, at, closing.end(), closing[1])
    elif second == "?":
        opening = _INSTRUCTION.match(text, at)
        if opening is not None:
            return _until(
                text, at, opening.end(), ending="?>", sort=Sort.INSTRUCTION, name=opening[1]
            )
    elif text.startswith("<!--", at):
        return _until(text, at, at + 4, ending="-->", sort=Sort.COMMENT)
    elif text.startswith("<![CDATA[", at):
        return _until(text, at, at + 9, ending="]]>", sort=Sort.CDATA)
    elif second == "!":
        doctype = read_doctype(text, at)
        if doctype is not None:
            return Token(Sort.DOCTYPE, at, doctype.end, doctype.root)
    else:
        opened = _tag(text, at)
        if opened is not None:
            return opened
    raise Malformed(path=NAME, at_byte=at, why="there is no tag where one must be")


def _until(text: str, at: int, inner: int, *, ending: str, sort: Sort, name: str = "") -> Token:
    end = text.find(ending, inner)
    if end < 0:
        raise Malformed(path=NAME, at_byte=at, why=f"a {sort} has no end")
    return Token(sort, at, end + len(ending), name, inner, end)


def _tag(text: str, at: int) -> Token | None:
    opening = _OPEN.match(text, at)
    if opening is None:
        return None
    end = opening.end()
    attributes: list[Attribute] = []
    while (found := _ATTRIBUTE.match(text, end)) is not None:
        if len(attributes) == ATTRIBUTES_LIMIT:
            raise Malformed(path=NAME, at_byte=at, why="a tag has too many attributes")
        which = 2 if found[2] is not None else 3
        attributes.append(
            Attribute(found[1], found[which], found.start(), found.end(), found.start(which))
        )
        end = found.end()
    closing = _OPEN_END.match(text, end)
    if closing is None:
        return None
    sort = Sort.EMPTY if closing[1] else Sort.OPEN
    return Token(sort, at, closing.end(), opening[1], 0, 0, tuple(attributes))


def read_doctype(text: str, at: int) -> Doctype | None:
    """Return what the declaration at this place says, or None if it says what is not read."""
    begun = _DOCTYPE.match(text, at)
    if begun is None:
        return None
    external = begun.span(2) if begun[2] is not None else None
    end = begun.end()
    if text[end : end + 1] == ">":
        return Doctype(begun[1], external, (), (), end + 1)
    if text[end : end + 1] != "[":
        return None
    end += 1
    entities: list[Entity] = []
    comments: list[tuple[int, int]] = []
    while (closing := _DOCTYPE_END.match(text, end)) is None:
        if (blank := _BLANK.match(text, end)) is not None:
            end = blank.end()
        elif (entity := _ENTITY.match(text, end)) is not None:
            value = entity[2] if entity[2] is not None else entity[3]
            if _REFERENCE.search(value) is not None:
                return None
            entities.append(Entity(entity[1], value, *entity.span()))
            end = entity.end()
        elif text.startswith("<!--", end):
            stop = text.find("-->", end + 4)
            if stop < 0:
                return None
            comments.append((end, stop + 3))
            end = stop + 3
        else:
            return None
    return Doctype(begun[1], external, tuple(entities), tuple(comments), closing.end())


def references(text: str) -> Iterator[str]:
    """Yield the names of the entities that a text refers to."""
    for found in _REFERENCE.finditer(text):
        yield found[1]
