"""What the person chose, in one small file that they may also edit.

A file that cannot be read is kept as it is: nothing is guessed and nothing is written over it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import read_small
from sharewise.disk.writing import write_private
from sharewise.places import private_folder

VERSION: Final = 1
LIMIT_BYTES: Final = 1024 * 1024


class Mode(StrEnum):
    """What is done with private files in a folder."""

    OFF = "off"
    TELL = "tell"
    CLEAN = "clean"


class FolderSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One folder that the person made a choice about; `path` is absolute and without links."""

    path: str
    provider: str
    """"folder" for one that they named themselves, else the name of the sync client."""
    mode: Mode


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that was chosen."""

    version: int = VERSION
    is_watching_paused: bool = False
    folders: tuple[FolderSetting, ...] = ()


def load_settings(path: Path) -> Settings:
    """Return the settings, those of a new installation if there is no file.

    Raises SharewiseError(SETTINGS_UNREADABLE) if there is one that cannot be used.
    """
    # lexists: a link that leads nowhere is a choice of somebody, not an absent file.
    if not path.is_symlink() and not path.exists():
        return Settings()
    try:
        settings = msgspec.json.decode(read_small(path, LIMIT_BYTES), type=Settings)
    except (msgspec.DecodeError, UnicodeDecodeError, SharewiseError) as error:
        raise _unreadable("cannot be read") from error
    if settings.version != VERSION:
        raise _unreadable("was written by another version of Sharewise")
    return settings


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings, whole or not at all.

    Raises SharewiseError(SETTINGS_UNREADABLE) rather than replace a file that cannot be used.
    """
    load_settings(path)
    private_folder(path.parent)
    write_private(path, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def _unreadable(why: str) -> SharewiseError:
    return SharewiseError(
        ErrorCode.SETTINGS_UNREADABLE,
        f"The settings file {why}. It was left as it is: mend it, or move it away to begin anew. "
        "'sharewise doctor' shows where it lies.",
    )
