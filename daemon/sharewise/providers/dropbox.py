"""Dropbox: info.json names the folder of each account.

Source: help.dropbox.com, "Locate the Dropbox folder on your computer".
"""

from __future__ import annotations

import msgspec

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


class Account(msgspec.Struct, frozen=True):
    """What is used of an account; the client writes more."""

    path: str


def find(environment: Environment) -> Found:
    """Return the folders of the personal and the team account."""
    if environment.platform is Platform.WINDOWS:
        homes = [environment.roaming / "Dropbox", environment.local / "Dropbox"]
    else:
        homes = [environment.home / ".dropbox"]
    return find_in([home / "info.json" for home in homes], parse, environment)


def parse(untrusted: bytes, environment: Environment) -> Found:
    """Return the folders that an info.json names."""
    try:
        accounts = msgspec.json.decode(untrusted, type=dict[str, Account])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UNREADABLE
    named = [folder_of(account.path, environment) for account in accounts.values()]
    return Found(
        tuple(folder for folder in named if folder is not None),
        ErrorCode.UNREADABLE if None in named else None,
    )


PROVIDER = Provider(
    name="dropbox",
    title="Dropbox",
    find=find,
    own_files=(".dropbox", ".dropbox.attr", "~*.tmp", ".~*", "~$*"),
    own_folders=(".dropbox.cache",),
)
