"""`sharewise`: finds the sub-command, runs it, turns errors into a sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib
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
    "verify": "sharewise.cli.verify",
    "daemon": "sharewise.cli.daemon",
    "doctor": "sharewise.cli.doctor",
    "completions": "sharewise.cli.completions",
}
"""Named here and not discovered, so that only the chosen one is imported: start-up is felt."""

EXIT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        chosen = parser_for(words).parse_args(words)
        command: Command = chosen.command
        return command.run(chosen)
    except SharewiseError as error:
        print(f"sharewise: {error.message}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("sharewise: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_ERROR


def parser_for(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser; only the sub-command that is named is loaded, all if none is."""
    parser = argparse.ArgumentParser(
        prog="sharewise",
        description="Finds and removes what a photo gives away, and keeps sealed evidence. "
        "Everything stays on this computer.",
    )
    parser.add_argument("--version", action="version", version=f"sharewise {sharewise.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    named = [word for word in words if word in MODULES][:1]
    for name in named or MODULES:
        command = load(name)
        sub = commands.add_parser(
            command.name, help=command.help, description=command.description
        )
        command.configure(sub)
        sub.set_defaults(command=command)
    return parser


def load(name: str) -> Command:
    """Return the command of this name, importing its module."""
    command = importlib.import_module(MODULES[name]).COMMAND
    assert isinstance(command, Command)
    return command
