"""Cleans every photo of a folder as watching does, then puts each back, over and over.

Run as `python -m support.cleaning_loop FOLDER ORIGINALS`, to be killed at any moment; says "ready"
once it went round.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from sharewise.clock import SystemClock
from sharewise.services.handling import Handling
from sharewise.services.originals import Originals
from sharewise.settings import Mode


def loop(folder: Path, store: Path) -> None:
    """Never ends by itself."""
    clock = SystemClock()
    originals = Originals(store, clock)
    originals.reconcile()
    handling = Handling(originals, clock)
    for number in count():
        for path in sorted(folder.glob("*.jpg")):
            # A copy is a new file: one that was put back would be left alone from then on.
            fresh = path.with_suffix(".new")
            fresh.write_bytes(path.read_bytes())
            fresh.replace(path)
            handling.handle(folder, path, Mode.CLEAN, is_first_look=False)
            originals.undo(path)
        if number == 0:
            print("ready", flush=True)


if __name__ == "__main__":
    loop(Path(sys.argv[1]), Path(sys.argv[2]))
