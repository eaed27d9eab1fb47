"""Syncthing: config.xml names each folder.

Source: docs.syncthing.net, "Configuration"; the places moved with version 1.27.
"""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from sharewise.base.codes import ErrorCode
from sharewise.providers.contract import (
    UNREADABLE,
    Environment,
    Found,
    Platform,
    Provider,
    find_in,
    folder_of,
)

DEPTH_LIMIT = 64


class Refused(Exception):
    """The XML holds something that no client writes."""


def find(environment: Environment) -> Found:
    """Return the folders of a Syncthing that runs as this user, in old and new places."""
    match environment.platform:
        case Platform.LINUX:
            homes = [
                environment.state_home / "syncthing",
                environment.config_home / "syncthing",
                environment.home / "snap" / "syncthing" / "common" / "syncthing",
            ]
        case Platform.MACOS:
            homes = [environment.home / "Library" / "Application Support" / "Syncthing"]
        case Platform.WINDOWS:
            homes = [environment.local / "Syncthing"]
    return find_in([home / "config.xml" for home in homes], parse, environment)


def parse(untrusted: bytes, environment: Environment) -> Found:
    """Return the folders that a config.xml names, without those that hold only encrypted data."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(untrusted, True)
    except (expat.ExpatError, Refused, ValueError, LookupError):
        return UNREADABLE
    if not reader.is_configuration:
        return UNREADABLE
    named = [folder_of(path, environment) for path in reader.paths]
    folders: tuple[Path, ...] = tuple(folder for folder in named if folder is not None)
    return Found(folders, ErrorCode.UNREADABLE if None in named else None)


class _Reader:
    """Collects the path of each folder that stands directly below the root."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.is_configuration = False
        self._depth = 0

    def refuse(self, *_: object) -> None:
        raise Refused

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise Refused
        if self._depth == 1:
            self.is_configuration = name == "configuration"
        # A folder further in, below "defaults", is a pattern for new ones and no folder.
        elif self._depth == 2 and name == "folder" and attributes.get("type") != "receiveencrypted":
            self.paths.append(attributes.get("path", ""))

    def end(self, _name: str) -> None:
        self._depth -= 1


PROVIDER = Provider(
    name="syncthing",
    title="Syncthing",
    find=find,
    own_files=(".syncthing.*", "~syncthing~*"),
    own_folders=(".stfolder", ".stversions"),
)
