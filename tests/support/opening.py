"""Opens a vault without a daemon, as whoever has its key can."""

from __future__ import annotations

import json
from pathlib import Path

from sharewise.clock import SystemClock
from sharewise.vault.items import SealedFolder
from sharewise.vault.keeper import Vault


def item_folders(home: Path) -> list[Path]:
    """Return the encrypted captures below a `SHAREWISE_HOME`."""
    return sorted((home / "data/vault/items").glob("*"))


def case_of(item: Path) -> str:
    """Return the id of the case that a capture belongs to."""
    slip = json.loads((item / "slip.json").read_text())
    assert isinstance(slip, dict)
    return str(slip["case_id"])


def open_bag(home: Path, item: Path, into: Path) -> Path:
    """Decrypt a capture into a folder, a BagIt bag as it was sealed, and return that."""
    vault = Vault(home / "data/keys", SystemClock())
    vault.prepare(may_make=False)
    scratch = into / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    opened = SealedFolder(item, vault, scratch)
    bag = into / item.name
    for name in opened.digests:
        file = bag / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(name) as content:
            file.write_bytes(content.read())
    return bag
