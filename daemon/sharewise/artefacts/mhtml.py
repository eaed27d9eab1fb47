"""The page with everything in it, in one file that Chromium makes and opens."""

from __future__ import annotations

import re
from typing import BinaryIO

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role

HEAD_BYTES = 4096


def why_not_mhtml(file: BinaryIO) -> str | None:
    """Return why this is no MHTML, as the end of a sentence, or None. Source: RFC 2557."""
    head = file.read(HEAD_BYTES).replace(b"\r\n", b"\n").lower()
    headers, blank, _ = head.partition(b"\n\n")
    has_headers = b"mime-version:" in headers and b"content-type: multipart/related" in headers
    if not blank or not has_headers:
        return "it is not a page saved as MHTML"
    return None


ARTEFACT = Artefact(
    role=Role.PAGE,
    name="page.mhtml",
    accepts=re.compile(r"page\.mhtml"),
    media_type="multipart/related",
    max_bytes=200 * MEGABYTE,
    why_not=why_not_mhtml,
)
