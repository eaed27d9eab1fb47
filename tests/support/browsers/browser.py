"""The face that both drivers share."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.browsers.errors import HarnessError
from support.browsers.page import Page
from support.browsers.waiting import until

__all__ = ["Browser", "HarnessError", "LogEntry", "Settings"]

CUT_SHORT = "Script terminated by timeout"
"""What Firefox logs of a script that it ends, for whatever reason."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a browser is started."""

    extension: Path | None
    """The unpacked extension; None: a browser without it, to compare with."""
    host: Path | None = None
    """What the browser starts as our native host; None: no host is registered."""
    headless: bool = True
    width: int = 1280
    height: int = 900
    """Size of the window, in CSS pixels."""
    watch_background: bool = True
    """Collect what the extension's background logs. In Chromium this keeps its worker alive, so a
    test of the worker's death switches it off."""
    is_in_private: bool = False
    """Let the extension into private windows, as a person does in the browser's settings."""
    language: str = "en-US"
    trusts_any_site: bool = False
    """Open sites whose certificate nobody vouches for, such as those a test makes."""
    arguments: tuple[str, ...] = ()
    """More for the command line of the browser."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line that a page or the extension logged."""

    level: str
    """"error", "warning", "info" or "debug"."""
    text: str
    source: str
    """URL of the script, or "" when the browser does not say."""

    @property
    def is_of_extension(self) -> bool:
        """Whether a script of an extension logged it."""
        return self.source.startswith(("chrome-extension:", "moz-extension:"))


def is_of_closing(error: LogEntry, logged: Sequence[LogEntry]) -> bool:
    """Whether an error only says that a script before it was cut short as its tab was closed.

    Firefox ends whatever runs in a tab that is closed, logs where (".../drops.js:13:5"), and goes
    on to the next script of the list, which misses what the first was to declare
    (sharewiseDrops). Both may be logged while the next test runs already. In a page that stays
    open the guard would be missing, and a test would wait for its card in vain.
    """
    missed = re.search(r"lexical declaration 'sharewise(\w+)' before initialization", error.text)
    if missed is None:
        return False
    script = re.sub(r"(?<!^)(?=[A-Z])", "_", missed[1]).lower()
    return any(CUT_SHORT in entry.text and f"/{script}.js:" in entry.text for entry in logged)


@dataclass(slots=True)
class Browser(ABC):
    """A running browser with the extension loaded."""

    name: str
    settings: Settings
    folder: Path
    """Profile and home of this run; wiped when it ends."""
    pages: list[Page] = field(default_factory=list)

    @abstractmethod
    async def open(self, url: str) -> Page:
        """Open a tab in front, wait until the page has loaded, and return it."""

    @abstractmethod
    async def page_titled(self, title: str, *, within_s: float = 10.0) -> Page:
        """Return a window that a page has opened, by its title; waits for it."""

    @property
    @abstractmethod
    def extension_origin(self) -> str:
        """What the addresses of the extension's pages begin with, without a slash at the end."""

    async def extension_page(self, path: str) -> Page:
        """Open a page of the extension ("pages/options.html") in a tab."""
        return await self.open(f"{self.extension_origin}/{path}")

    async def open_private(self, url: str) -> Page:
        """Open an address in a private window that the extension is let into, and wait for it."""
        words = json.dumps({"incognito": True, "url": url})
        await self.evaluate_in_background(f"chrome.windows.create({words}).then(() => true)")

        async def probe() -> Page | None:
            return await self.page_at(url)

        page = await until(probe, f"a private window with {url}", within_s=20)
        self.pages.append(page)
        await page.until_true("document.readyState === 'complete'", within_s=20)
        return page

    @abstractmethod
    async def page_at(self, url: str) -> Page | None:
        """Return the tab that shows an address, if there is one."""

    @abstractmethod
    async def trigger_action(self, page: Page) -> None:
        """Press the extension's button while `page` is in front."""

    @abstractmethod
    async def popup(self, *, within_s: float = 10.0) -> Page:
        """Return the open popup of the extension's button; waits until it has loaded."""

    @abstractmethod
    async def evaluate_in_background(self, expression: str) -> object:
        """Evaluate in the extension's background and return the value; promises are awaited."""

    @abstractmethod
    async def logs(self) -> list[LogEntry]:
        """Return everything that was logged so far, oldest first."""

    @abstractmethod
    async def ended(self) -> None:
        """Wait until a person closes the browser."""

    async def print_logs(self) -> None:
        """Print the last of what was logged, for whoever reads of a failure."""
        for entry in (await self.logs())[-40:]:
            print(f"[{self.name} {entry.level}] {entry.text} ({entry.source})")

    async def errors(self) -> list[LogEntry]:
        """Return the errors that scripts of the extension logged or threw so far."""
        logged = await self.logs()
        return [
            entry
            for entry in logged
            if entry.level == "error" and entry.is_of_extension and not is_of_closing(entry, logged)
        ]

    async def close_pages(self) -> None:
        """Close every tab that a test opened."""
        for page in list(self.pages):
            await page.close()
        self.pages.clear()
