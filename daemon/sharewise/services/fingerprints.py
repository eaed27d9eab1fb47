"""Fingerprints of pictures that the person picked: PDQ hashes, encrypted, never the pictures."""

from __future__ import annotations

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.pictures.pdq import known_hashes
from sharewise.services.blocking import to_the_end
from sharewise.services.cases import Cases
from sharewise.services.intake import Intakes
from sharewise.services.moments import utc_text
from sharewise.services.own_pictures import matches
from sharewise.services.record import OwnPicture
from sharewise.services.shelf import Shelf
from sharewise.vault.index import SealedRow
from sharewise.vault.scratch import Scratch, ScratchFile
from sharewise.wire.packages import Fingerprint

KIND, OWNER = "prints", "all"
MAX_FINGERPRINTS = 200
MAX_LABEL_CHARACTERS = 100


class Print(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture."""

    fingerprint_id: str
    label: str
    added_at_utc: str
    hashes: bytes


class Fingerprints:
    """The person's own pictures, as far as they are known here."""

    def __init__(self, shelf: Shelf, cases: Cases, intakes: Intakes) -> None:
        self._shelf = shelf
        self._cases = cases
        self._intakes = intakes

    async def list(self) -> tuple[Fingerprint, ...]:
        """Return them, oldest first. Raises SharewiseError(VAULT_LOCKED)."""
        return tuple(map(_shown, await to_the_end(lambda: prints_of(self._shelf))))

    async def add(self, intake_id: str, label: str, *, are_all_adults: bool) -> Fingerprint:
        """Take the fingerprint of a picture that was handed in; the picture is dropped.

        Raises SharewiseError: VAULT_LOCKED, PICTURES_REFUSED, UNKNOWN_INTAKE, BAD_PART, TOO_LARGE.
        """
        if not are_all_adults:
            raise SharewiseError(
                ErrorCode.PICTURES_REFUSED,
                "No fingerprint is taken unless everybody in the picture is 18 or older.",
            )
        await to_the_end(self._shelf.must_be_open)
        name = " ".join(label.split())[:MAX_LABEL_CHARACTERS]
        if not name:
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "A picture needs a name.")
        file = await self._intakes.take(intake_id)
        try:
            hashes = await to_the_end(lambda: _hashes(file))
        finally:
            file.scratch.close()
        if hashes is None:
            raise SharewiseError(
                ErrorCode.BAD_PART,
                "This is no picture that can be told from others: too small, too plain, or of a "
                "kind that cannot be read.",
            )
        now = utc_text(self._shelf.clock.now())
        made = Print(self._shelf.make_id(), name, now, hashes)
        await self._cases.changed(lambda: self._put((*prints_of(self._shelf), made)))
        return _shown(made)

    async def remove(self, fingerprint_id: str) -> None:
        """Forget one; an unknown one is no error. Raises SharewiseError(VAULT_LOCKED)."""
        await self._cases.changed(
            lambda: self._put(
                tuple(one for one in prints_of(self._shelf) if one.fingerprint_id != fingerprint_id)
            )
        )

    def _put(self, prints: tuple[Print, ...]) -> None:
        if len(prints) > MAX_FINGERPRINTS:
            raise SharewiseError(
                ErrorCode.TOO_LARGE, f"At most {MAX_FINGERPRINTS} pictures, please."
            )
        form, content = self._shelf.vault.seal_row(msgspec.json.encode(prints), f"{KIND}:{OWNER}")
        with self._shelf.index.changing():
            self._shelf.index.put_sealed(SealedRow(OWNER, KIND, form, content))


def prints_of(shelf: Shelf) -> tuple[Print, ...]:
    """Return every fingerprint. Raises SharewiseError: VAULT_LOCKED, VAULT_DAMAGED."""
    shelf.must_be_open()
    row = shelf.index.sealed(KIND, OWNER)
    if row is None:
        return ()
    plain = shelf.vault.unseal_row(row.form, row.content, f"{KIND}:{OWNER}")
    return msgspec.json.decode(plain, type=tuple[Print, ...])


def own_in(shelf: Shelf, parts: Scratch) -> tuple[OwnPicture, ...]:
    """Return which of the person's own pictures a page shows; none are known while it is locked."""
    if shelf.vault.is_locked:
        return ()
    own = {one.label: one.hashes for one in prints_of(shelf)}
    if not own:
        return ()
    read = {}
    for name in ("page.mhtml", "page.html"):
        if name in parts.names:
            with parts.open(name) as content:
                read[name] = content.read()
    return matches(own, mhtml=read.get("page.mhtml"), html=read.get("page.html"))


def _hashes(file: ScratchFile) -> bytes | None:
    with file.open() as content:
        return known_hashes(content)


def _shown(one: Print) -> Fingerprint:
    return Fingerprint(one.fingerprint_id, one.label, one.added_at_utc)
