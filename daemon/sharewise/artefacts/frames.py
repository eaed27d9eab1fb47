"""The part of a page that scrolls by itself, such as a chat: one picture a step, overlapping."""

from __future__ import annotations

import re

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.png import why_not_png

ARTEFACT = Artefact(
    role=Role.PANE,
    name="frames",
    accepts=re.compile(r"frames/[0-9]{4}\.png"),
    media_type="image/png",
    max_bytes=50 * MEGABYTE,
    why_not=why_not_png,
    max_files=500,
)
