"""Whether a change of a package is found: by `sharewise verify`, and by VERIFY.txt's commands."""

from __future__ import annotations

import shutil
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.services.verification import verify
from support.by_commands import run


def is_found_by_us(package: Path) -> bool:
    """Whether our check names a problem or refuses the file."""
    try:
        return not verify(package).is_verified
    except SharewiseError:
        return True


def is_found_by_commands(package: Path, lines: tuple[str, ...]) -> bool:
    """Whether one of the commands fails where this zip lies; what was unpacked is removed."""
    try:
        return run(lines, package.parent).returncode != 0
    finally:
        shutil.rmtree(package.with_suffix(""), ignore_errors=True)
