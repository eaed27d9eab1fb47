"""Say that a record of origin (C2PA, JUMBF) is there. Source: C2PA 2.1, 11; ISO 19566-5."""

from __future__ import annotations

import re

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.words import amount, decode, tidy

_GENERATOR = re.compile(rb"claim_generator(?:_info)?[^\x20-\x7e]{0,3}([\x20-\x7e]{4,80})")
_LABELS = (b"c2pa", b"cacb")
"""Of C2PA and of the drafts before it."""
_AI = b"rainedAlgorithmicMedia"


def read_jumbf(data: bytes, size_bytes: int, path: str) -> list[Finding]:
    """Return the findings of a JUMBF box; `data` is its beginning, as much as was read."""
    if not any(label in data[:256] for label in _LABELS):
        what = f"Holds a data box of another program ({amount(size_bytes)})"
        return [Finding(Kind.OTHER, path, what)]
    what = f"Holds a signed record of origin (C2PA, {amount(size_bytes)})"
    if _AI in data:
        what += " that says AI was used"
    maker = _GENERATOR.search(data)
    name = tidy(decode(maker[1])) if maker else None
    return [Finding(Kind.PROVENANCE, path, f"{what}: {name}" if name else what, name)]
