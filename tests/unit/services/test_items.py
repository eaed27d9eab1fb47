"""Captures as pages see them: listed, found by words, read in pieces, never while locked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services.items import Items
from sharewise.wire.items import MAX_TAGS
from sharewise.wire.messages import PART_BYTES
from support.evidence import Desk, files_below, page, picture, standard_parts

WORDS = "correct horse battery"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def items_of(desk: Desk) -> Items:
    return Items(desk.shelf, desk.cases)


async def code_of(work: object) -> ErrorCode:
    with pytest.raises(SharewiseError) as refused:
        await work  # type: ignore[misc]  # any coroutine
    return refused.value.code


async def test_a_list_comes_newest_first_in_pages(desk: Desk) -> None:
    ids = []
    for number in range(5):
        ids.append((await desk.capture(record=page(title=f"Page {number}"))).item_id)
        desk.clock.pass_s(60)
    items = items_of(desk)
    first = await items.list(None, None, None, 2)
    second = await items.list(None, None, first.next, 2)
    third = await items.list(None, None, second.next, 2)
    listed = [one.item_id for result in (first, second, third) for one in result.items]
    assert listed == ids[::-1]
    assert (first.total, third.next) == (5, None)
    assert first.items[0].title == "Page 4"
    assert first.items[0].is_complete
    assert first.items[0].has_thumbnail
    assert first.items[0].stamp == "none"


async def test_tags_and_notes_are_kept_logged_and_searched(desk: Desk) -> None:
    sealed = await desk.capture()
    other = await desk.capture()
    items = items_of(desk)
    changed = await items.change(sealed.item_id, "Seen at noon.", (" threat ", "threat", "a  b"))
    assert (changed.note, changed.tags) == ("Seen at noon.", ("threat", "a b"))
    desk.restart()
    items = items_of(desk)
    tagged = await items.list(None, "threat", None, 10)
    assert [one.item_id for one in tagged.items] == [sealed.item_id]
    found = await items.search("NOON seen", None, 10)
    assert [hit.item.item_id for hit in found.hits] == [sealed.item_id]
    events = await desk.cases.custody(sealed.case_id)
    assert [(one.what, one.item_id) for one in events[-2:]] == [
        ("note changed", sealed.item_id),
        ("tags changed", sealed.item_id),
    ]
    size = len(desk.shelf.custody)
    await items.change(sealed.item_id, "Seen at noon.", None)
    assert len(desk.shelf.custody) == size, "what stays the same is no event"
    assert (await items.show(other.item_id)).item.note == ""


async def test_search_finds_every_word_anywhere_whatever_the_case(desk: Desk) -> None:
    parts = standard_parts()
    for number, text in enumerate(("Pay me by Friday", "nothing here", "PAY on friday, Straße")):
        parts["text.txt"] = text.encode()
        await desk.capture(parts, page(title=f"Thread {number}", url=f"https://x.example/{number}"))
        desk.clock.pass_s(1)
    items = items_of(desk)
    found = await items.search("friday pay", None, 10)
    assert [hit.item.title for hit in found.hits] == ["Thread 2", "Thread 0"]
    assert "Friday" in found.hits[1].excerpt
    assert [hit.item.title for hit in (await items.search("x.example/1", None, 10)).hits] == [
        "Thread 1"
    ]
    assert (await items.search("STRASSE", None, 10)).hits[0].item.title == "Thread 2"
    assert (await items.search("friday absent", None, 10)).hits == ()
    cut = await items.search("thread", None, 2)
    assert len(cut.hits) == 2
    assert not cut.is_complete
    assert await code_of(items.search("  ", None, 10)) is ErrorCode.INVALID_PARAMS


async def test_a_file_is_read_in_pieces_at_any_place(desk: Desk) -> None:
    large = os.urandom(PART_BYTES * 2 + 5).hex().encode()
    sealed = await desk.capture(standard_parts() | {"text.txt": large})
    items = items_of(desk)
    read = b""
    while piece := (await items.read(sealed.item_id, "text.txt", len(read))).data:
        read += piece
    assert read == large
    assert (await items.read(sealed.item_id, "text.txt", 77)).data == large[77:][:PART_BYTES]
    whole = await items.read(sealed.item_id, "screenshot-window.png", 0)
    assert whole.data == standard_parts()["screenshot-window.png"]
    assert whole.size_bytes == len(whole.data)
    assert await code_of(items.read(sealed.item_id, "../keys/vault.json", 0)) is (
        ErrorCode.UNREADABLE
    )
    assert await code_of(items.read(sealed.item_id, "text.txt", -1)) is ErrorCode.INVALID_PARAMS
    assert desk.staged() == [], "what is decrypted for a moment has no name"


async def test_a_changed_file_gives_an_error_and_no_byte(desk: Desk) -> None:
    large = os.urandom(100_000).hex().encode()
    sealed = await desk.capture(standard_parts() | {"text.txt": large})
    file = desk.item(sealed) / "0001.age"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    before = files_below(desk.root)
    assert await code_of(items_of(desk).read(sealed.item_id, "text.txt", 0)) is (
        ErrorCode.VERIFY_FAILED
    )
    assert files_below(desk.root) == before, "nothing is half-written"


async def test_details_are_those_of_the_record(desk: Desk) -> None:
    sealed = await desk.capture()
    detail = await items_of(desk).show(sealed.item_id)
    assert detail.record == page()
    assert detail.manifest_sha256 == sealed.manifest_sha256
    assert {file.name for file in detail.files} == {*standard_parts(), "page.wacz"}
    assert detail.server_difference_s == 1.0
    assert detail.log_index == 2


async def test_a_thumbnail_is_small_and_of_the_window(desk: Desk) -> None:
    parts = standard_parts() | {"screenshot-window.png": picture(1280, 800)}
    sealed = await desk.capture(parts)
    made = await items_of(desk).thumbnail(sealed.item_id)
    assert (made.width, made.height) == (360, 225)
    assert made.data.startswith(b"RIFF")
    without = await desk.capture({"text.txt": b"words"})
    assert not (await items_of(desk).summary(without.item_id)).has_thumbnail
    assert await code_of(items_of(desk).thumbnail(without.item_id)) is ErrorCode.UNREADABLE


async def test_a_deleted_capture_is_gone_and_the_log_says_so(desk: Desk) -> None:
    first = await desk.capture()
    second = await desk.capture()
    items = items_of(desk)
    await items.delete(first.item_id)
    assert not any(first.item_id in name for name in files_below(desk.root))
    listed = await items.list(first.case_id, None, None, 10)
    assert [one.item_id for one in listed.items] == [second.item_id]
    assert await code_of(items.show(first.item_id)) is ErrorCode.UNKNOWN_ITEM
    events = await desk.cases.custody(first.case_id)
    assert (events[-1].what, events[-1].item_id) == ("capture deleted", first.item_id)
    assert await desk.cases.problems() == []


async def test_a_case_that_leaves_is_not_deleted_meanwhile(desk: Desk) -> None:
    sealed = await desk.capture()
    with desk.cases.leaving(sealed.case_id):
        assert await code_of(items_of(desk).delete(sealed.item_id)) is ErrorCode.BUSY
        assert await code_of(desk.cases.delete(sealed.case_id)) is ErrorCode.BUSY
    await desk.cases.delete(sealed.case_id)


async def test_locked_nothing_is_shown_and_capturing_goes_on(desk: Desk, tmp_path: Path) -> None:
    sealed = await desk.capture()
    items = items_of(desk)
    large = os.urandom(PART_BYTES).hex().encode()
    long = await desk.capture(standard_parts() | {"text.txt": large})
    await items.read(long.item_id, "text.txt", 0)
    await items.list(None, None, None, 10)
    desk.vault.set_passphrase(None, WORDS)
    desk.vault.lock()
    new = await desk.capture(record=page(title="While locked"))
    for work in (
        items.list(None, None, None, 10),
        items.search("thread", None, 10),
        items.show(sealed.item_id),
        items.read(long.item_id, "text.txt", PART_BYTES),
        items.thumbnail(sealed.item_id),
        items.change(sealed.item_id, "x", None),
        items.delete(sealed.item_id),
        desk.cases.list(),
        desk.cases.summaries(),
        desk.cases.show(sealed.case_id),
        desk.cases.custody(sealed.case_id),
        desk.cases.incident(sealed.case_id),
        desk.cases.note(sealed.case_id, "x"),
        desk.cases.delete(sealed.case_id),
        desk.cases.export(sealed.case_id, tmp_path),
    ):
        assert await code_of(work) is ErrorCode.VAULT_LOCKED
    assert await desk.cases.counts() == (1, 3)
    assert await desk.cases.problems() == [], "the check needs no key"
    desk.vault.unlock(WORDS)
    listed = await items.list(None, None, None, 10)
    assert {one.title for one in listed.items} == {"A thread", "While locked"}
    assert (await items.search("locked", None, 10)).hits[0].item.item_id == new.item_id
    assert desk.shelf.index.of_form(0, 10) == [], "rows are under the index key now"


@pytest.mark.parametrize("limit", [0, 201])
async def test_how_much_is_asked_for_has_bounds(desk: Desk, limit: int) -> None:
    assert await code_of(items_of(desk).list(None, None, None, limit)) is ErrorCode.INVALID_PARAMS


async def test_tags_have_bounds(desk: Desk) -> None:
    sealed = await desk.capture()
    for tags in (tuple(map(str, range(MAX_TAGS + 1))), ("x" * 65,)):
        assert await code_of(items_of(desk).change(sealed.item_id, None, tags)) is (
            ErrorCode.TOO_LARGE
        )
