"""`sharewise`: finds the sub-command, runs it, turns errors into a sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

import sharewise
from sharewise.base.errors import SharewiseError
from sharewise.cli.command import Command

MODULES: dict[str, str] = {
    "inspect": "sharewise.cli.inspect",
    "clean": "sharewise.cli.clean",
    "watch": "sharewise.cli.watch",
    "case": "sharewise.cli.case",
    "vault": "sharewise.cli.vault",
    "verify": "sharewise.cli.verify",
    "daemon": "sharewise.cli.daemon",
    "doctor": "sharewise.cli.doctor",
    "completions": "sharewise.cli.completions",
}
"""Named here and not discovered, so that only the chosen one is imported: start-up is felt."""

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
"""As a shell reports a program that the signals SIGINT and SIGPIPE ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code. A wrong one ends the program with 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    let_any_name_be_printed()
    try:
        chosen = parser_for(words).parse_args(words)
        command: Command = chosen.command
        code = command.run(chosen)
        # Here and not at the end of the program, where nobody could take care of the error.
        sys.stdout.flush()
    except SharewiseError as error:
        print(f"sharewise: {error.message}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("sharewise: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it: what is still buffered goes nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return EXIT_BROKEN_PIPE
    return code


def let_any_name_be_printed() -> None:
    """Print a file name of any bytes as those bytes, or escaped where that cannot be."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def parser_for(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser; only the sub-command that is named is loaded, all if none is."""
    parser = argparse.ArgumentParser(
        prog="sharewise",
        description="Finds and removes what a photo gives away, and keeps sealed evidence. "
        "Everything stays on this computer.",
    )
    parser.add_argument("--version", action="version", version=f"sharewise {sharewise.__version__}")
    # Named, since argparse loads a lot to find that out.
    commands = parser.add_subparsers(prog=parser.prog, metavar="COMMAND", required=True)
    named = [word for word in words[:1] if word in MODULES]
    for name in named or MODULES:
        command = load(name)
        sub = commands.add_parser(command.name, help=command.help, description=command.description)
        command.configure(sub)
        sub.set_defaults(command=command)
    return parser


def load(name: str) -> Command:
    """Return the command of this name, importing its module."""
    command = importlib.import_module(MODULES[name]).COMMAND
    assert isinstance(command, Command)
    return command
