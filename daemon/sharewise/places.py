"""Where things lie on this machine, and how the daemon is reached. Imported by the native host.

`SHAREWISE_HOME` moves every folder below one root: tests, the demo and portable use set it.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

if TYPE_CHECKING:
    from asyncio.trsock import TransportSocket

APPLICATION = "sharewise"
SOCKET_PATH_LIMIT_BYTES = 104
"""Bytes that fit into sockaddr_un.sun_path on every system (macOS: 104 with the final NUL)."""
RUN_USER = Path("/run/user")
"""Where systemd and elogind make a folder for each user. Source: pam_systemd(8)."""
RPC_PATH = "/rpc"
"""Where the daemon's WebSocket is."""
LOOPBACK = "127.0.0.1"
CONNECT_TIMEOUT_S = 5.0
MAX_ENDPOINT_BYTES = 4096


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
        """Captures as they were sealed before there was a vault; taken over at a start."""
        return self.data / "cases"

    @property
    def vault(self) -> Path:
        """Sealed captures, encrypted, and their index."""
        return self.data / "vault"

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
        _runtime_folder(dirs, environ),
        Path(dirs.user_data_dir),
        Path(dirs.user_config_dir),
        Path(dirs.user_log_dir),
    )


def _runtime_folder(dirs: platformdirs.PlatformDirs, environ: Mapping[str, str]) -> Path:
    """Return one folder for this user, whoever starts us.

    A desktop sets $XDG_RUNTIME_DIR, a remote shell or a service may not: both have to meet the
    same daemon. Where the system makes no such folder it lies with our data, never in one that
    everybody may write to.
    """
    if sys.platform in ("win32", "darwin"):
        return Path(dirs.user_runtime_dir)
    by_system = Path(environ.get("XDG_RUNTIME_DIR") or RUN_USER / str(os.geteuid()))
    if by_system.is_absolute() and by_system.is_dir() and os.access(by_system, os.W_OK):
        return by_system / APPLICATION
    return Path(dirs.user_data_dir) / "run"


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


def uses_unix_socket(where: Places, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this installation's daemon is reached by its Unix socket.

    A home with a very long path has no room for one: it takes the loopback way as Windows does.
    """
    is_short_enough = len(os.fsencode(where.socket)) < SOCKET_PATH_LIMIT_BYTES
    return has_unix_sockets(environ) and is_short_enough


def daemon_command() -> list[str]:
    """Return the command line that runs the daemon; start it in a session of its own.

    `-P`: the folder that a person happens to stand in is no source of modules.
    """
    return [sys.executable, "-P", "-m", "sharewise", "daemon", "run"]


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the private endpoint file tells where there is no Unix socket."""

    port: int
    token: str


@dataclass(frozen=True, slots=True)
class Line:
    """A socket that is connected to the daemon, and what opens the WebSocket over it."""

    connection: socket.socket
    """Blocking, without a time limit; whoever asked for the line closes it."""
    uri: str
    headers: Mapping[str, str]


def reach(where: Places, environ: Mapping[str, str] = os.environ) -> Line:
    """Connect to the daemon. Blocks for at most `CONNECT_TIMEOUT_S`.

    Raises SharewiseError: DAEMON_UNREACHABLE if nobody answers, UNSAFE_FOLDER or CALLER_REFUSED
    if it is not certain that our own daemon does.
    """
    if where.runtime.exists():
        private_folder(where.runtime)
    try:
        if uses_unix_socket(where, environ):
            return _reach_by_socket(where)
        return _reach_by_loopback(where)
    except (OSError, msgspec.DecodeError) as error:
        raise SharewiseError(
            ErrorCode.DAEMON_UNREACHABLE,
            "The Sharewise daemon is not running. Start it with 'sharewise daemon start'.",
        ) from error


def _reach_by_socket(where: Places) -> Line:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(CONNECT_TIMEOUT_S)
        connection.connect(str(where.socket))
        connection.settimeout(None)
        _refuse_others(peer_uid(connection))
    except BaseException:
        connection.close()
        raise
    return Line(connection, f"ws://localhost{RPC_PATH}", {})


def _refuse_others(uid: int) -> None:
    if uid != os.geteuid():
        raise SharewiseError(
            ErrorCode.CALLER_REFUSED,
            "The daemon's socket is answered by another user of this computer. "
            "Run 'sharewise doctor'.",
        )


def _reach_by_loopback(where: Places) -> Line:
    with where.endpoint.open("rb") as file:
        found = msgspec.json.decode(file.read(MAX_ENDPOINT_BYTES), type=Endpoint)
    connection = socket.create_connection((LOOPBACK, found.port), timeout=CONNECT_TIMEOUT_S)
    connection.settimeout(None)
    return Line(
        connection,
        f"ws://{LOOPBACK}:{found.port}{RPC_PATH}",
        {"Authorization": f"Bearer {found.token}"},
    )


def peer_uid(connection: socket.socket | TransportSocket) -> int:
    """Return the user at the other end of a Unix socket, as the kernel tells it.

    Sources: unix(7), SO_PEERCRED; macOS sys/un.h LOCAL_PEERCRED and sys/ucred.h struct xucred.
    """
    if sys.platform == "darwin":
        sol_local, local_peercred, size_of_xucred = 0, 1, 76
        packed = connection.getsockopt(sol_local, local_peercred, size_of_xucred)
        _version, uid = struct.unpack_from("=II", packed)
    else:
        ucred = struct.Struct("=iII")
        packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, ucred.size)
        _pid, uid, _gid = ucred.unpack(packed)
    return int(uid)
