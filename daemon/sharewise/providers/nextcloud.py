"""Nextcloud: nextcloud.cfg, an INI file as Qt writes it, names the folder of each connection.

Source: docs.nextcloud.com, desktop client, "Configuration file"; doc.qt.io, QSettings, "IniFormat".
"""

from __future__ import annotations

import re
from pathlib import Path

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

FLATPAK = ".var/app/com.nextcloud.desktopclient.nextcloud/config/Nextcloud"
FOLDER = re.compile(r"\d+\\(?:Folders|Multifolders|FoldersWithPlaceholders)\\[^\\]+\\localPath")
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,4})|(.))", re.DOTALL)
LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


def find(environment: Environment) -> Found:
    """Return the folders of all accounts."""
    match environment.platform:
        case Platform.LINUX:
            homes = [environment.config_home / "Nextcloud", environment.home / FLATPAK]
        case Platform.MACOS:
            homes = [environment.home / "Library" / "Preferences" / "Nextcloud"]
        case Platform.WINDOWS:
            homes = [environment.roaming / "Nextcloud"]
    return find_in([home / "nextcloud.cfg" for home in homes], parse, environment)


def parse(untrusted: bytes, environment: Environment) -> Found:
    """Return the folders that a nextcloud.cfg names in its section of accounts."""
    try:
        text = untrusted.decode("utf-8-sig")
    except UnicodeDecodeError:
        return UNREADABLE
    if "\0" in text:
        return UNREADABLE
    section = ""
    is_odd = False
    folders: list[Path] = []
    for line in text.splitlines():
        entry = line.strip()
        if entry.startswith("[") and entry.endswith("]"):
            section = entry[1:-1]
            continue
        if not entry or entry.startswith(";"):
            continue
        key, equals, value = entry.partition("=")
        if not equals or not section:
            is_odd = True
        elif section == "Accounts" and FOLDER.fullmatch(key.strip()):
            folder = folder_of(unquoted(value.strip()), environment)
            if folder is None:
                is_odd = True
            else:
                folders.append(folder)
    is_odd = is_odd or not section
    return Found(tuple(folders), ErrorCode.UNREADABLE if is_odd else None)


def unquoted(value: str) -> str:
    """Return the text that a value stands for, quotes and escapes undone."""
    if len(value) >= 2 and value.startswith('"') and value.endswith('"'):
        value = value[1:-1]
    return ESCAPE.sub(_unescaped, value)


def _unescaped(match: re.Match[str]) -> str:
    code, letter = match.groups()
    return chr(int(code, 16)) if code else LETTERS.get(letter, letter)


PROVIDER = Provider(
    name="nextcloud",
    title="Nextcloud",
    find=find,
    own_files=(
        ".sync_*.db*",
        "._sync_*.db*",
        ".nextcloudsync.log*",
        ".owncloudsync.log*",
        "*.~*",
        "*.nextcloud",
        "*.owncloud",
        "desktop.ini",
    ),
)
