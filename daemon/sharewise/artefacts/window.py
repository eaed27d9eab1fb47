"""The window as seen at the click: taken first, because content may vanish."""

from __future__ import annotations

import re

from sharewise.artefacts.contract import MEGABYTE, Artefact, Role
from sharewise.artefacts.png import why_not_png

ARTEFACT = Artefact(
    role=Role.WINDOW,
    name="screenshot-window.png",
    accepts=re.compile(r"screenshot-window\.png"),
    media_type="image/png",
    max_bytes=50 * MEGABYTE,
    why_not=why_not_png,
)
