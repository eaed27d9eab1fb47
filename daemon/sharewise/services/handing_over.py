"""Packages that a page saves itself: made into a scratch, checked, read in pieces, then dropped."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals import signatures
from sharewise.services.authority import stamper_of
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.contents import CaseContents, PackageOptions, Stamper
from sharewise.services.export import CHUNK_BYTES, Made, file_name, make_package
from sharewise.services.shelf import Shelf
from sharewise.services.staging import new_id
from sharewise.vault.scratch import Scratch, ScratchFile
from sharewise.wire.items import Piece
from sharewise.wire.messages import PART_BYTES
from sharewise.wire.packages import ExportMade

MAX_OPEN = 2
IDLE_S = 600.0


@dataclass(slots=True)
class _Made:
    file: ScratchFile
    touched_s: float


class HandingOver:
    """The packages that pages are saving."""

    def __init__(self, shelf: Shelf, cases: Cases) -> None:
        self._shelf = shelf
        self._cases = cases
        self._made: dict[str, _Made] = {}
        self._making = asyncio.Lock()

    async def make(self, case_id: str, options: PackageOptions) -> ExportMade:
        """Make the package of a case. Raises SharewiseError: UNKNOWN_CASE, VAULT_LOCKED, BUSY,
        BAD_RECIPIENT, VERIFY_FAILED, DISK_FULL."""
        await self.expire()
        if len(self._made) >= MAX_OPEN:
            raise SharewiseError(ErrorCode.BUSY, "Other packages are not saved yet.")
        await self._cases.must_exist(case_id)
        async with self._making:
            with self._cases.leaving(case_id):
                contents = await self._cases.contents(case_id, options)
                stamper = await stamper_of(self._shelf)
                made, sha256 = await to_the_end(lambda: self._put(contents, options, stamper))
        export_id, file = new_id(), made.file
        self._made[export_id] = _Made(file, self._shelf.clock.monotonic_s())
        return ExportMade(
            export_id,
            file_name(contents, options),
            file.size_bytes,
            sha256,
            signatures.fingerprint(self._shelf.key().public_key_pem),
            made.stamp,
        )

    async def read(self, export_id: str, offset: int) -> Piece:
        """Return a piece. Raises SharewiseError: UNKNOWN_EXPORT, VERIFY_FAILED."""
        made = self._made.get(export_id)
        if made is None or offset < 0:
            raise SharewiseError(
                ErrorCode.UNKNOWN_EXPORT, "This package is not kept any more. Make it again."
            )
        made.touched_s = self._shelf.clock.monotonic_s()
        data = await to_the_end(lambda: made.file.read(offset, PART_BYTES))
        return Piece(data, made.file.size_bytes)

    async def close(self, export_id: str) -> None:
        """Drop a package; an unknown one is no error."""
        made = self._made.pop(export_id, None)
        if made is not None:
            made.file.scratch.close()

    async def expire(self) -> None:
        """Drop what nobody read for long."""
        now_s = self._shelf.clock.monotonic_s()
        for export_id, made in list(self._made.items()):
            if now_s - made.touched_s > IDLE_S:
                await self.close(export_id)

    def _put(
        self, contents: CaseContents, options: PackageOptions, stamper: Stamper | None
    ) -> tuple[Made, str]:
        scratch = Scratch(self._shelf.staging.prepare())
        try:
            made = make_package(contents, options, self._shelf.key(), scratch, stamper)
            digest = hashlib.sha256()
            with made.file.open() as content:
                while piece := content.read(CHUNK_BYTES):
                    digest.update(piece)
        except BaseException:
            scratch.close()
            raise
        return made, digest.hexdigest()
