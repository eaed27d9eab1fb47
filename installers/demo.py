"""`python3 installers --demo`: Sharewise in a throw-away browser on a site of this computer.

Without a screen it plays the main job through by itself and leaves pictures, the received upload
and a sealed package in `demo-output`. With a screen it opens the browser and says what to try.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import NoReturn

from installers.plan import BUILD_TIMEOUT_S, StepFailed, make_environment, thrown_away_if_failed

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build" / "demo"
"""Made once, inside the checkout; removing the checkout removes it."""
NEEDED = ("aiohttp", "piexif", "PIL", "websockets", "sharewise", "sharewise_host")
EXIT_FAILED = 1


def main(arguments: list[str]) -> int:
    """Run the demo; returns the exit code."""
    chosen = parse(arguments)
    if sys.platform == "win32":
        print("The demo runs on Linux and macOS. On Windows, install with: py installers")
        return EXIT_FAILED
    try:
        if not all(importlib.util.find_spec(name) for name in NEEDED):
            in_environment(arguments)
    except StepFailed as error:
        print(f"\n{error}")
        return EXIT_FAILED
    # The drivers and the site serve the tests, too.
    sys.path.insert(0, str(ROOT / "tests"))
    from installers import demo_scenes

    from support.browsers import HarnessError

    output: Path = chosen.output.absolute()
    try:
        if chosen.headless or not has_screen():
            played = demo_scenes.play(ROOT / "extension", output, chosen.browser, chosen.photo)
            asyncio.run(until_told(played))
        else:
            asyncio.run(until_told(demo_scenes.show(ROOT / "extension", chosen.browser)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nThe demo has ended; nothing of it is left.")
    except (demo_scenes.DemoFailed, HarnessError, TimeoutError) as error:
        print(f"\nThe demo did not work: {str(error) or 'something took too long'}")
        return EXIT_FAILED
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the demo."""
    parser = argparse.ArgumentParser(prog="python3 installers --demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="even if there is a screen")
    parser.add_argument(
        "--browser",
        choices=("chromium", "firefox"),
        help="default: Chromium, or Firefox if that is not here",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "demo-output",
        metavar="DIR",
        help="where a demo without a screen leaves its results (default: demo-output)",
    )
    parser.add_argument(
        "--photo",
        type=Path,
        metavar="FILE",
        help="a JPEG of your own to share with the demo site (default: a drawn one); it stays here",
    )
    return parser.parse_args(arguments)


async def until_told(scenes: Coroutine[None, None, None]) -> None:
    """Play; being told to end, also by a terminal that is closed, cleans up like Ctrl-C."""
    playing = asyncio.current_task()
    assert playing is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    await scenes


def has_screen() -> bool:
    """Return whether a window can be seen here."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def in_environment(arguments: list[str]) -> NoReturn:
    """Run the demo again in an environment that has its libraries, made if need be."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "stamp"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if Path(sys.prefix) == ENVIRONMENT:
        raise StepFailed(
            f"The demo's environment is incomplete. Remove {ENVIRONMENT} and try again."
        )
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        print(f"Making an environment for the demo in {ENVIRONMENT}", flush=True)
        with thrown_away_if_failed(ENVIRONMENT):
            make_environment(ENVIRONMENT)
            install_into(python)
            stamp.write_text(wanted, encoding="utf-8")
    # In place of this process, so that whoever ends it ends the demo.
    os.execv(python, [str(python), str(ROOT / "installers"), "--demo", *arguments])  # noqa: S606  a list


def install_into(python: Path) -> None:
    """Install what the demo needs. Raises StepFailed with pip's last words."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    ended = subprocess.run(
        [*pip, "--editable", str(ROOT)],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    if ended.returncode != 0:
        last = "\n".join(ended.stdout.strip().splitlines()[-6:])
        raise StepFailed(f"The libraries could not be installed:\n{last}")
