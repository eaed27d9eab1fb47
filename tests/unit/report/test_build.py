"""The report as a PDF: the same bytes, the words that must be there, pictures cut or blurred."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from sharewise.report.build import build
from sharewise.report.content import Custody, FileLine, Item, Line, Moment, Picture, Report

HASH = "ab" * 32
ITEM = Item(
    1,
    "A thread",
    "https://example.org/t/7",
    "2026-03-05 10:00:00 UTC",
    (Line("Sealed", "2026-03-05 10:00:02 UTC"),),
    (FileLine("text.txt", 12, HASH),),
    (),
    is_complete=True,
)
REPORT = Report(
    package="case-00000000000000c1",
    label="March",
    made_at_utc="2026-03-06T09:00:00.000Z",
    made_with="Sharewise 0.1.0",
    key="0123456789abcdef" * 4,
    summary=(Line("Who", "@night_owl"), Line("Demand", "Money: 500 EUR")),
    is_text_only=False,
    are_pictures_blurred=False,
    timeline=(
        Moment("later", "2026-03-05", "Second", "b"),
        Moment("earlier", "2026-03-04", "First", "a"),
    ),
    items=(ITEM,),
    custody=(Custody("2026-03-05T10:00:02.000Z", "capture sealed", "1", "", "7"),),
)


def words(pdf: bytes) -> list[str]:
    """Return the words of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def striped(width: int = 200, height: int = 2000) -> bytes:
    """Return a picture of lines of "text" with quiet rows between them."""
    picture = Image.new("RGB", (width, height), "white")
    for y in range(0, height, 20):
        for x in range(0, width, 4):
            picture.paste((0, 0, 0), (x, y, x + 2, y + 12))
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def shown(picture: bytes, name: str = "screenshot-full.png") -> Report:
    return replace(
        REPORT, items=(replace(ITEM, pictures=(Picture(name, partial(io.BytesIO, picture)),)),)
    )


@pytest.fixture(scope="module")
def plain() -> bytes:
    return build(REPORT)


def test_the_same_report_makes_the_same_bytes(plain: bytes) -> None:
    assert build(REPORT) == plain


def test_it_says_that_it_is_pdf_a_3u_and_every_font_is_inside(plain: bytes) -> None:
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        with pdf.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "U")
            assert about["xmp:CreateDate"] == "2026-03-06T09:00:00+00:00"
            assert about["dc:title"] == "Evidence report case-00000000000000c1"
        assert str(pdf.Root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert pdf.docinfo["/CreationDate"] == "D:20260306090000+00'00"
        fonts = {
            str(font.BaseFont): font.DescendantFonts[0].FontDescriptor
            for page in pdf.pages
            for font in page.Resources.Font.values()
        }
        assert fonts
        assert all("/FontFile2" in descriptor for descriptor in fonts.values())


def test_nothing_in_it_can_be_clicked_or_run(plain: bytes) -> None:
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        assert all("/Annots" not in page for page in pdf.pages)
        action = pdf.Root.get("/OpenAction", pikepdf.Array())
        assert isinstance(action, pikepdf.Array), "where it opens, no script"
        assert "/AcroForm" not in pdf.Root


def test_the_first_page_answers_what_an_officer_asks(plain: bytes) -> None:
    first = words(plain)[0]
    for told in ("March", "@night_owl", "Money: 500 EUR", "0123 4567 89ab cdef", "VERIFY.txt"):
        assert told in first
    assert "INCOMPLETE" not in first
    assert first.index("First") < first.index("Second"), "the timeline is in order"


def test_method_limits_custody_and_certification_are_in_it(plain: bytes) -> None:
    told = " ".join(" ".join(words(plain)).split())
    for said in (
        "902(13) and 902(14)",
        "ECDSA, curve P-384",
        "It does not show who wrote",
        "no outside time-stamp confirms them",
        "There are none: every time is that of the person's own computer.",
        "capture sealed",
        HASH,
    ):
        assert said in told


def test_what_is_missing_stands_on_the_first_page() -> None:
    lacking = replace(ITEM, is_complete=False, missing=(Line("page.mhtml", "It was too large."),))
    told = words(build(replace(REPORT, items=(lacking, replace(ITEM, number=2)))))[0]
    assert "INCOMPLETE: 1 of 2 captures lacks a part" in told
    assert "Item 1: page.mhtml: It was too large." in told


def test_a_text_only_case_says_why_there_are_no_pictures() -> None:
    assert "under 18" in words(build(replace(REPORT, is_text_only=True)))[0]


def test_scripts_with_a_font_are_written() -> None:
    texts = ("Ελληνικά απειλή", "Русский угроза", "Łódź đường", "naïve – “quoted” €5")
    told = words(build(replace(REPORT, label=" / ".join(texts))))
    first = " ".join(told[0].split())
    assert [text for text in texts if text not in first] == []
    assert "stands for characters" not in " ".join(told)


def test_scripts_that_are_shaped_lack_nothing() -> None:
    summary = tuple(Line("Who", text) for text in ("مرحبا بالعالم", "הודעה מאיימת", "धमकी भरा संदेश"))
    told = words(build(replace(REPORT, summary=summary)))
    assert "stands for characters" not in " ".join(told)


def test_characters_without_a_font_are_marked_and_explained() -> None:
    told = words(build(replace(REPORT, label="a 😀 漢 \u202egpj.exe")))
    assert "a � � �gpj.exe" in told[0]
    assert "stands for characters that the fonts of this report lack" in " ".join(
        " ".join(told).split()
    )


def test_a_long_picture_is_cut_between_lines_at_page_breaks() -> None:
    pdf = build(shown(striped()))
    pages = words(pdf)
    parts = [page for page in pages if "part " in page]
    assert len(parts) >= 5
    assert "part 1 of" in parts[0]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        images = [
            image
            for page in opened.pages
            for image in page.Resources.get("/XObject", pikepdf.Dictionary()).values()
        ]
        assert sum(int(image.Height) for image in images) == 2000, "nothing is lost or twice"
        for image in images[:-1]:
            picture = Image.open(io.BytesIO(image.read_raw_bytes())).convert("L")
            last = picture.crop((0, picture.height - 1, picture.width, picture.height))
            assert min(last.tobytes()) > 128, "the cut goes through no line"


def test_a_blurred_picture_keeps_no_detail() -> None:
    pdf = build(replace(shown(striped()), are_pictures_blurred=True))
    assert "blurred" in words(pdf)[0]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (image,) = [
            image
            for page in opened.pages
            for image in page.Resources.get("/XObject", pikepdf.Dictionary()).values()
        ]
        low, high = Image.open(io.BytesIO(image.read_raw_bytes())).convert("L").getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert 100 < low < high < 220, "of black and white stripes a grey is left"


def test_a_picture_that_is_none_is_told_and_the_rest_goes_on() -> None:
    bad = {"empty.png": b"", "noise.png": b"noise", "cut.png": striped()[:400]}
    pictures = tuple(Picture(name, partial(io.BytesIO, data)) for name, data in bad.items())
    told = " ".join(words(build(replace(REPORT, items=(replace(ITEM, pictures=pictures),)))))
    assert [name for name in bad if f"{name} is not shown: it " not in told] == []
    assert "How to check it" in told


def test_long_words_and_rows_stay_on_the_paper() -> None:
    long = replace(
        REPORT,
        note="word " * 1000 + "x" * 1000,
        timeline=tuple(Moment("t", str(n), "w" * 300, "d" * 3000) for n in range(6)),
    )
    document = pypdfium2.PdfDocument(build(long))
    assert len(document) > 5
    for page in document:
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            assert 0 < left < right < page.get_width()
            assert 0 < bottom < top < page.get_height()
