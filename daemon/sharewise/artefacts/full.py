"""The whole page in one picture, as a browser makes it that can."""

from __future__ import annotations

import re

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.png import why_not_png

ARTEFACT = Artefact(
    role=Role.WHOLE,
    name="screenshot-full.png",
    accepts=re.compile(r"screenshot-full\.png"),
    media_type="image/png",
    max_bytes=200 * MEGABYTE,
    why_not=why_not_png,
)
