"""How quickly files are cleaned, with all checks, beside the peers and a plain copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.tables import Row, fresh_copies, has, timed, tool, warm
from sharewise.formats.contract import NOTHING_KEPT
from sharewise.formats.registry import formats
from sharewise.services.batches import in_order
from sharewise.services.cleaning import (
    AT_ONCE,
    Cleaned,
    InPlace,
    IntoFolder,
    WasClean,
    clean_file,
    settle_folders,
)

SOME = 100
"""Files for the slow peers."""
FEW = 300
"""Up to so many files, each row is measured three times."""
OURS, IN_PLACE = "sharewise, into a folder", "sharewise, in place"


def measure(files: Sequence[Path], work: Path) -> list[Row]:
    """Return a row a tool; each works on copies of its own, from a disk that has nothing to do."""
    warm(files)
    formats()  # loading them is measured by itself, see `inspecting`
    count = len(files)
    rounds = 3 if count <= FEW else 1
    target = work / "cleaned"

    def rest() -> None:
        shutil.rmtree(target, ignore_errors=True)
        os.sync()

    def into_folder(workers: int) -> str:
        clean = partial(cleaned_into, folder=target)
        results = list(in_order(clean, files, workers=workers, at_once=AT_ONCE))
        settle_folders([target])
        return outcome(results)

    copies: list[Path] = []

    def copied() -> None:
        copies[:] = fresh_copies(files, work / "copies")

    rows: list[Row] = []
    for name, floor in (("floor: cp", copy), ("floor: cp, then fsync of each", synced)):
        row = timed(
            name, count, partial(floor, files, target), rounds=rounds, before=rest, against=OURS
        )
        rows.append(row)
    ours = [
        timed(OURS, count, partial(into_folder, 1), rounds=rounds, before=rest),
        timed(f"{OURS}, 2 processes", count, partial(into_folder, 2), rounds=rounds, before=rest),
        timed(
            IN_PLACE,
            count,
            lambda: outcome([clean_file(file, NOTHING_KEPT, InPlace()) for file in copies]),
            rounds=rounds,
            before=copied,
        ),
    ]
    rest()
    rows = [*ours, *rows, *peers(files[:SOME], work)]
    shutil.rmtree(work / "copies", ignore_errors=True)
    return rows


def peers(files: Sequence[Path], work: Path) -> list[Row]:
    bare = ["exiftool", "-q", "-overwrite_original", "-all="]
    commands = {
        "exiftool -all=": bare,
        "exiftool -all=, orientation, ICC back": [
            *(*bare, "-tagsfromfile", "@", "-orientation", "-icc_profile")
        ],
        "exiv2 rm": ["exiv2", "-q", "rm"],
        "jhead -purejpg": ["jhead", "-q", "-purejpg"],
        "mat2 --lightweight": ["mat2", "--inplace", "--lightweight"],
    }
    rows: list[Row] = []
    for name, command in commands.items():
        if has(command[0]):
            some = files[:20] if command[0] == "mat2" else files
            copies = fresh_copies(some, work / "copies")
            rows.append(timed(name, len(some), partial(tool, command, copies), against=OURS))
    return rows


def cleaned_into(file: Path, folder: Path) -> object:
    return clean_file(file, NOTHING_KEPT, IntoFolder(folder))


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
