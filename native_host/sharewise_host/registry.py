"""The Windows registry, as narrow as we need it: keys whose default value is a path."""

from __future__ import annotations

import sys
from typing import Protocol


class Registry(Protocol):
    r"""Keys such as `HKCU\Software\…`, each with a default value."""

    def value(self, key: str) -> str | None:
        """Return the default value, or None if there is no such key."""
        ...

    def put(self, key: str, value: str) -> None:
        """Set the default value, making the key if need be."""
        ...

    def remove(self, key: str) -> None:
        """Remove a key that has no keys below it; a missing one is no error."""
        ...


if sys.platform == "win32":
    import winreg

    ROOTS = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}

    class WindowsRegistry:
        """The registry of this computer."""

        def value(self, key: str) -> str | None:
            """Return the default value, or None."""
            root, _, path = key.partition("\\")
            try:
                return winreg.QueryValue(ROOTS[root], path)
            except FileNotFoundError:
                return None

        def put(self, key: str, value: str) -> None:
            """Set the default value."""
            root, _, path = key.partition("\\")
            with winreg.CreateKey(ROOTS[root], path) as opened:
                winreg.SetValueEx(opened, "", 0, winreg.REG_SZ, value)

        def remove(self, key: str) -> None:
            """Remove a key."""
            root, _, path = key.partition("\\")
            try:
                winreg.DeleteKey(ROOTS[root], path)
            except FileNotFoundError:
                return


def registry_here() -> Registry | None:
    """Return the registry, or None where there is none."""
    if sys.platform == "win32":
        return WindowsRegistry()
    return None
