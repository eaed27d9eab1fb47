"""A tab of Firefox, and a view of the extension that is no tab."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.browsers import firefox_parts as parts
from support.browsers.connection import Connection, Json, within
from support.browsers.errors import HarnessError, unwrapped
from support.browsers.keys import Chord
from support.browsers.page import Page, Trigger, as_value, write_picture
from support.browsers.waiting import until

if TYPE_CHECKING:
    from support.browsers.firefox import Firefox

LOAD_TIMEOUT_S = 30.0

FRAME_AT = """((x, y) => {
  const frame = document.elementFromPoint(x, y);
  if (frame?.localName !== 'iframe' || !frame.src.startsWith('http')) return null;
  if (new URL(frame.src).origin === location.origin) return null;
  const box = frame.getBoundingClientRect();
  return [frame.src, x - box.left - frame.clientLeft, y - box.top - frame.clientTop];
})(%r, %r)"""
"""The address of a frame of another site at a point, and where in it the point is."""


@dataclass(slots=True, eq=False)
class FirefoxPage(Page):
    """One tab."""

    browser: Firefox
    context: str

    async def call(self, method: str, params: Json, *, timeout_s: float = 30.0) -> Json:
        """Send a command about this tab."""
        return await self.browser.connection.call(
            method, {"context": self.context, **params}, timeout_s=timeout_s
        )

    @property
    def element(self) -> str:
        """An expression for the XUL browser of the tab."""
        return f"sharewiseHarness.browserOf({json.dumps(self.context)})"

    async def goto(self, url: str) -> None:
        await self.call(
            "browsingContext.navigate", {"url": url, "wait": "complete"}, timeout_s=LOAD_TIMEOUT_S
        )

    async def evaluate(self, expression: str) -> object:
        return await evaluate(self.browser.connection, self.context, expression)

    async def perform(self, source: Json) -> None:
        """Do one sequence of input."""
        await self.call("input.performActions", {"actions": [source]})

    async def click_trigger(self, trigger: Trigger) -> None:
        if isinstance(trigger, tuple):
            inner = await self.frame_at(*trigger)
            if inner is not None:
                frame, x, y = inner
                await frame.click_at(x, y)
                return
        await Page.click_trigger(self, trigger)

    async def frame_at(self, x: float, y: float) -> tuple[FirefoxPage, float, float] | None:
        """Return the frame of another site at a point, and where in it the point is.

        Such a frame may have a process of its own: what is pressed there must be sent to it.
        """
        found = await self.evaluate(FRAME_AT % (x, y))
        if not isinstance(found, list):
            return None
        tree = await self.browser.connection.call("browsingContext.getTree", {"root": self.context})
        top = tree["contexts"]
        assert isinstance(top, list)
        for child in top[0]["children"]:
            if child["url"] == found[0]:
                return FirefoxPage(self.browser, child["context"]), found[1], found[2]
        raise HarnessError("the frame at this point is not among those of the tab")

    async def click_at(self, x: float, y: float) -> None:
        move = {"type": "pointerMove", "x": round(x), "y": round(y)}
        actions = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        pointer = {"pointerType": "mouse"}
        await self.perform(
            {"type": "pointer", "id": "mouse", "parameters": pointer, "actions": actions}
        )

    async def press_between(
        self, down: tuple[float, float], up: tuple[float, float], *, times: int = 1
    ) -> None:
        actions: list[Json] = []
        for _ in range(times):
            actions.append({"type": "pointerMove", "x": round(down[0]), "y": round(down[1])})
            actions.append({"type": "pointerDown", "button": 0})
            actions.append({"type": "pointerMove", "x": round(up[0]), "y": round(up[1])})
            actions.append({"type": "pointerUp", "button": 0})
        pointer = {"pointerType": "mouse"}
        await self.perform(
            {"type": "pointer", "id": "mouse", "parameters": pointer, "actions": actions}
        )

    async def press(self, key: str) -> None:
        chord = Chord.parse(key)
        held = [modifier.webdriver for modifier in chord.modifiers]
        values = [*held, chord.key.webdriver]
        actions = [{"type": "keyDown", "value": value} for value in values]
        actions += [{"type": "keyUp", "value": value} for value in reversed(values)]
        await self.perform({"type": "key", "id": "keyboard", "actions": actions})

    async def pick_files(
        self, trigger: Trigger, paths: Sequence[Path], *, within_s: float = 10.0
    ) -> None:
        pick = "sharewiseHarness.pick"
        named = json.dumps([str(path) for path in paths])
        if any(path.is_dir() for path in paths):
            await self.browser.in_content(self.element, parts.AGREE_TO_FOLDERS, None)
        before = await self.browser.in_window(f"({pick}.paths = {named}, {pick}.opened)")
        await self.click_trigger(trigger)

        async def probe() -> bool:
            return await self.browser.in_window(f"{pick}.opened") != before

        try:
            await until(probe, "the file chooser", within_s=within_s)
        finally:
            await self.browser.in_window(f"{pick}.paths = null")

    async def drop_files(
        self, x: float, y: float, paths: Sequence[Path], words: Mapping[str, str] | None = None
    ) -> None:
        # Without a screen Firefox has no drag service. The events are made in the tab's process and
        # dispatched with the browser's right: trusted, with real files, but no folders.
        named = json.dumps([str(path) for path in paths])
        told = json.dumps(list((words or {}).items()))
        given = f"{{ files, x: {x}, y: {y}, words: {told} }}"
        await self.browser.in_window(
            f"sharewiseHarness.filesAt({named}).then((files) => sharewiseHarness.inContent("
            f"{self.element}, {json.dumps(parts.DROP)}, {given}))"
        )

    async def paste_files(self, paths: Sequence[Path]) -> None:
        # Without a screen its clipboard takes words only: made like a drop, trusted, real files.
        named = json.dumps([str(path) for path in paths])
        await self.browser.in_window(
            f"sharewiseHarness.filesAt({named}).then((files) => sharewiseHarness.inContent("
            f"{self.element}, {json.dumps(parts.PASTE)}, {{ files }}))"
        )

    @asynccontextmanager
    async def plainly_asked(
        self, *, agrees: bool, within_s: float = 20.0
    ) -> AsyncIterator[list[str]]:
        def is_mine(event: Json) -> bool:
            params = event["params"]
            return isinstance(params, dict) and params.get("context") == self.context

        told: list[str] = []

        async def answer(opened: asyncio.Future[Json]) -> None:
            event = await within(opened, "a question of the browser", within_s=within_s)
            params = event["params"]
            assert isinstance(params, dict)
            told.append(str(params["message"]))
            await self.call("browsingContext.handleUserPrompt", {"accept": agrees})

        opening = self.browser.connection.expecting("browsingContext.userPromptOpened", is_mine)
        with opening as opened:
            # At once: what has led to it may wait for the answer.
            async with unwrapped(), asyncio.TaskGroup() as answering:
                answering.create_task(answer(opened))
                yield told

    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        origin = "document" if full else "viewport"
        shot = await self.call("browsingContext.captureScreenshot", {"origin": origin})
        await write_picture(path, str(shot["data"]))

    async def set_viewport(self, width: int, height: int, *, dark: bool = False) -> None:
        await self.call(
            "browsingContext.setViewport", {"viewport": {"width": width, "height": height}}
        )
        scheme = "dark" if dark else "light"
        await self.browser.in_window(
            f"void ({self.element}.browsingContext.prefersColorSchemeOverride = '{scheme}')"
        )

    async def set_motion(self, *, is_reduced: bool) -> None:
        await self.browser.in_window(
            f"void Services.prefs.setIntPref('ui.prefersReducedMotion', {int(is_reduced)})"
        )
        await self.until_true(
            f"matchMedia('(prefers-reduced-motion: reduce)').matches === {json.dumps(is_reduced)}"
        )

    async def in_closed_roots(self, function: str, argument: object = None) -> list[object]:
        return await self.browser.in_closed_roots(self.element, function, argument)

    async def activate(self) -> None:
        await self.call("browsingContext.activate", {})

    async def close(self) -> None:
        with suppress(HarnessError):
            await self.call("browsingContext.close", {})


@dataclass(slots=True, eq=False)
class FirefoxView(Page):
    """The popup or the background of the extension: no tab, so BiDi does not know it."""

    browser: Firefox
    kind: str
    """"popup" or "background"."""

    @property
    def element(self) -> str:
        """An expression for the XUL browser of the view."""
        return f"sharewiseHarness.viewOf({json.dumps(self.kind)}).xulBrowser"

    async def evaluate(self, expression: str) -> object:
        given = {"expression": as_value(expression)}
        found = await self.browser.in_content(self.element, parts.EVALUATE, given)
        return None if found is None else json.loads(str(found))

    async def click_at(self, x: float, y: float) -> None:
        await self.browser.in_content(self.element, parts.CLICK, {"x": x, "y": y})

    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        drawn = await self.browser.in_window(
            f"(async () => {{ const context = {self.element}.browsingContext;"
            " const image = await context.currentWindowGlobal.drawSnapshot(null, 1, 'white');"
            " const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');"
            " canvas.width = image.width; canvas.height = image.height;"
            " canvas.getContext('2d').drawImage(image, 0, 0);"
            " return canvas.toDataURL(); })()"
        )
        await write_picture(path, str(drawn).partition(",")[2])

    async def in_closed_roots(self, function: str, argument: object = None) -> list[object]:
        return await self.browser.in_closed_roots(self.element, function, argument)

    async def close(self) -> None:
        await self.browser.in_window("void sharewiseHarness.closePopup()")

        async def is_gone() -> bool:
            return not await self.browser.in_window("!!sharewiseHarness.viewOf('popup')")

        await until(is_gone, "the popup to close")

    async def goto(self, url: str) -> None:
        raise HarnessError("the popup shows what it shows")

    async def press_between(
        self, down: tuple[float, float], up: tuple[float, float], *, times: int = 1
    ) -> None:
        raise HarnessError("only clicks are driven in Firefox's popup")

    async def press(self, key: str) -> None:
        raise HarnessError("keys in Firefox's popup are not driven; open it as a page instead")

    async def pick_files(
        self, trigger: Trigger, paths: Sequence[Path], *, within_s: float = 10.0
    ) -> None:
        raise HarnessError("the popup takes no files")

    async def paste_files(self, paths: Sequence[Path]) -> None:
        raise HarnessError("the popup takes no files")

    async def drop_files(
        self, x: float, y: float, paths: Sequence[Path], words: Mapping[str, str] | None = None
    ) -> None:
        raise HarnessError("the popup takes no files")

    def plainly_asked(
        self, *, agrees: bool, within_s: float = 20.0
    ) -> AbstractAsyncContextManager[list[str]]:
        raise HarnessError("the popup asks nothing plainly")

    async def set_viewport(self, width: int, height: int, *, dark: bool = False) -> None:
        raise HarnessError("the popup's size is its own")

    async def set_motion(self, *, is_reduced: bool) -> None:
        raise HarnessError("the motion of the popup is set in a page")

    async def activate(self) -> None:
        raise HarnessError("the popup is in front while it is open")


async def evaluate(connection: Connection, context: str, expression: str) -> object:
    """Evaluate in a browsing context and return the value."""
    answer = await connection.call(
        "script.evaluate",
        {
            "expression": as_value(expression),
            "target": {"context": context},
            "awaitPromise": True,
            "userActivation": False,
        },
    )
    details = answer.get("exceptionDetails")
    if isinstance(details, dict):
        raise HarnessError(f"the page threw: {details.get('text')}")
    result = answer["result"]
    assert isinstance(result, dict)
    text = result.get("value")
    return None if text is None else json.loads(str(text))
