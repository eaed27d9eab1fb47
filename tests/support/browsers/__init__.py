"""Drivers for Chromium and Firefox with one face, so that one scenario runs in both.

Standard library and `websockets` only: the demo uses them too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import assert_never

from support.browsers.browser import Browser, HarnessError, LogEntry, Settings
from support.browsers.card import Button, Card
from support.browsers.chromium import started_chromium
from support.browsers.firefox import started_firefox
from support.browsers.page import Page
from support.browsers.waiting import until

__all__ = [
    "Browser",
    "Button",
    "Card",
    "HarnessError",
    "Kind",
    "LogEntry",
    "Page",
    "Settings",
    "started",
    "until",
]


class Kind(StrEnum):
    """The browsers that there is a driver for."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


@asynccontextmanager
async def started(kind: Kind, settings: Settings) -> AsyncIterator[Browser]:
    """Run a browser with a throw-away profile and the extension loaded; ends it and wipes it.

    Raises HarnessError if the browser is not on this machine or does not start in time.
    """
    match kind:
        case Kind.CHROMIUM:
            async with started_chromium(settings) as chromium:
                yield chromium
        case Kind.FIREFOX:
            async with started_firefox(settings) as firefox:
                yield firefox
        case _:
            assert_never(kind)
