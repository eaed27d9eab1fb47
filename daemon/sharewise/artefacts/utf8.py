"""Whether a file is text in UTF-8."""

from __future__ import annotations

import codecs
from typing import BinaryIO

PIECE_BYTES = 256 * 1024


def why_not_text(file: BinaryIO) -> str | None:
    """Return why this is no text, as the end of a sentence, or None if it is; empty is text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_over = False
    try:
        while not is_over:
            piece = file.read(PIECE_BYTES)
            is_over = not piece
            if "\0" in decoder.decode(piece, final=is_over):
                return "it is not text"
    except UnicodeDecodeError:
        return "it is not text in UTF-8"
    return None
