"""A snapshot of the page's elements, without scripts, that any browser opens."""

from __future__ import annotations

import re
from typing import BinaryIO

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.utf8 import why_not_text

HEAD_BYTES = 4096


def why_not_html(file: BinaryIO) -> str | None:
    """Return why this is no page, as the end of a sentence, or None."""
    head = file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not head.startswith((b"<!doctype html", b"<html", b"<!--")):
        return "it is not a web page"
    file.seek(0)
    return why_not_text(file)


ARTEFACT = Artefact(
    role=Role.PAGE,
    name="page.html",
    accepts=re.compile(r"page\.html"),
    media_type="text/html",
    max_bytes=200 * MEGABYTE,
    why_not=why_not_html,
)
