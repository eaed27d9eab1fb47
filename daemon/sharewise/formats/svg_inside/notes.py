"""Note what an SVG gives away, in words, and the cut that takes each out."""

from __future__ import annotations

import re
from html import unescape
from typing import TypeAlias

from sharewise.formats.contract import Finding, Kind, Span
from sharewise.formats.metadata.words import amount, tidy
from sharewise.formats.metadata.xmp import READ_BYTES, read_xmp
from sharewise.formats.plans import Cut
from sharewise.formats.svg_inside.scan import NAME, Attribute
from sharewise.formats.svg_inside.text import Text
from sharewise.formats.svg_inside.words import program_of

_MAKERS = re.compile(r"(?i)\s*(?:generator\b|created (?:with|by|using)|made (?:with|in|by)|export)")
_TAGS = re.compile(r"<[^<>]*>")
_PATHS = frozenset({"docname", "docbase", "absref", "export-filename"})
_LABELS_LIMIT = 12
_COMMENTS_LIMIT = 100
_SHOWN_UNITS = 2000


Place: TypeAlias = tuple[int, int, str]
"""Units [start, end) of the text, and what takes their place."""


class Notes:
    """The findings and cuts of one file; places are units of its text."""

    def __init__(self, text: Text) -> None:
        self.findings: list[Finding] = []
        self.cuts: list[Cut] = []
        self._text = text
        self._labels: dict[str, None] = {}
        self._label_spans: list[Span] = []
        self._comments = 0
        self._comment_spans: list[Span] = []

    def _words(self, units: str) -> str:
        return tidy(unescape(self._text.shown(units[:_SHOWN_UNITS])))

    def _take(self, start: int, end: int, instead: str, *, is_units: bool = False) -> Span:
        size = self._text.unit_bytes
        span = Span(self._text.offset(start), (end - start) * size)
        written = self._text.raw(instead) if is_units else self._text.written(instead)
        self.cuts.append(Cut(span.offset, span.length, written))
        return span

    def cut(
        self,
        kind: Kind,
        where: str,
        what: str,
        place: Place,
        *,
        value: str | None = None,
        is_units: bool = False,
    ) -> None:
        """Note that this goes and what it gives away; `is_units`: what is put there is units."""
        span = self._take(*place, is_units=is_units)
        self.findings.append(Finding(kind, f"{NAME}/{where}", what, value, (span,)))

    def replace(self, place: Place, findings: tuple[Finding, ...]) -> None:
        """Note a picture inside that is cleaned, with what it said."""
        span = self._take(*place)
        self.findings += [
            Finding(one.kind, one.where, one.summary, one.value, (span,)) for one in findings
        ]

    def comment(self, inner: str, place: Place) -> None:
        """Note a comment; what the hundredth and later ones say is not told."""
        self._comments += 1
        if self._comments > _COMMENTS_LIMIT:
            self._comment_spans.append(self._take(*place))
            return
        said = self._words(inner)
        if _MAKERS.match(inner):
            self.cut(Kind.SOFTWARE, "comment", f"Names the software: {said}", place)
            return
        what = f"Has a comment: {said}" if said else "Has an empty comment"
        self.cut(Kind.DESCRIPTION, "comment", what, place, value=said or None)

    def element(self, local: str, namespace: str, name: str, inner: str, place: Place) -> None:
        """Note an element that goes; `local` is empty where it is none of SVG's own."""
        if local == "metadata":
            self._metadata(inner, place)
        elif local:
            said = self._words(_TAGS.sub(" ", inner[:_SHOWN_UNITS]))
            thing = "a title" if local == "title" else "a description"
            what = f"Has {thing}: {said}" if said else f"Has an empty element for {thing}"
            self.cut(Kind.DESCRIPTION, local, what, place, value=said or None)
        elif name.endswith(":pgf"):
            size = amount(len(inner) * self._text.unit_bytes)
            what = f"Holds the whole document that it was made from ({size})"
            self.cut(Kind.HISTORY, "document", what, place)
        else:
            maker = program_of(namespace) or "a program"
            what = f"Holds settings of {maker} that are not needed to show it"
            self.cut(Kind.OTHER, tidy(self._text.shown(name[:80])), what, place)

    def _metadata(self, inner: str, place: Place) -> None:
        span = self._take(*place)
        said = self._text.shown(inner[:READ_BYTES])
        path = f"{NAME}/metadata"
        found = list(read_xmp(said.encode("utf-8", "replace"), path).findings)
        if "c2pa:manifest" in inner:
            size = amount(len(inner) * self._text.unit_bytes)
            what = f"Holds a signed record of origin (C2PA, {size})"
            found.append(Finding(Kind.PROVENANCE, path, what))
        self.findings += [
            Finding(one.kind, one.where, one.summary, one.value, (span,)) for one in found
        ]

    def vocabulary(self, attribute: Attribute, namespace: str) -> None:
        """Note the declaration of a vocabulary that the drawing does not need."""
        program = program_of(namespace)
        if program is None:
            what = "Names vocabularies that it does not need to be shown"
            self.attribute(Kind.OTHER, attribute, what)
        else:
            what = f"Was drawn or edited with {program}"
            self.attribute(Kind.SOFTWARE, attribute, what, program)

    def foreign_attribute(self, attribute: Attribute, namespace: str, local: str) -> None:
        """Note an attribute that a program put there for itself."""
        program = program_of(namespace)
        said = self._words(attribute.value)
        if local in _PATHS:
            self.path(attribute)
        elif local == "version" and program is not None:
            what = f"Names the software: {program} {said}"
            self.attribute(Kind.SOFTWARE, attribute, what, f"{program} {said}")
        elif local == "label":
            self._labels[said] = None
            self._label_spans.append(self._take(attribute.start, attribute.end, ""))
        else:
            what = f"Holds settings of {program or 'a program'} that are not needed to show it"
            self.attribute(Kind.OTHER, attribute, what)

    def path(self, attribute: Attribute) -> None:
        """Note an attribute that names a file on a computer."""
        said = self._words(attribute.value)
        is_path = "/" in said or "\\" in said
        thing = "Says where a file lies on a computer" if is_path else "Names the file that it was"
        self.attribute(Kind.IDENTIFIER, attribute, f"{thing}: {said}", said)

    def description(self, attribute: Attribute) -> None:
        """Note an attribute with words about what is shown."""
        said = self._words(attribute.value)
        self.attribute(Kind.DESCRIPTION, attribute, f"Has a description: {said}", said)

    def attribute(
        self, kind: Kind, attribute: Attribute, what: str, value: str | None = None
    ) -> None:
        """Note an attribute that goes."""
        where = tidy(self._text.shown(attribute.name[:80]))
        self.cut(kind, where, what, (attribute.start, attribute.end, ""), value=value)

    def settle(self) -> None:
        """Tell in one finding what the layers and parts are called, and of more comments."""
        if self._comment_spans:
            what = f"Has {len(self._comment_spans)} more comments"
            spans = tuple(self._comment_spans)
            self.findings.append(Finding(Kind.DESCRIPTION, f"{NAME}/comment", what, spans=spans))
        labels = [label for label in self._labels if label]
        if self._label_spans:
            shown = ", ".join(labels[:_LABELS_LIMIT])
            more = len(labels) - _LABELS_LIMIT
            said = tidy(f"{shown} and {more} more" if more > 0 else shown)
            what = f"Names its layers and parts: {said}"
            self.findings.append(
                Finding(Kind.DESCRIPTION, f"{NAME}/label", what, said, tuple(self._label_spans))
            )
