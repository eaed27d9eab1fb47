"""What a sync provider is: how to find the folders that a client syncs, by its own settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import read_small

SETTINGS_LIMIT_BYTES = 4 * 1024 * 1024


class Platform(StrEnum):
    """The kinds of system that clients tell apart."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Environment:
    """All that a provider may know of the machine; it never asks the system for more."""

    platform: Platform
    home: Path
    config_home: Path
    """Linux: $XDG_CONFIG_HOME or its default."""
    state_home: Path
    """Linux: $XDG_STATE_HOME or its default."""
    roaming: Path
    """Windows: %APPDATA%."""
    local: Path
    """Windows: %LOCALAPPDATA%."""


@dataclass(frozen=True, slots=True)
class Found:
    """The folders that a client syncs; they need not be there at the moment."""

    folders: tuple[Path, ...] = ()
    problem: ErrorCode | None = None
    """UNREADABLE if there are settings that could not be understood, wholly or in part."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One sync client; each module of this package that has one exposes it as `PROVIDER`."""

    name: str
    """The word in settings and messages: "dropbox"."""
    title: str
    """The name that people know: "Dropbox"."""
    find: Callable[[Environment], Found]
    own_files: tuple[str, ...]
    """Shell patterns of names, in lower case, that the client writes for itself."""
    own_folders: tuple[str, ...] = ()
    """Names of folders, in lower case, that the client keeps for itself."""


def find_in(
    candidates: Iterable[Path],
    parse: Callable[[bytes, Environment], Found],
    environment: Environment,
) -> Found:
    """Return what every settings file among the candidates names, each folder once, in order."""
    folders: dict[Path, None] = {}
    problem: ErrorCode | None = None
    for candidate in candidates:
        try:
            if not candidate.is_symlink() and not candidate.exists():
                continue
            found = parse(read_small(candidate, SETTINGS_LIMIT_BYTES), environment)
        except (SharewiseError, OSError):
            found = UNREADABLE
        folders.update(dict.fromkeys(found.folders))
        problem = problem or found.problem
    return Found(tuple(folders), problem)


UNREADABLE = Found(problem=ErrorCode.UNREADABLE)
"""There are settings and nothing in them can be used."""


def folder_of(untrusted: str, environment: Environment) -> Path | None:
    """Return the folder that a setting names, or None if that cannot be one.

    Absolute by the rules of the platform, "~" being the home; nothing is asked of the disk.
    """
    text = untrusted.strip()
    if text == "~" or text.startswith(("~/", "~\\")):
        return environment.home / text[2:]
    kind = PureWindowsPath if environment.platform is Platform.WINDOWS else PurePosixPath
    # Outside of Windows a test may name real folders of the machine it runs on.
    is_absolute = kind(text).is_absolute() or Path(text).is_absolute()
    is_text = all(ord(letter) >= 32 and not 0xD800 <= ord(letter) < 0xE000 for letter in text)
    if not is_absolute or not is_text:
        return None
    return Path(text)
