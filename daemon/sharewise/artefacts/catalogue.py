"""Every artefact there is, and which one a name belongs to."""

from __future__ import annotations

from functools import cache

import sharewise.artefacts
from sharewise.artefacts.contract import Artefact
from sharewise.base.discovery import discover


@cache
def artefacts() -> tuple[Artefact, ...]:
    """Return every artefact, by the name of its module."""
    return tuple(discover(sharewise.artefacts, "ARTEFACT", Artefact).values())


def artefact_for(untrusted_name: str) -> Artefact | None:
    """Return the artefact that takes this name, or None: such a part is refused."""
    for artefact in artefacts():
        if artefact.accepts.fullmatch(untrusted_name):
            return artefact
    return None
