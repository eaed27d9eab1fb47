"""Puts a capture into another case: only the index and the log change, no sealed byte does."""

from __future__ import annotations

from sharewise.artefacts.catalogue import artefact_for
from sharewise.artefacts.contract import Role
from sharewise.seals import layout
from sharewise.services.custody import Happened
from sharewise.services.protecting import pictures_refused
from sharewise.services.shelf import Shelf
from sharewise.vault.index import ItemRow

AWAY, HERE = "moved to another case", "moved here from another case"


def move_item(shelf: Shelf, item_id: str, case_id: str) -> None:
    """Put a capture into another case, with its redacted copies, or the original of a copy.

    What the log says of them goes along: the other case's package has to show it. Blocking.
    Raises SharewiseError: UNKNOWN_ITEM, UNKNOWN_CASE, PICTURES_REFUSED, VAULT_LOCKED.
    """
    row, target = shelf.item(item_id), shelf.case(case_id)
    shelf.must_be_open()
    if row.case_id == target.case_id:
        return
    moved = _family(shelf, row)
    if target.age_answer != "adults" and any(_has_pictures(shelf, one) for one in moved):
        raise pictures_refused(target.age_answer)
    entries = [
        logged.index for said, logged in shelf.custody.entries(row.case_id) if said.item_id in moved
    ]
    with shelf.changing():
        shelf.index.move_items(moved, entries, target.case_id)
        for one in moved:
            shelf.log(Happened(AWAY, row.case_id, one))
            shelf.log(Happened(HERE, target.case_id, one))


def _family(shelf: Shelf, row: ItemRow) -> list[str]:
    """Return a capture and its redacted copies; for a copy, its original and all of that one's."""
    originals = {one.row.item_id: one.words.original_id for one in shelf.shown(row.case_id)}
    root = originals.get(row.item_id) or row.item_id
    others = [one for one, original in originals.items() if root in {one, original}]
    return others if row.item_id in others else [row.item_id, *others]


def _has_pictures(shelf: Shelf, item_id: str) -> bool:
    """Return whether there is more in a capture than its words and its record."""
    for name in shelf.opened(item_id).digests:
        if not name.startswith(layout.PAYLOAD) or name == layout.PAYLOAD + layout.RECORD:
            continue
        artefact = artefact_for(name.removeprefix(layout.PAYLOAD))
        if artefact is None or artefact.role is not Role.TEXT:
            return True
    return False
