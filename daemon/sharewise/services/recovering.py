"""What is done for the vault at a start: what a crash left is finished, and all of it is checked.

Blocking; while no change of the vault is under way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sharewise.base.errors import SharewiseError
from sharewise.services.custody import Happened
from sharewise.services.sealed_words import SLIP, CaseWords
from sharewise.services.shelf import Shelf
from sharewise.services.staging import is_id
from sharewise.vault import items
from sharewise.vault.index import CaseRow, ItemRow, SealedRow
from sharewise.vault.keeper import Form


def sweep(shelf: Shelf, is_open: Callable[[str], bool]) -> None:
    """Finish what a crash left: half things go, deletions that did not count are undone, and
    captures that the index does not know are taken in."""
    _ = shelf.index  # what another daemon has open is none of a crash
    shelf.staging.sweep(is_open, partial(_take_back, shelf))
    known = {row.item_id for row in shelf.index.items()}
    for folder in list(shelf.items_folder.iterdir()):
        if is_id(folder.name) and folder.name not in known:
            _adopt(shelf, folder)


def problems(shelf: Shelf) -> list[str]:
    """Return what is wrong with the vault, in sentences for people."""
    found = shelf.custody.problems()
    missing = changed = 0
    folder = f"{shelf.items_folder}{os.sep}"  # a Path for each of thousands takes its time
    for row in shelf.index.items():
        try:
            changed += items.disk_bytes(f"{folder}{row.item_id}") != row.disk_bytes
        except OSError:
            missing += 1
    if missing:
        found.append(f"Captures that are in the index and not on the disk: {missing}.")
    if changed:
        found.append(f"Captures whose files are not as long as they were: {changed}.")
    return found


def _adopt(shelf: Shelf, folder: Path) -> None:
    """Take in a capture that was moved in its place right before a crash.

    Its words stay as the slip has them, to the public key, and are read once it is unlocked.
    """
    try:
        slip = items.read_slip(folder)
    except SharewiseError:
        return  # told by nobody as sealed; it stays where it is, and hurts nothing
    with shelf.changing():
        if shelf.index.case(slip.case_id) is None:
            row = CaseRow(slip.case_id, slip.case_created_at_utc, slip.case_day, slip.age_answer)
            shelf.enter_case(row, CaseWords(slip.case_day or slip.case_id))
        place = shelf.log(Happened("capture sealed", slip.case_id, slip.item_id))
        shelf.index.put_item(
            ItemRow(
                slip.item_id,
                slip.case_id,
                slip.sealed_at_utc,
                slip.size_bytes,
                items.disk_bytes(folder),
                any(one.name == items.THUMBNAIL for one in slip.age_files),
                place,
            )
        )
        shelf.index.put_sealed(SealedRow(slip.item_id, SLIP, Form.AGE, slip.sealed))
    shelf.words.forget()


def _take_back(shelf: Shelf, item_id: str, left: Path) -> bool:
    if shelf.index.item(item_id) is None:
        return False
    left.rename(shelf.item_folder(item_id))
    return True
