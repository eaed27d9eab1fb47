"""An isolated Sharewise: folders of its own, a native host that uses them, and their daemon."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from support.browsers import hosts, processes
from support.browsers.errors import HarnessError

COMMAND_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command of ours ended."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True, slots=True)
class Installation:
    """One `SHAREWISE_HOME` and what runs in it."""

    root: Path
    """Throw-away folder; short, so that the path of the daemon's socket fits the system's bound."""

    @property
    def home(self) -> Path:
        """The `SHAREWISE_HOME`."""
        return self.root / "home"

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables that lead our programs here."""
        return {"SHAREWISE_HOME": str(self.home)}

    def launcher(self) -> Path:
        """Write the native host that a browser starts, and return it."""
        command = (sys.executable, "-m", "sharewise_host")
        return hosts.write_launcher(self.root, command, self.environ)

    async def sharewise(self, *words: str) -> Answer:
        """Run `sharewise` with these words. Raises HarnessError if it does not end in time."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sharewise", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.environ},
        )
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                output, errors = await process.communicate()
        except TimeoutError:
            raise HarnessError(f"sharewise {words[0]} did not end") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Answer(process.returncode, output.decode(), errors.decode())


@asynccontextmanager
async def installed() -> AsyncIterator[Installation]:
    """Make an isolated installation; stops its daemon and wipes it."""
    root = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="sw-"))
    installation = Installation(root)
    try:
        yield installation
    finally:
        try:
            await installation.sharewise("daemon", "stop")
        finally:
            await processes.wipe(root)
