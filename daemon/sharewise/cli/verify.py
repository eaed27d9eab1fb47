"""`sharewise verify`: checks a sealed package; needs no daemon, no key and no connection."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

import msgspec

from sharewise.cli.command import Command
from sharewise.seals.names import printable
from sharewise.seals.problems import CheckedCapture, CheckedStamp, Problem, Verdict
from sharewise.services.verification import verify

EXIT_VERIFIED = 0
EXIT_PROBLEMS = 1
SHOWN_PROBLEMS = 100
"""On a terminal; `--json` has them all."""


class _Printed(msgspec.Struct, frozen=True):
    """The JSON of a verdict."""

    package: str
    status: str
    problems: tuple[Problem, ...]
    proved: tuple[str, ...]
    limits: tuple[str, ...]
    captures: tuple[CheckedCapture, ...]
    signed_by: str | None
    file_count: int
    size_bytes: int
    package_stamp: CheckedStamp | None
    stamps: tuple[CheckedStamp, ...]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "package", type=Path, help="the zip, the folder it was unpacked to, or one sealed capture"
    )
    parser.add_argument(
        "--key",
        type=_fingerprint,
        metavar="FINGERPRINT",
        help="the fingerprint of the key that you were given another way (64 hexadecimal digits)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _fingerprint(untrusted: str) -> str:
    digits = re.sub(r"[\s:]", "", untrusted).lower()
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return digits


def _run(chosen: Namespace) -> int:
    package: Path = chosen.package
    verdict = verify(package, expected_key=chosen.key)
    if chosen.json:
        printed = _Printed(
            printable(str(package)),
            "verified" if verdict.is_verified else "problems",
            verdict.problems,
            verdict.proved,
            verdict.limits,
            verdict.captures,
            verdict.signed_by,
            verdict.file_count,
            verdict.size_bytes,
            verdict.package_stamp,
            verdict.stamps,
        )
        print(msgspec.json.encode(printed).decode())
    else:
        print("\n".join(lines(verdict)))
    return EXIT_VERIFIED if verdict.is_verified else EXIT_PROBLEMS


def lines(verdict: Verdict) -> list[str]:
    """Return the verdict for people: the result first, then every problem, then the limits."""
    if verdict.is_verified:
        told = ["Verified: nothing was changed since this was sealed.", ""]
        told += [f"  {sentence}" for sentence in verdict.proved]
    else:
        count = len(verdict.problems)
        what = "1 problem was" if count == 1 else f"{count} problems were"
        told = [f"Not verified: {what} found. Keep the package as it is and ask for it again.", ""]
        told += [
            f"  {problem.member or 'the package'}: {problem.meaning}"
            for problem in verdict.problems[:SHOWN_PROBLEMS]
        ]
        if count > SHOWN_PROBLEMS:
            told.append(f"  … and {count - SHOWN_PROBLEMS} more; --json lists them all.")
    told += ["", "What this check cannot show:"]
    told += [f"  {sentence}" for sentence in verdict.limits]
    return told


COMMAND = Command(
    name="verify",
    help="check a sealed package from someone, or one of your own",
    description="Checks that nothing in a sealed package was changed, lost or added, names every "
    "problem, and says what such a check cannot show. Works offline and without the daemon. "
    "Exit codes: 0 verified, 1 problems were found, 2 it could not be read.",
    configure=_configure,
    run=_run,
)
