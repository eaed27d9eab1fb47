"""`sharewise daemon`: run it, start it, stop it, ask how it is."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.command import Command
from sharewise.places import Places, places
from sharewise.wire.messages import DaemonStatus, DaemonStatusResult, DaemonStop

EXIT_DONE = 0
EXIT_NOT_RUNNING = 3
"""As the Linux Standard Base has it for `status`: the program is not running."""
STOP_TIMEOUT_S = 20.0
STOP_POLL_S = 0.05
VAULT_HELD = (
    "Cases: not known. Another Sharewise daemon has the vault open, say in another container or "
    "session: nothing can be sealed here until that one ends."
)
VAULT_CLOSED = "Cases: not known. The vault cannot be opened; 'sharewise doctor' tells why."


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("run", help="be the daemon, in the foreground, until Ctrl-C")
    actions.add_parser("start", help="start it in the background")
    actions.add_parser("stop", help="end it in order")
    status = actions.add_parser("status", help="say whether it runs and what it does")
    status.add_argument("--json", action="store_true", help="one JSON object")


def run(chosen: Namespace) -> int:
    where = places()
    match chosen.action:
        case "run":
            return _run(where)
        case "start":
            return _start(where)
        case "stop":
            return _stop(where)
        case _:
            return _status(where, as_json=chosen.json)


def _run(where: Places) -> int:
    # Imported here: only the daemon itself needs the server, and it is felt at every start.
    from sharewise.run import run as be_daemon

    return be_daemon(where, is_foreground=sys.stderr is not None)


def _start(where: Places) -> int:
    if _ask_status(where) is not None:
        print("The daemon is running already.")
        return EXIT_DONE
    from sharewise.cli.client import start_daemon

    start_daemon(where)
    print("The daemon is running.")
    return EXIT_DONE


def _stop(where: Places) -> int:
    from sharewise.api.endpoint import is_running
    from sharewise.cli.client import ask_once

    try:
        ask_once(where, DaemonStop())
    except SharewiseError as error:
        if error.code is ErrorCode.DAEMON_UNREACHABLE and not is_running(where):
            print("The daemon was not running.")
            return EXIT_DONE
        if error.code is not ErrorCode.DAEMON_GONE:
            raise
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_running(where):
        if time.monotonic() > deadline:
            raise SharewiseError(
                ErrorCode.TIMED_OUT,
                "The daemon is still at work and did not end. Try again in a moment.",
            )
        time.sleep(STOP_POLL_S)
    print("The daemon has ended.")
    return EXIT_DONE


def _status(where: Places, *, as_json: bool) -> int:
    found = _ask_status(where)
    if as_json:
        print(json.dumps({"is_running": False} if found is None else _as_json(found)))
    elif found is None:
        print("The daemon is not running. Start it with 'sharewise daemon start'.")
    else:
        print(_in_words(found))
    return EXIT_NOT_RUNNING if found is None else EXIT_DONE


def _ask_status(where: Places) -> DaemonStatusResult | None:
    """Return how the daemon is, or None if there is none; anything else wrong is raised."""
    from sharewise.cli.client import ask_once

    try:
        return ask_once(where, DaemonStatus())
    except SharewiseError as error:
        if error.code is ErrorCode.DAEMON_UNREACHABLE:
            return None
        raise


def _as_json(found: DaemonStatusResult) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(found)
    return {"is_running": True, **fields}


def _in_words(found: DaemonStatusResult) -> str:
    identity = f"version {found.version}, process {found.pid}"
    lines = [f"The daemon is running: {identity}, for {_duration(found.uptime_s)}."]
    if not found.is_ready:
        lines.append("It has just begun and is still loading.")
        return "\n".join(lines)
    watched = [folder for folder in found.folders if folder.mode != "off"]
    pause = " (paused)" if found.is_watching_paused else ""
    lines.append(f"Watched folders: {len(watched)}{pause}.")
    if found.vault_problem is None:
        lines.append(f"Cases: {found.case_count}, with {found.capture_count} sealed pages.")
    else:
        lines.append(VAULT_HELD if found.vault_problem == ErrorCode.BUSY else VAULT_CLOSED)
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"


COMMAND = Command(
    name="daemon",
    help="run, start or stop the background program, or ask how it is",
    description="The daemon inspects photos for the browser, watches folders and keeps evidence. "
    "The browser starts it when needed. "
    "Exit codes: 0 done, and for status: it is running; 2 something went wrong; "
    "3 (status) it is not running.",
    configure=configure,
    run=run,
)
