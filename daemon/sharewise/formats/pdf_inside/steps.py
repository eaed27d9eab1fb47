"""Say a rewritten file as steps over the original, so that what did not change is only kept."""

from __future__ import annotations

import re

from sharewise.formats.contract import Insert, Keep, Step

KEPT_BYTES = 512
"""A shorter stretch is not worth a step of its own."""
_KEY_BYTES = 48
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n)")
_END = b"endstream"


def steps_to(original: bytes, rewritten: bytes) -> tuple[Step, ...]:
    """Return the steps that give `rewritten`: streams that the original has too are kept.

    Each stream is looked up by its first bytes once, so the work grows with the sizes only.
    """
    places: dict[bytes, int] = {}
    for found in _STREAM.finditer(original):
        places.setdefault(original[found.end() : found.end() + _KEY_BYTES], found.end())
    steps: list[Step] = []
    at = 0
    for found in _STREAM.finditer(rewritten):
        start = found.end()
        if start < at:
            continue
        end = rewritten.find(_END, start)
        place = places.get(rewritten[start : start + _KEY_BYTES])
        if end - start < KEPT_BYTES or place is None:
            continue
        if original[place : place + end - start] != rewritten[start:end]:
            continue
        steps.append(Insert(rewritten[at:start]))
        steps.append(Keep(place, end - start))
        at = end
    return (*steps, Insert(rewritten[at:]))
