"""`sharewise`, also as `python -m sharewise`."""

from __future__ import annotations

import sys

from sharewise.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
