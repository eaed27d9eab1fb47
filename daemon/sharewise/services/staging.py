"""Where things are put together and taken apart, out of sight: `staging/`, swept at each start.

Everything becomes visible by one rename out of it, and goes by one rename into it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import read_small
from sharewise.disk.writing import is_temporary, write_private
from sharewise.places import Places, private_folder

MAX_MARKER_BYTES = 64 * 1024
GOING = "going-"
"""Before the id of a capture that is being deleted."""

_ID = re.compile(r"[0-9a-f]{16}")


def new_id() -> str:
    """Return a random id that tells nothing."""
    return secrets.token_hex(8)


def is_id(untrusted: str) -> bool:
    """Return whether this could be an id of ours; nothing else ever becomes part of a path."""
    return _ID.fullmatch(untrusted) is not None


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder. Blocking, and the system's errors come as they are: call it by `to_the_end`."""

    folder: Path

    @staticmethod
    def at(places: Places) -> Staging:
        """Return that of an installation."""
        return Staging(places.data / "staging")

    def prepare(self) -> Path:
        """Make it; 0700."""
        private_folder(self.folder.parent)
        return private_folder(self.folder)

    def new_folder(self, staging_id: str) -> Path:
        """Make a private folder in which something is put together."""
        folder = self.prepare() / staging_id
        folder.mkdir(mode=0o700)
        return folder

    def going(self, item_id: str) -> Path:
        """Return where a capture lies while it is deleted."""
        return self.folder / f"{GOING}{item_id}"

    @contextmanager
    def outside(self, draft: Path) -> Iterator[None]:
        """Remember a draft in somebody else's folder, so that the sweep after a crash finds it."""
        marker = self.prepare() / new_id()
        write_private(marker, os.fsencode(draft))
        try:
            yield
        finally:
            discard(marker)

    def sweep(self, is_open: Callable[[str], bool], take_back: Callable[[str, Path], bool]) -> None:
        """Remove what a crash or a failure left, all but what is open.

        `take_back` is asked about each capture that was being deleted; it returns whether it put
        it back, because the deletion had not come to count.
        """
        if not self.folder.is_dir():
            return
        # Listed first, asked afterwards: what is begun in between is not in the list.
        for left in list(self.folder.iterdir()):
            item_id = left.name.removeprefix(GOING)
            if item_id != left.name and is_id(item_id) and take_back(item_id, left):
                continue
            if not is_open(left.name):
                _finish(left)


def _finish(left: Path) -> None:
    """Remove what a crash left, and the draft elsewhere that it may speak of."""
    if left.is_file() and not left.is_symlink():
        with suppress(SharewiseError, OSError, ValueError):
            draft = Path(os.fsdecode(read_small(left, MAX_MARKER_BYTES)))
            if is_temporary(draft.name):
                discard(draft)
    discard(left)


def discard(folder: Path) -> None:
    """Remove what lies in staging; what cannot be removed now goes at the next sweep."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        with suppress(OSError):
            folder.unlink()
