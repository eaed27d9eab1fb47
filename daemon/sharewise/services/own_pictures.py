"""Which of the person's own pictures a page shows; pictures are looked at and never kept."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator, Mapping

from sharewise.pictures.pdq import MAX_DISTANCE, fingerprint, nearest
from sharewise.services.record import OwnPicture
from sharewise.webarchive import page_files

MAX_PICTURES = 400
"""Of one page; those that follow are not looked at."""
MIN_BYTES = 400
"""What is smaller is an icon or a dot."""
INLINE = "inside the page"

_DATA = re.compile(
    rb"""["'(]\s*data:image/[a-z+.-]{1,20};base64,([A-Za-z0-9+/=\s]{400,})""", re.IGNORECASE
)


def matches(
    own: Mapping[str, bytes], *, mhtml: bytes | None, html: bytes | None
) -> tuple[OwnPicture, ...]:
    """Return which pictures of the page are the person's own, in the order of the page.

    `own` are what `pdq.known_hashes` gave, by the label that the person chose. A picture counts
    once.
    """
    if not own:
        return ()
    found: list[OwnPicture] = []
    for address, content in _pictures(mhtml, html):
        seen = fingerprint(io.BytesIO(content))
        if seen is None or not seen.is_telling:
            continue
        near = [
            (bits, label)
            for label, known in own.items()
            if (bits := nearest(known, seen.hash)) <= MAX_DISTANCE
        ]
        if near:
            bits, label = min(near)
            found.append(OwnPicture(label, address, bits))
    return tuple(dict.fromkeys(found))


def _pictures(mhtml: bytes | None, html: bytes | None) -> Iterator[tuple[str, bytes]]:
    """Yield address and content of the page's pictures."""
    pictures = _of_mhtml(mhtml) if mhtml is not None else _of_html(html or b"")
    for _, one in zip(range(MAX_PICTURES), pictures, strict=False):
        yield one


def _of_mhtml(mhtml: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        files = page_files.of_mhtml(mhtml, address="")
    except ValueError:
        return
    for file in files:
        if file.media_type.startswith("image/") and len(file.content) >= MIN_BYTES:
            yield file.address or INLINE, file.content
        elif file.media_type == "text/html":
            yield from _of_html(file.content)


def _of_html(html: bytes) -> Iterator[tuple[str, bytes]]:
    for found in _DATA.finditer(html):
        try:
            yield INLINE, base64.b64decode(found.group(1))
        except (binascii.Error, ValueError):
            continue
