"""Flips single bits of a package, and counts who finds them: our check, VERIFY.txt's commands."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from sharewise.seals.instructions import commands
from support.evidence import unpacked
from support.flipping import is_found_by_commands, is_found_by_us
from support.packages import case_of_two, made, stamper_of, zipped
from support.stamping import authority

FLIPS = 2000
SEED = 20261125


def measure() -> str:
    """Return how many of the flips each of the two found."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        tsa = authority(root / "tsa")
        package = made(*case_of_two(root, tsa), stamper_of(tsa))
        content = zipped(package)
        lines = commands(unpacked(content)["VERIFY.txt"].decode())
        target = root / f"{package.name}.zip"
        target.write_bytes(content)
        if is_found_by_us(target) or is_found_by_commands(target, lines):
            return "the package is not even verified as it was made"
        chance = random.Random(SEED)
        missed_by_us, missed_by_commands = [], []
        for _ in range(FLIPS):
            at, bit = chance.randrange(len(content)), chance.randrange(8)
            broken = bytearray(content)
            broken[at] ^= 1 << bit
            target.write_bytes(broken)
            if not is_found_by_us(target):
                missed_by_us.append((at, bit))
            if not is_found_by_commands(target, lines):
                missed_by_commands.append((at, bit))
    return (
        f"of {FLIPS} single bits flipped in a package of {len(content):,} bytes, sharewise verify "
        f"found {FLIPS - len(missed_by_us)}, the {len(lines)} commands of VERIFY.txt "
        f"{FLIPS - len(missed_by_commands)}; missed at {missed_by_us} and {missed_by_commands}"
    )
