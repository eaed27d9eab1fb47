"""`sharewise-host register | unregister | list`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import assert_never

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise_host.browsers import Bases, Browser, System
from sharewise_host.register import (
    Machine,
    Outcome,
    Standing,
    State,
    register,
    standing_of,
    unregister,
)
from sharewise_host.registry import registry_here

EXIT_DONE = 0
EXIT_NOT_ALL = 1
EXIT_USAGE = 2


def run_command(words: Sequence[str]) -> int:
    """Run one command line; returns 0, 1 if a browser could not be served, or 2."""
    parser = make_parser()
    if not words:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    chosen = parser.parse_args(list(words))
    try:
        machine = machine_here(os.environ, for_everyone=chosen.system)
        # What is only looked at or taken back need not be there any more.
        find = host_program if chosen.command == "register" else host_path
        return act(chosen, str(find(chosen.host, Path(sys.executable))), machine)
    except SharewiseError as error:
        print(f"sharewise-host: {error.message}", file=sys.stderr)
        return EXIT_USAGE


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="sharewise-host",
        description="Connects the browser extension with Sharewise. Browsers start it by "
        "themselves once it is registered with them.",
    )
    parser.add_argument(
        "--version", action="version", version=f"sharewise-host {sharewise.__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in (
        ("register", "let the browsers that are found start Sharewise"),
        ("unregister", "take that back"),
        ("list", "show how each browser stands"),
    ):
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--browser", action="append", default=[], metavar="NAME", help="only this")
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
        sub.add_argument("--system", action="store_true", help="for every user of this computer")
        sub.add_argument("--host", metavar="PATH", help="the program to start (default: this one)")
        if name != "list":
            sub.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


def act(chosen: argparse.Namespace, host: str, machine: Machine) -> int:
    """Do what was asked, browser by browser."""
    browsers = chosen_browsers(chosen.browser, machine)
    if chosen.command == "list":
        for browser in browsers:
            show(standing_of(browser, host, machine), as_json=chosen.json)
        return EXIT_DONE
    is_all_done = True
    is_adding = chosen.command == "register"
    if not chosen.browser:
        # What is not there is not served, except that an old registration is always taken back.
        browsers = tuple(b for b in browsers if not is_adding or machine.has(b))
    if not browsers and not chosen.json:
        print("No browser was found. Name one with --browser, or install one and try again.")
    for browser in browsers:
        if chosen.dry_run:
            outcome = rehearse(browser, host, machine, is_adding=is_adding)
        elif is_adding:
            outcome = register(browser, host, machine)
        else:
            outcome = unregister(browser, machine)
        is_all_done &= outcome not in (Outcome.LEFT_FOREIGN, Outcome.NOT_PERMITTED)
        if is_adding or chosen.browser or outcome is not Outcome.UNCHANGED:
            report(browser, outcome, machine, as_json=chosen.json, is_dry=chosen.dry_run)
    return EXIT_DONE if is_all_done else EXIT_NOT_ALL


def chosen_browsers(names: Sequence[str], machine: Machine) -> tuple[Browser, ...]:
    """Return the browsers of these names, all if there are none."""
    known = {browser.name: browser for browser in machine.browsers}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS,
            f"There is no browser called {', '.join(unknown)} here. Known: {', '.join(known)}.",
        )
    return tuple(known[name] for name in names) if names else machine.browsers


def rehearse(browser: Browser, host: str, machine: Machine, *, is_adding: bool) -> Outcome:
    """Return what `register` or `unregister` would answer, doing nothing."""
    state = standing_of(browser, host, machine).state
    match state:
        case State.REGISTERED:
            return Outcome.UNCHANGED if is_adding else Outcome.REMOVED
        case State.ELSEWHERE:
            return Outcome.WRITTEN if is_adding else Outcome.REMOVED
        case State.NOT_REGISTERED | State.ABSENT:
            reachable = Outcome.WRITTEN if is_adding else Outcome.UNCHANGED
            return reachable if machine.place_of(browser) else Outcome.UNREACHABLE
        case State.FOREIGN:
            return Outcome.LEFT_FOREIGN
        case State.UNREACHABLE:
            return Outcome.UNREACHABLE
        case _:
            assert_never(state)


def show(standing: Standing, *, as_json: bool) -> None:
    """Print how a browser stands."""
    browser = standing.browser
    if as_json:
        print(
            json.dumps(
                {
                    "browser": browser.name,
                    "title": browser.title,
                    "state": standing.state,
                    "place": standing.place,
                    "host": standing.host,
                    "note": browser.note,
                }
            )
        )
        return
    if standing.state is State.ABSENT and not browser.is_reachable:
        return
    note = f" ({browser.note})" if browser.note and standing.state is not State.ABSENT else ""
    print(f"{browser.title:<24} {words_for(standing.state)}{note}")


def words_for(state: State) -> str:
    """Return a state in words."""
    match state:
        case State.REGISTERED:
            return "registered"
        case State.ELSEWHERE:
            return "points elsewhere or is old: run 'sharewise-host register'"
        case State.NOT_REGISTERED:
            return "not registered: run 'sharewise-host register'"
        case State.FOREIGN:
            return "something else uses our name: look at it, then remove it"
        case State.UNREACHABLE:
            return "cannot be connected"
        case State.ABSENT:
            return "not found"
        case _:
            assert_never(state)


def report(
    browser: Browser, outcome: Outcome, machine: Machine, *, as_json: bool, is_dry: bool
) -> None:
    """Print what became of a browser."""
    if as_json:
        print(
            json.dumps(
                {
                    "browser": browser.name,
                    "title": browser.title,
                    "outcome": outcome,
                    "place": machine.place_of(browser),
                    "is_dry_run": is_dry,
                }
            )
        )
        return
    would = "would be " if is_dry else ""
    match outcome:
        case Outcome.WRITTEN:
            words = f"{would}registered"
        case Outcome.UNCHANGED:
            words = "nothing to do"
        case Outcome.REMOVED:
            words = f"{would}removed"
        case Outcome.LEFT_FOREIGN:
            words = f"left alone: another program wrote {machine.manifest_of(browser)}"
        case Outcome.UNREACHABLE:
            words = f"cannot be connected ({browser.note})"
        case Outcome.NOT_PERMITTED:
            words = "not permitted: for every user of the computer this needs an administrator"
        case _:
            assert_never(outcome)
    print(f"{browser.title:<24} {words}")


def host_path(named: str | None, python: Path) -> Path:
    """Return the absolute path of the program that browsers start.

    It is the one that was named, else the script beside `python`.
    """
    suffix = ".exe" if os.name == "nt" else ""
    return Path(named).absolute() if named else python.with_name(f"sharewise-host{suffix}")


def host_program(named: str | None, python: Path) -> Path:
    """Return `host_path`; raises SharewiseError(NOT_A_FILE) if that is not there or cannot run."""
    host = host_path(named, python)
    if not host.is_file() or not os.access(host, os.X_OK):
        raise SharewiseError(
            ErrorCode.NOT_A_FILE,
            "The program that browsers should start is not there or cannot be run. "
            "Install Sharewise again with 'python3 installers', or name it with --host.",
        )
    return host


def machine_here(environ: Mapping[str, str], *, for_everyone: bool) -> Machine:
    """Return this computer."""
    system = {"darwin": System.MACOS, "win32": System.WINDOWS}.get(sys.platform, System.LINUX)
    home = environ.get("HOME") or str(Path.home())
    return Machine(
        system=system,
        bases=Bases(
            home=home,
            config=environ.get("XDG_CONFIG_HOME") or str(Path(home, ".config")),
            local=environ.get("LOCALAPPDATA") or str(Path(home, "AppData", "Local")),
            roaming=environ.get("APPDATA") or str(Path(home, "AppData", "Roaming")),
        ),
        root=Path(environ.get("PROGRAMDATA", os.sep) if system is System.WINDOWS else os.sep),
        is_for_everyone=for_everyone,
        registry=registry_here(),
        which=lambda name: shutil.which(name, path=environ.get("PATH")),
    )
