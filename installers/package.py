"""Makes a store package: the extension's folder without the other browser's keys, as a zip.

The same sources give the same bytes: names sorted, dates fixed.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

DROPPED: dict[str, tuple[str, ...]] = {
    "chromium": (
        *("browser_specific_settings", "background.scripts"),
        "permissions.webRequestBlocking",
    ),
    "firefox": ("key", "minimum_chrome_version", "background.service_worker"),
}
"""For each store what only the other browser understands; a dot goes down, in a list to an item."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can hold."""
READABLE = 0o100644 << 16
UNIX = 3


def run_package(extension: Path, browser: str, folder: str) -> int:
    """Write a package and say where it lies; returns the exit code."""
    if browser not in DROPPED:
        print(f"There is no store for {browser}; there are {', '.join(DROPPED)}.")
        return 2
    print(f"Packed for {browser}: {pack(extension, browser, Path(folder))}")
    return 0


def pack(extension: Path, browser: str, folder: Path) -> Path:
    """Write `sharewise-<browser>-<version>.zip` into the folder and return its path."""
    manifest = json.loads((extension / "manifest.json").read_bytes())
    for path in DROPPED[browser]:
        drop(manifest, path)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"sharewise-{browser}-{manifest['version']}.zip"
    beside = target.with_suffix(".part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in names_in(extension):
            is_manifest = name == "manifest.json"
            content = as_json(manifest) if is_manifest else (extension / name).read_bytes()
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = READABLE
            entry.create_system = UNIX
            package.writestr(entry, content)
    beside.replace(target)
    return target


def names_in(extension: Path) -> list[str]:
    """Return the files of the extension, sorted, with `/`; hidden ones are left out."""
    names = [
        path.relative_to(extension).as_posix() for path in extension.rglob("*") if path.is_file()
    ]
    return sorted(name for name in names if not any(part[0] == "." for part in name.split("/")))


def drop(manifest: dict[str, object], path: str) -> None:
    """Remove a key or an item of a list, if it is there."""
    key, _, rest = path.partition(".")
    inner = manifest.get(key)
    if not rest:
        manifest.pop(key, None)
    elif isinstance(inner, dict):
        drop(inner, rest)
    elif isinstance(inner, list) and rest in inner:
        inner.remove(rest)


def as_json(manifest: dict[str, object]) -> bytes:
    """Return a manifest as it is written: members in their order."""
    return json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
