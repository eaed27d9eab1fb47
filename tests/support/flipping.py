"""Whether a change of a package is found: by `sharewise verify`, and by VERIFY.txt's commands."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.services.verification import verify


def is_found_by_us(package: Path) -> bool:
    """Whether our check names a problem or refuses the file."""
    try:
        return not verify(package).is_verified
    except SharewiseError:
        return True


def is_found_by_commands(package: Path, lines: tuple[str, ...]) -> bool:
    """Whether one of the commands fails where this zip lies; what was unpacked is removed."""
    script = "\n".join(f"{{ {line}\n}} || exit 9" for line in lines)
    try:
        ended = subprocess.run(
            ["sh", "-c", script],
            cwd=package.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
    finally:
        shutil.rmtree(package.with_suffix(""), ignore_errors=True)
    return ended.returncode != 0
