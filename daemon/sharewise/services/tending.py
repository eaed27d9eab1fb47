"""Looks after the vault: its status, the work of each start, and locking when nobody uses it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sharewise.base.errors import SharewiseError
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.migration import take_over
from sharewise.services.shelf import Shelf
from sharewise.wire.evidence import VaultStatusResult

ROUND_S = 15.0

log = logging.getLogger(__name__)


class Tending:
    """What is done for the vault besides what is asked of it."""

    def __init__(
        self, shelf: Shelf, cases: Cases, *, expire: Sequence[Callable[[], Awaitable[None]]] = ()
    ) -> None:
        """`expire` is called every now and then: what is kept for minutes goes."""
        self._shelf = shelf
        self._cases = cases
        self._expire = expire
        self._is_checked = False
        self._problems: tuple[str, ...] = ()

    async def run(self) -> None:
        """Do the work of a start, then lock and expire what is idle until cancelled."""
        await self.begin()
        while True:
            await asyncio.sleep(ROUND_S)
            await asyncio.to_thread(self._shelf.vault.lock_if_idle)
            for expire in self._expire:
                await expire()

    async def begin(self) -> None:
        """Take over cases from before there was a vault, and check the vault."""
        try:
            left = await take_over(self._shelf, self._cases)
            found = await self._cases.problems()
        except SharewiseError as error:  # no reason to end the daemon; the next start tries again
            log.warning("the vault could not be checked: %s", error.code)
            left, found = [], [error.message]
        self._problems = (*found, *left)
        self._is_checked = True
        if self._problems:
            log.warning("the check of the vault found %d problems", len(self._problems))

    async def status(self) -> VaultStatusResult:
        """Return how the vault is. Raises SharewiseError(KEY_UNREADABLE) and the like."""
        return await to_the_end(self._status)

    async def unlock(self, passphrase: str) -> VaultStatusResult:
        """Open the vault. Raises SharewiseError: WRONG_PASSPHRASE, TOO_MANY_TRIES."""
        await to_the_end(lambda: self._prepared(lambda: self._shelf.vault.unlock(passphrase)))
        return await self.status()

    async def lock(self) -> VaultStatusResult:
        """Lock the vault. Raises SharewiseError(INVALID_PARAMS) without a passphrase."""
        await to_the_end(lambda: self._prepared(self._shelf.vault.lock))
        return await self.status()

    async def set_passphrase(self, current: str | None, new: str) -> VaultStatusResult:
        """Choose the passphrase. Raises SharewiseError as `Vault.set_passphrase`."""
        vault = self._shelf.vault
        await to_the_end(lambda: self._prepared(lambda: vault.set_passphrase(current, new)))
        return await self.status()

    async def set_auto_lock(self, minutes: int) -> VaultStatusResult:
        """Choose after how many idle minutes it locks."""
        vault = self._shelf.vault
        await to_the_end(lambda: self._prepared(lambda: vault.set_auto_lock(minutes)))
        return await self.status()

    def _prepared(self, work: Callable[[], None]) -> None:
        _ = self._shelf.index
        work()

    def _status(self) -> VaultStatusResult:
        _ = self._shelf.index
        vault = self._shelf.vault
        return VaultStatusResult(
            has_passphrase=vault.has_passphrase,
            is_locked=vault.is_locked,
            auto_lock_minutes=vault.auto_lock_minutes,
            wait_s=vault.wait_s,
            is_checked=self._is_checked,
            problems=self._problems,
            log_size=len(self._shelf.custody),
        )
