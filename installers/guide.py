"""The last words of an installation: how to load the extension. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGES = {
    "chrome": "chrome://extensions",
    "chromium": "chrome://extensions",
    "edge": "edge://extensions",
    "brave": "brave://extensions",
    "vivaldi": "vivaldi://extensions",
    "opera": "opera://extensions",
}
"""Where each Chromium browser lists its extensions; all others are Firefox's relatives."""


@dataclass(frozen=True, slots=True)
class Found:
    """A browser of this person, as `sharewise-host list --json` tells."""

    name: str
    title: str
    state: str
    note: str


def guide(browsers: list[Found], extension: Path) -> str:
    """Return the numbered steps for each browser that can be connected."""
    ready = [found for found in browsers if found.state == "registered"]
    closed = [found for found in browsers if found.state == "unreachable"]
    parts = [
        chromium(found, extension) if found.name in PAGES else firefox(found, extension)
        for found in ready
    ]
    parts += [f"{found.title}: {found.note}." for found in closed]
    if not ready:
        parts.append(
            "No browser was found that can be connected. Install Chromium, Google Chrome or "
            "Firefox, open it once, and run this again."
        )
    return "\n\n".join(parts)


def chromium(found: Found, extension: Path) -> str:
    """Return the steps for a Chromium browser."""
    return (
        f"To add the extension to {found.title}:\n"
        f"  1. Open {PAGES[found.name]}\n"
        "  2. Turn on “Developer mode”.\n"
        f"  3. Press “Load unpacked” and choose {extension}\n"
        "It stays there when the browser is closed."
    )


def firefox(found: Found, extension: Path) -> str:
    """Return the steps for Firefox and its relatives."""
    note = f"\n({found.title}: {found.note}.)" if found.note else ""
    return (
        f"To try the extension in {found.title}:\n"
        "  1. Open about:debugging#/runtime/this-firefox\n"
        "  2. Press “Load Temporary Add-on…” and choose the file\n"
        f"     {extension / 'manifest.json'}\n"
        "Firefox drops a temporary add-on when it closes, so do this again next time. An add-on "
        "that Mozilla\nhas signed stays, and asks for access to the sites you visit; there is no "
        f"signed one yet.{note}"
    )
