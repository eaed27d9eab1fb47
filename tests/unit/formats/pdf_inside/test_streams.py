"""Nothing stands behind the data of a stream, and no program holds notes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from sharewise.formats.contract import Refused
from sharewise.formats.pdf_inside import programs
from sharewise.formats.pdf_inside.streams import inflated, is_plain_jbig2, unpacked_runs
from support.formats import clean, examine, is_clean
from support.pdfs import everything_in, pdf, shown

TOKEN = b"SECRET-PLACE"
DOTS = bytes(range(48)) * 2
MAP = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /SECRET def "
    b"% SECRET-PLACE\n1 begincodespacerange <00> <FF> endcodespacerange "
    b"1 beginbfchar <41> <0041> endbfchar endcmap CMapName currentdict /CMap defineresource pop"
)


def _picture(made: pikepdf.Pdf, data: bytes, **more: object) -> None:
    picture = made.make_stream(b"")
    picture.write(data, filter=more.pop("Filter", None))
    picture.update(
        {"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": 8, "/Height": 4}
        | {"/ColorSpace": Name.DeviceRGB, "/BitsPerComponent": 8}
        | {f"/{key}": value for key, value in more.items()}
    )
    made.pages[0].obj.Resources.XObject.I = picture


def behind_packed(made: pikepdf.Pdf) -> None:
    _picture(made, zlib.compress(DOTS) + TOKEN, Filter=Name.FlateDecode)


def behind_dots(made: pikepdf.Pdf) -> None:
    _picture(made, DOTS + TOKEN)


def behind_text(made: pikepdf.Pdf) -> None:
    picture = DOTS.hex().encode() + b">" + TOKEN
    _picture(made, picture, Filter=Name.ASCIIHexDecode)


def behind_runs(made: pikepdf.Pdf) -> None:
    _picture(made, b"\x5f" + DOTS + b"\x80" + TOKEN, Filter=Name.RunLengthDecode)


def behind_palette(made: pikepdf.Pdf) -> None:
    colours = Array([Name.Indexed, Name.DeviceRGB, 1, String(bytes(6) + TOKEN)])
    _picture(made, bytes(32), ColorSpace=colours)


def behind_rows(made: pikepdf.Pdf) -> None:
    rows = b"".join(b"\0" + DOTS[24 * n : 24 * n + 24] for n in range(4))
    _picture(made, zlib.compress(rows + TOKEN), Filter=Name.FlateDecode)
    made.pages[0].obj.Resources.XObject.I.DecodeParms = Dictionary(
        Predictor=15, Colors=3, Columns=8
    )


def in_function(made: pikepdf.Pdf) -> None:
    program = made.make_stream(b"{ % SECRET-PLACE\n dup dup }")
    program.update({"/FunctionType": 4, "/Domain": [0, 1], "/Range": [0, 1, 0, 1, 0, 1]})
    colours = Array([Name.Separation, Name("/Spot"), Name.DeviceRGB, program])
    _picture(made, bytes(32), ColorSpace=colours)


def behind_function(made: pikepdf.Pdf) -> None:
    table = made.make_stream(bytes(6) + TOKEN)
    table.update(
        {"/FunctionType": 0, "/Domain": [0, 1], "/Range": [0, 1, 0, 1, 0, 1], "/Size": [2]}
        | {"/BitsPerSample": 8}
    )
    _picture(made, bytes(32), ColorSpace=Array([Name.Separation, Name.All, Name.DeviceRGB, table]))


def in_map(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Resources.Font.F.ToUnicode = made.make_stream(MAP)


def in_resource_names(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Resources.XObject[f"/{TOKEN.decode()}"] = page.Resources.XObject.I
    page.Contents = made.make_stream(b"q 9 0 0 9 9 9 cm /" + TOKEN + b" Do Q")


def holds_token(data: bytes) -> bool:
    """Look at all streams, also as they are packed, and at texts in hexadecimal."""
    every = data + everything_in(data)
    with pikepdf.open(io.BytesIO(data)) as opened:
        for one in opened.objects:
            if isinstance(one, pikepdf.Stream):
                raw = one.read_raw_bytes()
                every += raw
                if one.get("/Filter") == Name.FlateDecode:
                    every += zlib.decompressobj().decompress(raw)
    return TOKEN in every or TOKEN.hex().encode() in every


@pytest.mark.parametrize(
    "change",
    [
        behind_packed,
        behind_dots,
        behind_text,
        behind_runs,
        behind_palette,
        behind_rows,
        in_function,
        behind_function,
        in_map,
        in_resource_names,
    ],
)
def test_what_is_not_drawn_goes(change: Callable[[pikepdf.Pdf], None]) -> None:
    data = pdf(change)
    assert holds_token(data)
    result = clean(data)
    assert not holds_token(result)
    assert is_clean(result)
    assert shown(result) == shown(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: _picture(made, DOTS, Filter=Name.Own),
        lambda made: _picture(made, DOTS, Filter=Array([Name.FlateDecode, Name.CCITTFaxDecode])),
        lambda made: _picture(made, DOTS, Filter=Name.FlateDecode),
        lambda made: _picture(made, DOTS, Filter=Name.JBIG2Decode),
        lambda made: _picture(made, DOTS, ColorSpace=Array([Name.ICCBased])),
    ],
)
def test_what_cannot_be_looked_through_is_refused(change: Callable[[pikepdf.Pdf], None]) -> None:
    assert isinstance(examine(pdf(change)).cleaning, Refused)


def test_end_of_a_zlib_stream_is_found_without_its_checksum() -> None:
    raw = zlib.compress(bytes(5000))
    assert inflated(raw) == (5000, 0)
    assert inflated(raw[:-1] + b"x" + TOKEN) == (5000, len(TOKEN))
    assert inflated(raw[:-7])[1] == 0


def test_runs_are_unpacked_up_to_their_end() -> None:
    assert unpacked_runs(b"\2abc\xfed\x80more") == b"abcddd"
    assert unpacked_runs(b"\5abc") == b"abc"
    assert unpacked_runs(b"\xfe") == b""


def test_segments_of_a_fax_picture_hold_no_comment() -> None:
    page = struct.pack(">IBBBI", 0, 48, 0, 1, 3) + b"abc"
    assert is_plain_jbig2(page)
    assert not is_plain_jbig2(page + struct.pack(">IBBBI", 1, 62, 0, 1, 3) + b"abc")
    assert not is_plain_jbig2(page + TOKEN)
    assert not is_plain_jbig2(page[:-1])


def test_program_of_unknown_words_is_not_understood() -> None:
    assert programs.without_notes_of_map(b"begincmap SECRET endcmap") is None
    assert programs.without_notes_of_map(b"(") is None
    assert programs.without_notes_of_function(b"{ (SECRET) pop }") is None
    assert programs.without_notes_of_function(b"{ secret }") is None
    for program in (b"{ 2 copy add 1e3 }", b"{ dup 0.5 gt { pop 1 } if }"):
        cleaned = programs.without_notes_of_function(program)
        assert cleaned in (program, None)
    cleaned = programs.without_notes_of_map(MAP)
    assert cleaned is not None
    assert programs.without_notes_of_map(cleaned) == cleaned
