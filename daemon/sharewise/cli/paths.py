"""From the paths that a person named to the files that are meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sharewise.base.codes import ErrorCode
from sharewise.disk.faults import explain
from sharewise.disk.writing import is_temporary
from sharewise.services.walking import walk


@dataclass(frozen=True, slots=True)
class Item:
    """One file."""

    shown: str
    """Its path as the person would write it."""
    below: Path = Path()
    """The folder it is in, seen from the folder that was named; for a file named itself: none."""
    number: int = 0
    """Its place among the files of this run, from 1."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.shown)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that was named or found and cannot be looked into."""

    shown: str
    code: ErrorCode
    reason: str


Named: TypeAlias = Item | Trouble


def files_of(
    named: Iterable[str], *, is_recursive: bool, left_out: Iterable[Path] = ()
) -> Iterator[Named]:
    """Yield the files meant, in order; `left_out` are folders that are not entered.

    A link that is named is followed; one that is found in a folder is not.
    """
    closed = {path.resolve() for path in left_out}
    number = 0
    for name in named:
        if not os.path.isdir(name):  # noqa: PTH112  the text stays as the person wrote it
            number += 1
            yield Item(name, number=number)
        elif not is_recursive:
            reason = "This is a folder. Add --recursive to look at the files in it."
            yield Trouble(name, ErrorCode.NOT_A_FILE, reason)
        else:
            for found in _below(Path(name), closed):
                if isinstance(found, Trouble):
                    yield found
                else:
                    number += 1
                    below = found.parent.relative_to(name)
                    yield Item(str(found), below, number)


def _below(root: Path, closed: set[Path]) -> Iterator[Path | Trouble]:
    troubles: list[Trouble] = []

    def note(path: Path, error: OSError) -> None:
        fault = explain(error)
        troubles.append(Trouble(str(path), fault.code, fault.message))

    def is_left_out(folder: Path) -> bool:
        return bool(closed) and folder.resolve() in closed

    for path in walk(root, is_left_out=is_left_out, on_error=note):
        yield from troubles
        troubles.clear()
        if not is_temporary(path.name):
            yield path
    yield from troubles
