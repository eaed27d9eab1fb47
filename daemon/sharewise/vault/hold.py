"""One program at a time has a vault open: each keeps the log in memory, and the other's additions
would look like damage."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import open_flags

FILE_MODE = 0o600


class Hold:
    """Held from making it to `close`; the kernel frees it however the program ends."""

    def __init__(self, path: Path) -> None:
        """Raises SharewiseError(BUSY) if another process holds it; others as `explain` gives."""
        with explained():
            flags = os.O_RDWR | os.O_CREAT | open_flags("O_NOFOLLOW")
            handle = os.open(path, flags, FILE_MODE)
        if not _try_lock(handle):
            os.close(handle)
            raise SharewiseError(
                ErrorCode.BUSY,
                "Another Sharewise daemon has this vault open, say in another container or "
                "session. End it, then try again.",
            )
        self._handle = handle

    def close(self) -> None:
        """Let go. The file stays: whoever removed it could remove one that was just locked."""
        os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        """Also true where the file system has no locks: nothing else could be promised there.

        A lock of the process (fcntl(2)), unlike the daemon's (api/endpoint.py), which is one of
        the open file: a child that is forked does not go on holding the vault.
        """
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            return True
        return True
