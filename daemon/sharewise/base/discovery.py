"""Find plug-ins: modules of our own package that expose one constant."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

Plugin = TypeVar("Plugin")


def discover(package: ModuleType, constant: str, kind: type[Plugin]) -> dict[str, Plugin]:
    """Return {module name: the constant} for each module of the package that has it, by name.

    Only `package` itself is searched: no entry points, no user folders. Raises TypeError where
    the constant is of another kind: a plug-in that does not fit is a defect, not a choice.
    """
    found: dict[str, Plugin] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        plugin = _plugin(package, info.name, constant, kind)
        if plugin is not None:
            found[info.name] = plugin
    return found


def discover_one(package: ModuleType, name: str, constant: str, kind: type[Plugin]) -> Plugin:
    """Return the constant of one module, without loading the others.

    Raises TypeError as `discover`, and where the module has no such constant.
    """
    plugin = _plugin(package, name, constant, kind)
    if plugin is None:
        raise TypeError(f"{package.__name__}.{name} has no {constant}")
    return plugin


def _plugin(package: ModuleType, name: str, constant: str, kind: type[Plugin]) -> Plugin | None:
    module = importlib.import_module(f"{package.__name__}.{name}")
    plugin = getattr(module, constant, None)
    if plugin is not None and not isinstance(plugin, kind):
        raise TypeError(f"{module.__name__}.{constant} is not a {kind.__name__}")
    return plugin
