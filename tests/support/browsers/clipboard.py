"""The clipboard of an X display: files as a file manager copies them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from support.browsers.errors import HarnessError


async def offer_files(paths: Sequence[Path]) -> None:
    """Put files into the clipboard of `DISPLAY`. Raises HarnessError where there is none."""
    if "DISPLAY" not in os.environ:
        raise HarnessError("there is no display, so there is no clipboard for files")
    words = ("xclip", "-selection", "clipboard", "-target", "text/uri-list")
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    # It answers from the background until something else is copied.
    await process.communicate("\n".join(path.as_uri() for path in paths).encode())
