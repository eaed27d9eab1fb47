"""Captures: bounded while they are open, whole once they are sealed, and nothing in between."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.check import check
from sharewise.services import assembly, capture, recovering, sealing
from sharewise.services.ahead import Ahead
from sharewise.services.capture import Limits
from sharewise.vault import items
from sharewise.wire.captures import CaptureRecord, CaptureSealed, Missing, Tile
from sharewise.wire.messages import PART_BYTES
from support.evidence import Desk, files_below, page, picture, standard_parts


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def record_of(desk: Desk, sealed: CaptureSealed) -> dict[str, object]:
    told = json.loads(desk.files(sealed)["data/capture.json"])
    assert isinstance(told, dict)
    return told


async def test_a_complete_capture_is_sealed_whole(desk: Desk) -> None:
    sealed = await desk.capture()
    files = desk.files(sealed)
    assert check(desk.opened(sealed)).is_verified
    assert sealed.parts == tuple(sorted({*standard_parts(), "page.wacz"}))
    assert sealed.missing == ()
    payload = {name: content for name, content in files.items() if name.startswith("data/")}
    assert sealed.size_bytes == sum(map(len, payload.values()))
    assert {name: files[f"data/{name}"] for name in standard_parts()} == standard_parts()
    told = record_of(desk, sealed)
    assert told["status"] == "COMPLETE"
    assert told["item_id"] == sealed.item_id
    assert told["daemon_version"]
    assert desk.staged() == []
    assert desk.captures.open_count == 0


async def test_the_receipt_names_the_digest_of_the_list(desk: Desk) -> None:
    sealed = await desk.capture()
    listed = desk.files(sealed)["manifest-sha256.txt"]
    assert sealing.digest_of(listed).sha256 == sealed.manifest_sha256


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
async def test_only_this_user_may_read_what_is_kept(desk: Desk) -> None:
    await desk.send(standard_parts())
    await desk.capture()
    for path in (desk.root / "data").rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


async def test_parts_may_come_in_many_pieces_and_at_the_same_time(desk: Desk) -> None:
    content = picture(300, 300, (1, 2, 3))
    capture_id = await desk.send({"screenshot-window.png": content}, piece=7)
    words = b"words " * 1000
    async with asyncio.TaskGroup() as tasks:
        for sequence in range(10):
            at = sequence * 600
            tasks.create_task(
                desk.captures.part(capture_id, "text.txt", sequence, words[at : at + 600])
            )
    sealed = await desk.captures.seal(capture_id, page())
    assert desk.files(sealed)["data/text.txt"] == words
    assert desk.files(sealed)["data/screenshot-window.png"] == content


async def test_captures_at_the_same_time_find_one_case(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        made = [tasks.create_task(desk.capture()) for _ in range(4)]
    assert len({task.result().case_id for task in made}) == 1
    assert len({task.result().item_id for task in made}) == 4
    assert await desk.cases.counts() == (1, 4)


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ("screenshot-window.png", "screenshot-window.png"),
        ("screenshot-full.png", "screenshot-full.png"),
        ("page.mhtml", "page.html"),
        ("text.txt", "text.txt"),
    ],
)
async def test_a_capture_that_lacks_a_part_is_marked_incomplete(
    desk: Desk, lacking: str, named: str
) -> None:
    parts = {name: content for name, content in standard_parts().items() if name != lacking}
    sealed = await desk.capture(parts)
    assert record_of(desk, sealed)["status"] == "INCOMPLETE"
    assert [missing.name for missing in sealed.missing] == [named]


async def test_either_kind_of_page_is_enough(desk: Desk) -> None:
    parts = standard_parts()
    del parts["page.mhtml"]
    parts["page.html"] = b"<!doctype html>"
    why = Missing("page.mhtml", "This browser cannot make it.")
    sealed = await desk.capture(parts, page(missing=(why,)))
    assert record_of(desk, sealed)["status"] == "COMPLETE"
    assert sealed.missing == (why,)


async def test_a_part_that_the_browser_calls_partial_makes_it_incomplete(desk: Desk) -> None:
    why = Missing("screenshot-full.png", "Only the first 30,000 pixels.")
    sealed = await desk.capture(record=page(missing=(why,)))
    assert record_of(desk, sealed)["status"] == "INCOMPLETE"
    assert sealed.missing == (why,)


async def test_what_the_browser_cannot_tell_is_absent_and_listed(desk: Desk) -> None:
    untold = page(final_url=None, status_code=None, server_ip=None, response_headers=())
    sealed = await desk.capture(record=untold)
    told = record_of(desk, sealed)
    assert told["status"] == "COMPLETE"
    assert not {"final_url", "status_code", "server_ip"} & told["page"].keys()
    assert {missing.name for missing in sealed.missing} == {
        "final_url",
        "status_code",
        "server_ip",
        "response_headers",
    }


async def test_differing_clocks_are_recorded(desk: Desk) -> None:
    capture_id = await desk.send(standard_parts())
    desk.clock.pass_s(3)
    desk.clock.at = desk.clock.at.replace(year=2025)
    sealed = await desk.captures.seal(capture_id, page())
    clock = record_of(desk, sealed)["clock"]
    assert clock["elapsed_s"] == 3.0
    assert clock["jump_s"] == -365 * 86400.0
    assert clock["server_difference_s"] == 1.0


@pytest.mark.parametrize("date", ["yesterday", "", "Thu, 99 Mar 2026 09:59:57 GMT"])
async def test_a_server_date_that_is_none_is_absent(desk: Desk, date: str) -> None:
    sealed = await desk.capture(record=page(response_headers=(("Date", date),)))
    assert "server_difference_s" not in record_of(desk, sealed)["clock"]


def tile_parts(*tops: int) -> tuple[dict[str, bytes], CaptureRecord]:
    parts = {name: c for name, c in standard_parts().items() if name != "screenshot-full.png"}
    tiles = []
    for number, top in enumerate(tops):
        name = f"tiles/{number:04}.png"
        parts[name] = picture(8, 6, (number, 0, 0))
        tiles.append(Tile(name, 0, top))
    return parts, page(tiles=tuple(tiles))


async def test_tiles_become_one_picture_and_go(desk: Desk) -> None:
    sealed = await desk.capture(*tile_parts(0, 5, 10))
    assert sealed.parts == tuple(sorted({*standard_parts(), "page.wacz"}))
    told = record_of(desk, sealed)
    assert told["status"] == "COMPLETE"
    assert told["stitching"] == {"tile_count": 3, "width": 8, "height": 16, "has_gaps": False}
    assert not (desk.item(sealed) / "data/tiles").exists()


async def test_gaps_between_tiles_make_it_incomplete(desk: Desk) -> None:
    sealed = await desk.capture(*tile_parts(0, 20))
    assert record_of(desk, sealed)["status"] == "INCOMPLETE"
    assert "magenta" in sealed.missing[0].why


async def test_tiles_that_cannot_be_stitched_are_kept_as_they_are(desk: Desk) -> None:
    parts, told = tile_parts(0, 99_999)
    sealed = await desk.capture(parts, told)
    assert {"tiles/0000.png", "tiles/0001.png"} <= set(sealed.parts)
    assert "screenshot-full.png" in {missing.name for missing in sealed.missing}
    assert record_of(desk, sealed)["status"] == "INCOMPLETE"
    assert check(desk.opened(sealed)).is_verified


async def test_a_tile_that_never_came_is_listed(desk: Desk) -> None:
    parts, told = tile_parts(0, 5, 10)
    del parts["tiles/0001.png"]
    sealed = await desk.capture(parts, told)
    assert {"tiles/0001.png", "screenshot-full.png"} == {m.name for m in sealed.missing}


async def test_a_picture_that_the_browser_made_itself_counts_more_than_tiles(desk: Desk) -> None:
    parts, told = tile_parts(0)
    parts["screenshot-full.png"] = picture(8, 40)
    sealed = await desk.capture(parts, told)
    assert sealed.parts == tuple(sorted({*standard_parts(), "page.wacz"}))
    kept = desk.files(sealed)["data/screenshot-full.png"]
    assert kept == parts["screenshot-full.png"]


async def placed_one_by_one(desk: Desk, tiles: Sequence[Tile], tops: Sequence[int]) -> str:
    """Open a capture of shots that are placed as they come, and return its id."""
    parts, _ = tile_parts(*tops)
    capture_id = await desk.send(
        {name: one for name, one in parts.items() if not name.startswith("tiles/")}
    )
    for tile in tiles:
        await desk.captures.part(capture_id, tile.name, 0, parts[tile.name])
        await desk.captures.place(capture_id, tile, 1.0)
    return capture_id


async def test_shots_placed_as_they_come_make_the_same_picture_and_the_seal_stitches_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, told = tile_parts(0, 5, 10)
    plain = desk.files(await desk.capture(parts, told))["data/screenshot-full.png"]
    capture_id = await placed_one_by_one(desk, told.tiles, (0, 5, 10))
    monkeypatch.setattr(assembly, "stitch", None)

    sealed = await desk.captures.seal(capture_id, told)

    assert sealed.missing == ()
    assert sealed.parts == tuple(sorted({*standard_parts(), "page.wacz"}))
    assert pixels(desk.files(sealed)["data/screenshot-full.png"]) == pixels(plain)
    stitching = record_of(desk, sealed)["stitching"]
    assert stitching == {"tile_count": 3, "width": 8, "height": 16, "has_gaps": False}


@pytest.mark.parametrize(
    "changed",
    [
        {"tiles": (Tile("tiles/0000.png", 0, 0), Tile("tiles/0001.png", 0, 6))},
        {"tiles": (Tile("tiles/0000.png", 0, 0),)},
        {"tiles": (Tile("tiles/0001.png", 0, 5), Tile("tiles/0000.png", 0, 0))},
        {"device_pixel_ratio": 2.0},
    ],
)
async def test_what_the_record_says_of_the_shots_decides(
    desk: Desk, changed: dict[str, object]
) -> None:
    parts, told = tile_parts(0, 5)
    told = msgspec.structs.replace(told, **changed)
    plain = await desk.capture(parts, told)
    _, at_first = tile_parts(0, 5)
    capture_id = await placed_one_by_one(desk, at_first.tiles, (0, 5))

    sealed = await desk.captures.seal(capture_id, told)

    assert sealed.missing == plain.missing
    assert record_of(desk, sealed)["stitching"] == record_of(desk, plain)["stitching"]
    name = "data/screenshot-full.png"
    assert pixels(desk.files(sealed)[name]) == pixels(desk.files(plain)[name])


@pytest.mark.parametrize("tops", [(0, 20), (0, 10, 5), (0, 99_999)])
async def test_shots_that_cannot_be_placed_ahead_are_left_to_the_seal(
    desk: Desk, tops: tuple[int, ...]
) -> None:
    parts, told = tile_parts(*tops)
    plain = await desk.capture(parts, told)
    capture_id = await placed_one_by_one(desk, told.tiles, tops)
    sealed = await desk.captures.seal(capture_id, told)
    assert (sealed.parts, sealed.missing) == (plain.parts, plain.missing)


async def test_a_damaged_shot_that_was_placed_is_left_out_and_listed(desk: Desk) -> None:
    parts, told = tile_parts(0, 5, 10)
    damaged = bytearray(parts["tiles/0001.png"])
    damaged[-20] ^= 1
    capture_id = await desk.send({**parts, "tiles/0001.png": bytes(damaged)})
    for tile in told.tiles:
        await desk.captures.place(capture_id, tile, 1.0)
    sealed = await desk.captures.seal(capture_id, told)
    assert {"tiles/0001.png", "screenshot-full.png"} == {m.name for m in sealed.missing}


async def test_a_shot_that_was_placed_is_whole(desk: Desk) -> None:
    parts, told = tile_parts(0)
    capture_id = await desk.send(parts)
    await desk.captures.place(capture_id, told.tiles[0], 1.0)
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "tiles/0000.png", 1, b"x")
    assert code_of(refused) is ErrorCode.BAD_PART
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.place(capture_id, told.tiles[0], 1.0)
    assert code_of(refused) is ErrorCode.BAD_PART
    assert (await desk.captures.seal(capture_id, told)).missing == ()


@pytest.mark.parametrize("name", ["tiles/0007.png", "screenshot-window.png", "../x"])
async def test_only_a_shot_that_was_sent_is_placed(desk: Desk, name: str) -> None:
    capture_id = await desk.send(standard_parts())
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.place(capture_id, Tile(name, 0, 0), 1.0)
    assert code_of(refused) is ErrorCode.BAD_PART


async def test_a_full_disk_while_a_shot_is_placed_drops_the_capture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, told = tile_parts(0, 5)
    capture_id = await desk.send(parts)
    await desk.captures.place(capture_id, told.tiles[0], 1.0)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Ahead, "place", full)
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.place(capture_id, told.tiles[1], 1.0)
    assert code_of(refused) is ErrorCode.DISK_FULL
    assert (desk.captures.open_count, desk.staged()) == (0, [])


async def test_a_picture_that_is_not_finished_goes_with_its_capture(desk: Desk) -> None:
    tiles = tile_parts(0, 5, 10)[1].tiles
    capture_id = await placed_one_by_one(desk, tiles, (0, 5, 10))
    await desk.captures.cancel(capture_id)
    gc.collect()  # whatever would still write to what was closed is an error here
    assert (desk.captures.open_count, desk.staged()) == (0, [])


def pixels(png: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(png)) as opened:
        return opened.size, opened.convert("RGB").tobytes()


def code_of(refused: pytest.ExceptionInfo[SharewiseError]) -> ErrorCode:
    return refused.value.code


@pytest.mark.parametrize("name", ["../x", "capture.json", "tiles/x.png", "", "seal/bagit.txt"])
async def test_an_unknown_part_is_refused_and_nothing_is_written(desk: Desk, name: str) -> None:
    capture_id = await desk.captures.begin(None, "adults")
    before = files_below(desk.root)
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, name, 0, b"x")
    assert code_of(refused) is ErrorCode.BAD_PART
    assert files_below(desk.root) == before


@pytest.mark.parametrize("sequence", [0, 2, -1])
async def test_a_piece_out_of_order_is_refused(desk: Desk, sequence: int) -> None:
    capture_id = await desk.send({"text.txt": b"one"})
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "text.txt", sequence, b"x")
    assert code_of(refused) is ErrorCode.BAD_PART


async def test_a_piece_that_is_too_large_is_refused(desk: Desk) -> None:
    capture_id = await desk.captures.begin(None, "adults")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "text.txt", 0, bytes(PART_BYTES + 1))
    assert code_of(refused) is ErrorCode.TOO_LARGE


async def test_more_files_of_a_kind_than_its_bound_are_refused(desk: Desk) -> None:
    capture_id = await desk.captures.begin(None, "adults")
    for number in range(500):
        await desk.captures.part(capture_id, f"tiles/{number:04}.png", 0, b"")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "tiles/0500.png", 0, b"")
    assert code_of(refused) is ErrorCode.BAD_PART


async def test_a_part_that_was_too_large_stays_refused_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, Limits(capture_bytes=100))
    capture_id = await desk.send({"text.txt": b"x" * 60})
    for sequence in (0, 1):
        with pytest.raises(SharewiseError) as refused:
            await desk.captures.part(capture_id, "page.html", sequence, b"<html>" * 10)
        assert code_of(refused) is ErrorCode.TOO_LARGE
    sealed = await desk.captures.seal(capture_id, page())
    assert sealed.parts == ("text.txt",)


async def test_only_so_many_captures_are_open(desk: Desk) -> None:
    opened = [await desk.captures.begin(None, "adults") for _ in range(4)]
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.begin(None, "adults")
    assert code_of(refused) is ErrorCode.BUSY
    await desk.captures.cancel(opened[0])
    await desk.captures.begin(None, "adults")


async def test_an_idle_capture_is_dropped_and_a_used_one_is_not(desk: Desk) -> None:
    idle = await desk.send({"text.txt": b"idle"})
    used = await desk.send({"text.txt": b"used"})
    desk.clock.pass_s(200)
    await desk.captures.part(used, "text.txt", 1, b"more")
    desk.clock.pass_s(200)
    await desk.captures.expire()
    assert [folder.name for folder in desk.staged()] == [used]
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(idle, "text.txt", 1, b"x")
    assert code_of(refused) is ErrorCode.UNKNOWN_CAPTURE
    await desk.captures.seal(used, page())


async def test_a_cancelled_capture_leaves_nothing(desk: Desk) -> None:
    capture_id = await desk.send(standard_parts())
    await desk.captures.cancel(capture_id)
    await desk.captures.cancel(capture_id)
    await desk.captures.cancel("never was")
    assert set(files_below(desk.root)) == {
        "data/keys/device.key",
        "data/keys/device.crt",
        "data/keys/vault.json",
        "data/vault/index.db",
        "data/vault.lock",
    }
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.seal(capture_id, page())
    assert code_of(refused) is ErrorCode.UNKNOWN_CAPTURE


async def test_what_a_crash_left_is_swept_at_start_and_open_captures_are_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture_id = await desk.send({"text.txt": b"x"})
    stale = desk.root / "data/staging/stale/data"
    stale.mkdir(parents=True)
    (stale / "text.txt").write_bytes(b"x")
    is_swept = asyncio.Event()

    async def wait_for_ever(_: float) -> None:
        is_swept.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(capture.asyncio, "sleep", wait_for_ever)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.captures.run())
        await is_swept.wait()
        assert [folder.name for folder in desk.staged()] == [capture_id]
        running.cancel()
    assert desk.staged() == [], "the end of the daemon drops what is open"


async def test_a_sweep_that_fails_does_not_end_the_daemon(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_waiting = asyncio.Event()

    async def wait_for_ever(_: float) -> None:
        is_waiting.set()
        await asyncio.Event().wait()

    def broken(_: object, is_open: object) -> None:
        raise SharewiseError(ErrorCode.UNREADABLE, "The disk is away.")

    monkeypatch.setattr(capture.asyncio, "sleep", wait_for_ever)
    monkeypatch.setattr(recovering, "sweep", broken)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.captures.run())
        await is_waiting.wait()
        running.cancel()
    assert "unreadable" in caplog.text


async def test_a_case_that_is_not_there_takes_no_capture(desk: Desk) -> None:
    for unknown in ("0" * 16, "../../etc", ""):
        with pytest.raises(SharewiseError) as refused:
            await desk.captures.begin(unknown)
        assert code_of(refused) is ErrorCode.UNKNOWN_CASE


async def test_a_case_that_is_deleted_meanwhile_takes_no_capture(desk: Desk) -> None:
    first = await desk.capture()
    capture_id = await desk.send(standard_parts(), case_id=first.case_id)
    await desk.cases.delete(first.case_id)
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.seal(capture_id, page())
    assert code_of(refused) is ErrorCode.UNKNOWN_CASE
    assert desk.staged() == []


async def test_an_unreadable_key_is_told_at_once_and_stays(desk: Desk) -> None:
    key = desk.places.keys / "device.key"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"not a key")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.begin(None, "adults")
    assert code_of(refused) is ErrorCode.KEY_UNREADABLE
    assert key.read_bytes() == b"not a key"
    assert await desk.cases.counts() == (0, 0)


class Disk:
    """Counts what is asked of the system and lets the call of one number fail."""

    WRITING = ("write", "fsync", "mkdir", "rename", "replace", "link")
    ANY = (*WRITING, "open", "unlink", "scandir", "rmdir", "fstat")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: int, calls: tuple[str, ...]) -> None:
        self.count = 0
        self.failing = -1
        self.error = error
        for name in calls:
            monkeypatch.setattr(os, name, self.watched(getattr(os, name)))

    def watched(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            self.count += 1
            if self.count == self.failing:
                raise OSError(self.error, os.strerror(self.error))
            return real(*arguments, **named)

        return call


def sealed_items(desk: Desk) -> set[str]:
    return {item_id for item_id in desk.item_ids() if desk.shelf.item_folder(item_id).is_dir()}


@pytest.mark.parametrize(
    ("error", "calls"),
    [(errno.ENOSPC, Disk.WRITING), (errno.EIO, Disk.ANY)],
    ids=["full", "broken"],
)
async def test_a_disk_that_fails_at_any_step_seals_nothing_or_everything(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: int, calls: tuple[str, ...]
) -> None:
    parts, told = tile_parts(0, 5)
    earlier = await desk.capture()
    kept = files_below(desk.item(earlier))
    with monkeypatch.context() as patched:
        disk = Disk(patched, error, calls)
        await desk.capture(parts, told)
        steps = disk.count
        assert steps > 12
        for failing in range(1, steps + 1, 1):
            before = sealed_items(desk)
            disk.count, disk.failing = 0, failing
            answered, code = None, None
            try:
                answered = await desk.capture(parts, told)
            except SharewiseError as refused:
                code = refused.code
            disk.failing = -1
            assert error != errno.ENOSPC or code in {ErrorCode.DISK_FULL, None}, failing
            new = sealed_items(desk) - before
            assert all(check(desk.shelf.opened(one)).is_verified for one in new), failing
            assert answered is None or new == {answered.item_id}, failing
            assert files_below(desk.item(earlier)) == kept, failing
            assert desk.captures.open_count == 0
            assert recovering.problems(desk.shelf) == [], failing
    recovering.sweep(desk.shelf, lambda _: False)
    assert desk.staged() == []


@pytest.mark.parametrize("is_locked", [False, True], ids=["open", "locked"])
@pytest.mark.parametrize("target", ["seal.age", "0001.age"])
async def test_a_disk_that_returns_other_bytes_is_caught_before_the_answer(
    desk: Desk, target: str, is_locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = standard_parts() | {"text.txt": os.urandom(100_000).hex().encode()}
    if is_locked:
        await desk.capture(parts)
        desk.vault.set_passphrase(None, "four words for it")
        desk.vault.lock()
    before = await desk.cases.counts()
    real = items._must_read_back

    def rotten(path: Path, written: items.AgeFile) -> None:
        if path.name == target:
            content = path.read_bytes()
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        real(path, written)

    monkeypatch.setattr(items, "_must_read_back", rotten)
    with pytest.raises(SharewiseError) as refused:
        await desk.capture(parts)
    assert code_of(refused) is ErrorCode.VERIFY_FAILED
    assert await desk.cases.counts() == before
    assert desk.staged() == []


async def test_a_caller_who_leaves_in_a_part_ends_the_capture(desk: Desk) -> None:
    capture_id = await desk.send({"text.txt": b"one"})
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(desk.captures.part(capture_id, "text.txt", 1, b"two"))
        await asyncio.sleep(0)
        sending.cancel()
    assert sending.cancelled()
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "text.txt", 1, b"two")
    assert code_of(refused) is ErrorCode.UNKNOWN_CAPTURE
    assert desk.staged() == []


async def test_a_caller_who_leaves_does_not_leave_a_half_capture(desk: Desk) -> None:
    capture_id = await desk.send(standard_parts())
    async with asyncio.TaskGroup() as tasks:
        sealing_task = tasks.create_task(desk.captures.seal(capture_id, page()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sealing_task.cancel()
    assert sealing_task.cancelled()
    assert desk.staged() == []
    assert desk.captures.open_count == 0
    await desk.capture()
