"""What the system says about a file, as a code and a sentence that holds no name."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn what the system says into a SharewiseError."""
    try:
        yield
    except OSError as error:
        raise explain(error) from error


def explain(error: OSError) -> SharewiseError:
    """Return the code and sentence for what the system says; no name is in it."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return SharewiseError(ErrorCode.UNREADABLE, "There is no file of this name.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return SharewiseError(
                ErrorCode.UNREADABLE, "You have no permission for this file or its folder."
            )
        case errno.ELOOP:
            return not_a_file(stat.S_IFLNK)
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return SharewiseError(
                ErrorCode.DISK_FULL,
                "There is no room left on the disk. Make room and try again; nothing was changed.",
            )
        case _:
            why = os.strerror(error.errno) if error.errno else "no reason given"
            return SharewiseError(ErrorCode.UNREADABLE, f"The system refused: {why}.")


def not_a_file(mode: int) -> SharewiseError:
    """Return the error for something that is there and is no regular file."""
    match stat.S_IFMT(mode):
        case stat.S_IFDIR:
            why = "This is a folder, not a file."
        case stat.S_IFLNK:
            why = "This is a link. Name the file that it leads to."
        case _:
            why = "This is a pipe, socket or device, not a file."
    return SharewiseError(ErrorCode.NOT_A_FILE, why)


def changed() -> SharewiseError:
    """Return the error for a file that is not what it was a moment ago."""
    return SharewiseError(
        ErrorCode.FILE_CHANGED,
        "The file changed while it was looked at, so it was left as it is. Try again.",
    )
