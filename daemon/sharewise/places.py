"""Where things lie on this machine, and how the daemon is reached. Imported by the native host.

`SHAREWISE_HOME` moves every folder below one root: tests, the demo and portable use set it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

APPLICATION = "sharewise"
SOCKET_PATH_LIMIT_BYTES = 104
"""Bytes that fit into sockaddr_un.sun_path on every system (macOS: 104 with the final NUL)."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one installation; nothing is created by naming them."""

    runtime: Path
    """Socket, endpoint file and lock: gone after a restart of the machine."""
    data: Path
    """Originals, cases, keys: what must not be lost."""
    config: Path
    """Settings that a person may edit."""
    logs: Path
    """What the daemon wrote; holds no private data."""

    @property
    def socket(self) -> Path:
        """The Unix socket of the daemon."""
        return self.runtime / "daemon.sock"

    @property
    def endpoint(self) -> Path:
        """The private file that tells address and token where there is no Unix socket."""
        return self.runtime / "endpoint.json"

    @property
    def lock(self) -> Path:
        """Locked by the one daemon that runs."""
        return self.runtime / "daemon.lock"

    @property
    def log(self) -> Path:
        """The daemon's log file."""
        return self.logs / "daemon.log"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.json"

    @property
    def originals(self) -> Path:
        """Untouched originals of files that were cleaned in place."""
        return self.data / "originals"

    @property
    def cases(self) -> Path:
        """Sealed captures."""
        return self.data / "cases"

    @property
    def keys(self) -> Path:
        """The device key."""
        return self.data / "keys"


def places(environ: Mapping[str, str] = os.environ) -> Places:
    """Return the folders for this user, or below `SHAREWISE_HOME` if that is set."""
    root = environ.get("SHAREWISE_HOME")
    if root:
        home = Path(root).absolute()
        return Places(home / "run", home / "data", home / "config", home / "logs")
    dirs = platformdirs.PlatformDirs(APPLICATION, appauthor=False)
    return Places(
        Path(dirs.user_runtime_dir),
        Path(dirs.user_data_dir),
        Path(dirs.user_config_dir),
        Path(dirs.user_log_dir),
    )


def private_folder(folder: Path) -> Path:
    """Make the folder for this user alone (0700) and return it.

    Raises SharewiseError(UNSAFE_FOLDER) if it belongs to somebody else, is a link, or is open to
    others and cannot be closed: a socket or key in such a folder is not ours alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "nt":
        return folder
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if is_ours and stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
        is_ours = stat.S_IMODE(folder.lstat().st_mode) & 0o077 == 0
    if not is_ours:
        raise SharewiseError(
            ErrorCode.UNSAFE_FOLDER,
            "A folder that must be yours alone belongs to someone else or is open to others. "
            "Run 'sharewise doctor' to see which one.",
        )
    return folder


def has_unix_sockets(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the daemon listens on a Unix socket here.

    Windows' Python has none; `SHAREWISE_TRANSPORT=tcp` chooses the same loopback way elsewhere,
    so that it can be tested there.
    """
    return sys.platform != "win32" and environ.get("SHAREWISE_TRANSPORT") != "tcp"
