"""A capture of the vault as a package takes it: `contents.SealedItem`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import BinaryIO

from sharewise.seals.digests import Digest
from sharewise.services.sealed_words import Shown
from sharewise.services.shelf import Shelf
from sharewise.vault.items import SealedFolder


class VaultItem:
    """One sealed capture; its list of files is decrypted at the first question."""

    def __init__(self, shown: Shown, shelf: Shelf) -> None:
        self._shown = shown
        self._shelf = shelf

    @property
    def item_id(self) -> str:
        """Sixteen hexadecimal digits."""
        return self._shown.row.item_id

    @property
    def original_id(self) -> str | None:
        """Of a redacted copy: the capture that it is a copy of."""
        return self._shown.words.original_id

    @property
    def sealed_at_utc(self) -> str:
        """By this computer's clock."""
        return self._shown.row.sealed_at_utc

    @property
    def digests(self) -> Mapping[str, Digest]:
        """Every file of the bag by its name in it, with the figures of its plain content."""
        return self._folder.digests

    def open(self, name: str) -> BinaryIO:
        """Return the plain content of a file, as `SealedFolder.open` does."""
        return self._folder.open(name)

    @cached_property
    def _folder(self) -> SealedFolder:
        return self._shelf.opened(self.item_id)
