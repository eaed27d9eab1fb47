"""Names of keys, as CDP and WebDriver want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from support.browsers.errors import HarnessError


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Source of the values: UI Events KeyboardEvent; W3C WebDriver, 17.4.2."""

    name: str
    code: str
    windows_code: int
    webdriver: str
    text: str = ""


NAMED: dict[str, Key] = {
    key.name: key
    for key in (
        Key("Enter", "Enter", 13, "\ue007", "\r"),
        Key("Tab", "Tab", 9, "\ue004"),
        Key("Escape", "Escape", 27, "\ue00c"),
        Key("Backspace", "Backspace", 8, "\ue003"),
        Key("Delete", "Delete", 46, "\ue017"),
        Key("ArrowLeft", "ArrowLeft", 37, "\ue012"),
        Key("ArrowUp", "ArrowUp", 38, "\ue013"),
        Key("ArrowRight", "ArrowRight", 39, "\ue014"),
        Key("ArrowDown", "ArrowDown", 40, "\ue015"),
        Key("Home", "Home", 36, "\ue011"),
        Key("End", "End", 35, "\ue010"),
        Key("PageDown", "PageDown", 34, "\ue00f"),
        Key("PageUp", "PageUp", 33, "\ue00e"),
        Key("Shift", "ShiftLeft", 16, "\ue008"),
        Key("Control", "ControlLeft", 17, "\ue009"),
        Key("Alt", "AltLeft", 18, "\ue00a"),
        Key(" ", "Space", 32, " ", " "),
    )
}
ALIASES = {"Space": " "}
MODIFIER_BITS = {"Alt": 1, "Control": 2, "Shift": 8}
"""As `Input.dispatchKeyEvent` counts them."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A key with the modifiers that are held meanwhile."""

    modifiers: tuple[Key, ...]
    key: Key

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the chord of "a", "Enter" or "Shift+Tab"; "+" alone is the plus key."""
        *held, last = [text] if len(text) == 1 else text.split("+")
        if unknown := [name for name in held if name not in MODIFIER_BITS]:
            raise HarnessError(f"no modifier is called {', '.join(unknown)}")
        return cls(tuple(NAMED[name] for name in held), key_of(last))

    @property
    def modifier_bits(self) -> int:
        """The modifiers as one number, for CDP."""
        return sum(MODIFIER_BITS[key.name] for key in self.modifiers)


def key_of(name: str) -> Key:
    """Return a named key or the key of a character."""
    name = ALIASES.get(name, name)
    if name in NAMED:
        return NAMED[name]
    if len(name) != 1:
        raise HarnessError(f"no key is called {name!r}")
    upper = name.upper()
    if "A" <= upper <= "Z":
        return Key(name, f"Key{upper}", ord(upper), name, name)
    if "0" <= name <= "9":
        return Key(name, f"Digit{name}", ord(name), name, name)
    return Key(name, "", 0, name, name)
