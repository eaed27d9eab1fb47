"""Judge the bytes of a PDF: what they give away, and the bytes of it without that."""

from __future__ import annotations

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Wish
from sharewise.formats.pdf_inside.document import FAILURES, NAME, Locked, open_document, rewritten
from sharewise.formats.pdf_inside.result import Judged, Unsweepable
from sharewise.formats.pdf_inside.sweep import Sweep

LOCKED = "It is locked with a password."


def judge_document(data: bytes, wish: Wish, *, is_written: bool) -> Judged:
    """Return what became of a document; `is_written`: also write it anew. Raises Malformed."""
    try:
        document = open_document(data)
    except Locked:
        return Judged((), refusal=LOCKED)
    with document:
        sweep = Sweep(document, wish)
        try:
            sweep.through()
        except Unsweepable as error:
            return Judged(tuple(sweep.findings), refusal=str(error))
        except FAILURES:
            raise Malformed(path=NAME, at_byte=0, why="it is damaged") from None
        result = rewritten(document) if is_written else b""
    return Judged(tuple(sweep.findings), result, sweep.kept())
