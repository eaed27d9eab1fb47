"""Say what a file gives away and how it is cleaned: what every caller uses.

Both functions are conversations (see `contract.Steps`): drive them with `engine.run` over bytes,
or answer their requests from wherever the bytes are. They raise only Malformed.
"""

from __future__ import annotations

from sharewise.base.errors import Malformed
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Depth,
    Examined,
    Plan,
    Refused,
    Report,
    Source,
    Steps,
    Unsupported,
    Wish,
)
from sharewise.formats.engine import checked
from sharewise.formats.plans import CleanedFile, Memory
from sharewise.formats.registry import formats, recognise

UNPROVEN = Refused(
    "Something private would be left in this file after cleaning, so it was not cleaned. "
    "Share a screenshot of the picture instead, or do not share it."
)


def inspect(source: Source, depth: Depth) -> Steps[Report | Unsupported]:
    """Return what a file gives away, or that its format is not known."""
    format_ = recognise(source.head)
    if format_ is None:
        return _unsupported(source)
    return (yield from checked(format_.inspect(source, depth), source.size_bytes))


def plan(source: Source, wish: Wish = NOTHING_KEPT) -> Steps[Examined | Unsupported]:
    """Return what a file gives away and a plan that is proved to remove it.

    The proof: the file that the plan gives is examined too, as a conversation about the original
    in which nearly every answer is known already. Where something is left, the plan is Refused.
    """
    format_ = recognise(source.head)
    if format_ is None:
        return _unsupported(source)
    memory = Memory(source)
    steps = memory.over(format_.examine(source, wish))
    examined = yield from checked(steps, source.size_bytes)
    if not isinstance(examined.cleaning, Plan):
        return examined
    cleaned = CleanedFile(examined.cleaning)
    again = cleaned.over(format_.examine(cleaned.source(memory.known), wish))
    try:
        proof = yield from checked(memory.over(again), source.size_bytes)
    except Malformed:
        return Examined(examined.report, UNPROVEN)
    if isinstance(proof.cleaning, AlreadyClean):
        return examined
    return Examined(examined.report, UNPROVEN)


def _unsupported(source: Source) -> Unsupported:
    if source.size_bytes == 0:
        return Unsupported("This file is empty: there is nothing in it to share or to clean.")
    known = ", ".join(format_.name for format_ in formats().values())
    return Unsupported(
        f"Sharewise does not know this kind of file (it knows {known}), so it cannot say what "
        "the file gives away. Share it only if you know what is in it."
    )
