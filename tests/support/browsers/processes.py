"""One browser process: started in a group of its own, ended by that group, never by name."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from support.browsers.errors import HarnessError

END_TIMEOUT_S = 8.0


def program(names: Sequence[str], package: str) -> str:
    """Return the path of the first program of these that is here.

    Raises HarnessError with words for the person if none is.
    """
    for name in names:
        found = shutil.which(name)  # takes a path, too, if something can be run there
        if found is not None:
            return found
    raise HarnessError(
        f"{package} is not on this machine (looked for {', '.join(names)}). "
        f"On Debian: apt-get install {package}."
    )


def environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment with `home` as the home and all that would lead back.

    What the browser puts aside goes there, too: Chromium does not always take it away again.
    """
    led_home = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    kept = {key: value for key, value in os.environ.items() if key not in led_home}
    screen = Path.home() / ".Xauthority"
    if "DISPLAY" in kept and "XAUTHORITY" not in kept and screen.exists():
        kept["XAUTHORITY"] = str(screen)  # the permission to use the screen lies in the real home
    return {**kept, "HOME": str(home), "TMPDIR": str(home), **extra}


def own_group() -> bool:
    """Return whether a process can lead a group here, so that its children end with it."""
    return os.name == "posix"


async def end(process: asyncio.subprocess.Process, *, asked: bool) -> None:
    """Wait for a process that was asked to end; then end it and its children by force."""
    if process.returncode is None and not asked:
        with suppress(ProcessLookupError):
            process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_TIMEOUT_S):
            await process.wait()
    if own_group():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.returncode is None:
        process.kill()
    async with asyncio.timeout(END_TIMEOUT_S):
        await process.wait()


async def wipe(folder: Path) -> None:
    """Remove a throw-away folder, also while the last child still writes into it."""
    for _ in range(20):
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if not await asyncio.to_thread(folder.exists):
            return
        await asyncio.sleep(0.1)
    raise HarnessError("a throw-away profile could not be removed")


def last_lines(log: Path, count: int = 12) -> str:
    """Return the end of what the browser wrote, for the message of a failure."""
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in lines if "dbus" not in line][-count:])
