"""Drivers for Chromium and Firefox with one face, so that one scenario runs in both.

Standard library and `websockets` only: the demo uses them too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import assert_never

from support.browsers import chromium, firefox
from support.browsers.browser import Browser, HarnessError, LogEntry, Settings
from support.browsers.card import Button, Card
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
    "find_program",
    "started",
    "until",
]


class Kind(StrEnum):
    """The browsers that there is a driver for."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


def find_program(kind: Kind) -> str:
    """Return the path of a browser. Raises HarnessError if it is not on this machine."""
    match kind:
        case Kind.CHROMIUM:
            return chromium.find_program()
        case Kind.FIREFOX:
            return firefox.find_program()
        case _:
            assert_never(kind)


@asynccontextmanager
async def started(kind: Kind, settings: Settings) -> AsyncIterator[Browser]:
    """Run a browser with a throw-away profile and the extension loaded; ends it and wipes it.

    Raises HarnessError if the browser is not on this machine or does not start in time.
    """
    match kind:
        case Kind.CHROMIUM:
            async with chromium.started_chromium(settings) as running:
                yield running
        case Kind.FIREFOX:
            async with firefox.started_firefox(settings) as running:
                yield running
        case _:
            assert_never(kind)
