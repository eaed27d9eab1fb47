"""The visible text: for search, and for people who cannot see the picture."""

from __future__ import annotations

import re

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.utf8 import why_not_text

ARTEFACT = Artefact(
    role=Role.TEXT,
    name="text.txt",
    accepts=re.compile(r"text\.txt"),
    media_type="text/plain",
    max_bytes=50 * MEGABYTE,
    why_not=why_not_text,
)
