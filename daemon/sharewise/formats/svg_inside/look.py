"""Look through the text of an SVG: what it says besides its drawing, and what is to be cut."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Kind
from sharewise.formats.metadata.words import amount, tidy
from sharewise.formats.svg_inside import words
from sharewise.formats.svg_inside.links import CleanPicture, check_link, is_data, style_edits
from sharewise.formats.svg_inside.loads import loads, value_loads
from sharewise.formats.svg_inside.names import unknown_declarations
from sharewise.formats.svg_inside.notes import Notes
from sharewise.formats.svg_inside.scan import (
    NAME,
    Attribute,
    Sort,
    Token,
    read_doctype,
    references,
    tokens,
    tokens_inside,
)
from sharewise.formats.svg_inside.text import Text
from sharewise.formats.svg_inside.uses import Uses, uses_in

_STYLE = re.compile(r"<(?:[\w.\-]+:)?style\b")
_COUNTING = re.compile(r":(?:nth-|first-child|last-child|only-|empty)|[+~][ \t\r\n]*[\w.#*:\[]")
_W3C = re.compile(
    r"""[ \t\r\n]+PUBLIC[ \t\r\n]+["']-//W3C//[^"'<>]{0,80}["'][ \t\r\n]+"""
    r"""["']https?://www\.w3\.org/[\w/.\-]{0,120}["']"""
)
_BEHIND = re.compile(r"[ \t\r\n]+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
DEPTH_LIMIT = 4096
NAMESPACE_CHARACTERS = 1000
EXPANDED_CHARACTERS = 1_000_000


class LoadsFromElsewhere(Exception):
    """A drawing loads what is not in it; caught by the format."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element that is open."""

    token: Token
    local: str
    namespace: str
    prefixes: tuple[str, ...]
    """The prefixes that it declares."""
    has_text: bool
    """Whether characters in it are drawn or carried out."""
    goes: bool
    """Whether it is cut with all that is in it."""


class Look:
    """One look at one text; `through` fills the rest."""

    def __init__(self, text: Text, clean: CleanPicture) -> None:
        self.notes = Notes(text)
        self._text = text
        self._clean = clean
        self._stack: list[_Element] = []
        self._namespaces: dict[str, list[str]] = {"xml": [words.XML]}
        self._entities: dict[str, str] = {}
        self._declared: list[tuple[str, int, int]] = []
        self._referred: set[str] = set()
        self._is_going = False
        self._uses: Uses | None = None
        self._is_counted = False
        self._prefix = ""
        self._expansions = 0
        self.styles = ""
        self.is_sure = False
        """Whether it can be told what refers to what."""

    def through(self) -> None:
        """Look at everything. Raises Malformed, and Uncleanable where a picture inside is."""
        units = self._text.units
        styles = styles_of(units) if _STYLE.search(units) else ""
        self._uses = uses_in(units, styles)
        self._is_counted = bool(_COUNTING.search(styles))
        self.styles = styles
        self.is_sure = self._uses.is_sure and "id" not in self._uses.selected
        for token in tokens(units):
            match token.sort:
                case Sort.OPEN | Sort.EMPTY:
                    self._open(token)
                    is_closed = token.sort is Sort.EMPTY
                case Sort.CLOSE:
                    is_closed = True
                case _:
                    is_closed = False
                    if not self._is_going:
                        self._between(token)
            if is_closed:
                self._close(token)
                if not self._stack:
                    self._behind(token.end)
                    break
        else:
            at = self._text.offset(len(units))
            raise Malformed(path=NAME, at_byte=at, why="it breaks off before its end")
        for name, start, end in self._declared:
            if name not in self._referred:
                what = "Names vocabularies that it does not need to be shown"
                self.notes.cut(Kind.OTHER, "document type", what, (start, end, ""))
        self.notes.settle()

    # --- elements -------------------------------------------------------------------------------

    def _open(self, token: Token) -> None:
        if len(self._stack) == DEPTH_LIMIT:
            at = self._text.offset(token.start)
            raise Malformed(path=NAME, at_byte=at, why="it has too many elements in each other")
        prefixes = tuple(self._declare(token.attributes))
        prefix, _, local = token.name.rpartition(":")
        namespace = self._namespace(prefix)
        if not self._stack:
            if local != "svg" or namespace not in ("", words.SVG):
                at = self._text.offset(token.start)
                raise Malformed(path=NAME, at_byte=at, why="there is no drawing in it")
            self._prefix = f"{prefix}:" if prefix else ""
        is_content = namespace in words.CONTENT
        is_drawing = namespace in ("", words.SVG) and local in words.ELEMENTS
        is_content = is_content and local not in words.SCRIPTED
        goes = not self._is_going and not is_content and not is_drawing
        has_text = is_content or (is_drawing and local in words.TEXT_HOLDERS)
        has_text = has_text or (bool(self._stack) and self._stack[-1].has_text)
        self._stack.append(_Element(token, local, namespace, prefixes, has_text, goes))
        if goes:
            self._is_going = True
        elif not self._is_going:
            for attribute in token.attributes:
                self._attribute(attribute, local, is_content=is_content)
            self._animated(token)

    def _animated(self, token: Token) -> None:
        """Refuse what makes a link lead elsewhere in time."""
        values = {one.name.rpartition(":")[2]: one.value for one in token.attributes}
        if values.get("attributeName", "").rpartition(":")[2].strip() not in words.LINKS:
            return
        for name in ("from", "to", "by", "values"):
            for one in unescape(values.get(name, "")).split(";"):
                if one.strip() and not one.strip().startswith("#"):
                    raise LoadsFromElsewhere

    def _close(self, token: Token) -> None:
        if not self._stack or self._stack[-1].token.name != token.name:
            at = self._text.offset(token.start)
            raise Malformed(path=NAME, at_byte=at, why="a tag closes what is not open")
        element = self._stack.pop()
        for prefix in element.prefixes:
            self._namespaces[prefix].pop()
        if not element.goes:
            return
        self._is_going = False
        opening = element.token
        is_empty = opening is token or opening.end == token.start
        is_descriptive = element.namespace in ("", words.SVG) and element.local in words.DESCRIPTIVE
        if is_descriptive and is_empty and not opening.attributes:
            return
        instead = self.instead
        inner = opening.end if not is_empty else token.end
        what = self._text.units[inner : token.start] if not is_empty else ""
        local = element.local if is_descriptive else ""
        self.notes.element(
            local, element.namespace, opening.name, what, (opening.start, token.end, instead)
        )

    def _declare(self, attributes: Iterable[Attribute]) -> Iterable[str]:
        for attribute in attributes:
            if attribute.name == "xmlns" or attribute.name.startswith("xmlns:"):
                prefix = attribute.name[6:]
                uri = self._resolved(attribute.value)
                self._namespaces.setdefault(prefix, []).append(uri)
                yield prefix

    def _namespace(self, prefix: str) -> str:
        """Return the namespace of a prefix; one that is not declared is nobody's."""
        found = self._namespaces.get(prefix)
        return found[-1] if found else ("" if not prefix else "?")

    def _resolved(self, value: str) -> str:
        """Return the text of a value that may be written as a name for it."""
        if "&" in value and len(value) < NAMESPACE_CHARACTERS:
            for name in set(references(value)):
                value = value.replace(f"&{name};", self._entities.get(name, ""))
        return value.strip()

    @property
    def instead(self) -> str:
        """What takes the place of an element that goes: another one where styles count them."""
        return f"<{self._prefix}metadata/>" if self._is_counted else ""

    # --- attributes -----------------------------------------------------------------------------

    def _attribute(self, attribute: Attribute, element: str, *, is_content: bool) -> None:
        prefix, _, local = attribute.name.rpartition(":")
        if attribute.name == "xmlns" or prefix == "xmlns":
            self._vocabulary(attribute)
            return
        if self._entities and "&" in attribute.value:
            self._named_text(attribute, local)
        if prefix:
            if not self._prefixed(attribute, prefix, local, element):
                return
        elif local in words.LOADING and attribute.value.strip():
            raise LoadsFromElsewhere
        elif local in words.LINKS or is_data(attribute.value):
            if not self._link(attribute, element):
                return
        elif local == "style":
            self._style(attribute.value_start, attribute.value, is_sheet=False)
        elif local in words.DESCRIBING:
            self.notes.description(attribute)
            return
        elif local in ("id", "class"):
            if not self._name(attribute, local):
                return
        elif local.startswith("on") and is_content:
            self.notes.attribute(Kind.OTHER, attribute, "Holds a script")
            return
        elif value_loads(attribute.value):
            raise LoadsFromElsewhere
        elif local.startswith("data-") or not (
            words.is_drawing_attribute(local) or (is_content and local in words.PAGE_ATTRIBUTES)
        ):
            assert self._uses is not None
            if local not in self._uses.selected or local.startswith("on"):
                what = "Holds data that is not needed to show it"
                self.notes.attribute(Kind.OTHER, attribute, what)
                return
        self._refer(attribute.value)

    def _named_text(self, attribute: Attribute, local: str) -> None:
        """Refuse what loads something by a name that is declared for a text."""
        value = self._expanded(attribute.value)
        if value == attribute.value:
            return
        is_link = local in words.LINKS or local in words.LOADING
        is_link = is_link and not unescape(value).strip().startswith("#")
        if is_link or is_data(value) or loads(value):
            raise LoadsFromElsewhere

    def _expanded(self, value: str) -> str:
        """Return a text with the texts that its names stand for, which hold no names themselves."""
        for name in set(references(value)):
            text = self._entities.get(name, "")
            self._expansions += len(text) * value.count(f"&{name};")
            if self._expansions > EXPANDED_CHARACTERS:
                raise LoadsFromElsewhere
            value = value.replace(f"&{name};", text) if name in self._entities else value
        return value

    def _vocabulary(self, attribute: Attribute) -> None:
        """Cut the declaration of a vocabulary that means nothing for the drawing."""
        uri = self._resolved(attribute.value)
        if uri in words.HARMLESS or not uri:
            self._refer(attribute.value)
            return
        self.notes.vocabulary(attribute, uri)

    def _prefixed(self, attribute: Attribute, prefix: str, local: str, element: str) -> bool:
        """Look at an attribute with a prefix and return whether it stays."""
        namespace = self._namespace(prefix)
        if namespace == words.XML and local in words.XML_ATTRIBUTES:
            if local == "id":
                return self._name(attribute, local)
            return local != "base" or self._link(attribute, element)
        if namespace == words.XLINK and local in words.XLINK_ATTRIBUTES:
            return local != "href" or self._link(attribute, element)
        if namespace == words.XLINK and local == "title":
            self.notes.description(attribute)
        else:
            self.notes.foreign_attribute(attribute, namespace, local)
        return False

    def _link(self, attribute: Attribute, element: str) -> bool:
        """Look at where a link leads and return whether its attribute stays."""
        link = check_link(attribute.value, self._clean)
        if link is None:
            address = unescape(attribute.value).strip()
            if not address or address.startswith("#") or is_data(address):
                return True
            if element not in ("a", "base"):
                raise LoadsFromElsewhere
            where = tidy(self._text.shown(address[:200]))
            end = attribute.value_start + len(attribute.value)
            what = f"Links to another place: {where}"
            self.notes.cut(Kind.OTHER, "link", what, (attribute.value_start, end, "#"))
            return True
        if link.is_local:
            self.notes.path(attribute)
            return False
        end = attribute.value_start + len(attribute.value)
        self.notes.replace((attribute.value_start, end, link.text), link.findings)
        return True

    def _name(self, attribute: Attribute, local: str) -> bool:
        """Look at an id or classes and return whether any of it stays."""
        assert self._uses is not None
        what = "Holds names that nothing in the drawing refers to"
        if local == "id":
            if self._uses.refers_to_id(attribute.value):
                return True
            self.notes.attribute(Kind.OTHER, attribute, what)
            return False
        used = self._uses.used_classes(attribute.value)
        if used == attribute.value:
            return True
        if not used:
            self.notes.attribute(Kind.OTHER, attribute, what)
            return False
        end = attribute.value_start + len(attribute.value)
        start = attribute.value_start
        self.notes.cut(Kind.OTHER, "class", what, (start, end, used), is_units=True)
        return True

    def _style(self, start: int, style: str, *, is_sheet: bool) -> None:
        assert self._uses is not None
        if loads(self._expanded(style) if self._entities and "&" in style else style):
            raise LoadsFromElsewhere
        gone = list(self._uses.unused_rules(style))
        for first, last in gone:
            what = "Holds styles of something that is not there"
            self.notes.cut(Kind.OTHER, "style", what, (start + first, start + last, ""))
        for first, last in unknown_declarations(style, is_sheet=is_sheet):
            if not any(begun < last and first < ended for begun, ended in gone):
                what = "Holds styles that mean nothing to browsers"
                self.notes.cut(Kind.OTHER, "style", what, (start + first, start + last, ""))
                gone.append((first, last))
        for edit in style_edits(style, self._clean):
            if any(first < edit.end and edit.start < last for first, last in gone):
                continue
            place = (start + edit.start, start + edit.end, edit.text)
            if edit.comment is not None:
                self.notes.comment(edit.comment, place)
            elif edit.is_local:
                what = "Says where a file lies on a computer"
                self.notes.cut(Kind.IDENTIFIER, "style", what, place)
            else:
                self.notes.replace(place, edit.findings)

    def _refer(self, value: str) -> None:
        if self._entities and "&" in value:
            self._referred.update(references(value))

    # --- what stands between elements -----------------------------------------------------------

    def _between(self, token: Token) -> None:
        inner = self._text.units[token.inner : token.inner_end]
        match token.sort:
            case Sort.TEXT | Sort.CDATA:
                self._characters(token, inner)
            case Sort.COMMENT:
                self.notes.comment(inner, (token.start, token.end, ""))
            case Sort.INSTRUCTION if token.name == "xml-stylesheet":
                raise LoadsFromElsewhere
            case Sort.INSTRUCTION if token.name != "xml":
                what = "Holds an instruction for a program"
                self.notes.cut(Kind.OTHER, "instruction", what, (token.start, token.end, ""))
            case Sort.DOCTYPE:
                self._doctype(token)
            case _:
                pass

    def _characters(self, token: Token, inner: str) -> None:
        if not inner.strip(" \t\r\n"):
            return
        if not self._stack:
            at = self._text.offset(token.start)
            raise Malformed(path=NAME, at_byte=at, why="there are words before the drawing")
        element = self._stack[-1]
        if not element.has_text:
            what = "Holds words that are not shown"
            self.notes.cut(Kind.DESCRIPTION, "text", what, (token.start, token.end, ""))
            return
        if element.local == "style":
            self._style(token.inner, inner, is_sheet=True)
        if token.sort is Sort.TEXT:
            self._refer(inner)

    def _doctype(self, token: Token) -> None:
        doctype = read_doctype(self._text.units, token.start)
        if doctype is None or self._stack:
            return
        for entity in doctype.entities:
            self._entities.setdefault(entity.name, entity.value)
            self._declared.append((entity.name, entity.start, entity.end))
        for start, end in doctype.comments:
            self.notes.comment(self._text.units[start + 4 : end - 3], (start, end, ""))
        if doctype.external is not None:
            start, end = doctype.external
            if _W3C.fullmatch(self._text.units, start, end) is None:
                what = "Points to a file that describes it"
                self.notes.cut(Kind.OTHER, "document type", what, (start, end, ""))

    def _behind(self, at: int) -> None:
        """Cut what stands behind the drawing but white space."""
        units = self._text.units
        while (found := _BEHIND.match(units, at)) is not None:
            at = found.end()
            if found[0].startswith("<!--"):
                self.notes.comment(found[0][4:-3], (found.start(), at, ""))
            elif found[0].startswith("<?"):
                what = "Holds an instruction for a program"
                self.notes.cut(Kind.OTHER, "instruction", what, (found.start(), at, ""))
        if at < len(units):
            size = amount((len(units) - at) * self._text.unit_bytes)
            what = f"Behind the drawing unknown data stands ({size})"
            self.notes.cut(Kind.OTHER, "after the drawing", what, (at, len(units), ""))


def styles_of(units: str) -> str:
    """Return all the style sheets of a document."""
    sheets: list[str] = []
    is_inside = False
    for token in tokens_inside(units):
        if token.sort in (Sort.OPEN, Sort.CLOSE):
            is_style = token.name.rpartition(":")[2] == "style"
            is_inside = is_style and token.sort is Sort.OPEN
        elif is_inside and token.sort in (Sort.TEXT, Sort.CDATA):
            sheets.append(units[token.inner : token.inner_end])
    return "\n".join(sheets)
