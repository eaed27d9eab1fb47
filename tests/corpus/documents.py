"""Draw what is no picture of dots: every page of a PDF, with its words, and drawings (SVG)."""

from __future__ import annotations

import gzip
import io

import pypdfium2
import resvg_py
from PIL import Image

from sharewise.formats import pdf, svg

ZOOM = 2
PAGES_LIMIT = 60


def is_document(data: bytes) -> bool:
    """Return whether these are the bytes of a PDF or of a drawing."""
    return pdf.recognises(data[:65536]) or svg.recognises(data[:65536])


def drawn(data: bytes) -> tuple[tuple[str, tuple[int, int], bytes, object], ...]:
    """Return each page as it is drawn and, of a PDF, as it reads."""
    return _pages(data) if pdf.recognises(data[:65536]) else (_drawing(data),)


def _pages(data: bytes) -> tuple[tuple[str, tuple[int, int], bytes, object], ...]:
    document = pypdfium2.PdfDocument(data)
    try:
        pages: list[tuple[str, tuple[int, int], bytes, object]] = []
        for index in range(min(len(document), PAGES_LIMIT)):
            page = document[index]
            text = page.get_textpage()
            bitmap = page.render(scale=ZOOM)
            size = (bitmap.width, bitmap.height)
            pages.append(("PDF", size, bytes(bitmap.buffer), text.get_text_range()))
            for one in (text, bitmap, page):
                one.close()
        return (*pages, ("PDF", (len(document), 0), b"", None))
    finally:
        document.close()


def _drawing(data: bytes) -> tuple[str, tuple[int, int], bytes, object]:
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if is_wide else "utf-8-sig")
    picture = bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=ZOOM))
    with Image.open(io.BytesIO(picture)) as image:
        return (image.mode, image.size, image.tobytes(), None)
