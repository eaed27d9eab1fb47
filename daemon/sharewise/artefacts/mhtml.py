"""The page with everything in it, in one file that Chromium makes and opens."""

from __future__ import annotations

import os
import re
from typing import BinaryIO

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role

HEAD_BYTES = 4096
MAX_BOUNDARY_BYTES = 70
"""RFC 2046, clause 5.1.1."""
_BOUNDARY = re.compile(rb"""\bboundary=(?:"([^"\n]+)"|([^\s";]+))""", re.IGNORECASE)


def why_not_mhtml(file: BinaryIO) -> str | None:
    """Return why this is no whole MHTML, as the end of a sentence, or None.

    Sources: RFC 2557; RFC 2046, clause 5.1.1: the last part ends with the boundary and "--".
    """
    head = file.read(HEAD_BYTES)
    headers, blank, _ = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    said = headers.lower()
    is_named = b"mime-version:" in said and b"content-type: multipart/related" in said
    boundary = _BOUNDARY.search(headers)
    if not blank or not is_named or boundary is None:
        return "it is not a page saved as MHTML"
    closing = b"--" + (boundary[1] or boundary[2]) + b"--"
    end_bytes = MAX_BOUNDARY_BYTES + 16
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(max(0, size_bytes - end_bytes))
    if not file.read(end_bytes).rstrip().endswith(closing):
        return "it ends before the page does"
    return None


ARTEFACT = Artefact(
    role=Role.PAGE,
    name="page.mhtml",
    accepts=re.compile(r"page\.mhtml"),
    media_type="multipart/related",
    max_bytes=200 * MEGABYTE,
    why_not=why_not_mhtml,
)
