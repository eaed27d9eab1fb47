"""The layers of the code, read from its syntax tree: what may import what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LAYERS: dict[str, int] = {
    "__main__": 6,
    "cli": 6,
    "run": 6,
    "api": 5,
    "services": 4,
    "providers": 3,
    "artefacts": 3,
    "pictures": 3,
    "report": 3,
    "webarchive": 3,
    "guide": 3,
    "clock": 2,
    "disk": 2,
    "gazetteer": 2,
    "keys": 2,
    "logs": 2,
    "places": 2,
    "settings": 2,
    "vault": 2,
    "wire": 1,
    "formats": 1,
    "seals": 1,
    "base": 0,
}
"""The rooms of `sharewise` and how high each lies; `dev` stands outside: it is not shipped."""

NEIGHBOURS = frozenset({2, 6})
"""Layers whose rooms may import each other; elsewhere a room knows itself and what is below."""

PURE = frozenset({"wire", "formats", "seals", "base"})
IMPURE_MODULES = frozenset(
    {
        "asyncio",
        "fcntl",
        "glob",
        "http",
        "io",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "platformdirs",
        "random",
        "secrets",
        "selectors",
        "shelve",
        "shutil",
        "signal",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
        "uuid",
        "aiohttp",
        "watchdog",
        "websockets",
    }
)
EXCUSED = frozenset(
    {
        ("sharewise.formats.pdf_inside.document", "io"),
        ("sharewise.formats.pdf_inside.document", "logging"),
    }
)
"""(importer, module) that may be: pikepdf takes bytes only as a file in memory (`io.BytesIO`), and
what it would print of a document is silenced."""
HOST_MAY_USE = frozenset({"wire", "places", "base"})


@dataclass(frozen=True, slots=True)
class Breach:
    """An import that points the wrong way."""

    importer: str
    imported: str
    why: str


@dataclass(frozen=True, slots=True)
class Import:
    """`importer` is a dotted module; so is `imported`, as written."""

    importer: str
    imported: str


def imports_of(source: str, importer: str) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions and `if TYPE_CHECKING`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if base in ("sharewise", "sharewise_host"):
                for alias in node.names:
                    yield Import(importer, f"{base}.{alias.name}")
            else:
                yield Import(importer, "." * node.level + base)


def modules_below(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, source) of every module below a source root."""
    for file in sorted(root.rglob("*.py")):
        parts = list(file.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        yield ".".join(parts), file.read_text(encoding="utf-8")


def breaches(modules: Iterator[tuple[str, str]]) -> list[Breach]:
    """Return every import that breaks the layers, in file order."""
    return [
        Breach(found.importer, found.imported, why)
        for name, source in modules
        for found in imports_of(source, name)
        if (why := verdict(found)) is not None
    ]


def verdict(found: Import) -> str | None:
    """Return what is wrong with one import, or None."""
    if found.imported.startswith("."):
        return "imports are absolute"
    importer, imported = found.importer.split("."), found.imported.split(".")
    own_room = importer[1] if len(importer) > 1 else None
    if importer[0] == "sharewise" and own_room is not None and own_room not in {*LAYERS, "dev"}:
        return f"no layer is given for {own_room}"
    if imported[0] not in ("sharewise", "sharewise_host"):
        is_excused = (found.importer, found.imported) in EXCUSED
        is_ours = importer[0] == "sharewise" and own_room in PURE
        if is_ours and is_impure(found.imported) and not is_excused:
            return f"{own_room} is pure"
        return None
    other_room = imported[1] if len(imported) > 1 else None
    if own_room == "dev":
        return None
    if imported[0] == "sharewise" and other_room == "dev":
        return "nothing that ships imports dev"
    if importer[0] == "sharewise_host":
        if imported[0] == "sharewise" and other_room is not None:
            if other_room.startswith("__") or other_room in HOST_MAY_USE:
                return None
            return "the host may use only sharewise.wire, places and base"
        return None
    if imported[0] == "sharewise_host":
        return None if own_room == "cli" else "only the command line may look into the host"
    if other_room is None or other_room.startswith("__") or own_room is None:
        return None
    if other_room not in LAYERS:
        return f"no layer is given for {other_room}"
    own, other = LAYERS[own_room], LAYERS[other_room]
    if other > own:
        return f"points up: layer {own} to layer {other}"
    if other == own and own_room != other_room and own not in NEIGHBOURS:
        return f"{own_room} and {other_room} lie side by side in layer {own}"
    return None


def is_impure(module: str) -> bool:
    return not IMPURE_MODULES.isdisjoint({module, module.partition(".")[0]})


SCRIPT_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
SCRIPT_ROOMS: dict[str, frozenset[str]] = {
    "background": frozenset({"background", "shared", "generated"}),
    "pages": frozenset({"pages", "shared", "generated"}),
    "shared": frozenset({"shared", "generated"}),
    "generated": frozenset(),
    "content": frozenset(),
}


def script_breaches(extension: Path) -> list[Breach]:
    """Return every import between the extension's rooms that is not allowed."""
    found: list[Breach] = []
    for file in sorted(extension.rglob("*.js")):
        room = file.relative_to(extension).parts[0]
        source = re.sub(
            r"/\*.*?\*/|//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        for target in SCRIPT_IMPORT.findall(source):
            why = script_verdict(extension, file, room, target)
            if why is not None:
                found.append(Breach(str(file.relative_to(extension)), target, why))
    return found


def script_verdict(extension: Path, file: Path, room: str, target: str) -> str | None:
    if room not in SCRIPT_ROOMS:
        return f"no rule is given for {room}"
    if not target.startswith("."):
        return "there are no run-time dependencies"
    aim = (file.parent / target).resolve()
    if not aim.is_relative_to(extension.resolve()):
        return "leaves the extension"
    if not aim.exists():
        return "names a file that is not there"
    other = aim.relative_to(extension.resolve()).parts[0]
    return None if other in SCRIPT_ROOMS[room] else f"{room} may not use {other}"
