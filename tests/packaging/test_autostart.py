"""The files that start the daemon at login, byte by byte."""

from __future__ import annotations

import configparser
import plistlib
import shlex
import subprocess
from pathlib import Path

import pytest
from installers.autostart import EXIT_ALREADY_RUNNING, Kind, autostart, desktop, unit

from sharewise.cli.main import EXIT_ERROR

COMMAND = ("/home/a b/app/bin/sharewise", "daemon", "run")
HOME = Path("/home/a b")
CONFIG = HOME / ".config"

GOLDEN_UNIT = """\
[Unit]
Description=Sharewise

[Service]
Type=exec
ExecStart="/home/a b/app/bin/sharewise" "daemon" "run"
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""
GOLDEN_DESKTOP = """\
[Desktop Entry]
Type=Application
Name=Sharewise
Exec="/home/a b/app/bin/sharewise" "daemon" "run"
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def test_the_systemd_unit() -> None:
    entry = autostart(Kind.SYSTEMD, COMMAND, HOME, CONFIG, 1000)
    assert entry.path == CONFIG / "systemd/user/sharewise.service"
    assert entry.content.decode() == GOLDEN_UNIT
    assert entry.activate == (
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", "sharewise.service"),
    )
    assert entry.start == ("systemctl", "--user", "restart", "sharewise.service")
    assert entry.deactivate == (("systemctl", "--user", "disable", "--now", "sharewise.service"),)


def test_the_desktop_entry() -> None:
    entry = autostart(Kind.XDG, COMMAND, HOME, CONFIG, 1000)
    assert entry.path == CONFIG / "autostart/sharewise.desktop"
    assert entry.content.decode() == GOLDEN_DESKTOP
    assert entry.activate == entry.start == entry.deactivate == ()


def test_the_launch_agent() -> None:
    entry = autostart(Kind.LAUNCH_AGENT, COMMAND, HOME, CONFIG, 501)
    assert entry.path == HOME / "Library/LaunchAgents/org.sharewise.daemon.plist"
    assert plistlib.loads(entry.content) == {
        "Label": "org.sharewise.daemon",
        "ProgramArguments": list(COMMAND),
        "RunAtLoad": True,
        "KeepAlive": {"Crashed": True},
        "ProcessType": "Background",
    }
    assert entry.start == ("launchctl", "bootstrap", "gui/501", str(entry.path))
    assert entry.deactivate == (("launchctl", "bootout", "gui/501/org.sharewise.daemon"),)


def test_the_run_key() -> None:
    command = (r"C:\Users\a b\pythonw.exe", "-P", "-m", "sharewise", "daemon", "run")
    entry = autostart(Kind.RUN_KEY, command, HOME, CONFIG, 0)
    key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
    line = r'"C:\Users\a b\pythonw.exe" "-P" "-m" "sharewise" "daemon" "run"'
    assert entry.path is None
    assert entry.activate == (
        ("reg", "add", key, "/v", "Sharewise", "/t", "REG_SZ", "/d", line, "/f"),
    )
    assert entry.deactivate == (("reg", "delete", key, "/v", "Sharewise", "/f"),)


def test_a_second_daemon_is_not_started_again_and_again() -> None:
    assert EXIT_ALREADY_RUNNING == EXIT_ERROR


@pytest.mark.parametrize("word", ['a"b', r"a\b", "50%", "$HOME", "`x`", "a b", "é"])
def test_odd_paths_reach_the_program_unchanged(word: str) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(unit([word]).decode())
    in_unit = parser["Service"]["ExecStart"].replace("%%", "%").replace("$$", "$")
    assert shlex.split(in_unit) == [word]
    parser.read_string(desktop([word]).decode())
    in_entry = parser["Desktop Entry"]["Exec"].replace("\\\\", "\\").replace("%%", "%")
    # Inside double quotes the Exec key escapes what a shell does.
    shown = subprocess.run(["sh", "-c", f"printf %s {in_entry}"], capture_output=True, check=True)
    assert shown.stdout.decode() == word
