"""A saved page as its files: what the browser wrote, taken apart.

Source: RFC 2557 (MHTML), RFC 2045 (encodings), RFC 2392 (`cid:` addresses).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

MAX_FILES = 20_000
MAX_HEAD_BYTES = 64 * 1024

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page: the page itself, a frame, a style sheet, a picture, a font."""

    address: str
    """Where it came from; empty if the browser does not tell."""
    content_id: str
    """What `cid:` addresses in the other files call it; empty if they don't."""
    media_type: str
    """Lower case, without parameters."""
    charset: str
    """Of a text, if the browser tells; empty otherwise."""
    content: bytes


def of_html(html: bytes, *, address: str) -> tuple[PageFile, ...]:
    """Return the files of a page that is one HTML file with everything in it."""
    return (PageFile(address, "", "text/html", "utf-8", html),)


def of_mhtml(mhtml: bytes, *, address: str) -> tuple[PageFile, ...]:
    """Return the files of an MHTML, the page first; it gets `address` if it has none.

    Raises ValueError for what is no MHTML.
    """
    head, begin = _head(mhtml, 0)
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/related" or not boundary:
        raise ValueError("not a page saved as MHTML")
    files = tuple(_parts(mhtml, begin, b"--" + boundary.encode("ascii", "replace")))
    if not files or files[0].media_type not in {"text/html", "application/xhtml+xml"}:
        raise ValueError("the MHTML holds no page")
    first = files[0]
    page = PageFile(
        address or first.address, first.content_id, "text/html", first.charset, first.content
    )
    return (page, *files[1:])


def _head(data: bytes, at: int) -> tuple[Message, int]:
    """Return the header lines at an offset, and the offset of what follows their blank line."""
    end = _BLANK_LINE.search(data, at, at + MAX_HEAD_BYTES)
    if end is None:
        raise ValueError("a part has no end of its header")
    return BytesHeaderParser().parsebytes(data[at : end.end()]), end.end()


def _parts(data: bytes, begin: int, delimiter: bytes) -> Iterator[PageFile]:
    at = data.find(delimiter, begin)
    for _ in range(MAX_FILES):
        start = at + len(delimiter)
        if at < 0 or data[start : start + 2] == b"--":
            return
        line_end = data.find(b"\n", start)
        at = data.find(b"\n" + delimiter, line_end)
        if line_end < 0 or at < 0:
            raise ValueError("the MHTML is cut off")
        at += 1
        head, content_at = _head(data, line_end + 1)
        content = data[content_at : at - 1].removesuffix(b"\r")
        yield PageFile(
            _location(head),
            str(head.get("Content-ID", "")).strip().strip("<>"),
            head.get_content_type(),
            head.get_content_charset() or "",
            _decoded(content, str(head.get("Content-Transfer-Encoding", "")).strip().lower()),
        )
    raise ValueError("the MHTML has too many parts")


def _location(head: Message) -> str:
    return re.sub(r"\s", "", str(head.get("Content-Location", "")))


def _decoded(content: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            try:  # a third faster, and what browsers write is strict but for its lines
                return binascii.a2b_base64(content.translate(None, b"\r\n"), strict_mode=True)
            except binascii.Error:
                return base64.b64decode(content)
        case "quoted-printable":
            return binascii.a2b_qp(content)
        case _:
            return content
