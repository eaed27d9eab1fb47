"""Which files in a watched folder are none of ours: those that programs write for themselves."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import final

from sharewise.providers.contract import Provider

UNFINISHED = (
    "~$*",
    ".~*",
    "~*.tmp",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.download",
    "*.filepart",
    "*.aria2",
    "*.swp",
    "*.swx",
    ".#*",
    "#*#",
    ".goutputstream-*",
    ".ds_store",
    "thumbs.db",
)
"""Names, in lower case, of what browsers, editors and file managers have not finished."""
FOLDERS = (".trash-*", ".trashes", "$recycle.bin", ".git")
"""Names, in lower case, of folders that are no place for pictures that are shared."""


@final
class LeftAlone:
    """The names that are left alone in every folder: a folder may be synced by any client."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        known = tuple(providers)
        self._files = (*UNFINISHED, *(name for one in known for name in one.own_files))
        self._folders = (*FOLDERS, *(name for one in known for name in one.own_folders))

    def is_file(self, name: str) -> bool:
        """Return whether a file of this name is left alone."""
        return _is_any(name, self._files)

    def is_folder(self, name: str) -> bool:
        """Return whether nothing below a folder of this name is looked at."""
        return _is_any(name, self._folders)

    def is_below(self, relative: PurePath) -> bool:
        """Return whether a file is left alone, for its own name or for a folder that it is in."""
        *folders, name = relative.parts
        return self.is_file(name) or any(map(self.is_folder, folders))


def _is_any(name: str, patterns: Iterable[str]) -> bool:
    lower = name.lower()
    return any(fnmatchcase(lower, pattern) for pattern in patterns)
