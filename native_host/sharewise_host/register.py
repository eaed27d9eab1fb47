"""Tells browsers where the host is, and takes it back. Touches only what we wrote ourselves."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sharewise_host.browsers import TABLE, Bases, Browser, System, host_in, render
from sharewise_host.identity import HOST_NAME, Family
from sharewise_host.registry import Registry

FOLDER_MODE = 0o755
MANIFEST_MODE = 0o644
"""Readable: a browser may run as another user or in a sandbox. There is nothing secret in it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer as seen from here, or a make-believe one in a test."""

    system: System
    bases: Bases
    root: Path
    """Below it lie the folders for every user; `/` outside tests."""
    is_for_everyone: bool
    """Whether to register for every user instead of this one."""
    registry: Registry | None
    which: Callable[[str], str | None]
    """Finds a program on PATH."""

    @property
    def browsers(self) -> tuple[Browser, ...]:
        """Every browser that we know on this system."""
        return TABLE[self.system]

    def place_of(self, browser: Browser) -> str:
        """Return the folder, or on Windows the key; empty if there is none."""
        if not self.is_for_everyone:
            return self.bases.expand(browser.user)
        if self.system is System.WINDOWS or not browser.machine:
            return browser.machine
        return str(self.root / browser.machine.lstrip("/"))

    def manifest_of(self, browser: Browser) -> Path:
        """Return the path of the manifest that this browser reads."""
        if self.system is not System.WINDOWS:
            return Path(self.place_of(browser)) / f"{HOST_NAME}.json"
        base = self.root if self.is_for_everyone else Path(self.bases.local)
        return base / "sharewise" / "native-messaging" / f"{HOST_NAME}.{browser.family}.json"

    def has(self, browser: Browser) -> bool:
        """Return whether the browser is there, as far as one can see."""
        if any(Path(self.bases.expand(trace)).exists() for trace in browser.evidence):
            return True
        found = [self.which(name) for name in browser.programs]
        return any(path is not None and not path.startswith("/snap/") for path in found)

    def is_shadow(self, browser: Browser) -> bool:
        """Return whether all that is seen of the browser is another one's registration."""
        if self.has(browser):
            return False
        place = self.place_of(browser)
        return any(
            self.place_of(other) == place and self.has(other)
            for other in self.browsers
            if other is not browser
        )


class State(StrEnum):
    """How a browser stands to our host."""

    REGISTERED = "registered"
    ELSEWHERE = "elsewhere"
    """Registered by us, but for a host at another path or by an older version."""
    NOT_REGISTERED = "not_registered"
    FOREIGN = "foreign"
    """Something that we did not write has our name."""
    UNREACHABLE = "unreachable"
    """The browser cannot start programs."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one browser."""

    browser: Browser
    state: State
    place: str
    host: str | None = None
    """The program that the browser would start."""


class Outcome(StrEnum):
    """What became of one browser's registration."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    LEFT_FOREIGN = "left_foreign"
    UNREACHABLE = "unreachable"
    NOT_PERMITTED = "not_permitted"


def standing_of(browser: Browser, host: str, machine: Machine) -> Standing:
    """Return how a browser stands; `host` is the program that it should start."""
    place = machine.place_of(browser)
    if not place:
        state = State.UNREACHABLE if machine.has(browser) else State.ABSENT
        return Standing(browser, state, place)
    if machine.is_shadow(browser):
        return Standing(browser, State.ABSENT, place)
    manifest = machine.manifest_of(browser)
    if machine.registry is not None:
        key = machine.registry.value(place)
        if key is not None and key != str(manifest):
            return Standing(browser, State.FOREIGN, place)
        found = None if key is None else _read(manifest)
    else:
        found = _read(manifest)
    if found is None:
        state = State.NOT_REGISTERED if machine.has(browser) else State.ABSENT
        return Standing(browser, state, place)
    registered = host_in(browser.family, found)
    if registered is None:
        return Standing(browser, State.FOREIGN, place)
    is_current = found == render(browser.family, host)
    state = State.REGISTERED if is_current else State.ELSEWHERE
    return Standing(browser, state, place, registered)


def register(browser: Browser, host: str, machine: Machine) -> Outcome:
    """Let the browser find `host`; heals a registration of ours that points elsewhere."""
    place = machine.place_of(browser)
    if not place:
        return Outcome.UNREACHABLE
    state = standing_of(browser, host, machine).state
    if state is State.REGISTERED:
        return Outcome.UNCHANGED
    if state is State.FOREIGN:
        return Outcome.LEFT_FOREIGN
    manifest = machine.manifest_of(browser)
    try:
        _write(manifest, render(browser.family, host))
        if machine.registry is not None:
            machine.registry.put(place, str(manifest))
    except PermissionError:
        return Outcome.NOT_PERMITTED
    return Outcome.WRITTEN


def unregister(browser: Browser, machine: Machine) -> Outcome:
    """Take our registration back, wherever it points; anything else is left as it is."""
    place = machine.place_of(browser)
    if not place:
        return Outcome.UNREACHABLE
    manifest = machine.manifest_of(browser)
    found = _read(manifest)
    try:
        if machine.registry is not None:
            return _unregister_key(machine.registry, browser, manifest, machine)
        if found is None:
            return Outcome.UNCHANGED
        if host_in(browser.family, found) is None:
            return Outcome.LEFT_FOREIGN
        manifest.unlink()
    except PermissionError:
        return Outcome.NOT_PERMITTED
    _prune(manifest.parent)
    return Outcome.REMOVED


def _unregister_key(
    registry: Registry, browser: Browser, manifest: Path, machine: Machine
) -> Outcome:
    key = machine.place_of(browser)
    value = registry.value(key)
    if value is not None and value != str(manifest):
        return Outcome.LEFT_FOREIGN
    if value is not None:
        registry.remove(key)
    if not _is_still_needed(registry, browser.family, manifest, machine):
        manifest.unlink(missing_ok=True)
        _prune(manifest.parent)
    return Outcome.UNCHANGED if value is None else Outcome.REMOVED


def _is_still_needed(registry: Registry, family: Family, manifest: Path, machine: Machine) -> bool:
    return any(
        registry.value(machine.place_of(other)) == str(manifest)
        for other in machine.browsers
        if other.family is family
    )


def _read(manifest: Path) -> bytes | None:
    try:
        return manifest.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(manifest: Path, content: bytes) -> None:
    """Put the whole manifest in place, or leave everything as it was."""
    manifest.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".sharewise-", dir=manifest.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(MANIFEST_MODE)
        beside.replace(manifest)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _prune(folder: Path) -> None:
    """Remove the folder and the one above it if they hold nothing: we may have made them."""
    with contextlib.suppress(OSError):
        folder.rmdir()
        folder.parent.rmdir()
