"""Plug-ins are found in our own packages, by name, and only if they fit."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from sharewise.base.discovery import discover, discover_one

Package = Callable[[dict[str, str]], ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Make a package of modules, given as {name: source}."""

    def make(modules: dict[str, str]) -> ModuleType:
        name = f"plugins_{tmp_path.name}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return make


def test_modules_that_expose_the_constant_are_found_in_order(package: Package) -> None:
    found = discover(
        package({"b": "PLUGIN = 2", "a": "PLUGIN = 1", "helper": "OTHER = 3"}), "PLUGIN", int
    )
    assert list(found.items()) == [("a", 1), ("b", 2)]


def test_a_constant_of_another_kind_is_a_defect(package: Package) -> None:
    with pytest.raises(TypeError, match=r"a\.PLUGIN is not a int"):
        discover(package({"a": "PLUGIN = 'x'"}), "PLUGIN", int)


def test_a_module_that_breaks_is_not_passed_over(package: Package) -> None:
    with pytest.raises(ZeroDivisionError):
        discover(package({"a": "1 / 0"}), "PLUGIN", int)


def test_one_plug_in_is_loaded_without_the_others(package: Package) -> None:
    found = discover_one(package({"a": "PLUGIN = 1", "b": "1 / 0"}), "a", "PLUGIN", int)
    assert found == 1


def test_a_module_that_is_no_plug_in_is_not_taken_for_one(package: Package) -> None:
    modules = package({"a": "OTHER = 1", "b": "PLUGIN = 'x'"})
    for name in ("a", "b"):
        with pytest.raises(TypeError):
            discover_one(modules, name, "PLUGIN", int)
