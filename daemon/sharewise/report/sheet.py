"""The paper: fonts, colours and the few shapes that a report is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from html import escape
from importlib import resources

from fpdf import FPDF
from fpdf.enums import Align, DocumentCompliance, MethodReturnValue, WrapMode, XPos, YPos

INK = (27, 31, 36)
QUIET = (90, 99, 112)
LINE = (208, 213, 221)
SHADE = (244, 246, 248)
ACCENT = (11, 92, 107)
ALARM = (155, 28, 28)
ALARM_SHADE = (253, 242, 242)

MARGIN_MM = 18.0
FOOT_MM = 16.0
PAPER_MM = (210.0, 297.0)
TEXT_MM = PAPER_MM[0] - 2 * MARGIN_MM

FAMILY = "Noto"
FONTS = (
    (FAMILY, "", "NotoSans-Regular.ttf"),
    (FAMILY, "B", "NotoSans-Bold.ttf"),
    ("NotoArabic", "", "NotoSansArabic-Regular.ttf"),
    ("NotoHebrew", "", "NotoSansHebrew-Regular.ttf"),
    ("NotoDevanagari", "", "NotoSansDevanagari-Regular.ttf"),
)
FALLBACKS = [family for family, _, _ in FONTS[2:]]
MAX_PIECE = 1200
"""Characters that surely fit on a page."""
REPLACEMENT = "�"
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the order of others: an address could be made to read as another."""
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


class Sheet(FPDF):
    """A PDF/A-3U document on A4 with our fonts; every text is made safe to show."""

    def __init__(self, *, title: str, foot: str, made_at: datetime, made_with: str) -> None:
        super().__init__(
            orientation="portrait",
            unit="mm",
            format="A4",
            enforce_compliance=DocumentCompliance.PDFA_3U,
        )
        self.lacks_characters = False
        self._foot = foot
        with ExitStack() as files:
            for family, style, name in FONTS:
                file = resources.files("sharewise.report").joinpath("fonts", name)
                self.add_font(family, style, files.enter_context(resources.as_file(file)))
        self.set_fallback_fonts(FALLBACKS, exact_match=False)
        # Every font here is one of ours, from a file; the library's own have no `cmap`.
        self._covered = frozenset().union(*(font.cmap.keys() for font in self.fonts.values()))  # type: ignore[union-attr]  # see above
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=FOOT_MM + 6)
        self.set_title(title)
        self.set_creator(made_with)
        self.set_producer(made_with)
        self.set_lang("en")
        self.set_creation_date(made_at)
        self.set_xmp_metadata(_xmp(title, made_at, made_with))
        self.set_line_width(0.2)
        self.c_margin = 0

    def footer(self) -> None:
        """Write the foot of a page; the library calls it."""
        self.set_y(-FOOT_MM)
        self.font(7.5, colour=QUIET)
        self.cell(TEXT_MM / 2, 5, self._foot)
        self.cell(TEXT_MM / 2, 5, f"{self.page_no()} / {{nb}}", align=Align.R)

    def font(
        self, size: float, *, is_bold: bool = False, colour: tuple[int, int, int] = INK
    ) -> None:
        """Choose the font of what follows; the size in points."""
        self.set_font(FAMILY, "B" if is_bold else "", size)
        self.set_text_color(*colour)

    def safe(self, text: str) -> str:
        """Return a text with all that cannot be shown replaced."""
        shown = []
        for character in unicodedata.normalize("NFC", text):
            is_space = character in "\t\r\n\u2028\u2029"
            if is_space:
                shown.append(" ")
            elif ord(character) in self._covered and character not in _TURNING:
                shown.append(character)
            elif unicodedata.category(character) not in {"Mn", "Cf"} or character in _TURNING:
                shown.append(REPLACEMENT)
                self.lacks_characters = True
        return "".join(shown)

    @property
    def left_mm(self) -> float:
        """How much room is left on this page."""
        return PAPER_MM[1] - FOOT_MM - 6 - self.get_y()

    def need(self, height_mm: float) -> None:
        """Begin a new page unless there is so much room."""
        if self.left_mm < height_mm:
            self.add_page()

    def gap(self, height_mm: float) -> None:
        """Leave some room."""
        self.set_y(self.get_y() + height_mm)

    def height_of(self, text: str, width_mm: float, line_mm: float) -> float:
        """Return how high a text will be in the present font."""
        shown = self.safe(text) or " "
        self.set_text_shaping(needs_shaping(shown))
        lines = self.multi_cell(
            width_mm,
            line_mm,
            shown,
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
            padding=0,
        )
        assert isinstance(lines, float | int)
        return float(lines)

    def text_at(self, x: float, y: float, width_mm: float, line_mm: float, text: str) -> float:
        """Write a text into a column and return where it ends; right to left if it reads so."""
        shown = self.safe(text)
        self.set_text_shaping(needs_shaping(shown))
        self.set_xy(x, y)
        self.multi_cell(
            width_mm,
            line_mm,
            shown,
            align=Align.R if is_right_to_left(shown) else Align.L,
            new_x=XPos.LEFT,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.WORD,
            padding=0,
        )
        return float(self.get_y())

    def heading(self, text: str, *, size: float = 15, before_mm: float = 7) -> None:
        """Write a heading that does not stand alone at the foot of a page."""
        self.need(before_mm + 22)
        self.gap(before_mm)
        self.font(size, is_bold=True)
        self.start_section(self.safe(text), level=0)
        self.text_at(MARGIN_MM, self.get_y(), TEXT_MM, size * 0.5, text)
        self.gap(2)

    def paragraph(
        self,
        text: str,
        *,
        size: float = 9.5,
        colour: tuple[int, int, int] = INK,
        is_bold: bool = False,
        after_mm: float = 2.2,
    ) -> None:
        """Write a paragraph over the whole width."""
        self.font(size, colour=colour, is_bold=is_bold)
        line_mm = size * 0.5
        self.need(line_mm * 2)
        self.text_at(MARGIN_MM, self.get_y(), TEXT_MM, line_mm, text)
        self.gap(after_mm)

    def fact(self, label: str, text: str, *, size: float = 9.5, label_mm: float = 40) -> None:
        """Write a label and its text side by side, with a fine line above."""
        line_mm = size * 0.5
        x, width = MARGIN_MM + label_mm, TEXT_MM - label_mm
        below = 0.0
        for number, piece in enumerate(_pieces(text)):
            height = self.height_of(piece, width, line_mm)
            self.need(height + 3)
            y = self.get_y()
            if number == 0:
                self.rule(y)
                self.gap(1.3)
                y = self.get_y()
                self.font(size - 1, colour=QUIET)
                below = self.text_at(MARGIN_MM, y + 0.1, label_mm - 3, line_mm, label)
            self.font(size)
            end = self.text_at(x, y, width, line_mm, piece)
            self.set_y(end)
        self.set_y(max(self.get_y(), below) + 1.2)

    def rule(self, y: float) -> None:
        """Draw a fine line over the whole width."""
        self.set_draw_color(*LINE)
        self.line(MARGIN_MM, y, MARGIN_MM + TEXT_MM, y)

    def box(self, title: str, lines: Sequence[str], *, is_alarm: bool) -> None:
        """Write a few lines in a shaded box with a bar at its side."""
        ink, shade = (ALARM, ALARM_SHADE) if is_alarm else (ACCENT, SHADE)
        width = TEXT_MM - 10
        self.font(10.5, is_bold=True)
        height = self.height_of(title, width, 5.2) + 1
        self.font(9)
        height += sum(self.height_of(line, width, 4.6) + 0.8 for line in lines) + 6
        self.need(height + 2)
        x, y = MARGIN_MM, self.get_y()
        self.set_fill_color(*shade)
        self.rect(x, y, TEXT_MM, height, style="F")
        self.set_fill_color(*ink)
        self.rect(x, y, 1.6, height, style="F")
        self.font(10.5, is_bold=True, colour=ink)
        at = self.text_at(x + 6, y + 3, width, 5.2, title) + 1
        self.font(9)
        for line in lines:
            at = self.text_at(x + 6, at, width, 4.6, line) + 0.8
        self.set_y(y + height + 4)

    def columns(
        self, heads: Sequence[str], widths_mm: Sequence[float], *, size: float = 8.5
    ) -> Table:
        """Begin a table whose heads are repeated on each page."""
        return Table(self, heads, widths_mm, size)


class Table:
    """Rows in columns; a row is never cut."""

    def __init__(
        self, sheet: Sheet, heads: Sequence[str], widths_mm: Sequence[float], size: float
    ) -> None:
        assert abs(sum(widths_mm) - TEXT_MM) < 0.01, "columns fill the width"
        self._sheet = sheet
        self._heads = heads
        self._widths = widths_mm
        self._size = size
        sheet.need(20)
        self._head()

    def _head(self) -> None:
        sheet = self._sheet
        y = sheet.get_y()
        sheet.set_fill_color(*SHADE)
        sheet.rect(MARGIN_MM, y, TEXT_MM, 6, style="F")
        x = MARGIN_MM
        sheet.font(self._size - 1, is_bold=True, colour=QUIET)
        for head, width in zip(self._heads, self._widths, strict=True):
            sheet.text_at(x + 1.5, y + 1.1, width - 2, 4, head)
            x += width
        sheet.set_y(y + 6)

    def row(self, *texts: str, is_bold: bool = False) -> None:
        """Write a row."""
        sheet, line_mm = self._sheet, self._size * 0.48
        sheet.font(self._size, is_bold=is_bold)
        bounded = [text if len(text) <= 1500 else text[:1500] + " …" for text in texts]
        height = max(
            sheet.height_of(text, width - 3, line_mm)
            for text, width in zip(bounded, self._widths, strict=True)
        )
        if sheet.left_mm < height + 3:
            sheet.add_page()
            self._head()
        y = sheet.get_y()
        x = MARGIN_MM
        for text, width in zip(bounded, self._widths, strict=True):
            sheet.font(self._size, is_bold=is_bold)
            sheet.text_at(x + 1.5, y + 1.1, width - 3, line_mm, text)
            x += width
        sheet.set_y(y + height + 2.2)
        sheet.rule(sheet.get_y())


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in lines, long ones in parts that each fit on a page."""
    for line in text.split("\n"):
        rest = line
        while len(rest) > MAX_PIECE:
            at = rest.rfind(" ", 0, MAX_PIECE)
            cut = at if at > MAX_PIECE // 2 else MAX_PIECE
            yield rest[:cut]
            rest = rest[cut:].lstrip()
        yield rest


def needs_shaping(text: str) -> bool:
    """Return whether letters of a text join, move or turn; to lay out what does not is far quicker.

    Latin up to U+024F and the general punctuation (U+2000 to U+206F) stand as they come.
    """
    return any(one > "\u024f" and not "\u2000" <= one <= "\u206f" for one in text)


def is_right_to_left(text: str) -> bool:
    """Return whether a text begins with a script that is read from right to left."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L" or kind in _RIGHT_TO_LEFT:
            return kind in _RIGHT_TO_LEFT
    return False


def _xmp(title: str, made_at: datetime, made_with: str) -> str:
    """Return the document's description; the library's own has the time of the day in it."""
    at = made_at.isoformat(timespec="seconds")
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <rdf:Description rdf:about="" xmp:CreatorTool="{escape(made_with)}" xmp:CreateDate="{at}"
      xmp:ModifyDate="{at}" xmp:MetadataDate="{at}" pdf:Producer="{escape(made_with)}">
      <pdfaid:part>3</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""
