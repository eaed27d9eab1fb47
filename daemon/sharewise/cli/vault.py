"""`sharewise vault`: whether what was saved can be read now, and who else could."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass

from sharewise.cli.client import ask
from sharewise.cli.command import Command
from sharewise.cli.showing import count_in_words
from sharewise.seals.names import printable
from sharewise.wire.evidence import (
    VaultLock,
    VaultSetPassphrase,
    VaultStatus,
    VaultStatusResult,
    VaultUnlock,
)

EXIT_WELL = 0
EXIT_ILL = 1


def _configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, action, text in (
        ("status", _status, "tell whether it is locked, and what its check found"),
        ("lock", _lock, "forget the key until the passphrase is given again"),
        ("unlock", _unlock, "make reading possible; asks for the passphrase"),
        ("passphrase", _passphrase, "choose the passphrase, or another one"),
    ):
        actions.add_parser(name, help=text).set_defaults(action=action)


def _run(chosen: Namespace) -> int:
    code: int = chosen.action(chosen)
    return code


def _status(_: Namespace) -> int:
    return _print(ask(VaultStatus()))


def _lock(_: Namespace) -> int:
    return _print(ask(VaultLock()))


def _unlock(_: Namespace) -> int:
    return _print(ask(VaultUnlock(passphrase=_asked("Passphrase: "))))


def _passphrase(_: Namespace) -> int:
    status = ask(VaultStatus())
    current = _asked("Passphrase as it is now: ") if status.has_passphrase else None
    print("There is no way to recover it: without it, what was saved stays unreadable.")
    new = _asked("New passphrase: ")
    if _asked("The same again: ") != new:
        print("Those were not the same. Nothing was changed.", file=sys.stderr)
        return EXIT_ILL
    return _print(ask(VaultSetPassphrase(new=new, current=current)))


def _asked(prompt: str) -> str:
    """Return what is typed unseen; without a terminal, the next line of the input."""
    if sys.stdin.isatty():
        return getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def _print(status: VaultStatusResult) -> int:
    if not status.has_passphrase:
        print("The vault has no passphrase: whoever uses this computer can read what was saved.")
        print("'sharewise vault passphrase' sets one.")
    elif status.is_locked:
        print("The vault is locked. Pages can be saved; nothing can be read.")
    else:
        minutes = count_in_words(status.auto_lock_minutes, "minute", "minutes")
        print(f"The vault is open. It locks itself after {minutes} without use.")
    if not status.is_checked:
        print("It is still being checked.")
        return EXIT_WELL
    for one in status.problems:
        print(f"problem: {printable(one)}")
    if status.problems:
        return EXIT_ILL
    print("Its check found nothing wrong.")
    return EXIT_WELL


COMMAND = Command(
    name="vault",
    help="lock, unlock or look at the vault",
    description="What was saved lies encrypted in the vault. Exit codes: 0 done and nothing is "
    "wrong, 1 something is wrong with the vault or nothing was changed, 2 an error.",
    configure=_configure,
    run=_run,
)
