"""Where an installation lies. Pure: names paths, touches none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

System: TypeAlias = Literal["linux", "macos", "windows"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one user; `prefix` may hold that user's data beside what we install."""

    system: System
    home: Path
    config: Path
    """`$XDG_CONFIG_HOME` or `~/.config`."""
    prefix: Path

    @property
    def apps(self) -> Path:
        """One environment for each installed version; one of them is in use."""
        return self.prefix / "app"

    @property
    def extension(self) -> Path:
        """The folder to load into a browser; the browser remembers it, so it never moves."""
        return self.prefix / "extension"

    @property
    def commands(self) -> Path:
        """Where a person's own commands lie, if they have such a folder."""
        return self.home / ".local" / "bin"

    def app(self, version: str, taken: frozenset[str]) -> Path:
        """Return a new place for this version, beside the ones that are `taken`."""
        serial = 1
        while f"{version}-{serial}" in taken:
            serial += 1
        return self.apps / f"{version}-{serial}"

    def python(self, app: Path) -> Path:
        """Return the interpreter of an environment."""
        if self.system == "windows":
            return app / "Scripts" / "python.exe"
        return app / "bin" / "python"

    def program(self, app: Path, name: str) -> Path:
        """Return one of our commands in an environment."""
        if self.system == "windows":
            return app / "Scripts" / f"{name}.exe"
        return app / "bin" / name


def layout_here(environ: Mapping[str, str], prefix: Path | None) -> Layout:
    """Return the layout for this user and system; `prefix` replaces the usual place."""
    home = Path(environ.get("HOME") or Path.home())
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    system: System
    if sys.platform == "darwin":
        system = "macos"
        usual = home / "Library" / "Application Support" / "sharewise"
    elif sys.platform == "win32":
        system = "windows"
        usual = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "sharewise"
    else:
        system = "linux"
        usual = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "sharewise"
    return Layout(system, home, config, (prefix or usual).absolute())
