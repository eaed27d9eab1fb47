"""See words at the end of coded data, where only decoding could tell what belongs to the picture.

The end of a coded picture looks like noise: that its last `TAIL_BYTES` are letters, digits and
signs of which `DISTINCT` differ happens by chance in fewer than one file in 100,000. What is
packed or encrypted before it is hidden there is not seen.
"""

from __future__ import annotations

import re

TAIL_BYTES = 12
DISTINCT = 6
HIDDEN_WORDS = (
    "Words stand at the end of the data of this picture, where only drawing it could tell whether "
    "they belong to it, so it was not cleaned. Share a screenshot of the picture instead."
)


_WORDS = re.compile(rb"[\x20-\x7e]{12,}")


def are_words(data: bytes) -> bool:
    """Return whether words stand anywhere in data that should be numbers."""
    return any(len(set(found.group())) >= DISTINCT for found in _WORDS.finditer(data))


def ends_in_words(data: bytes) -> bool:
    """Return whether data ends in words, plain or with two bytes for each letter."""
    end = data.rstrip(b"\0\r\n \t\xff")[-2 * TAIL_BYTES :]
    if _are_words(end[-TAIL_BYTES:]):
        return True
    letters, others = end[-1::-2], end[-2::-2]
    return not any(others) and _are_words(letters[:TAIL_BYTES])


def _are_words(tail: bytes) -> bool:
    is_text = len(tail) >= TAIL_BYTES and all(0x20 <= byte < 0x7F for byte in tail)
    return is_text and len(set(tail)) >= DISTINCT
