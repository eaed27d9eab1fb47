"""What an artefact is: one part of a capture, the names it takes and how its content is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

MEGABYTE = 1000 * 1000


class Role(StrEnum):
    """What a part shows; a complete capture has one part for each but `PANE`."""

    WINDOW = "window"
    """The window as seen at the click."""
    WHOLE = "whole"
    """The whole page as a picture."""
    PAGE = "page"
    """The page itself, to be opened again."""
    TEXT = "text"
    """The visible text."""
    PANE = "pane"
    """What scrolls by itself in the page; few pages have that."""


REQUIRED = frozenset(Role) - {Role.PANE}


@dataclass(frozen=True, slots=True)
class Artefact:
    """One kind of part; each module of this package that has one exposes it as `ARTEFACT`."""

    role: Role
    name: str
    """The file's name in the sealed capture; for material, what it is made into; for several
    files, their folder. What cannot be had is missing under this name."""
    accepts: re.Pattern[str]
    """The names under which the browser may send it, matched from end to end."""
    media_type: str
    max_bytes: int
    """Of one file."""
    why_not: Callable[[BinaryIO], str | None]
    """Returns why the content is not of the media type, as the end of a sentence, or None.

    Reads from the start, in pieces, so memory does not grow with the file."""
    is_material: bool = False
    """Whether it is only there to be made into something else when the capture is sealed."""
    max_files: int = 1
