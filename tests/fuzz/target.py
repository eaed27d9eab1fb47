"""One process of libFuzzer: it changes files and looks for new ways through the formats."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import atheris

with atheris.instrument_imports(include=["sharewise.formats"]):
    from fuzz.invariant import hold
    from sharewise.formats import registry

    registry.formats()

if __name__ == "__main__":
    atheris.Setup(sys.argv, hold)
    atheris.Fuzz()
