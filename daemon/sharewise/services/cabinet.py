"""What lies open together: the key, the index and the log; opened once, changed together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sharewise.clock import Clock
from sharewise.keys import DeviceKey, device_key
from sharewise.places import Places, private_folder
from sharewise.services.custody import Custody, Happened
from sharewise.services.sealed_words import SealedWords
from sharewise.services.staging import Staging, new_id
from sharewise.vault.hold import Hold
from sharewise.vault.index import Index
from sharewise.vault.keeper import Vault

INDEX_FILE = "index.db"
HOLD_FILE = "vault.lock"
ITEMS = "items"


class Cabinet:
    """The index and the log of this computer's vault, whoever reads or changes them."""

    def __init__(
        self, places: Places, clock: Clock, vault: Vault, *, make_id: Callable[[], str] = new_id
    ) -> None:
        """Nothing is read or made before the first use."""
        self._keys = places.keys
        self._folder = places.vault
        self.old_cases = places.cases
        self.staging = Staging.at(places)
        self.clock = clock
        self.vault = vault
        self.make_id = make_id
        self._lock = threading.RLock()
        self._hold: Hold | None = None
        self._index: Index | None = None
        self._custody: Custody | None = None
        self._words: SealedWords | None = None
        vault.on_lock.append(self._forget)

    @property
    def items_folder(self) -> Path:
        """Where sealed captures lie, each in a folder of its own."""
        return self._folder / ITEMS

    @property
    def index(self) -> Index:
        """The index, opened at the first use; BUSY while another program has it open.

        Raises SharewiseError as the vault and `Index` do.
        """
        with self._lock:
            if self._index is None:
                path = self._folder / INDEX_FILE
                private_folder(self._folder.parent)
                hold = Hold(self._folder.parent / HOLD_FILE)
                try:
                    self._open(path)
                except BaseException:
                    hold.close()
                    raise
                self._hold = hold
            assert self._index is not None
            return self._index

    @property
    def custody(self) -> Custody:
        """The log."""
        _ = self.index
        assert self._custody is not None
        return self._custody

    def _open(self, path: Path) -> None:
        self.vault.prepare(may_make=not path.exists())
        private_folder(self._folder)
        private_folder(self.items_folder)
        index = Index(path)
        self._words = SealedWords(index, self.vault, self._lock)
        self._custody = Custody(index, self.vault, self.key, self._keys, self.clock)
        self._index = index

    @property
    def words(self) -> SealedWords:
        """What is told of cases and captures."""
        _ = self.index
        assert self._words is not None
        return self._words

    def key(self) -> DeviceKey:
        """Return the device key. Raises SharewiseError(KEY_UNREADABLE)."""
        return device_key(self._keys, self.clock)

    def must_be_open(self) -> None:
        """Raise SharewiseError(VAULT_LOCKED) if nothing can be read now; else note the use."""
        _ = self.index
        self.vault.must_be_open()

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None
                self._custody = None
                self._words = None
            if self._hold is not None:
                self._hold.close()
                self._hold = None

    def _forget(self) -> None:
        with self._lock:
            if self._words is not None:
                self._words.forget()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change the index and the log together, or neither."""
        index, custody = self.index, self.custody
        size = len(custody)
        with self._lock:
            try:
                with index.changing():
                    yield
            except BaseException:
                custody.reload()
                raise
            if len(custody) != size:
                custody.publish()

    def log(self, happened: Happened) -> int:
        """Add to the log, inside a change; return the place."""
        return self.custody.append(happened)
