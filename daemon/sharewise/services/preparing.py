"""Makes a sealed bag of a payload and its record, encrypted in a folder of staging, read back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sharewise
from sharewise.seals import layout
from sharewise.services import record
from sharewise.services.record import CaptureFile
from sharewise.services.sealed_words import ItemWords, Prepared
from sharewise.services.sealing import bag_of, in_memory, must_check
from sharewise.services.shelf import Shelf
from sharewise.vault.items import SealedFolder, Source, write_files


def prepare(
    shelf: Shelf,
    folder: Path,
    told: CaptureFile,
    parts: Mapping[str, Source],
    *,
    thumbnail: bytes | None,
    text: str,
    has_pictures: bool,
) -> Prepared:
    """Sign and encrypt the parts with their record; only the slip is missing then. Blocking.

    While the vault is open everything is decrypted again and checked; while it is locked, the
    encrypted bytes are read back. Raises SharewiseError: VERIFY_FAILED, KEY_UNREADABLE; OSError.
    """
    payload = {**parts, layout.RECORD: in_memory(record.build(told))}
    files = {layout.PAYLOAD + name: source for name, source in payload.items()}
    info = (
        ("Bag-Software-Agent", f"Sharewise {sharewise.__version__}"),
        ("Bagging-Date", told.clock.sealed_at_utc[:10]),
        ("External-Identifier", told.item_id),
    )
    digests = {name: one.digest for name, one in files.items()}
    bag = bag_of(digests, shelf.key(), info=info, more={})
    files |= {name: in_memory(content) for name, content in bag.tag_files.items()}
    age_files = write_files(folder, files, thumbnail, shelf.vault)
    if not shelf.vault.is_locked:
        must_check(SealedFolder(folder, shelf.vault, shelf.staging.folder))
    original = told.redacted_from
    words = ItemWords(
        title=told.page.title,
        url=told.page.url,
        is_complete=told.status == "COMPLETE",
        missing=told.missing,
        manifest_sha256=bag.manifest_sha256,
        kind="capture" if original is None else "redacted",
        original_id=None if original is None else original.item_id,
        matches=tuple(dict.fromkeys(one.label for one in told.matches)),
    )
    size_bytes = sum(one.size_bytes for one in digests.values())
    at = told.clock.sealed_at_utc
    return Prepared(
        folder,
        told.item_id,
        at,
        size_bytes,
        age_files,
        thumbnail is not None,
        words,
        text,
        has_pictures=has_pictures,
    )
