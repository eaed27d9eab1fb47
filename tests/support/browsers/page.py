"""A tab, as a test drives it."""

from __future__ import annotations

import asyncio
import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from support.browsers.card import DESCRIBE, Card
from support.browsers.errors import HarnessError
from support.browsers.waiting import until

CENTRE = """(() => {
  const node = document.querySelector(%s);
  if (!node) return null;
  node.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const box = node.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()"""

Trigger = str | tuple[float, float]
"""What is clicked: a selector, or a point in CSS pixels of the viewport."""


def as_value(expression: str) -> str:
    """Return an expression that gives the JSON of the (awaited) value of `expression`."""
    return f"(async () => JSON.stringify((await (\n{expression}\n)) ?? null))()"


async def write_picture(path: Path, base64_text: str) -> None:
    """Write what a screenshot command answered, making the folder if need be."""

    def write() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(base64_text))

    await asyncio.to_thread(write)


class Page(ABC):
    """One tab (or the popup): what happens in it is trusted, as if a person did it."""

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Load another address and wait for it."""

    @abstractmethod
    async def evaluate(self, expression: str) -> object:
        """Evaluate in the page's own world; promises are awaited; the value goes through JSON."""

    @abstractmethod
    async def click_at(self, x: float, y: float) -> None:
        """Move the mouse to a point of the viewport and click."""

    @abstractmethod
    async def press_between(
        self, down: tuple[float, float], up: tuple[float, float], *, times: int = 1
    ) -> None:
        """Press the mouse at one point and let it go at another, `times` in quick succession."""

    @abstractmethod
    async def press(self, key: str) -> None:
        """Press and release a key or a chord: "Enter", "a", "Shift+Tab"."""

    @abstractmethod
    async def pick_files(
        self, trigger: Trigger, paths: Sequence[Path], *, within_s: float = 10.0
    ) -> None:
        """Click `trigger`, wait for the file chooser that it opens, and choose these files."""

    @abstractmethod
    async def drop_files(
        self, x: float, y: float, paths: Sequence[Path], words: Mapping[str, str] | None = None
    ) -> None:
        """Drag these files in from outside and drop them at a point of the viewport.

        `words`: texts by their type that come along, as with a picture of another page.
        """

    @abstractmethod
    async def paste_files(self, paths: Sequence[Path]) -> None:
        """Paste these files where the focus is, as after a copy in a file manager."""

    @abstractmethod
    def plainly_asked(
        self, *, agrees: bool, within_s: float = 20.0
    ) -> AbstractAsyncContextManager[list[str]]:
        """Answer the question of the browser's own (`confirm`) that what is done in the block leads
        to; the block ends when that is done, and what it said is in the list then."""

    @abstractmethod
    async def screenshot(self, path: Path, *, full: bool = False) -> None:
        """Write a PNG of the viewport, or of the whole page."""

    @abstractmethod
    async def set_viewport(self, width: int, height: int, *, dark: bool = False) -> None:
        """Resize the viewport (CSS pixels) and choose the colour scheme the page is told."""

    @abstractmethod
    async def set_motion(self, *, is_reduced: bool) -> None:
        """Choose whether pages are told that the person wants less motion."""

    @abstractmethod
    async def in_closed_roots(self, function: str, argument: object = None) -> list[object]:
        """Call `(root, argument) => JSON` with every closed shadow root of the document.

        The function must change nothing: it shares the document with the page.
        """

    @abstractmethod
    async def activate(self) -> None:
        """Bring the tab to the front."""

    @abstractmethod
    async def close(self) -> None:
        """Close the tab; a tab that is gone already is no error."""

    async def type(self, text: str) -> None:
        """Press one key after another."""
        for letter in text:
            await self.press(letter)

    async def click(self, selector: str, *, within_s: float = 10.0) -> None:
        """Scroll the first element of this selector into view and click its middle."""
        await self.click_at(*await self.centre(selector, within_s=within_s))

    async def click_trigger(self, trigger: Trigger) -> None:
        """Click a selector or a point."""
        if isinstance(trigger, str):
            await self.click(trigger)
        else:
            await self.click_at(*trigger)

    async def centre(self, selector: str, *, within_s: float = 10.0) -> tuple[float, float]:
        """Return the middle of the first element of this selector, scrolled into view.

        Waits until it stays where it is: a click on what still moves would miss it.
        """
        question = CENTRE % json.dumps(selector)
        before: object = None

        async def probe() -> list[float] | None:
            nonlocal before
            found = await self.evaluate(question)
            assert found is None or isinstance(found, list)
            is_still = found == before
            before = found
            return found if is_still else None

        x, y = await until(probe, f"an element {selector!r}", within_s=within_s)
        return x, y

    async def until_true(self, expression: str, *, within_s: float = 10.0) -> object:
        """Evaluate until the value is truthy and return it."""

        async def probe() -> object:
            return await self.evaluate(expression) or None

        return await until(probe, expression, within_s=within_s)

    async def card_now(self, *, scroll_to: str | None = None) -> Card | None:
        """Return the extension's card if it is open at this moment."""
        for found in await self.in_closed_roots(DESCRIBE, scroll_to):
            if isinstance(found, dict):
                return Card.read(found)
        return None

    async def card(self, *, waiting: bool = False, within_s: float = 20.0) -> Card:
        """Wait for the extension's card with its choices and return it.

        `waiting`: also one that still waits for the look; on a loaded machine that one may come
        before the card that a test is about.
        """

        async def probe() -> Card | None:
            card = await self.card_now()
            if card is None or not card.buttons or card.is_moving:
                return None
            return card if waiting or not card.is_waiting else None

        return await until(probe, "the extension's card", within_s=within_s)

    async def until_in_card(self, function: str, wanted: object, *, within_s: float = 10.0) -> None:
        """Wait until `(root) => JSON` gives what is wanted of the closed root with the card."""

        async def probe() -> bool:
            return wanted in await self.in_closed_roots(function)

        await until(probe, f"{wanted!r} from the card: {function}", within_s=within_s)

    async def choose(self, text: str, *, within_s: float = 10.0) -> None:
        """Click the control of the card that has this name, once it is there and enabled."""

        async def probe() -> tuple[float, float] | None:
            card = await self.card_now(scroll_to=text)
            if card is None or card.is_moving:
                return None
            for button in card.buttons:
                if button.text == text and button.is_enabled:
                    return button.middle
            return None

        try:
            point = await until(probe, f"{text!r} on the extension's card", within_s=within_s)
        except HarnessError as error:
            card = await self.card_now()
            shown = "no card is open" if card is None else f"the card says {card.text!r}"
            raise HarnessError(f"{error}; {shown}") from None
        await self.click_at(*point)

    async def card_gone(self, *, within_s: float = 10.0) -> None:
        """Wait until no card is open."""

        async def probe() -> bool:
            return await self.card_now() is None

        await until(probe, "the card to close", within_s=within_s)
