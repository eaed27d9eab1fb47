"""Shots of the page while it was scrolled; stitched into one picture when it is sealed."""

from __future__ import annotations

import re

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.png import why_not_png

ARTEFACT = Artefact(
    role=Role.WHOLE,
    name="screenshot-full.png",
    accepts=re.compile(r"tiles/[0-9]{4}\.png"),
    media_type="image/png",
    max_bytes=50 * MEGABYTE,
    why_not=why_not_png,
    is_material=True,
    max_files=500,
)
