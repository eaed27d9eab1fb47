"""Upload libraries from npm, each in a page that uses it as its documentation says.

esbuild puts one script beside this file and its library together; the page `way.html` loads it.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = Path(__file__).resolve().parents[4]
TOOLING = ROOT / "tests" / "tooling"
BUNDLES = ROOT / ".build" / "site"
REACT_18 = ("--alias:react=react18", "--alias:react-dom=react-dom18")
ALIASES = {"react18": REACT_18}


@cache
def bundle() -> None:
    """Build every library's page once a run. Raises CalledProcessError with what esbuild says."""
    for script in sorted(HERE.glob("*.js")):
        subprocess.run(
            [
                str(TOOLING / "node_modules" / ".bin" / "esbuild"),
                *(str(script), "--bundle", "--minify", "--log-level=warning"),
                *("--define:process.env.NODE_ENV='production'", "--loader:.css=empty"),
                *(f"--outfile={BUNDLES / f'library-{script.name}'}", *ALIASES.get(script.stem, ())),
            ],
            cwd=TOOLING,
            env={**os.environ, "NODE_PATH": str(TOOLING / "node_modules")},
            check=True,
        )
