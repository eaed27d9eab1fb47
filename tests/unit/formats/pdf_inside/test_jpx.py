"""JPEG 2000 inside a PDF: notes and what stands behind it go, no pixel does."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sharewise.formats.pdf_inside.jpx import without_notes
from support.profiles import own

TOKEN = b"SECRET-PLACE"


def picture(**options: object) -> bytes:
    sink = io.BytesIO()
    image = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    image.save(sink, "JPEG2000", comment=TOKEN, **options)
    return sink.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


def box(kind: bytes, inner: bytes) -> bytes:
    return (8 + len(inner)).to_bytes(4) + kind + inner


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}, {"tile_size": (16, 16)}])
def test_notes_of_a_picture_go(options: dict[str, object]) -> None:
    data = picture(**options)
    result = without_notes(data)
    assert result is not None
    assert TOKEN not in result
    assert pixels(result) == pixels(data)
    assert without_notes(result) == result
    assert without_notes(result + TOKEN) in (result, None)


def test_boxes_that_are_no_picture_go() -> None:
    plain = without_notes(picture())
    assert plain is not None
    assert without_notes(plain + box(b"xml ", TOKEN)) == plain
    start = plain.index(b"jp2h") - 4
    size = int.from_bytes(plain[start : start + 4])
    more = box(b"uuid", TOKEN) + box(b"colr", b"\2\0\0" + own(TOKEN))
    header = box(b"jp2h", plain[start + 8 : start + size] + more)
    result = without_notes(plain[:start] + header + plain[start + size :])
    assert result is not None
    assert TOKEN not in result


@pytest.mark.parametrize(
    "data",
    [
        b"noise",
        b"\xff\x4f",
        b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\1xml " + b"\xff" * 8,
        b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"jp2h", b"\0\0\0"),
        b"\xff\x4f\xff\x90\0\x0a" + bytes(8) + b"\xff\x64\0\4ab",
    ],
)
def test_what_is_not_understood_is_none(data: bytes) -> None:
    assert without_notes(data) is None
