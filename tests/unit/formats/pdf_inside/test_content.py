"""What draws a page: what is not drawn is cut from it, what draws is left byte for byte."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewise.formats.pdf_inside.content import read_drawing
from sharewise.formats.pdf_inside.result import Unsweepable


def left(data: bytes, *, keeps_words: bool = False) -> bytes:
    drawing = read_drawing(data, lambda _, name: name, keeps_words=keeps_words)
    assert not drawing.is_open
    return drawing.applied(data)


@pytest.mark.parametrize(
    "data",
    [
        b"q 1 0 0 1 0 0 cm BT /F1 12 Tf (a (b) \\) % c) Tj [(a) -1 <6162>] TJ ET Q",
        b"0.5 g 1 0 0 RG [3 2] 0 d 1 2 m 3 4 l S /P1 scn .1 .2 .3 scn /GS0 gs /Perceptual ri",
        b"/Artifact <</Type /Pagination /Attached [/Bottom] /BBox [0 0 1 1]>> BDC EMC",
        b"/P <</MCID 3 /Lang (en-US)>> BDC EMC /OC /MC0 BDC EMC /Span BMC EMC BX EX",
        b"BI /W 4 /H 2 /BPC 8 /CS /G ID 12 EI 78 EI Q",
        b"BI /W 8 /H 1 /IM true /D [1 0] ID x EI 1 0 0 rg",
        b"BI /W 1 /H 1 /BPC 8 /CS /RGB /F /A85 ID !!!~> EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID " + zlib.compress(b"x") + b"\nEI Q",
        b"BI /W 4 /H 4 /BPC 1 /CS /G /F /CCF /DP <</K -1 /Columns 4>> ID ab EI Q",
    ],
)
def test_what_draws_is_left_as_it_is(data: bytes) -> None:
    assert left(data) == data


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (b"q % SECRET\nQ", b"q  \nQ"),
        (b"[(a) % SECRET\n 1 (b)] TJ", b"[(a)  \n 1 (b)] TJ"),
        (b"/SECRET BMC EMC", b"/Span BMC EMC"),
        (b"/P <</MCID 1 /ActualText (SECRET (a))>> BDC", b"/P <</MCID 1>> BDC"),
        (b"/P <</Own <</A [(SECRET)]>>>> DP", b"/P <<>> DP"),
        (b"/P <</MCID (SECRET)/Lang (SECRET)>> BDC", b"/P <<>> BDC"),
        (b"/P <</MCID 1 % SECRET\n>> BDC", b"/P <</MCID 1>> BDC"),
        (b"/Artifact <</Type /SECRET>> BDC", b"/Artifact <<>> BDC"),
    ],
)
def test_what_is_not_drawn_is_cut(data: bytes, result: bytes) -> None:
    assert left(data) == result
    assert left(result) == result


def test_words_stay_if_that_is_wished() -> None:
    data = b"/P <</MCID 1 /ActualText (said)>> BDC"
    assert left(data, keeps_words=True) == data


@pytest.mark.parametrize(
    "data",
    [
        b"(SECRET) 1 0 0 rg",
        b"/SECRET q",
        b"(SECRET) own",
        b"<</A (SECRET)>> Tj",
        b"[(SECRET)] 0 d",
        b"[/SECRET] TJ",
        b"(SECRET",
        b"/P <</A>> BDC",
        b"/P (SECRET) BDC",
        b"/SECRET ri",
        b"{ 1 } Tj",
        b"1 0 0 rgSECRET",
        b"BI /W 4 /H 2 /BPC 8 /CS /G ID 12345678SECRET EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /Own (SECRET) ID x EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /SECRET ID x EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID " + zlib.compress(b"xSECRET") + b" EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID " + zlib.compress(b"x") + b"SECRET EI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID nothing EI",
        b"BI /W 1 /H 1 /IM true ID ",
        b"[" * 5000,
        b"<<" * 5000,
    ],
)
def test_data_that_no_operator_takes_is_refused(data: bytes) -> None:
    with pytest.raises(Unsweepable):
        left(data)


def test_what_goes_on_in_the_next_stream_is_open() -> None:
    assert read_drawing(b"(a)", lambda _, name: name, keeps_words=False).is_open


def test_many_pictures_among_the_words_take_linear_time() -> None:
    one = b"BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID " + zlib.compress(b"x") + b" EI\n"
    assert left(one * 3000) == one * 3000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        drawing = read_drawing(data, lambda _, name: name, keeps_words=False)
    except Unsweepable:
        return
    result = drawing.applied(data)
    assert read_drawing(result, lambda _, name: name, keeps_words=False).applied(result) == result
