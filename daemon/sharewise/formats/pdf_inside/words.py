"""The keys of a PDF that mean something when it is shown.

Source: ISO 32000-2:2020, tables 15 (trailer), 29 (catalogue), 31 (page), 166 to 192 (annotations).
"""

from __future__ import annotations

import re

from sharewise.formats.contract import Kind

TRAILER = frozenset(
    {
        *("/Root", "/Size", "/Prev", "/XRefStm", "/Encrypt", "/Info", "/ID"),
        *("/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"),
    }
)
MEDIA = frozenset({"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D"})
"""Annotations that play something, which has notes of its own."""
MARKS = frozenset(
    {
        *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Stamp"),
        *("/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Ink", "/Popup"),
        *("/FileAttachment", "/Redact", "/Projection", "/Link", "/Watermark", "/PrinterMark"),
    }
)
"""Annotations whose title is the name of who made them."""
FILE_KEYS = ("/EF", "/RF", "/F", "/UF", "/DOS", "/Mac", "/Unix", "/Desc", "/ID", "/CI", "/Thumb")
LANGUAGE = re.compile(rb"[A-Za-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Za-z]{2}|\d{3}))?")
"""The language of a text, without anything private (RFC 5646)."""
_STRUCTURE = """
    Document DocumentFragment Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct
    Private Aside Title FENote Sub P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody
    TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure
    Formula Form Em Strong Artifact
    """
CODINGS = re.compile(
    r"/(?:(?:WinAnsi|MacRoman|MacExpert|Standard|PDFDoc)Encoding|Identity-[HV]|Identity"
    r"|Adobe-Identity-(?:UCS|0)|[A-Za-z0-9]{1,8}(?:-[A-Z0-9]{1,5}){1,3}-[HV])"
)
"""How letters are numbered in ways that everybody has (9.6.5, 9.7.5)."""
COLLECTIONS = frozenset(
    {"Identity", "UCS", "UCS2", "Japan1", "GB1", "CNS1", "Korea1", "KR", "Manga1"}
)
"""Sets of letters that everybody has; they are Adobe's."""
STRUCTURE = frozenset(_STRUCTURE.split())
"""What parts of a text can be (ISO 32000-2, 14.8.4, and PDF 1.7)."""
HARMLESS_TAGS = frozenset(
    f"/{name}".encode() for name in (*STRUCTURE, "OC", "Tx", "ReversedChars", "Clip")
)
MARK_NAMES = frozenset(
    f"/{name}".encode()
    for name in (
        *("Pagination", "Layout", "Page", "Background", "Header", "Footer", "Watermark", "Inline"),
        *("Top", "Bottom", "Left", "Right", "PageNum", "Bates", "LineNum", "Redaction"),
    )
)
PRINTING = frozenset(
    {
        *("sRGB", "sRGB IEC61966-2.1", "sRGB IEC61966-2-1", "Custom", "CGATS TR 001"),
        *(f"FOGRA{number}" for number in (27, 28, 29, 39, 45, 46, 47, 51, 52, 53)),
    }
)  # fmt: skip
"""Conditions of printing that everybody has."""
_RUNS = "Runs something by itself"
TOLD: dict[str, tuple[Kind, str]] = {
    "/AA": (Kind.OTHER, _RUNS),
    "/OpenAction": (Kind.OTHER, _RUNS),
    "/A": (Kind.OTHER, "Runs something or leads to another file when it is clicked"),
    "/PA": (Kind.OTHER, "Leads somewhere when it is clicked"),
    "/Next": (Kind.OTHER, _RUNS),
    "/URI": (Kind.IDENTIFIER, "Says where links begin"),
    "/SpiderInfo": (Kind.IDENTIFIER, "Says where it was taken from on the web"),
    "/Threads": (Kind.DESCRIPTION, "Has notes about parts of the text"),
    "/B": (Kind.DESCRIPTION, "Has notes about parts of the text"),
    "/Names": (Kind.OTHER, "Has names for places and things in it"),
    "/Dests": (Kind.OTHER, "Has names for places and things in it"),
    "/Outlines": (Kind.DESCRIPTION, "Has bookmarks"),
    "/P": (Kind.DESCRIPTION, "Has words in its page numbers"),
    "/Contents": (Kind.DESCRIPTION, "Has a note"),
    "/RC": (Kind.DESCRIPTION, "Has a note"),
    "/Subj": (Kind.DESCRIPTION, "Says what a note is about"),
    "/T": (Kind.DESCRIPTION, "Names a part of it"),
    "/TU": (Kind.DESCRIPTION, "Has words about a field of its form"),
    "/TM": (Kind.DESCRIPTION, "Has words about a field of its form"),
    "/DV": (Kind.DESCRIPTION, "Holds what fields of its form held at first"),
    "/RV": (Kind.DESCRIPTION, "Holds what a field of its form held"),
    "/Alt": (Kind.DESCRIPTION, "Has words that stand for a part of it"),
    "/ActualText": (Kind.DESCRIPTION, "Has words that stand for a part of it"),
    "/E": (Kind.DESCRIPTION, "Has words that stand for a part of it"),
    "/Alternates": (Kind.HIDDEN_MEDIA, "Holds another version of a picture"),
    "/Popup": (Kind.OTHER, "Holds the windows of notes"),
    "/IRT": (Kind.OTHER, "Says which note answers which"),
    "/Configs": (Kind.OTHER, "Names sets of layers"),
    "/Order": (Kind.OTHER, "Names sets of layers"),
    "/Ref": (Kind.IDENTIFIER, "Says which file a part of it was taken from"),
}
"""What keys that go say, and the words for it."""
