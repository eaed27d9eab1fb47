"""A screen that nobody sees, for what a browser does only on one, and the hand that is there."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.browsers import HarnessError, Page
from support.browsers.waiting import until

LIMIT_S = 20.0
PATIENCE_S = 5.0
"""How long the window to pick in may take. Chromium, just started, refuses one press in a hundred:
it says that nobody has acted (seen without the extension, 1 of 120)."""
PRESS_S = 0.6
"""Between two presses on one place: Chromium takes none that come close together."""
ALLOW = (788, 127)
"""Where in a page of 1280 px Chromium's question about a folder has its "Allow"."""
FILE_SOURCE = """
imports.gi.versions.Gtk = "3.0";
const { Gtk, Gdk } = imports.gi;
Gtk.init(null);
const corner = new Gtk.Window({ type: Gtk.WindowType.POPUP });
corner.set_default_size(60, 60);
corner.move(1330, 930);
const place = new Gtk.EventBox();
place.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY);
place.drag_source_add_uri_targets();
place.connect("drag-data-get", (_, context, data) => data.set_uris(ARGV));
place.connect("drag-begin", () => print("begun"));
place.connect("drag-end", () => print("over"));
corner.add(place);
corner.show_all();
Gtk.main();
"""
"""A little window, in a corner of the screen that no browser covers, to drag files out of."""
ORIGIN = """(() => {
  const { mozInnerScreenX, mozInnerScreenY } = window;
  if (mozInnerScreenX !== undefined) return [mozInnerScreenX, mozInnerScreenY];
  return [screenX + (outerWidth - innerWidth) / 2, screenY + outerHeight - innerHeight];
})()"""
"""Where the corner of a page is on the screen."""
COUNT_DRAGS = """void document.addEventListener('dragover', () => {
  window.dragovers = (window.dragovers ?? 0) + 1;
}, true)"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A running X server."""

    display: str
    """What `DISPLAY` has to be."""

    async def copy(self, path: Path) -> None:
        """Put a file into the clipboard, as a file manager does.

        To be done before a browser starts: one that runs learns late of what is copied, and may
        paste what was there before.
        """
        await self._offer("text/uri-list", path.as_uri().encode())

    async def copy_picture(self, png: bytes) -> None:
        """Put a picture into the clipboard as a program does: byte for byte, with what it says."""
        await self._offer("image/png", png)

    async def _offer(self, target: str, data: bytes) -> None:
        words = ("xclip", "-selection", "clipboard", "-target", target)
        process = await asyncio.create_subprocess_exec(
            *words,
            env={**os.environ, "DISPLAY": self.display},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        # It answers from the background until the screen ends.
        await process.communicate(data)

    async def drop(self, page: Page, at: tuple[float, float], path: Path) -> None:
        """Drag a file or folder into a page as a hand does and let go at a place of the page."""
        origin = await page.evaluate(ORIGIN)
        assert isinstance(origin, list)
        x, y = round(origin[0] + at[0]), round(origin[1] + at[1])
        await page.evaluate(COUNT_DRAGS)
        source = await asyncio.create_subprocess_exec(
            *("gjs", "-c", FILE_SOURCE, path.as_uri()),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "DISPLAY": self.display},
        )
        assert source.stdout is not None
        said = source.stdout
        begun = asyncio.create_task(heard(said, b"begun\n"))
        try:
            await self._begin(begun)
            steps = iter(range(1_000_000))

            async def is_over() -> bool:
                await self._hand("mousemove", x + next(steps) % 3, y)
                return await page.evaluate("(window.dragovers ?? 0) > 2") is True

            await until(is_over, "the page to see what is dragged", within_s=LIMIT_S)
            await self._hand("mouseup", 1)
            async with asyncio.timeout(LIMIT_S):
                await heard(said, b"over\n")
        finally:
            begun.cancel()
            source.kill()
            await source.wait()

    async def pick(self, page: Page, selector: str, path: Path) -> None:
        """Press an element, pick a file or a folder in the window that opens, and allow it."""
        await page.click(selector)
        try:
            window = await until(self._asking, "the window to pick in", within_s=PATIENCE_S)
        except HarnessError:
            await page.click(selector)
            window = await until(self._asking, "the window to pick in", within_s=LIMIT_S)
        await until(lambda: self._has_focus(window), "the window to listen", within_s=LIMIT_S)
        await self._hand("type", path)
        place = await self._told("getwindowgeometry", "--shell", window)
        size = dict(line.split("=") for line in place.split())
        corner = (int(size["X"]) + int(size["WIDTH"]), int(size["Y"]) + int(size["HEIGHT"]))

        async def is_picked() -> bool:
            # The first press may only close the list of names that go on like this one.
            await self._hand("mousemove", corner[0] - 50, corner[1] - 24, "click", 1)
            await asyncio.sleep(PRESS_S)
            return await self._asking() is None

        await until(is_picked, "the window to close", within_s=LIMIT_S)
        origin = await page.evaluate(ORIGIN)
        assert isinstance(origin, list)
        x, y = (round(origin[at] + ALLOW[at]) for at in (0, 1))

        async def is_allowed() -> bool:
            # Of a folder it asks whether the page may see all of it, and takes no press at once.
            if await page.evaluate("document.hasFocus()") is True:
                return True
            await self._hand("mousemove", x, y, "click", 1)
            await asyncio.sleep(PRESS_S)
            return False

        await until(is_allowed, "the page to be allowed it", within_s=LIMIT_S)

    async def _asking(self) -> str | None:
        """Return the window in which files are picked, by its number."""
        found = await self._told("search", "--onlyvisible", "--name", "^Select a f(ile|older) ")
        return found.split()[-1] if found else None

    async def _has_focus(self, window: str) -> bool:
        if await self._told("getwindowfocus") != window:
            await self._told("windowfocus", window)
            return False
        return True

    async def _begin(self, begun: asyncio.Task[None]) -> None:
        """Take hold in the corner and pull, anew as long as the window there is not yet up."""

        async def pull() -> bool:
            await self._hand("mousemove", 1380, 980, "mousedown", 1)
            for step in (10, 20, 30):
                await self._hand("mousemove", 1380 - step, 980 - step)
            await asyncio.wait((begun,), timeout=1)
            if not begun.done():
                await self._hand("mouseup", 1)
            return begun.done()

        await until(pull, "the drag to begin", within_s=LIMIT_S)
        begun.result()

    async def _hand(self, *words: str | int | Path) -> None:
        process = await self._xdotool(*words)
        if await process.wait() != 0:
            raise HarnessError("the hand of the screen cannot be moved")

    async def _told(self, *words: str) -> str:
        """Return an answer, "" if there is none."""
        out, _ = await (await self._xdotool(*words)).communicate()
        return out.decode().strip()

    async def _xdotool(self, *words: str | int | Path) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *("xdotool", *map(str, words)),
            env={**os.environ, "DISPLAY": self.display},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )


async def heard(told: asyncio.StreamReader, wanted: bytes) -> None:
    """Wait for a line of the window that files are dragged from. Raises HarnessError at its end."""
    while (line := await told.readline()) != wanted:
        if not line:
            raise HarnessError("the window that files are dragged from has ended")


@contextmanager
def screen() -> Iterator[Screen]:
    """Run a screen."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as told:
        process = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                "1400x1000x24",
                "-nolisten",
                "tcp",
            ],
            pass_fds=(writing,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        try:
            number = told.readline().strip()
            assert number, "Xvfb did not start"
            yield Screen(f":{number}")
        finally:
            process.terminate()
            process.wait(timeout=20)
