"""Our native host for a throw-away profile: a launcher script and the browser's manifest."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

HOST = "org.sharewise.host"
CHROMIUM_ID = "lkbpoljipomfgpekaoadmnpagopoknca"
FIREFOX_ID = "extension@sharewise"


def write_launcher(
    folder: Path, command: tuple[str, ...], environ: Mapping[str, str] | None = None
) -> Path:
    """Write the program that the browser starts: `command`, with these variables set."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":
        launcher = folder / "host.bat"
        sets = "".join(f'set "{key}={value}"\r\n' for key, value in (environ or {}).items())
        words = " ".join(f'"{word}"' for word in command)
        launcher.write_text(f"@echo off\r\n{sets}{words} %*\r\n")
        return launcher
    launcher = folder / "host"
    exports = "".join(
        f"export {key}={shlex.quote(value)}\n" for key, value in (environ or {}).items()
    )
    launcher.write_text(f'#!/bin/sh\n{exports}exec {shlex.join(command)} "$@"\n')
    launcher.chmod(0o700)
    return launcher


def write_chromium_manifest(profile: Path, launcher: Path) -> None:
    """Register the host for one user data folder."""
    write_manifest(
        profile / "NativeMessagingHosts",
        launcher,
        {"allowed_origins": [f"chrome-extension://{CHROMIUM_ID}/"]},
    )


def write_firefox_manifest(home: Path, launcher: Path) -> None:
    """Register the host for one home folder."""
    write_manifest(
        home / ".mozilla" / "native-messaging-hosts",
        launcher,
        {"allowed_extensions": [FIREFOX_ID]},
    )


def write_manifest(folder: Path, launcher: Path, allowed: Mapping[str, list[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {
        "name": HOST,
        "description": "Sharewise",
        "path": str(launcher),
        "type": "stdio",
        **allowed,
    }
    (folder / f"{HOST}.json").write_text(json.dumps(manifest))
