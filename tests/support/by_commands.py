"""A package in the hands of a stranger, who has unzip, a shell and the commands of VERIFY.txt."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sharewise.seals.instructions import commands


@dataclass(frozen=True)
class Handed:
    """A package, the folder that unzip made of it, and the commands that lie in it."""

    zipped: Path
    folder: Path
    commands: tuple[str, ...]


def unpacked(package: Path) -> Handed:
    """Unpack a zip beside itself."""
    subprocess.run(["unzip", "-q", package.name], cwd=package.parent, check=True)
    folder = package.with_suffix("")
    return Handed(package, folder, commands((folder / "VERIFY.txt").read_text()))


def run(lines: tuple[str, ...], where: Path, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    """Run commands one after the other until one fails, and end as that one did."""
    script = "\n".join(f"{{ {line}\n}} || exit" for line in lines)
    return subprocess.run(
        [shell, "-c", script],
        cwd=where,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
