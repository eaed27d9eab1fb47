"""The log tells what happened, its hashes tell nothing, and a rewritten past shows at the start."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from sharewise.keys import device_key
from sharewise.seals import checkpoint, entry, merkle
from sharewise.services import recovering
from sharewise.services.custody import NEWEST_FILE
from support.evidence import Desk, page


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(desk: Desk) -> list[str]:
    desk.shelf.close()
    desk.restart()
    return recovering.problems(desk.shelf)


def change(desk: Desk, statement: str, *values: object) -> None:
    desk.shelf.close()
    with sqlite3.connect(desk.places.vault / "index.db") as connection:
        connection.execute(statement, values)
    connection.close()


async def test_every_entry_is_proved_by_the_signed_checkpoint(desk: Desk) -> None:
    first = await desk.capture()
    desk.clock.pass_s(86_400)
    await desk.capture()
    await desk.cases.note(first.case_id, "A note")
    custody = desk.shelf.custody
    note = custody.newest()
    said = checkpoint.parse(note)
    assert said is not None
    assert checkpoint.fits(note, desk.shelf.key().public_key_pem)
    assert said.size == len(custody) == 7
    found = custody.entries(first.case_id)
    assert [one.what for one, _ in found] == [
        "case created",
        "age answered",
        "capture sealed",
        "note changed",
    ]
    assert found[2][0].subject_sha256 == first.manifest_sha256
    for _, logged in found:
        leaf = merkle.leaf_hash(logged.data)
        root = merkle.root_of_inclusion(leaf, logged.index, said.size, logged.proof)
        assert root == said.root


async def test_two_entries_that_say_the_same_have_other_hashes(desk: Desk) -> None:
    sealed = await desk.capture()
    await desk.cases.change(sealed.case_id, label="One")
    await desk.cases.change(sealed.case_id, label="Two")
    found = [one for one in desk.shelf.custody.entries(sealed.case_id) if "renamed" in one[0].what]
    assert len({logged.data for _, logged in found}) == 2
    assert len({said.salt for said, _ in found}) == 2
    assert all(len(bytes.fromhex(said.salt)) == entry.SALT_BYTES for said, _ in found)


async def test_a_sound_log_has_no_problems(desk: Desk) -> None:
    sealed = await desk.capture()
    await desk.capture()
    assert told(desk) == []
    await desk.cases.delete(sealed.case_id)
    assert told(desk) == []


async def test_a_rewritten_entry_is_found(desk: Desk) -> None:
    await desk.capture()
    await desk.capture()
    change(desk, "UPDATE log SET leaf = ? WHERE log_index = 1", bytes(32))
    assert any("not those that were signed" in one for one in told(desk))


async def test_an_entry_that_was_cut_off_is_found(desk: Desk) -> None:
    await desk.capture()
    last = len(desk.shelf.custody) - 1
    change(desk, "DELETE FROM log WHERE log_index = ?", last)
    change(desk, "DELETE FROM checkpoints WHERE size > ?", last)
    assert any("older than its newest checkpoint" in one for one in told(desk))


async def put_back_an_older_index(desk: Desk) -> None:
    """Save one thing, then another; the index is that from between. The shelf is left closed."""
    await desk.capture()
    index = desk.places.vault / "index.db"
    desk.shelf.close()
    shutil.copy(index, desk.root / "copy.db")
    desk.restart()
    await desk.capture()
    desk.shelf.close()
    shutil.copy(desk.root / "copy.db", index)


async def test_an_index_that_was_put_back_from_a_copy_is_found(desk: Desk) -> None:
    await put_back_an_older_index(desk)
    assert any("older than its newest checkpoint" in one for one in told(desk))


async def test_it_is_found_also_after_more_was_saved_before_anybody_looked(desk: Desk) -> None:
    await put_back_an_older_index(desk)
    desk.restart()
    for _ in range(3):
        await desk.capture()
    assert any("older than its newest checkpoint" in one for one in told(desk))
    await desk.capture()
    assert told(desk) == [], "it was told, and from then on this log counts"


async def test_a_log_signed_with_another_key_is_found(desk: Desk) -> None:
    await desk.capture()
    (desk.places.keys / "device.key").unlink()
    (desk.places.keys / "device.crt").unlink()
    device_key(desk.places.keys, desk.clock)
    assert any("not signed with this computer's key" in one for one in told(desk))


async def test_a_checkpoint_that_cannot_be_kept_twice_stops_nothing(desk: Desk) -> None:
    (desk.places.keys).mkdir(parents=True, mode=0o700)
    (desk.places.keys / NEWEST_FILE).mkdir()
    await desk.capture()
    assert await desk.cases.counts() == (1, 1)


async def test_captures_that_vanish_or_shrink_are_counted(desk: Desk) -> None:
    first, second = await desk.capture(), await desk.capture()
    shutil.rmtree(desk.item(first))
    (desk.item(second) / "thumb.age").write_bytes(b"")
    assert sorted(one.rpartition(" ")[2] for one in told(desk)) == ["1.", "1."]


async def test_a_clock_set_back_a_year_changes_the_times_and_nothing_else(desk: Desk) -> None:
    first = await desk.capture()
    desk.clock.at = desk.clock.at.replace(year=desk.clock.at.year - 1)
    desk.clock.monotonic += 5
    second = await desk.capture(case_id=first.case_id)
    assert second.sealed_at_utc < first.sealed_at_utc
    events = await desk.cases.custody(first.case_id)
    assert [one.item_id for one in events if one.item_id] == [first.item_id, second.item_id]
    assert told(desk) == [], "order is the log's, not the clock's"


async def test_a_clock_set_back_while_a_page_is_saved_is_in_the_record(desk: Desk) -> None:
    capture_id = await desk.send({"text.txt": b"words"})
    desk.clock.at = desk.clock.at.replace(year=desk.clock.at.year - 1)
    desk.clock.monotonic += 5
    sealed = await desk.captures.seal(capture_id, page())
    files = desk.files(sealed)
    assert b'"jump_s": -31536005.0' in files["data/capture.json"]
