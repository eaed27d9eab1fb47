"""How the daemon starts at login, on each system: one table of files and commands. Pure.

Sources: systemd.service(5), "COMMAND LINES"; freedesktop.org, Desktop Entry Specification, "The
Exec key"; launchd.plist(5); learn.microsoft.com, "Run and RunOnce Registry Keys".
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

UNIT = "sharewise.service"
LABEL = "org.sharewise.daemon"
RUN_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
EXIT_ALREADY_RUNNING = 2
"""What the daemon ends with if another one runs: no reason to start it again and again."""


class Kind(StrEnum):
    """The ways to start at login."""

    SYSTEMD = "systemd user service"
    XDG = "desktop autostart entry"
    LAUNCH_AGENT = "launch agent"
    RUN_KEY = "Run key"


@dataclass(frozen=True, slots=True)
class Autostart:
    """What makes the daemon start at login, and what takes that back."""

    kind: Kind
    path: Path | None
    """The file that says so; None where it is not a file."""
    content: bytes
    activate: tuple[tuple[str, ...], ...] = ()
    """Commands after the file is written."""
    start: tuple[str, ...] = ()
    """Starts the daemon now, the new one if an old one runs; empty if that is not its job."""
    deactivate: tuple[tuple[str, ...], ...] = ()
    """Commands before the file is removed; they may fail if there is nothing to take back."""


def autostart(kind: Kind, command: Sequence[str], home: Path, config: Path, uid: int) -> Autostart:
    """Return how `command` is started at login this way; its first word is an absolute path."""
    match kind:
        case Kind.SYSTEMD:
            systemctl = ("systemctl", "--user")
            return Autostart(
                kind,
                config / "systemd" / "user" / UNIT,
                unit(command),
                activate=((*systemctl, "daemon-reload"), (*systemctl, "enable", UNIT)),
                start=(*systemctl, "restart", UNIT),
                deactivate=((*systemctl, "disable", "--now", UNIT),),
            )
        case Kind.XDG:
            return Autostart(kind, config / "autostart" / "sharewise.desktop", desktop(command))
        case Kind.LAUNCH_AGENT:
            path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
            remove = ("launchctl", "bootout", f"gui/{uid}/{LABEL}")
            return Autostart(
                kind,
                path,
                agent(command),
                start=("launchctl", "bootstrap", f"gui/{uid}", str(path)),
                deactivate=(remove,),
            )
        case Kind.RUN_KEY:
            line = " ".join(f'"{word}"' for word in command)
            return Autostart(
                kind,
                None,
                b"",
                activate=(
                    ("reg", "add", RUN_KEY, "/v", "Sharewise", "/t", "REG_SZ", "/d", line, "/f"),
                ),
                deactivate=(("reg", "delete", RUN_KEY, "/v", "Sharewise", "/f"),),
            )
        case _:
            assert_never(kind)


def unit(command: Sequence[str]) -> bytes:
    """Return a systemd unit; the quotes of a word hide all but `\\`, `"`, `%` and `$`."""

    def quoted(word: str) -> str:
        for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
            word = word.replace(character, escape)
        return f'"{word}"'

    return (
        "[Unit]\n"
        "Description=Sharewise\n"
        "\n"
        "[Service]\n"
        "Type=exec\n"
        f"ExecStart={' '.join(quoted(word) for word in command)}\n"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        f"RestartPreventExitStatus={EXIT_ALREADY_RUNNING}\n"
        "NoNewPrivileges=yes\n"
        "UMask=0077\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    ).encode()


def desktop(command: Sequence[str]) -> bytes:
    """Return a desktop entry; escaped twice, once for Exec and once as a string value."""

    def quoted(word: str) -> str:
        for character in ("\\", '"', "`", "$"):
            word = word.replace(character, "\\" + character)
        return '"' + word.replace("%", "%%").replace("\\", "\\\\") + '"'

    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Sharewise\n"
        f"Exec={' '.join(quoted(word) for word in command)}\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        "X-GNOME-Autostart-enabled=true\n"
    ).encode()


def agent(command: Sequence[str]) -> bytes:
    """Return a launch agent's property list; started again only after a crash."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "KeepAlive": {"Crashed": True},
            "ProcessType": "Background",
        }
    )
