"""What a sub-command is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One sub-command of `sharewise`; each module of this package that has one exposes it as
    `COMMAND`."""

    name: str
    help: str
    """One line for the list of commands."""
    description: str
    """A paragraph for `sharewise NAME --help`, exit codes included."""
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    """Does it and returns the exit code; a SharewiseError that it raises is printed by `main`."""
