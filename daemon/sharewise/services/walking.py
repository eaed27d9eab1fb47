"""Go through a folder and all below it, without following a link out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def walk(
    root: Path,
    *,
    is_left_out: Callable[[Path], bool],
    on_error: Callable[[Path, OSError], None],
) -> Iterator[Path]:
    """Yield everything below that is neither folder nor link, in the order of the names.

    A folder that `is_left_out` is not entered; one that cannot be read goes to `on_error`, and
    the rest goes on.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            on_error(folder, error)
            continue
        below: list[Path] = []
        for entry in found:
            path = folder / entry.name
            try:
                if entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not is_left_out(path):
                        below.append(path)
                    continue
            except OSError as error:
                on_error(path, error)
                continue
            yield path
        waiting += reversed(below)
