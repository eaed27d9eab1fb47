"""The extension's card: found in its closed shadow root, read as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from support.browsers.errors import HarnessError

DESCRIBE = """(root, wanted) => {
  const dialog = root.querySelector('dialog[open]');
  if (!dialog) return null;
  const name = (node) => (node.getAttribute('aria-label') || node.innerText || node.value ||
    (node.labels && node.labels[0] && node.labels[0].innerText) || '').trim();
  const controls = [...root.querySelectorAll('button, input, select, summary, a[href]')]
    .filter((node) => node.checkVisibility());
  if (wanted !== null) {
    const chosen = controls.find((node) => name(node) === wanted);
    if (chosen) chosen.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }
  const rect = (node) => {
    const box = node.getBoundingClientRect();
    return { x: box.left, y: box.top, width: box.width, height: box.height };
  };
  return {
    text: dialog.innerText,
    direction: dialog.ownerDocument.defaultView.getComputedStyle(dialog).direction,
    box: rect(dialog),
    is_waiting: dialog.classList.contains('waiting'),
    is_moving: dialog.classList.contains('settling') ||
      root.getAnimations().some((one) => one.playState === 'running'),
    focused: root.activeElement ? name(root.activeElement) : null,
    buttons: controls.map((node) => ({
      text: name(node),
      kind: node.localName === 'input' ? node.type : node.localName,
      is_enabled: !node.disabled,
      is_checked: node.checked === true || node.getAttribute('aria-checked') === 'true',
      ...rect(node),
    })),
  };
}"""
"""Run with each closed shadow root of a page; null where there is no open dialog."""


@dataclass(frozen=True, slots=True)
class Button:
    """One control of the card; the rectangle is in CSS pixels of the viewport."""

    text: str
    kind: str
    """"button", "checkbox", "radio", "select", "summary", "a"."""
    is_enabled: bool
    is_checked: bool
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Where a person would click."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Card:
    """What the card shows at one moment."""

    text: str
    direction: str
    """"ltr" or "rtl"."""
    x: float
    y: float
    width: float
    height: float
    is_moving: bool
    """Whether it slides in or has just changed: a click now could miss, or not count."""
    is_waiting: bool
    """Whether files are still looked at: what it says is about to change."""
    focused: str | None
    """Name of the control that has the focus."""
    buttons: tuple[Button, ...]

    @classmethod
    def read(cls, found: dict[str, object]) -> Self:
        """Return the card that DESCRIBE found."""
        box = found["box"]
        buttons = found["buttons"]
        assert isinstance(box, dict)
        assert isinstance(buttons, list)
        return cls(
            text=str(found["text"]),
            direction=str(found["direction"]),
            is_moving=bool(found["is_moving"]),
            is_waiting=bool(found["is_waiting"]),
            focused=None if found["focused"] is None else str(found["focused"]),
            buttons=tuple(Button(**button) for button in buttons),
            **box,
        )

    def button(self, text: str) -> Button:
        """Return the control with this name. Raises HarnessError naming those there are."""
        for button in self.buttons:
            if button.text == text:
                return button
        there = ", ".join(repr(button.text) for button in self.buttons)
        raise HarnessError(f"the card has no {text!r}; it has {there}")
