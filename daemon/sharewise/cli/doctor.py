"""`sharewise doctor`: what is wrong, and how to mend it. Changes nothing."""

from __future__ import annotations

import json
import os
import stat
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.client import ask_once
from sharewise.cli.command import Command
from sharewise.clock import Clock, SystemClock
from sharewise.places import Places, places
from sharewise.settings import load_settings
from sharewise.wire.evidence import VaultStatus, VaultStatusResult
from sharewise.wire.messages import DaemonStatus, DaemonStatusResult
from sharewise_host.commands import host_program, machine_here
from sharewise_host.register import Machine, Standing, State, standing_of

EXIT_WELL = 0
EXIT_ILL = 1
INOTIFY = Path("/proc/sys/fs/inotify")
ENOUGH_WATCHES = 65_536
"""Folders that can be watched at once, by all programs of a user."""
ENOUGH_INSTANCES = 64
CLOCK_SLACK = timedelta(days=1)
LATEST_YEAR = 2100


class Weight(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was looked at."""

    name: str
    weight: Weight
    says: str
    mend: str | None = None


def good(name: str, says: str) -> Symptom:
    return Symptom(name, Weight.GOOD, says)


def problem(name: str, says: str, mend: str) -> Symptom:
    return Symptom(name, Weight.PROBLEM, says, mend)


def note(name: str, says: str, mend: str | None = None) -> Symptom:
    return Symptom(name, Weight.NOTE, says, mend)


def examine_daemon(ask: Callable[[], DaemonStatusResult]) -> Symptom:
    """Is it there, and is it of our own version?"""
    try:
        status = ask()
    except SharewiseError as error:
        if error.code is ErrorCode.DAEMON_UNREACHABLE:
            return problem("daemon", "The daemon is not running.", "sharewise daemon start")
        return problem(
            "daemon", error.message, "sharewise daemon stop, then sharewise daemon start"
        )
    if status.version != sharewise.__version__:
        return problem(
            "daemon",
            f"The daemon is of version {status.version}, this command of {sharewise.__version__}.",
            "sharewise daemon stop, then sharewise daemon start",
        )
    return good("daemon", f"The daemon answers (version {status.version}, process {status.pid}).")


def examine_extension(ask: Callable[[], DaemonStatusResult]) -> Symptom:
    """Did one in any browser speak to this daemon? More is not known of it, and nothing kept."""
    try:
        status = ask()
    except SharewiseError:
        return note("extension", "It was not looked at: the daemon does not answer.")
    ago_s = status.extension_heard_s
    if ago_s is None:
        return note(
            "extension",
            f"It has not asked for anything since the daemon started, {_ago(status.uptime_s)}.",
            "open its popup in the browser, then run this again",
        )
    return good("extension", f"It last asked for something {_ago(ago_s)}.")


def _ago(seconds: float) -> str:
    """Say it roughly: to the second it would tell when somebody opened a page."""
    if seconds < 120:
        return "a moment ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes ago"
    return f"{seconds / 3600:.0f} hours ago"


def examine_vault(ask: Callable[[], VaultStatusResult]) -> Symptom:
    """Can what was saved be read, and by whom?"""
    try:
        status = ask()
    except SharewiseError as error:
        if error.code is ErrorCode.DAEMON_UNREACHABLE:
            return note("vault", "It was not looked at: the daemon is not running.")
        return problem("vault", error.message, "sharewise vault status")
    if status.problems:
        more = "" if len(status.problems) == 1 else f" (and {len(status.problems) - 1} more)"
        return problem("vault", status.problems[0] + more, "put it back from a backup")
    if not status.has_passphrase:
        return note(
            "vault",
            "It has no passphrase: this computer's users can read what was saved.",
            "sharewise vault passphrase",
        )
    return good("vault", "It is locked." if status.is_locked else "It is open, with a passphrase.")


def examine_folders(where: Places) -> Iterator[Symptom]:
    """Are they the person's alone? One that is not there yet is made so when it is needed."""
    for folder in (where.runtime, where.data, where.config, where.logs):
        if sys.platform == "win32" or not os.path.lexists(folder):
            continue
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            yield problem(
                "folders", f"{folder} is a link or a file.", "Move it away; Sharewise makes it anew"
            )
        elif found.st_uid != os.geteuid():
            yield problem(
                "folders",
                f"{folder} belongs to another user.",
                f"Ask that user, or an administrator, to remove {folder}",
            )
        elif stat.S_IMODE(found.st_mode) & 0o077:
            yield problem("folders", f"{folder} is open to other users.", f'chmod 700 "{folder}"')
        else:
            yield good("folders", f"{folder} is yours alone.")


def examine_settings(where: Places) -> Symptom:
    """Can they be read?"""
    try:
        settings = load_settings(where.settings)
    except SharewiseError:
        return problem(
            "settings",
            f"{where.settings} cannot be read, so no folder is watched.",
            "Mend the file, or move it away to begin anew",
        )
    return good("settings", f"Settings can be read; {len(settings.folders)} folders are chosen.")


def examine_watch_limits(limits: Path) -> Iterator[Symptom]:
    """Does the system let enough folders be watched? Linux only."""
    for name, enough in (
        ("max_user_watches", ENOUGH_WATCHES),
        ("max_user_instances", ENOUGH_INSTANCES),
    ):
        try:
            allowed = int((limits / name).read_text())
        except (OSError, ValueError):
            continue
        if allowed < enough:
            yield note(
                "watching",
                f"fs.inotify.{name} is {allowed}: large folders may be noticed late.",
                f"sudo sysctl fs.inotify.{name}={enough * 8}",
            )
        else:
            yield good("watching", f"fs.inotify.{name} is {allowed}.")


def examine_clock(clock: Clock, installed: datetime) -> Symptom:
    """Is the time one that can be? What is sealed carries it."""
    now = clock.now()
    mend = "Set date and time, best by 'Set automatically' in the system's settings"
    if now < installed - CLOCK_SLACK:
        return problem("clock", f"It is {now:%Y-%m-%d}, before Sharewise was installed.", mend)
    if now.year >= LATEST_YEAR:
        return problem("clock", f"It is {now:%Y-%m-%d}, far in the future.", mend)
    return good("clock", f"It is {now:%Y-%m-%d %H:%M} UTC.")


def examine_browsers(host: str, machines: tuple[Machine, ...]) -> Iterator[Symptom]:
    """Can each browser that is there start our host, for this user or for every one?"""
    standings = [
        [standing_of(browser, host, machine) for machine in machines]
        for browser in machines[0].browsers
    ]
    found = [symptom for each in standings if (symptom := _browser(each)) is not None]
    yield from found
    if not found:
        yield note(
            "browsers",
            "No browser that Sharewise knows was found.",
            "sharewise-host register --browser NAME",
        )


def _browser(standings: list[Standing]) -> Symptom | None:
    """Return what there is to say of one browser, which stands for this user and for all."""
    browser = standings[0].browser
    states = {standing.state for standing in standings}
    mend = f"sharewise-host register --browser {browser.name}"
    if State.REGISTERED in states and State.FOREIGN not in states:
        return good("browsers", f"{browser.title} can start Sharewise.")
    match standings[0].state:
        case State.ELSEWHERE:
            return problem(
                "browsers", f"{browser.title} would start another or an older Sharewise.", mend
            )
        case State.FOREIGN:
            return problem(
                "browsers",
                f"Something that Sharewise did not write has its name in {browser.title}.",
                f"Look at {standings[0].place}, remove it, then: {mend}",
            )
        case State.NOT_REGISTERED:
            return problem("browsers", f"{browser.title} does not know Sharewise.", mend)
        case State.UNREACHABLE:
            return note("browsers", f"{browser.title}: {browser.note}.")
        case State.REGISTERED:
            return problem(
                "browsers",
                f"Something else has the name of Sharewise in {browser.title}, for every user.",
                f"Remove it from {standings[-1].place}",
            )
        case State.ABSENT:
            return None
        case unreachable:
            assert_never(unreachable)


def examine_host() -> Iterator[Symptom]:
    """Is the program there that browsers start, and do they know it?"""
    try:
        host = str(host_program(None, Path(sys.executable)))
    except SharewiseError as error:
        yield problem("browsers", error.message, "python3 installers")
        return
    machines = tuple(
        machine_here(os.environ, for_everyone=for_everyone) for for_everyone in (False, True)
    )
    yield from examine_browsers(host, machines)


def examine(where: Places, clock: Clock) -> Iterator[Symptom]:
    """Look at everything, in the order in which one would mend it."""
    yield examine_daemon(lambda: ask_once(where, DaemonStatus()))
    yield examine_extension(lambda: ask_once(where, DaemonStatus()))
    yield examine_vault(lambda: ask_once(where, VaultStatus()))
    yield from examine_folders(where)
    yield examine_settings(where)
    yield from examine_watch_limits(INOTIFY)
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    yield examine_clock(clock, installed)
    yield from examine_host()
    yield note("log", f"The daemon's log holds nothing private: {where.log}")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(chosen: Namespace) -> int:
    found = tuple(examine(places(), SystemClock()))
    is_well = all(symptom.weight is not Weight.PROBLEM for symptom in found)
    if chosen.json:
        print(json.dumps({"is_well": is_well, "findings": [asdict(one) for one in found]}))
    else:
        for symptom in found:
            show(symptom)
    return EXIT_WELL if is_well else EXIT_ILL


def show(symptom: Symptom) -> None:
    """Print one finding, and how to mend it below."""
    marks = {Weight.GOOD: "ok  ", Weight.NOTE: "note", Weight.PROBLEM: "BAD "}
    print(f"{marks[symptom.weight]} {symptom.name:<9} {symptom.says}")
    if symptom.mend is not None:
        print(f"{'':14} → {symptom.mend}")


COMMAND = Command(
    name="doctor",
    help="say what is wrong and how to mend it",
    description="Looks at the daemon, the extension, the vault, folders and settings, the "
    "system's limits, the clock and each browser's registration, and changes nothing. "
    "Exit codes: 0 all is well, 1 something is to be mended.",
    configure=configure,
    run=run,
)
