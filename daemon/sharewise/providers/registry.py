"""The sync clients that are known, and this machine as they may see it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import sharewise.providers
from sharewise.base.discovery import discover
from sharewise.providers.contract import Environment, Platform, Provider

PLATFORMS = {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}


@cache
def providers() -> dict[str, Provider]:
    """Return {module name: provider}, by name."""
    return discover(sharewise.providers, "PROVIDER", Provider)


def environment_of(variables: Mapping[str, str], system: str, home: Path) -> Environment:
    """Return what providers may know, from `os.environ`, `sys.platform` and the home folder."""

    def folder(variable: str, *default: str) -> Path:
        named = variables.get(variable, "")
        return Path(named) if Path(named).is_absolute() else home.joinpath(*default)

    return Environment(
        platform=PLATFORMS.get(system, Platform.LINUX),
        home=home,
        config_home=folder("XDG_CONFIG_HOME", ".config"),
        state_home=folder("XDG_STATE_HOME", ".local", "state"),
        roaming=folder("APPDATA", "AppData", "Roaming"),
        local=folder("LOCALAPPDATA", "AppData", "Local"),
    )
