"""Time-stamps by somebody else (RFC 3161): only if the person turned them on, queued while offline.

A time-stamp is over the signed checkpoint that holds a capture's entry. The authority learns a
hash, this computer's address and the time; nothing of what was captured.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.timestamp import Stamped
from sharewise.services.authority import STAMP_URL, ask, asking
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.moments import utc_text
from sharewise.services.shelf import STAMP_ON, Shelf
from sharewise.vault.index import StampRow
from sharewise.wire.evidence import StampStatusResult

ROUND_S = 60.0
MAX_URL_CHARACTERS = 2000
STAMP_ROOTS = "stamp_roots"

log = logging.getLogger(__name__)


class Stamping:
    """The queue of time-stamps that are asked for, and the one who asks."""

    def __init__(self, shelf: Shelf, cases: Cases) -> None:
        self._shelf = shelf
        self._cases = cases
        self._asking = asyncio.Lock()
        self._problem: str | None = None

    async def run(self) -> None:
        """Try what is queued, now and then, until cancelled."""
        while True:
            try:
                await self.stamp_all()
            except SharewiseError as error:  # the vault says so wherever it is used
                log.info("time-stamps: %s", error.code)
            await asyncio.sleep(ROUND_S)

    async def status(self) -> StampStatusResult:
        """Return whether seals are time-stamped, and how far that is."""
        return await to_the_end(self._status)

    async def choose(self, *, is_on: bool, url: str) -> StampStatusResult:
        """Turn time-stamps on or off. Raises SharewiseError(INVALID_PARAMS) for a bad address.

        Turning off keeps what is queued: it is asked for once it is on again.
        """
        if is_on or url:
            _must_be_address(url)
        await self._cases.changed(lambda: self._choose(is_on, url))
        self._problem = None
        return await self.status()

    async def stamp_all(self) -> None:
        """Ask for everything that is queued, unless it is turned off; ends at the first failure."""
        async with self._asking:
            url, queued = await to_the_end(self._queued)
            if not queued or not url:
                return
            async with asking() as session:
                for row, note in queued:
                    try:
                        stamped = await ask(session, url, note)
                    except SharewiseError as error:
                        self._problem = error.message
                        log.info("a time-stamp: %s", error.code)
                        return
                    await self._keep(row, stamped)
            self._problem = None

    async def _keep(self, row: StampRow, stamped: Stamped) -> None:
        await self._cases.changed(lambda: self._put(row, stamped))

    def _status(self) -> StampStatusResult:
        index = self._shelf.index
        stamps = index.stamps()
        there = sum(one.token is not None for one in stamps)
        return StampStatusResult(
            is_on=index.fact(STAMP_ON) == "yes",
            url=index.fact(STAMP_URL) or "",
            queued=len(stamps) - there,
            stamped=there,
            last_problem=self._problem,
        )

    def _choose(self, is_on: bool, url: str) -> None:
        with self._shelf.index.changing():
            self._shelf.index.put_fact(STAMP_ON, "yes" if is_on else "no")
            self._shelf.index.put_fact(STAMP_URL, url)

    def _queued(self) -> tuple[str, list[tuple[StampRow, bytes]]]:
        index = self._shelf.index
        if index.fact(STAMP_ON) != "yes":
            return "", []
        waiting = [
            (one, note)
            for one in index.stamps()
            if one.token is None and (note := index.checkpoint(one.size)) is not None
        ]
        return index.fact(STAMP_URL) or "", waiting

    def _put(self, row: StampRow, stamped: Stamped) -> None:
        index = self._shelf.index
        with index.changing():
            if index.item(row.item_id) is None:
                return  # deleted meanwhile
            at = utc_text(stamped.at)
            index.put_stamp(StampRow(row.item_id, row.size, stamped.reply, at))
            roots = index.fact(STAMP_ROOTS) or ""
            new = stamped.roots_pem.decode()
            if new not in roots:
                index.put_fact(STAMP_ROOTS, roots + new)


def _must_be_address(untrusted: str) -> None:
    try:
        parts = urlsplit(untrusted)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_good = is_good and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good or len(untrusted) > MAX_URL_CHARACTERS or not untrusted.isprintable():
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS,
            "This is no address of a time-stamping service: it begins with http:// or https://.",
        )
