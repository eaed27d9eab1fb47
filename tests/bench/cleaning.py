"""How quickly files are cleaned, with all checks, beside the peers and a plain copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.tables import Row, fresh_copies, has, timed, tool, warm
from sharewise.formats.contract import NOTHING_KEPT
from sharewise.formats.registry import formats
from sharewise.services.cleaning import Cleaned, InPlace, IntoFolder, WasClean, clean_file

SOME = 60
"""Files for the slow peers."""


def measure(files: Sequence[Path], work: Path) -> list[Row]:
    """Return a row a tool; each works on copies of its own."""
    warm(files)
    formats()  # loading them is measured by itself, see `inspecting`
    count = len(files)
    target = work / "cleaned"

    def into_folder() -> str:
        shutil.rmtree(target, ignore_errors=True)
        return outcome([clean_file(file, NOTHING_KEPT, IntoFolder(target)) for file in files])

    rows = [timed("sharewise, into a folder", count, into_folder, is_ours=True)]
    copies = fresh_copies(files, work / "copies")
    rows.append(
        timed(
            "sharewise, in place",
            count,
            lambda: outcome([clean_file(file, NOTHING_KEPT, InPlace()) for file in copies]),
        )
    )
    rows.append(timed("floor: cp", count, lambda: copy(files, work / "cp")))
    rows.append(timed("floor: cp, then fsync of each", count, lambda: synced(files, work / "cp2")))
    some = files[:SOME]
    if has("exiftool"):
        copies = fresh_copies(some, work / "copies")
        bare = ["exiftool", "-q", "-overwrite_original", "-all="]
        rows.append(timed("exiftool -all=", len(some), lambda: tool(bare, copies)))
        copies = fresh_copies(some, work / "copies")
        back = [*bare, "-tagsfromfile", "@", "-orientation", "-icc_profile"]
        rows.append(
            timed("exiftool -all=, orientation, ICC back", len(some), lambda: tool(back, copies))
        )
    if has("exiv2"):
        copies = fresh_copies(some, work / "copies")
        command = ["exiv2", "-q", "rm"]
        rows.append(timed("exiv2 rm", len(some), lambda: tool(command, copies)))
    if has("jhead"):
        copies = fresh_copies(some, work / "copies")
        command = ["jhead", "-q", "-purejpg"]
        rows.append(timed("jhead -purejpg", len(some), lambda: tool(command, copies)))
    if has("mat2"):
        copies = fresh_copies(some[:20], work / "copies")
        command = ["mat2", "--inplace", "--lightweight"]
        rows.append(timed("mat2 --lightweight", len(copies), lambda: tool(command, copies)))
    shutil.rmtree(work, ignore_errors=True)
    return rows


def outcome(results: Sequence[object]) -> str:
    good = sum(isinstance(result, Cleaned | WasClean) for result in results)
    return f"{good} of {len(results)} proved clean"


def copy(files: Sequence[Path], folder: Path) -> str:
    folder.mkdir(parents=True)
    subprocess.run(["cp", "--reflink=never", "--", *map(str, files), str(folder)], check=True)
    return ""


def synced(files: Sequence[Path], folder: Path) -> str:
    folder.mkdir(parents=True)
    for file in files:
        copied = folder / file.name
        shutil.copyfile(file, copied)
        descriptor = os.open(copied, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return ""
