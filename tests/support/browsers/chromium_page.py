"""A tab of Chromium, and what CDP answers about scripts."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from support.browsers.connection import CommandRefused, Connection, Json, within
from support.browsers.errors import HarnessError, unwrapped
from support.browsers.keys import Chord
from support.browsers.page import Page, Trigger, as_value, write_picture

LOAD_TIMEOUT_S = 30.0


@dataclass(slots=True, eq=False)
class ChromiumPage(Page):
    """One target with a session of its own."""

    connection: Connection
    target: str
    session: str

    async def call(
        self, method: str, params: Json | None = None, *, timeout_s: float = 30.0
    ) -> Json:
        """Send a command to this target."""
        return await self.connection.call(method, params, session=self.session, timeout_s=timeout_s)

    def is_mine(self, event: Json) -> bool:
        """Whether an event is of this target."""
        return event.get("sessionId") == self.session

    async def url(self) -> str:
        """Return the address that the tab shows."""
        found = await self.connection.call("Target.getTargetInfo", {"targetId": self.target})
        info = found["targetInfo"]
        assert isinstance(info, dict)
        return str(info["url"])

    async def goto(self, url: str) -> None:
        with self.connection.expecting("Page.loadEventFired", self.is_mine) as loaded:
            answer = await self.call("Page.navigate", {"url": url}, timeout_s=LOAD_TIMEOUT_S)
            if "errorText" in answer:
                raise HarnessError(f"{url}: {answer['errorText']}")
            if "loaderId" in answer:  # absent when only the fragment changed
                await within(loaded, f"{url} to load", within_s=LOAD_TIMEOUT_S)

    async def evaluate(self, expression: str) -> object:
        return await evaluate(self.connection, self.session, expression)

    async def click_at(self, x: float, y: float) -> None:
        where: Json = {"x": x, "y": y, "pointerType": "mouse"}
        await self.call("Input.dispatchMouseEvent", {**where, "type": "mouseMoved"})
        for kind, buttons in (("mousePressed", 1), ("mouseReleased", 0)):
            await self.call(
                "Input.dispatchMouseEvent",
                {**where, "type": kind, "button": "left", "buttons": buttons, "clickCount": 1},
            )

    async def press_between(
        self, down: tuple[float, float], up: tuple[float, float], *, times: int = 1
    ) -> None:
        button: Json = {"pointerType": "mouse", "button": "left", "clickCount": 1}
        steps: list[Json] = []
        for _ in range(times):
            steps.append({"type": "mouseMoved", "x": down[0], "y": down[1]})
            steps.append({"type": "mousePressed", "x": down[0], "y": down[1], "buttons": 1})
            steps.append({"type": "mouseMoved", "x": up[0], "y": up[1], "buttons": 1})
            steps.append({"type": "mouseReleased", "x": up[0], "y": up[1], "buttons": 0})
        # Sent together: none waits for the page to have dealt with the one before.
        async with asyncio.TaskGroup() as sending:
            for step in steps:
                sending.create_task(self.call("Input.dispatchMouseEvent", {**button, **step}))

    async def press(self, key: str) -> None:
        chord = Chord.parse(key)
        for modifier in chord.modifiers:
            await self.send_key("rawKeyDown", Chord(chord.modifiers, modifier), "")
        plain = not any(modifier.name in ("Alt", "Control") for modifier in chord.modifiers)
        text = chord.key.text if plain else ""
        await self.send_key("keyDown" if text else "rawKeyDown", chord, text)
        await self.send_key("keyUp", chord, "")
        for modifier in reversed(chord.modifiers):
            await self.send_key("keyUp", Chord((), modifier), "")

    async def send_key(self, kind: str, chord: Chord, text: str) -> None:
        """Send one half of a key press."""
        key = chord.key
        await self.call(
            "Input.dispatchKeyEvent",
            {
                "type": kind,
                "key": key.name,
                "code": key.code,
                "windowsVirtualKeyCode": key.windows_code,
                "modifiers": chord.modifier_bits,
                **({"text": text} if text else {}),
            },
        )

    async def pick_files(
        self, trigger: Trigger, paths: Sequence[Path], *, within_s: float = 10.0
    ) -> None:
        sessions = [self.session, *await self.frame_sessions()]

        async def intercept(*, enabled: bool) -> None:
            for session in sessions:
                await self.connection.call(
                    "Page.setInterceptFileChooserDialog", {"enabled": enabled}, session=session
                )

        def is_ours(event: Json) -> bool:
            return event.get("sessionId") in sessions

        await intercept(enabled=True)
        try:
            with self.connection.expecting("Page.fileChooserOpened", is_ours) as opened:
                await self.click_trigger(trigger)
                event = await within(opened, "the file chooser", within_s=within_s)
        finally:
            await intercept(enabled=False)
        node = params_of(event).get("backendNodeId")
        if node is None:
            raise HarnessError("the file chooser belongs to no input: CDP cannot answer it")
        await self.connection.call(
            "DOM.setFileInputFiles",
            {"files": [str(path) for path in paths], "backendNodeId": node},
            session=str(event["sessionId"]),
        )

    async def frame_sessions(self) -> list[str]:
        """Return a session for each frame that has a process of its own."""
        found: list[str] = []

        def on_attached(event: Json) -> None:
            params = params_of(event)
            info = params["targetInfo"]
            assert isinstance(info, dict)
            if self.is_mine(event) and info.get("type") == "iframe":
                found.append(str(params["sessionId"]))

        self.connection.listen("Target.attachedToTarget", on_attached)
        attach: Json = {"waitForDebuggerOnStart": False, "flatten": True}
        # Off and on again: it tells of the frames that are there when it is switched on.
        for is_on in (False, True):
            await self.call("Target.setAutoAttach", {**attach, "autoAttach": is_on})
        for session in found:
            for domain in ("Page", "DOM"):
                await self.connection.call(f"{domain}.enable", session=session)
        return found

    async def drop_files(
        self, x: float, y: float, paths: Sequence[Path], words: Mapping[str, str] | None = None
    ) -> None:
        items = [{"mimeType": kind, "data": text} for kind, text in (words or {}).items()]
        files = [str(path) for path in paths]
        data: Json = {"items": items, "files": files, "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            await self.call("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})

    async def paste_picture(self, png: bytes) -> None:
        """Copy a picture as a page does, and paste it where the focus is.

        Unlike a file it needs no screen. Chromium draws it anew: of the PNG only pixels are left.
        """
        rights = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        await self.connection.call("Browser.grantPermissions", {"permissions": rights})
        await self.activate()
        await self.evaluate(
            f"""(async () => {{
              const bytes = Uint8Array.from(atob('{base64.b64encode(png).decode()}'),
                (letter) => letter.charCodeAt(0));
              const picture = new Blob([bytes], {{ type: 'image/png' }});
              await navigator.clipboard.write([new ClipboardItem({{ 'image/png': picture }})]);
            }})()"""
        )
        await self.press_paste()

    async def paste_files(self, paths: Sequence[Path]) -> None:
        raise HarnessError("files come out of the clipboard of a screen here: see Screen.copy")

    async def press_paste(self) -> None:
        """Paste what is in the clipboard as the keys do; the browser is told what they mean."""
        key: Json = {"key": "v", "code": "KeyV", "windowsVirtualKeyCode": 86, "modifiers": 2}
        await self.call(
            "Input.dispatchKeyEvent", {**key, "type": "rawKeyDown", "commands": ["paste"]}
        )
        await self.call("Input.dispatchKeyEvent", {**key, "type": "keyUp"})

    @asynccontextmanager
    async def plainly_asked(
        self, *, agrees: bool, within_s: float = 20.0
    ) -> AsyncIterator[list[str]]:
        told: list[str] = []

        async def answer(opened: asyncio.Future[Json]) -> None:
            event = await within(opened, "a question of the browser", within_s=within_s)
            told.append(str(params_of(event)["message"]))
            await self.call("Page.handleJavaScriptDialog", {"accept": agrees})

        with self.connection.expecting("Page.javascriptDialogOpening", self.is_mine) as opened:
            # At once: what has led to it may wait for the answer.
            async with unwrapped(), asyncio.TaskGroup() as answering:
                answering.create_task(answer(opened))
                yield told

    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        wanted: Json = {"format": "png"}
        if full:
            size = (await self.call("Page.getLayoutMetrics"))["cssContentSize"]
            assert isinstance(size, dict)
            clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
            wanted |= {"captureBeyondViewport": True, "clip": clip}
        shot = await self.call("Page.captureScreenshot", wanted)
        await write_picture(path, str(shot["data"]))

    async def set_viewport(self, width: int, height: int, *, dark: bool = False) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", {"features": [scheme]})

    async def set_motion(self, *, is_reduced: bool) -> None:
        value = "reduce" if is_reduced else "no-preference"
        feature = {"name": "prefers-reduced-motion", "value": value}
        await self.call("Emulation.setEmulatedMedia", {"features": [feature]})

    async def at_start(self, script: str) -> None:
        """Run a script in every document that this tab loads from now on, before anything else."""
        await self.call("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    async def in_closed_roots(self, function: str, argument: object = None) -> list[object]:
        document = await self.call("DOM.getDocument", {"depth": -1, "pierce": True})
        results: list[object] = []
        for node in closed_roots(document["root"]):
            with suppress(CommandRefused):  # a root that went away meanwhile is none
                results.append(await self.call_with(node, function, argument))
        return results

    async def call_with(self, backend_node: int, function: str, argument: object) -> object:
        """Call a function with a node, away from the page's own names."""
        resolved = await self.call("DOM.resolveNode", {"backendNodeId": backend_node})
        node = resolved["object"]
        assert isinstance(node, dict)
        answer = await self.call(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": f"function (given) {{ return ({function})(this, given) }}",
                "objectId": node["objectId"],
                "arguments": [{"value": argument}],
                "returnByValue": True,
            },
        )
        return value_of(answer)

    async def activate(self) -> None:
        await self.connection.call("Target.activateTarget", {"targetId": self.target})

    async def close(self) -> None:
        with suppress(HarnessError):
            await self.connection.call("Target.closeTarget", {"targetId": self.target})


async def evaluate(connection: Connection, session: str, expression: str) -> object:
    """Evaluate in the main world of a session and return the value."""
    answer = await connection.call(
        "Runtime.evaluate",
        {"expression": as_value(expression), "awaitPromise": True, "returnByValue": True},
        session=session,
    )
    text = value_of(answer)
    return None if text is None else json.loads(str(text))


def value_of(answer: Json) -> object:
    """Return the value of an evaluation. Raises HarnessError with what was thrown instead."""
    details = answer.get("exceptionDetails")
    if isinstance(details, dict):
        raise HarnessError(f"the page threw: {exception_text(details)}")
    result = answer["result"]
    assert isinstance(result, dict)
    return result.get("value")


def params_of(event: Json) -> Json:
    """Return the parameters of an event."""
    params = event["params"]
    assert isinstance(params, dict)
    return params


def exception_text(details: Json) -> str:
    """Return the words of an exception."""
    thrown = details.get("exception")
    described = thrown.get("description", thrown.get("value")) if isinstance(thrown, dict) else None
    return str(described or details.get("text"))


def source_of(details: Json) -> str:
    """Return the URL of the script that logged or threw."""
    if details.get("url"):
        return str(details["url"])
    trace = details.get("stackTrace")
    frames = trace.get("callFrames") if isinstance(trace, dict) else None
    return str(frames[0].get("url", "")) if frames else ""


def closed_roots(node: object) -> list[int]:
    """Return the backend ids of every closed shadow root below a node of `DOM.getDocument`."""
    found: list[int] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        assert isinstance(current, dict)
        if current.get("shadowRootType") == "closed":
            found.append(int(current["backendNodeId"]))
        for below in ("children", "shadowRoots"):
            waiting += current.get(below, [])
        if "contentDocument" in current:
            waiting.append(current["contentDocument"])
    return found
