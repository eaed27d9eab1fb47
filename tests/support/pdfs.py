"""PDFs for the tests: a page with words and a picture, changed at will, and what it shows."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name

from support.images import jpeg

TEXT = b"BT /F 12 Tf 20 50 Td (Seen) Tj ET q 40 0 0 40 10 100 cm /I Do Q"


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, *, picture: bytes = b"") -> bytes:
    """Return a document of one page with words and a picture, changed as is asked for."""
    made = pikepdf.new()
    image = made.make_stream(picture or jpeg())
    image.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": 48,
            "/Height": 32,
            "/ColorSpace": Name.DeviceRGB,
            "/BitsPerComponent": 8,
            "/Filter": Name.DCTDecode,
        }
    )
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page = Dictionary(
        Type=Name.Page,
        MediaBox=[0, 0, 200, 200],
        Contents=made.make_stream(TEXT),
        Resources=Dictionary(XObject=Dictionary(I=image), Font=Dictionary(F=font)),
    )
    made.pages.append(pikepdf.Page(made.make_indirect(page)))
    if change is not None:
        change(made)
    sink = io.BytesIO()
    made.save(sink, deterministic_id=True, compress_streams=False)
    return sink.getvalue()


def shown(data: bytes) -> list[tuple[bytes, str]]:
    """Return the pages as they are drawn and as they read."""
    opened = pypdfium2.PdfDocument(data)
    try:
        pages: list[tuple[bytes, str]] = []
        for page in opened:
            text = page.get_textpage()
            bitmap = page.render(scale=2, may_draw_forms=False)
            pages.append((bytes(bitmap.buffer), text.get_text_range()))
            text.close()
            bitmap.close()
            page.close()
        return pages
    finally:
        opened.close()


def everything_in(data: bytes) -> bytes:
    """Return a document with all its streams unpacked, to look for words in."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        sink = io.BytesIO()
        opened.save(
            sink,
            static_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return sink.getvalue()
