"""The custody log: everything that happens to evidence, in a tree that only grows.

Each entry's hash is a leaf (RFC 6962), each new root is signed (C2SP tlog-checkpoint), and the
newest checkpoint is kept a second time, beside the device key: an index put back from an older
copy, or rewritten, shows at the next start. An entry is encrypted; its hash tells nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.reading import read_small
from sharewise.disk.writing import write_private
from sharewise.keys import DeviceKey
from sharewise.seals import checkpoint, entry
from sharewise.seals.checkpoint import Checkpoint
from sharewise.seals.entry import Entry
from sharewise.seals.merkle import Tree, leaf_hash
from sharewise.services.contents import CustodyRow, LogEntry
from sharewise.services.moments import utc_text
from sharewise.vault.index import Index, SealedRow
from sharewise.vault.keeper import Vault

NEWEST_FILE = "log.checkpoint"
LOG_ID = "log_id"
ENTRY = "entry"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Happened:
    """What is to be logged."""

    what: str
    case_id: str
    item_id: str | None = None
    detail: str = ""
    subject_sha256: str | None = None


class Custody:
    """The log of one index. Blocking; changed by one at a time."""

    def __init__(
        self, index: Index, vault: Vault, key: Callable[[], DeviceKey], keys: Path, clock: Clock
    ) -> None:
        self._index = index
        self._vault = vault
        self._key = key
        self._newest_file = keys / NEWEST_FILE
        self._clock = clock
        log_id = index.fact(LOG_ID)
        if log_id is None:
            log_id = secrets.token_hex(8)
            index.put_fact(LOG_ID, log_id)
        self._origin = f"sharewise.invalid/{log_id}"
        self._tree = Tree()
        self._may_replace_newest = False
        """Whether the checkpoint beside the key begins this log, or was told not to."""
        self.reload()

    def __len__(self) -> int:
        return len(self._tree)

    def reload(self) -> None:
        """Take the leaves as the index has them: a change that did not count is forgotten."""
        self._tree = Tree(self._index.leaves())

    def append(self, happened: Happened) -> int:
        """Add an entry and sign the new root, inside a change of the index; return its place.

        The caller calls `reload` if the change fails, and `publish` once it counts.
        """
        made = Entry(
            at_utc=utc_text(self._clock.now()),
            what=happened.what,
            case_id=happened.case_id,
            item_id=happened.item_id,
            detail=happened.detail,
            subject_sha256=happened.subject_sha256,
            salt=secrets.token_bytes(entry.SALT_BYTES).hex(),
        )
        data = entry.build(made)
        place = self._tree.append(leaf_hash(data))
        self._index.put_leaf(place, leaf_hash(data), happened.case_id)
        form, content = self._vault.seal_row(data, _place(place))
        self._index.put_sealed(SealedRow(str(place), ENTRY, form, content))
        said = Checkpoint(self._origin, len(self._tree), self._tree.root())
        key = self._key()
        signature = key.sign(checkpoint.text(said), bits=256)
        note = checkpoint.note(said, public_key_pem=key.public_key_pem, signature=signature)
        self._index.put_checkpoint(said.size, note)
        return place

    def publish(self) -> None:
        """Keep the newest checkpoint beside the key as well.

        What changed counts already; an older copy there is a beginning of the log all the same.
        One that is not stays until `problems` told of it: it alone shows that the index was put
        back from a copy, also when captures are taken in before anybody looked.
        """
        try:
            if not self._may_replace_newest:
                self._may_replace_newest = self._is_of_this_log(self._newest_kept())
            if not self._may_replace_newest:
                return
            write_private(self._newest_file, self.newest())
        except (OSError, SharewiseError) as error:
            log.warning("the newest checkpoint was not kept twice: %s", type(error).__name__)

    def newest(self) -> bytes:
        """Return the signed checkpoint of the whole log."""
        note = self._index.checkpoint(len(self._tree))
        assert note is not None, "signed with its last entry"
        return note

    def entries(self, case_id: str, size: int | None = None) -> list[tuple[Entry, LogEntry]]:
        """Return the entries of a case, oldest first, with their proofs in the tree of `size`.

        Raises SharewiseError: VAULT_LOCKED, VAULT_DAMAGED.
        """
        whole = len(self._tree) if size is None else size
        found: list[tuple[Entry, LogEntry]] = []
        for place in self._index.log_of_case(case_id):
            row = self._index.sealed(ENTRY, str(place))
            if row is None or place >= whole:
                continue
            data = self._vault.unseal_row(row.form, row.content, _place(place))
            said = entry.parse(data)
            if said is not None:
                proof = self._tree.inclusion(place, whole)
                found.append((said, LogEntry(place, data, proof)))
        return found

    def inclusion(self, place: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that an entry is in the tree of this size."""
        return self._tree.inclusion(place, size)

    def problems(self) -> list[str]:
        """Return what is wrong with the log, in sentences for people."""
        found: list[str] = []
        try:
            known = self._newest_kept()
        except SharewiseError:
            known = None
            found.append("The newest checkpoint beside the key cannot be read.")
        roots = self._tree.roots()
        for size, note in self._index.checkpoints():
            # A checkpoint for each entry: nearly all are as they should be, and quickly told.
            if 0 < size <= len(roots) and checkpoint.says(
                note, Checkpoint(self._origin, size, roots[size - 1])
            ):
                continue
            said = checkpoint.parse(note)
            if said is None or said.size != size or size > len(self._tree):
                found.append(f"The checkpoint over {size} entries is damaged.")
            elif said.root != self._tree.root(size):
                found.append(f"The first {size} entries of the log are not those that were signed.")
        if len(self._tree):
            found += self._unsigned()
        self._may_replace_newest = True
        if not self._is_of_this_log(known):
            found.append(
                "The log is older than its newest checkpoint, or another one: it was put back "
                "from a copy, or rewritten. What was noted since then is gone, and a capture that "
                "was put into another case lies in its first one again."
            )
        return found

    def _unsigned(self) -> list[str]:
        note = self._index.checkpoint(len(self._tree))
        if note is None:
            return ["The end of the log has no signed checkpoint."]
        if not checkpoint.fits(note, self._key().public_key_pem):
            return ["The log's newest checkpoint is not signed with this computer's key."]
        return []

    def _is_of_this_log(self, known: Checkpoint | None) -> bool:
        """Whether a checkpoint is over a beginning of this log."""
        return known is None or (
            known.size <= len(self._tree) and known.root == self._tree.root(known.size)
        )

    def _newest_kept(self) -> Checkpoint | None:
        if not self._newest_file.exists():
            return None
        return checkpoint.parse(read_small(self._newest_file, checkpoint.MAX_NOTE_BYTES))


def _place(place: int) -> str:
    return f"{ENTRY}:{place}"


def row_of(said: Entry, place: int) -> CustodyRow:
    """Return an entry as a line of the custody list."""
    return CustodyRow(said.at_utc, said.what, said.item_id, said.detail, place)
