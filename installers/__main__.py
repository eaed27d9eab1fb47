"""Install Sharewise for this user: `python3 installers`. Needs only Python 3.11 or newer.

Makes an environment of its own, registers with every browser that is found, starts at login, and
ends by showing how to load the extension. Run it again to update.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  whoever runs this may have any Python
        print("Sharewise needs Python 3.11 or newer. Install it, then run this again with it.")
        return 2
    parser = make_parser()
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.demo:
        from installers.demo import main as run_demo

        return run_demo(rest)
    if rest:
        parser.error(f"unknown: {' '.join(rest)}")
    if chosen.package:
        from installers.package import run_package

        return run_package(ROOT / "extension", *chosen.package)

    if os.environ.get("SUDO_USER", "root") != "root":
        print("Run this without sudo: Sharewise is installed for you, not for the whole computer.")
        return 2
    from installers.plan import run_plan

    return run_plan(
        ROOT,
        prefix=chosen.prefix,
        wheel=chosen.wheel,
        is_uninstall=chosen.uninstall,
        has_autostart=not chosen.no_autostart,
        is_dry_run=chosen.dry_run,
    )


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 installers", description=__doc__, allow_abbrev=False
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--uninstall", action="store_true", help="take everything away but your data")
    what.add_argument(
        "--demo",
        action="store_true",
        help="install nothing; show it in a throw-away browser (takes the demo's own options)",
    )
    what.add_argument(
        "--package",
        nargs=2,
        metavar=("BROWSER", "DIR"),
        help="install nothing; write the store package for chromium or firefox into DIR",
    )
    parser.add_argument("--prefix", type=Path, metavar="DIR", help="where to install")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="install this built package")
    parser.add_argument("--no-autostart", action="store_true", help="do not start at login")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
