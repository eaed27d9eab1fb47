"""Run the project's checks: `python3 tests [STAGE …]`, every stage when none is named.

Needs only Python 3.11, Node 20 and git on the machine; makes everything else itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment

STAGES: dict[str, tuple[str, ...]] = {
    "lint": ("lint",),
    "unit": ("architecture", "unit"),
    "extension": ("extension",),
    "integration": ("integration",),
    "packaging": ("packaging",),
    "browser": ("e2e",),
}
"""A stage and its folders, in the order of a whole run: cheap ones first."""

PARALLEL = frozenset({"lint", "unit", "extension", "integration", "packaging"})
"""Stages whose tests have a folder, a daemon and a home of their own each: they use every core. The
browsers come after them, one at a time: each is shared by its tests, and uses the cores itself."""

NO_TESTS = 5
"""pytest's exit code where none is chosen."""

ALONE = {
    "corpus": "python3 tests corpus DIR [--peers]: clean every file of DIR and prove it with other "
    "tools; --peers: and let today's tools clean the same files (needs mat2 and others)",
    "bench": "python3 tests bench [NAME …]: measure beside the peers; prints ratios",
    "fuzz": "python3 tests fuzz [FORMAT …] [--seconds N]: look for a file that breaks a format",
    "setup": "python3 tests setup: make the environment and stop",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 tests", description=__doc__)
    parser.add_argument(
        "stage",
        nargs="*",
        help=f"{', '.join(STAGES)} (default: all of them); or one of {', '.join(ALONE)}",
    )
    parser.add_argument("-k", dest="select", help="only tests whose name matches (as in pytest)")
    parser.add_argument("-x", dest="first", action="store_true", help="stop at the first failure")
    parser.add_argument("-v", dest="verbose", action="store_true", help="name each test")
    if arguments and arguments[0] in ALONE:
        return run_alone(arguments[0], arguments[1:])
    chosen = parser.parse_args(arguments)
    stages = chosen.stage or list(STAGES)
    unknown = [name for name in stages if name not in STAGES]
    if unknown:
        parser.error(f"no stage called {', '.join(unknown)}; there are {', '.join(STAGES)}")

    python = environment.prepare(set(stages))
    words = ["--durations=10"]
    words += ["-k", chosen.select] if chosen.select else []
    words += ["-x"] if chosen.first else []
    words += ["-v"] if chosen.verbose else ["-q"]
    side_by_side = [stage for stage in stages if stage in PARALLEL]
    others = [stage for stage in stages if stage not in PARALLEL]
    codes = []
    for part, more in ((side_by_side, ["--numprocesses=auto"]), (others, [])):
        if not part or (chosen.first and any(codes)):
            continue
        folders = [environment.TESTS / folder for stage in part for folder in STAGES[stage]]
        codes.append(run_pytest([str(python), "-m", "pytest", *map(str, folders), *words, *more]))
    return outcome(codes)


def run_pytest(command: list[str]) -> int:
    return subprocess.run(
        command, cwd=environment.ROOT, env=environment.clean(os.environ), check=False
    ).returncode


def outcome(codes: list[int]) -> int:
    """Return pytest's exit code of several runs: a run without a test is one only if all are."""
    return next((code for code in codes if code not in {0, NO_TESTS}), min(codes))


def run_alone(stage: str, rest: list[str]) -> int:
    python = environment.prepare({stage, "peers"} if "--peers" in rest else {stage})
    if stage == "setup":
        print(f"ready: {python}")
        return 0
    return subprocess.run(
        [str(python), str(environment.TESTS / stage), *rest],
        cwd=os.getcwd(),  # noqa: PTH109  a relative DIR is meant from where the person stands
        env=environment.clean(os.environ),
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
