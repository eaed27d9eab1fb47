"""A capture goes to another case whole, with all that the log says of it, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services import recovering
from sharewise.services.items import Items
from sharewise.services.verification import verify
from sharewise.wire.items import Box
from support.evidence import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def items(desk: Desk) -> Items:
    return Items(desk.shelf, desk.cases)


async def code_of(work: object) -> ErrorCode:
    with pytest.raises(SharewiseError) as refused:
        await work  # type: ignore[misc]  # any coroutine
    return refused.value.code


async def test_it_goes_with_its_entries_and_both_cases_export_well(
    desk: Desk, items: Items, tmp_path: Path
) -> None:
    sealed = await desk.capture()
    stays = await desk.capture()
    await items.change(sealed.item_id, "a note", None)
    other = await desk.cases.create("Other", "2026-03-05", "adults")

    moved = await items.move(sealed.item_id, other.case_id)

    assert (moved.case_id, moved.note) == (other.case_id, "a note")
    assert [one.what for one in await desk.cases.custody(other.case_id)] == [
        "capture sealed",
        "note changed",
        "case created",
        "moved here from another case",
    ]
    left = await desk.cases.custody(sealed.case_id)
    assert [(one.what, one.item_id) for one in left] == [
        ("case created", None),
        ("age answered", None),
        ("capture sealed", stays.item_id),
        ("moved to another case", sealed.item_id),
    ]
    for case_id in (sealed.case_id, other.case_id):
        made = await desk.cases.export(case_id, tmp_path)
        verdict = verify(Path(made.path))
        assert verdict.problems == ()
        assert len(verdict.captures) == 1
    assert await desk.cases.problems() == []


async def test_the_case_that_it_left_can_be_deleted(
    desk: Desk, items: Items, tmp_path: Path
) -> None:
    sealed = await desk.capture()
    other = await desk.cases.create("Other", "2026-03-05", "adults")
    await items.move(sealed.item_id, other.case_id)
    await desk.cases.delete(sealed.case_id)
    desk.restart()
    made = await desk.cases.export(other.case_id, tmp_path)
    assert verify(Path(made.path)).is_verified


async def test_copies_and_their_original_go_together(desk: Desk, items: Items) -> None:
    sealed = await desk.capture()
    stays = await desk.capture()
    copy = await items.redact(sealed.item_id, "screenshot-full.png", (Box(0, 0, 2, 2),))
    for number, chosen in enumerate((sealed.item_id, copy.item_id)):
        other = await desk.cases.create(f"Other {number}", "2026-03-05", "adults")
        await items.move(chosen, other.case_id)
        listed = await items.list(other.case_id, None, None, 9)
        assert {one.item_id for one in listed.items} == {sealed.item_id, copy.item_id}
    assert (await items.summary(stays.item_id)).case_id == sealed.case_id


@pytest.mark.parametrize("answer", ["minor_or_unsure", "unasked"])
async def test_pictures_go_only_where_all_are_adults(desk: Desk, items: Items, answer: str) -> None:
    sealed = await desk.capture()
    words = await desk.capture({"text.txt": b"only words"})
    other = await desk.cases.create("Other", "2026-03-05", answer)  # type: ignore[arg-type]  # words of the parameters above
    assert await code_of(items.move(sealed.item_id, other.case_id)) is ErrorCode.PICTURES_REFUSED
    assert (await items.summary(sealed.item_id)).case_id == sealed.case_id
    assert (await items.move(words.item_id, other.case_id)).case_id == other.case_id


async def test_what_is_refused_changes_nothing(desk: Desk, items: Items) -> None:
    sealed = await desk.capture()
    other = await desk.cases.create("Other", "2026-03-05", "adults")
    size = len(desk.shelf.custody)
    assert await code_of(items.move(sealed.item_id, "f" * 16)) is ErrorCode.UNKNOWN_CASE
    assert await code_of(items.move("f" * 16, other.case_id)) is ErrorCode.UNKNOWN_ITEM
    with desk.cases.leaving(sealed.case_id):
        assert await code_of(items.move(sealed.item_id, other.case_id)) is ErrorCode.BUSY
    await items.move(sealed.item_id, sealed.case_id)
    desk.vault.set_passphrase(None, "correct horse battery")
    desk.vault.lock()
    assert await code_of(items.move(sealed.item_id, other.case_id)) is ErrorCode.VAULT_LOCKED
    assert len(desk.shelf.custody) == size


@pytest.mark.parametrize("is_known_to_the_copy", [True, False])
async def test_an_index_put_back_from_a_copy_does_not_know_of_it_and_the_check_says_so(
    desk: Desk, items: Items, *, is_known_to_the_copy: bool
) -> None:
    other = await desk.cases.create("Other", "2026-03-05", "adults")
    index, copy = desk.places.vault / "index.db", desk.root / "copy.db"
    if not is_known_to_the_copy:
        copied(desk, index, copy)
    sealed = await desk.capture()
    if is_known_to_the_copy:
        copied(desk, index, copy)
    await Items(desk.shelf, desk.cases).move(sealed.item_id, other.case_id)

    copied(desk, copy, index)
    recovering.sweep(desk.shelf, lambda _: False)

    assert desk.shelf.item(sealed.item_id).case_id == sealed.case_id
    (told,) = recovering.problems(desk.shelf)
    assert "put back from a copy" in told
    assert "lies in its first one again" in told


def copied(desk: Desk, source: Path, target: Path) -> None:
    desk.shelf.close()
    shutil.copy(source, target)
    desk.restart()
