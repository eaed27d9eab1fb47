"""The folders that could be watched and what was chosen for each, kept in the settings."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Final, final

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import explained
from sharewise.places import Places
from sharewise.providers.contract import Environment
from sharewise.providers.registry import providers
from sharewise.settings import FolderSetting, Mode, Settings, load_settings, save_settings

NAMED: Final = "folder"
"""The provider of a folder that the person named."""
FOLDERS_LIMIT: Final = 256

log = logging.getLogger(__name__)


@final
class WatchChoices:
    """Choices of the person beside what the sync clients say; those that block say so.

    Every change is in the settings file before it counts. Raises SharewiseError
    (SETTINGS_UNREADABLE) where there is a file that cannot be used.
    """

    def __init__(self, places: Places, environment: Environment) -> None:
        self._places = places
        self._environment = environment
        self._lock = threading.Lock()
        self._settings: Settings | None = None
        self._found: dict[str, str] = {}
        self._problems: dict[str, ErrorCode] = {}

    @property
    def is_loaded(self) -> bool:
        """Whether the settings could be read."""
        return self._settings is not None

    @property
    def is_paused(self) -> bool:
        """Whether all watching rests."""
        return self._settings is not None and self._settings.is_watching_paused

    @property
    def folders(self) -> tuple[FolderSetting, ...]:
        """Every folder: those with a choice, then those of sync clients that are off as yet."""
        if self._settings is None:
            return ()
        chosen = self._settings.folders
        paths = {folder.path for folder in chosen}
        rest = (
            FolderSetting(path, provider, Mode.OFF)
            for path, provider in self._found.items()
            if path not in paths
        )
        return (*chosen, *rest)

    @property
    def active(self) -> tuple[FolderSetting, ...]:
        """The folders that are not off; none lies in another."""
        return tuple(folder for folder in self.folders if folder.mode is not Mode.OFF)

    def of(self, path: Path) -> FolderSetting | None:
        """Return the active folder that a file lies in."""
        for folder in self.active:
            if path.is_relative_to(folder.path):
                return folder
        return None

    def refresh(self) -> None:
        """Read our settings and those of the sync clients anew. Blocks."""
        with self._lock:
            self._loaded()
            found: dict[str, str] = {}
            problems: dict[str, ErrorCode] = {}
            for provider in providers().values():
                answer = provider.find(self._environment)
                for folder in answer.folders:
                    found.setdefault(os.path.realpath(folder), provider.name)
                if answer.problem is not None:
                    problems[provider.name] = answer.problem
                    if provider.name not in self._problems:
                        log.warning("settings of %s: %s", provider.name, answer.problem)
            self._found = found
            self._problems = problems

    def add(self, untrusted: str, mode: Mode) -> FolderSetting:
        """Choose for a folder that need not be known. Blocks."""
        path = _folder(untrusted)
        with self._lock:
            self._loaded()
            return self._choose(path, mode)

    def choose(self, untrusted: str, mode: Mode) -> FolderSetting:
        """Choose for a folder of the list. Blocks."""
        with self._lock:
            self._loaded()
            return self._choose(self._known(untrusted).path, mode)

    def remove(self, untrusted: str) -> str:
        """Take a choice back, and return the path of its folder. Blocks.

        A folder of a client is off then, another one is forgotten.
        """
        with self._lock:
            settings = self._loaded()
            path = self._known(untrusted).path
            rest = tuple(folder for folder in settings.folders if folder.path != path)
            self._save(msgspec.structs.replace(settings, folders=rest))
            return path

    def pause(self, *, is_paused: bool) -> None:
        """Let all watching rest, or not. Blocks."""
        with self._lock:
            settings = self._loaded()
            self._save(msgspec.structs.replace(settings, is_watching_paused=is_paused))

    def _loaded(self) -> Settings:
        # Read each time: the person may have edited the file, which a save must not undo.
        self._settings = load_settings(self._places.settings)
        return self._settings

    def _save(self, settings: Settings) -> None:
        save_settings(self._places.settings, settings)
        self._settings = settings

    def _known(self, untrusted: str) -> FolderSetting:
        wanted = {untrusted, untrusted.rstrip("/\\"), os.path.realpath(untrusted)}
        for folder in self.folders:
            if folder.path in wanted:
                return folder
        raise SharewiseError(
            ErrorCode.UNKNOWN_FOLDER,
            "This folder is not in the list. 'sharewise watch list' shows the list, "
            "'sharewise watch add' adds to it.",
        )

    def _choose(self, path: str, mode: Mode) -> FolderSetting:
        settings = self._settings
        assert settings is not None
        rest = [folder for folder in settings.folders if folder.path != path]
        if len(rest) >= FOLDERS_LIMIT:
            raise SharewiseError(
                ErrorCode.INVALID_PARAMS,
                "There are too many watched folders. Watch a folder above them instead.",
            )
        if mode is not Mode.OFF:
            self._refuse_overlap(Path(path), rest)
        before = [folder for folder in self.folders if folder.path == path]
        provider = before[0].provider if before else self._found.get(path, NAMED)
        chosen = FolderSetting(path, provider, mode)
        self._save(msgspec.structs.replace(settings, folders=(*rest, chosen)))
        return chosen

    def _refuse_overlap(self, path: Path, others: list[FolderSetting]) -> None:
        for other in others:
            if other.mode is not Mode.OFF and _overlap(path, Path(other.path)):
                raise SharewiseError(
                    ErrorCode.FOLDER_OVERLAP,
                    "A watched folder lies in this one, or this one in it. Remove the other one "
                    "first, or turn it off.",
                )
        ours = (self._places.data, self._places.config, self._places.runtime, self._places.logs)
        if any(_overlap(path, Path(os.path.realpath(place))) for place in ours):
            raise SharewiseError(
                ErrorCode.FOLDER_OVERLAP,
                "Sharewise keeps untouched originals in a folder in this one, where they would be "
                "found or synced. Choose the folder that your pictures are in.",
            )


def _folder(untrusted: str) -> str:
    if not Path(untrusted).is_absolute() or "\0" in untrusted:
        raise SharewiseError(ErrorCode.INVALID_PARAMS, "Give the whole path of the folder.")
    with explained():
        path = Path(untrusted).resolve(strict=True)
        if not path.is_dir():
            raise SharewiseError(ErrorCode.NOT_A_FILE, "This is a file. Name the folder it is in.")
    return str(path)


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
